import type { Volume } from '../../api/kinds.generated.ts'
import { claimNameOf } from '../../api/persistent-volume.ts'
import { DiskError, type DiskSpace } from '../../ports/disk.ts'
import { inlineCsiVolume, persistentCsiVolume } from '../csi/csi-source.ts'
import type { CsiVolumes } from '../csi/csi-volumes.ts'
import type { KubeletDeps } from '../kubelet-config.ts'
import type { KubeletPod } from '../pod-containers.ts'
import { claimedVolume, localVolume } from '../volumes/persistent-volume.ts'

/** How full a volume is. What its driver does not tell is undefined. */
export type VolumeSpace = Readonly<{
  availableBytes?: number
  capacityBytes?: number
  usedBytes?: number
  inodesFree?: number
  inodes?: number
  inodesUsed?: number
}>

export type VolumeUsage = Readonly<{
  /** As the pod names it. */
  name: string
  claim?: Readonly<{ namespace: string; name: string }>
  space: VolumeSpace
}>

type Deps = Pick<KubeletDeps, 'client' | 'disk' | 'log'> & Readonly<{ csi: Pick<CsiVolumes, 'space'> }>

/** Of the pod's volumes that outlive it or that a driver serves, as far as it can be told (the original's volume_stat_calculator). */
export async function volumeUsage(deps: Deps, pod: KubeletPod): Promise<readonly VolumeUsage[]> {
  const measured = await Promise.all((pod.spec.volumes ?? []).map((volume) => usageOf(deps, pod, volume)))
  return measured.flatMap((one) => one ?? [])
}

async function usageOf(deps: Deps, pod: KubeletPod, volume: Volume): Promise<VolumeUsage | undefined> {
  const { namespace = '', name: podName } = pod.metadata
  const claim = claimNameOf(podName, volume)
  const space = await (claim === undefined ? inlineSpace(deps, pod, volume) : claimSpace(deps, pod, volume))
  return space && { name: volume.name, space, ...(claim === undefined ? {} : { claim: { namespace, name: claim } }) }
}

async function inlineSpace({ csi }: Deps, pod: KubeletPod, volume: Volume): Promise<VolumeSpace | undefined> {
  return volume.csi && csi.space(pod.metadata.uid, inlineCsiVolume(pod, volume, volume.csi))
}

/** A folder of the node's disk is as full as that is. */
async function claimSpace(deps: Deps, pod: KubeletPod, volume: Volume): Promise<VolumeSpace | undefined> {
  const { client, disk, csi } = deps
  const found = await claimedVolume(client, pod, volume)
  if (!found.ok) return undefined
  const served = persistentCsiVolume(found.value.volume, found.value.readOnly)
  if (served !== undefined) return csi.space(pod.metadata.uid, served)
  const local = localVolume(found.value)
  if (!local.ok || local.value.isBlock) return undefined
  try {
    return spaceOf(await disk.space(local.value.path))
  } catch (error) {
    if (error instanceof DiskError) return undefined
    throw error
  }
}

function spaceOf({ freeBytes, totalBytes, freeInodes, totalInodes }: DiskSpace): VolumeSpace {
  return {
    availableBytes: freeBytes,
    capacityBytes: totalBytes,
    usedBytes: totalBytes - freeBytes,
    inodesFree: freeInodes,
    inodes: totalInodes,
    inodesUsed: totalInodes - freeInodes,
  }
}
