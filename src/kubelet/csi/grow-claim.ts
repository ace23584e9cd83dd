import type { PersistentVolumeClaimCondition } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import { compareQuantities, quantity, quantityNumber } from '../../api/quantity.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { KubeletDeps } from '../kubelet-config.ts'
import type { KubeletPod } from '../pod-containers.ts'
import type { ClaimedVolume } from '../volumes/persistent-volume.ts'
import type { CsiVolume } from './csi-source.ts'
import type { CsiVolumes } from './csi-volumes.ts'

type Deps = Pick<KubeletDeps, 'client'> & Readonly<{ csi: CsiVolumes }>

const resizing: readonly string[] = ['Resizing', 'FileSystemResizePending']

/**
 * Where a volume has become larger than its claim says, its file system follows, and the claim is told: the last step of an expansion,
 * which a driver's controller has begun.
 */
export async function growClaim(
  { client, csi }: Deps,
  pod: KubeletPod,
  volume: CsiVolume,
  { claim, volume: { spec }, readOnly }: ClaimedVolume,
): Promise<Result<void, string>> {
  const wanted = quantity(spec.capacity?.storage ?? '0')
  const known = claim.status.capacity?.storage
  if (readOnly || known === undefined || compareQuantities(wanted, quantity(known)) <= 0) return ok(undefined)
  const grown = await csi.expand(pod.metadata.uid, volume, quantityNumber(wanted))
  if (!grown.ok) return fail(`NodeExpandVolume failed for volume ${JSON.stringify(volume.name)}: ${grown.error}`)
  if (grown.value === 'unsupported') return ok(undefined)
  const conditions = (claim.status.conditions ?? []).filter(({ type }) => resizing.includes(type)).map(removed)
  const body = {
    status: {
      capacity: { storage: spec.capacity?.storage },
      allocatedResourceStatuses: null,
      ...(conditions.length === 0 ? {} : { conditions }),
    },
  }
  const { name, namespace } = claim.metadata
  const told = await client.patch(kinds.persistentVolumeClaims, name, namespace, { type: 'strategic', body }, 'status')
  return told.ok ? ok(undefined) : fail(`error updating status of PVC ${namespace}/${name}: ${told.error.message}`)
}

function removed({ type }: PersistentVolumeClaimCondition): unknown {
  return { type, $patch: 'delete' }
}
