import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
  VolumeAttachment,
} from '../api/kinds.generated.ts'
import { objectKey } from '../api/object.ts'
import type { Informer } from '../client/informer.ts'
import type { VolumeChoice, VolumeView } from './volume-binding.ts'

export type VolumeInformers = Readonly<{
  claims: Informer<PersistentVolumeClaim>
  volumes: Informer<PersistentVolume>
  storageClasses: Informer<StorageClass>
  csiDrivers: Informer<CSIDriver>
  csiNodes: Informer<CSINode>
  capacities: Informer<CSIStorageCapacity>
  attachments: Informer<VolumeAttachment>
}>

/** Storage as the informers show it, less what has been chosen and cannot be seen there yet. */
export interface VolumeReservations {
  readonly view: VolumeView
  reserve(choice: VolumeChoice): void
  release(choice: VolumeChoice): void
}

export function makeVolumeReservations(informers: VolumeInformers): VolumeReservations {
  const { claims, volumes, storageClasses, csiDrivers, csiNodes, capacities, attachments } = informers
  /** The claim that a volume has been chosen for, by the volume's name. */
  const claimOf = new Map<string, string>()
  return {
    view: {
      claim: claims.get,
      volume: volumes.get,
      volumes: volumes.list,
      storageClass: storageClasses.get,
      csiDriver: csiDrivers.get,
      csiNode: csiNodes.get,
      capacities: capacities.list,
      attachments: (nodeName) => attachments.indexed('node', nodeName),
      reserved(claimKey) {
        return new Set([...claimOf].filter(([, key]) => key !== claimKey).map(([name]) => name))
      },
    },
    reserve({ toBind }) {
      for (const { claim, volume } of toBind) claimOf.set(volume.metadata.name, objectKey(claim))
    },
    release({ toBind }) {
      for (const { volume } of toBind) claimOf.delete(volume.metadata.name)
    },
  }
}
