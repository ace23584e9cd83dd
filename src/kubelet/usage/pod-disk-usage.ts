import type { Volume } from '../../api/kinds.generated.ts'
import type { DiskUsage } from '../../ports/disk.ts'
import type { Container } from '../../runtime/pod-runtime.ts'
import type { KubeletDeps } from '../kubelet-config.ts'
import type { KubeletPod } from '../pod-containers.ts'
import { podDirectory, podLogDirectory } from '../pod-paths.ts'

export type ContainerDiskUsage = Readonly<{
  name: string
  /** What the container has written to its own layer. */
  rootfs: DiskUsage
  logs: DiskUsage
}>

/** What a pod takes up on the node's disk. */
export type PodDiskUsage = Readonly<{
  /** The newest instance of each container. */
  containers: readonly ContainerDiskUsage[]
  /** Volumes that lie on the node's disk and end with the pod, by name. */
  volumes: ReadonlyMap<string, DiskUsage>
  /** Files that the kubelet has made for it. */
  own: DiskUsage
}>

export const noDiskUsage: DiskUsage = { bytes: 0, inodes: 0 }

type Deps = Pick<KubeletDeps, 'disk' | 'runtime' | 'config'>

/** Measured anew at each call: a walk over all that the pod has written. */
export async function podDiskUsage({ disk, runtime, config }: Deps, pod: KubeletPod): Promise<PodDiskUsage> {
  const { uid, name, namespace = '' } = pod.metadata
  const directory = podDirectory(config.rootDirectory, uid)
  const logs = podLogDirectory(config.rootDirectory, { namespace, name, uid })
  const newest = new Map<string, Container>()
  for (const container of runtime.containers()) {
    if (container.pod.uid !== uid || (newest.get(container.name)?.attempt ?? -1) > container.attempt) continue
    newest.set(container.name, container)
  }
  const containers = await Promise.all(
    [...newest.values()].map(async (container) => ({
      name: container.name,
      rootfs: (await runtime.writableLayer(container.id)) ?? noDiskUsage,
      logs: await disk.usage(`${logs}/${container.name}`),
    })),
  )
  const volumes = new Map<string, DiskUsage>()
  for (const volume of (pod.spec.volumes ?? []).filter(isOnDisk))
    volumes.set(volume.name, await disk.usage(`${directory}/volumes/kubernetes.io~empty-dir/${volume.name}`))
  const files = await Promise.all(
    ['etc-hosts', 'resolv.conf', 'hostname'].map((file) => disk.usage(`${directory}/${file}`)),
  )
  return { containers, volumes, own: sumOf(files) }
}

/** An emptyDir, unless it lies in memory. Secrets and configMaps do. */
export function isOnDisk({ emptyDir }: Volume): boolean {
  return emptyDir !== undefined && (emptyDir.medium ?? '') === ''
}

export function sumOf(usages: Iterable<DiskUsage>): DiskUsage {
  let [bytes, inodes] = [0, 0]
  for (const usage of usages) {
    bytes += usage.bytes
    inodes += usage.inodes
  }
  return { bytes, inodes }
}

/** All that counts towards the pod's ephemeral storage. */
export function ephemeralStorage({ containers, volumes, own }: PodDiskUsage): DiskUsage {
  return sumOf([...containers.flatMap(({ rootfs, logs }) => [rootfs, logs]), ...volumes.values(), own])
}
