import type { CSIDriver, CSINode, StorageClass, VolumeAttachment, VolumeAttributesClass } from '../kinds.generated.ts'
import { humanAge } from './human-duration.ts'
import { ageColumn, column, nameColumn, orNone, tableSpec } from './table-spec.ts'

const defaultAnnotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
]

export const storageClassTable = tableSpec<StorageClass>(
  [
    nameColumn,
    column('Provisioner', 'Who makes volumes of this class.'),
    column('ReclaimPolicy', 'What becomes of a volume that nobody claims any more.'),
    column('VolumeBindingMode', 'When volumes are made and bound.'),
    column('AllowVolumeExpansion', 'Whether volumes can grow.'),
    ageColumn,
  ],
  ({ metadata, provisioner, reclaimPolicy, volumeBindingMode, allowVolumeExpansion }, nowMs) => {
    const isDefault = defaultAnnotations.some((name) => metadata?.annotations?.[name] === 'true')
    return [
      `${metadata?.name ?? ''}${isDefault ? ' (default)' : ''}`,
      provisioner,
      reclaimPolicy ?? 'Delete',
      volumeBindingMode ?? 'Immediate',
      allowVolumeExpansion ?? false,
      humanAge(metadata?.creationTimestamp, nowMs),
    ]
  },
)

export const csiDriverTable = tableSpec<CSIDriver>(
  [
    nameColumn,
    column('AttachRequired', 'Whether volumes are attached before they are mounted.', 'boolean'),
    column('PodInfoOnMount', 'Whether the driver is told of the pod.', 'boolean'),
    column('StorageCapacity', 'Whether the driver tells how much it has.', 'boolean'),
    column('TokenRequests', 'Audiences of the tokens that it gets.'),
    column('RequiresRepublish', 'Whether it is called again and again.', 'boolean'),
    column('Modes', 'Lives of volumes that it knows.'),
    ageColumn,
  ],
  ({ metadata, spec }, nowMs) => [
    metadata?.name ?? '',
    spec.attachRequired ?? true,
    spec.podInfoOnMount ?? false,
    spec.storageCapacity ?? false,
    spec.tokenRequests?.map(({ audience }) => audience).join(',') ?? '<unset>',
    spec.requiresRepublish ?? false,
    orNone((spec.volumeLifecycleModes ?? []).join(',')),
    humanAge(metadata?.creationTimestamp, nowMs),
  ],
)

export const csiNodeTable = tableSpec<CSINode>(
  [nameColumn, column('Drivers', 'How many drivers the node has.', 'integer'), ageColumn],
  ({ metadata, spec }, nowMs) => [
    metadata?.name ?? '',
    (spec.drivers ?? []).length,
    humanAge(metadata?.creationTimestamp, nowMs),
  ],
)

export const volumeAttachmentTable = tableSpec<VolumeAttachment>(
  [
    nameColumn,
    { ...column('Attacher', 'The driver that attaches it.'), format: 'name' },
    column('PV', 'The volume.'),
    column('Node', 'The node to which it is attached.'),
    column('Attached', 'Whether it is there yet.', 'boolean'),
    ageColumn,
  ],
  ({ metadata, spec, status }, nowMs) => [
    metadata?.name ?? '',
    spec.attacher,
    spec.source.persistentVolumeName ?? '',
    spec.nodeName,
    status?.attached ?? false,
    humanAge(metadata?.creationTimestamp, nowMs),
  ],
)

export const volumeAttributesClassTable = tableSpec<VolumeAttributesClass>(
  [nameColumn, column('DriverName', 'The driver that knows the attributes.'), ageColumn],
  ({ metadata, driverName }, nowMs) => [metadata?.name ?? '', driverName, humanAge(metadata?.creationTimestamp, nowMs)],
)
