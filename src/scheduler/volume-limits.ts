import type { CSINode, PersistentVolumeClaim } from '../api/kinds.generated.ts'
import type { Stored } from '../api/object.ts'
import { claimKeysOf, classNameOf } from '../api/persistent-volume.ts'
import type { NodeInfo } from './node-info.ts'
import type { PodInfo } from './pod-info.ts'
import type { VolumeView } from './volume-binding.ts'

/** Volumes of CSI drivers, by names that tell them apart; the values are their drivers. */
export type CsiVolumes = ReadonlyMap<string, string>

/** Those that a pod has attached to its node. A claim without a volume counts as one of the driver that will make it. */
export function csiVolumesOf({ pod }: PodInfo, view: VolumeView): CsiVolumes {
  const volumes = new Map<string, string>()
  for (const key of claimKeysOf(pod)) {
    const claim = view.claim(key)
    const [driver = '', handle = ''] = (claim && (volumeOf(claim, view) ?? volumeToBe(key, claim, view))) ?? []
    if (driver !== '' && handle !== '') volumes.set(`${driver}/${handle}`, driver)
  }
  return volumes
}

type DriverAndHandle = readonly [driver: string, handle: string]

function volumeOf({ spec }: Stored<PersistentVolumeClaim>, view: VolumeView): DriverAndHandle | undefined {
  const volume = view.volume(spec.volumeName ?? '')
  return volume && [volume.spec.csi?.driver ?? '', volume.spec.csi?.volumeHandle ?? '']
}

function volumeToBe(key: string, claim: Stored<PersistentVolumeClaim>, view: VolumeView): DriverAndHandle | undefined {
  const storageClass = view.storageClass(classNameOf(claim))
  return storageClass && [storageClass.provisioner, `claim ${key}`]
}

/** Whether the node's drivers can have no more volumes attached there (kube-scheduler's NodeVolumeLimits, Filter). */
export function exceedsLimits(wanted: CsiVolumes, node: NodeInfo, view: VolumeView): boolean {
  const limits = limitsOf(view.csiNode(node.name))
  if (![...wanted.values()].some((driver) => limits.has(driver))) return false
  const used = new Map<string, string>()
  for (const other of node.pods.values()) for (const [name, driver] of csiVolumesOf(other, view)) used.set(name, driver)
  // What is still attached, though no pod uses it any more, takes up room until it is detached.
  for (const { spec } of view.attachments(node.name)) {
    const handle = view.volume(spec.source.persistentVolumeName ?? '')?.spec.csi?.volumeHandle
    if (handle !== undefined) used.set(`${spec.attacher}/${handle}`, spec.attacher)
  }
  const fresh = new Map([...wanted].filter(([name]) => !used.has(name)))
  return [...limits].some(([driver, limit]) => {
    const more = countOf(driver, fresh)
    return more > 0 && countOf(driver, used) + more > limit
  })
}

function countOf(driver: string, volumes: CsiVolumes): number {
  return [...volumes.values()].filter((one) => one === driver).length
}

/** A driver that tells none has no limit. */
function limitsOf(csiNode: Stored<CSINode> | undefined): ReadonlyMap<string, number> {
  const counts = (csiNode?.spec.drivers ?? []).flatMap(({ name, allocatable }) =>
    allocatable?.count === undefined ? [] : [[name, allocatable.count] as const],
  )
  return new Map(counts)
}
