import { define } from './define-kind.ts'
import type * as k from './kinds.generated.ts'

const storage = 'storage.k8s.io/v1'

export const storageKinds = {
  storageClasses: define<k.StorageClass>(storage, 'StorageClass', 'storageclasses', 'Cluster', { shortNames: ['sc'] }),
  csiDrivers: define<k.CSIDriver>(storage, 'CSIDriver', 'csidrivers', 'Cluster', {}),
  csiNodes: define<k.CSINode>(storage, 'CSINode', 'csinodes', 'Cluster', {}),
  csiStorageCapacities: define<k.CSIStorageCapacity>(
    storage,
    'CSIStorageCapacity',
    'csistoragecapacities',
    'Namespaced',
    {},
  ),
  volumeAttachments: define<k.VolumeAttachment>(storage, 'VolumeAttachment', 'volumeattachments', 'Cluster', {
    status: true,
  }),
  volumeAttributesClasses: define<k.VolumeAttributesClass>(
    storage,
    'VolumeAttributesClass',
    'volumeattributesclasses',
    'Cluster',
    { shortNames: ['vac'] },
  ),
} as const
