import type { DiskSpace, DiskUsage } from '../../ports/disk.ts'
import type { MetricFamily } from './metric-text.ts'
import type { ServerContext } from './server-context.ts'

type Labels = Readonly<Record<string, string>>
/** A part of a file system: of a container its own layer; of the machine all of it. */
type Row = Readonly<{ labels: Labels; space: DiskSpace; used: DiskUsage }>

/** What containers have written to the file systems that their layers lie on, and what is left there, by the names of cAdvisor. */
export async function fileSystemFamilies(
  { deps, pods, diskUsage }: ServerContext,
  root: Labels,
  containers: readonly Readonly<{ labels: Labels; containerId: string }>[],
): Promise<readonly MetricFamily[]> {
  const { disk, runtime, config, clock } = deps
  const [nodeFs, imageFs] = await Promise.all([disk.space(config.rootDirectory), runtime.imageFileSystem()])
  const own = nodeFs.device === imageFs.device ? [nodeFs] : [nodeFs, imageFs]
  const layers = await Promise.all(containers.map(async (one) => ({ ...one, used: await layerOf(one.containerId) })))
  const rows: readonly Row[] = [
    ...own.map((space) => ({ labels: root, space, used: allUsed(space) })),
    ...layers.flatMap(({ labels, used }) => (used === undefined ? [] : [{ labels, space: imageFs, used }])),
  ]
  return families.map(([name, help, of]) => ({
    name: `container_fs_${name}`,
    type: 'gauge',
    help,
    samples: rows.map((row) => ({
      labels: { ...row.labels, device: row.space.deviceName },
      value: of(row),
      atMs: clock.nowMs(),
    })),
  }))

  /** As it was within the last minute. */
  async function layerOf(id: string): Promise<DiskUsage | undefined> {
    const container = runtime.containers().find((one) => one.id === id)
    const pod = container && pods.pod(container.pod.namespace, container.pod.name)
    if (container === undefined || pod?.metadata.uid !== container.pod.uid) return undefined
    return (await diskUsage(pod)).containers.find(({ name }) => name === container.name)?.rootfs
  }
}

const families: readonly (readonly [name: string, help: string, of: (row: Row) => number])[] = [
  ['inodes_free', 'Number of available Inodes', ({ space }) => space.freeInodes],
  ['inodes_total', 'Number of Inodes', ({ space }) => space.totalInodes],
  [
    'limit_bytes',
    'Number of bytes that can be consumed by the container on this filesystem.',
    ({ space }) => space.totalBytes,
  ],
  ['usage_bytes', 'Number of bytes that are consumed by the container on this filesystem.', ({ used }) => used.bytes],
]

function allUsed({ totalBytes, freeBytes, totalInodes, freeInodes }: DiskSpace): DiskUsage {
  return { bytes: totalBytes - freeBytes, inodes: totalInodes - freeInodes }
}
