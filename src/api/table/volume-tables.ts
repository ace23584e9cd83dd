import type { PersistentVolume, PersistentVolumeClaim } from '../kinds.generated.ts'
import { classNameOf } from '../persistent-volume.ts'
import { humanAge } from './human-duration.ts'
import { ageColumn, column, nameColumn, tableSpec, wideColumn } from './table-spec.ts'

export const persistentVolumeTable = tableSpec<PersistentVolume>(
  [
    nameColumn,
    column('Capacity', 'How much it holds.'),
    column('Access Modes', 'How many nodes may mount it, and how.'),
    column('Reclaim Policy', 'What becomes of it when its claim goes.'),
    column('Status', 'Whether it is bound.'),
    column('Claim', 'The claim that it is bound to.'),
    column('StorageClass', 'The class it belongs to.'),
    column('VolumeAttributesClass', 'The class of its attributes.'),
    column('Reason', 'Why it is in its status.'),
    ageColumn,
    wideColumn('VolumeMode', 'A file system, or a block device.'),
  ],
  ({ metadata, spec, status }, nowMs) => [
    metadata?.name ?? '',
    spec?.capacity?.storage ?? '0',
    accessModesText(spec?.accessModes),
    spec?.persistentVolumeReclaimPolicy ?? '',
    metadata?.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating',
    spec?.claimRef === undefined ? '' : `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}`,
    classNameOf({ metadata, spec }),
    spec?.volumeAttributesClassName ?? '<unset>',
    status?.reason ?? '',
    humanAge(metadata?.creationTimestamp, nowMs),
    spec?.volumeMode ?? '<unset>',
  ],
)

export const persistentVolumeClaimTable = tableSpec<PersistentVolumeClaim>(
  [
    nameColumn,
    column('Status', 'Whether it is bound.'),
    column('Volume', 'The volume that it is bound to.'),
    column('Capacity', 'How much the volume holds.'),
    column('Access Modes', 'How many nodes may mount it, and how.'),
    column('StorageClass', 'The class it asks for.'),
    column('VolumeAttributesClass', 'The class of its attributes.'),
    ageColumn,
    wideColumn('VolumeMode', 'A file system, or a block device.'),
  ],
  ({ metadata, spec, status }, nowMs) => {
    const isBound = (spec?.volumeName ?? '') !== ''
    return [
      metadata?.name ?? '',
      metadata?.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating',
      spec?.volumeName ?? '',
      isBound ? (status?.capacity?.storage ?? '0') : '',
      isBound ? accessModesText(status?.accessModes) : '',
      classNameOf({ metadata, spec }),
      spec?.volumeAttributesClassName ?? '<unset>',
      humanAge(metadata?.creationTimestamp, nowMs),
      spec?.volumeMode ?? '<unset>',
    ]
  },
)

const modes = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
] as const

function accessModesText(given: readonly string[] = []): string {
  return modes
    .filter(([mode]) => given.includes(mode))
    .map(([, short]) => short)
    .join(',')
}
