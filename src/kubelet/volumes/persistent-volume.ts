import type { PersistentVolume, PersistentVolumeClaim, Pod, Status, Volume } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { claimNameOf, isBoundTo, isFullyBound, volumeMode } from '../../api/persistent-volume.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { Client } from '../../client/client.ts'

export type ClaimedVolume = Readonly<{
  claim: Stored<PersistentVolumeClaim>
  volume: Stored<PersistentVolume>
  readOnly: boolean
}>

/** A volume that is a folder or a device of this node. */
export type LocalVolume = Readonly<{
  path: string
  isBlock: boolean
  /** A pod's fsGroup applies: the folder belongs to the volume, and not to the host. */
  takesGroup: boolean
}>

/** The volume that a pod's claim is bound to. The error is worded as the kubelet's desired state populator words it. */
export async function claimedVolume(
  client: Client,
  pod: Stored<Pod>,
  volume: Volume,
): Promise<Result<ClaimedVolume, string>> {
  const name = claimNameOf(pod.metadata.name, volume) ?? ''
  const { namespace = '' } = pod.metadata
  const failed = (why: string): Result<never, string> => fail(`error processing PVC ${namespace}/${name}: ${why}`)
  const claim = await client.get(kinds.persistentVolumeClaims, name, namespace)
  if (!claim.ok) return failed(`failed to fetch PVC from API server: ${textOf(claim.error)}`)
  const isOwn = claim.value.metadata.ownerReferences?.some(({ uid }) => uid === pod.metadata.uid)
  if (volume.ephemeral !== undefined && isOwn !== true)
    return failed(
      `PVC ${namespace}/${name} was not created for pod ${namespace}/${pod.metadata.name} (pod is not owner)`,
    )
  if (claim.value.metadata.deletionTimestamp !== undefined) return failed('PVC is being deleted')
  if (!isFullyBound(claim.value)) return failed('PVC is not bound')
  const { volumeName = '' } = claim.value.spec
  const found = await client.get(kinds.persistentVolumes, volumeName)
  if (!found.ok) return failed(`failed to fetch PV ${volumeName} from API server: ${textOf(found.error)}`)
  if (!isBoundTo(found.value, claim.value)) return failed(`PV ${volumeName} is bound to another PVC`)
  const { accessModes = [] } = found.value.spec
  const onlyRead = accessModes.length === 1 && accessModes[0] === 'ReadOnlyMany'
  const readOnly = volume.persistentVolumeClaim?.readOnly === true || onlyRead
  return ok({ claim: claim.value, volume: found.value, readOnly })
}

export function localVolume({ volume, claim, readOnly }: ClaimedVolume): Result<LocalVolume, string> {
  const { spec, metadata } = volume
  const isBlock = volumeMode(claim) === 'Block'
  if (spec.local !== undefined) return ok({ path: spec.local.path, isBlock, takesGroup: !readOnly && !isBlock })
  if (spec.hostPath !== undefined) return ok({ path: spec.hostPath.path, isBlock, takesGroup: false })
  return fail(`no volume plugin matched: volume ${JSON.stringify(metadata.name)} is neither local, hostPath nor CSI`)
}

function textOf({ message, reason }: Status): string {
  return message ?? reason ?? 'refused'
}
