import { claimKeysOf } from '../api/persistent-volume.ts'
import type { ClusterView } from './cluster.ts'
import type { PodInfo } from './pod-info.ts'

/** Whether a claim that only one pod may use at a time (ReadWriteOncePod) is another pod's now (kube-scheduler's VolumeRestrictions). */
export function isExclusiveClaimTaken({ pod, uid }: PodInfo, { volumes, nodes }: ClusterView): boolean {
  const exclusive = claimKeysOf(pod).filter((key) => volumes.claim(key)?.spec.accessModes?.includes('ReadWriteOncePod'))
  if (exclusive.length === 0) return false
  return nodes.some(({ pods }) =>
    [...pods.values()].some(
      (other) => other.uid !== uid && claimKeysOf(other.pod).some((key) => exclusive.includes(key)),
    ),
  )
}
