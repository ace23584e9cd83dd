import { canonicalQuantity, formatQuantity, quantityNumber } from '../../api/quantity.ts'
import { containersTotal } from '../../api/resource-amounts.ts'
import type { KubeletPod } from '../pod-containers.ts'
import { amountOf } from '../qos-class.ts'
import { ephemeralStorage, isOnDisk, type PodDiskUsage } from '../usage/pod-disk-usage.ts'

/** Whether anything of the pod bounds what it may write: only then need it be measured. */
export function limitsStorage({ spec }: KubeletPod): boolean {
  const limited = [...spec.containers, ...(spec.initContainers ?? [])].some(
    ({ resources }) => resources?.limits?.['ephemeral-storage'] !== undefined,
  )
  return limited || (spec.volumes ?? []).some((volume) => isOnDisk(volume) && volume.emptyDir?.sizeLimit !== undefined)
}

/** Which of its own limits the pod exceeds, in the words of the original's localStorageEviction; undefined where none. */
export function storageFault(pod: KubeletPod, usage: PodDiskUsage, dedicatedImageFs: boolean): string | undefined {
  return volumeFault(pod, usage) ?? podFault(pod, usage) ?? containerFault(pod, usage, dedicatedImageFs)
}

function volumeFault({ spec }: KubeletPod, { volumes }: PodDiskUsage): string | undefined {
  for (const { name, emptyDir } of spec.volumes ?? []) {
    const used = volumes.get(name)
    if (emptyDir?.sizeLimit === undefined || used === undefined) continue
    const limit = amountOf({ size: emptyDir.sizeLimit }, 'size')
    if (limit.nano > 0n && used.bytes > quantityNumber(limit))
      return `Usage of EmptyDir volume ${JSON.stringify(name)} exceeds the limit ${JSON.stringify(formatQuantity(limit))}. `
  }
  return undefined
}

function podFault(pod: KubeletPod, usage: PodDiskUsage): string | undefined {
  const limit = containersTotal({ ...pod.spec }, 'limits').get('ephemeral-storage')
  if (limit === undefined || ephemeralStorage(usage).bytes <= quantityNumber(limit)) return undefined
  return `Pod ephemeral local storage usage exceeds the total limit of containers ${canonicalQuantity(limit)}. `
}

/** With images on a file system of their own, what a container writes to its layer is not on the node's. */
function containerFault(
  { spec }: KubeletPod,
  { containers }: PodDiskUsage,
  dedicatedImageFs: boolean,
): string | undefined {
  for (const { name, rootfs, logs } of containers) {
    const limit = amountOf(
      spec.containers.find((container) => container.name === name)?.resources?.limits,
      'ephemeral-storage',
    )
    const used = logs.bytes + (dedicatedImageFs ? 0 : rootfs.bytes)
    if (limit.nano > 0n && used > quantityNumber(limit))
      return `Container ${name} exceeded its local ephemeral storage limit ${JSON.stringify(formatQuantity(limit))}. `
  }
  return undefined
}
