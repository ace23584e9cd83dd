import { isTerminalPhase } from '../pod-containers.ts'
import type { VolumeSpace, VolumeUsage } from '../usage/volume-usage.ts'
import type { MetricFamily } from './metric-text.ts'
import type { ServerContext } from './server-context.ts'

const gauges: readonly (readonly [name: string, help: string, of: keyof VolumeSpace])[] = [
  ['capacity_bytes', 'Capacity in bytes of the volume', 'capacityBytes'],
  ['available_bytes', 'Number of available bytes in the volume', 'availableBytes'],
  ['used_bytes', 'Number of used bytes in the volume', 'usedBytes'],
  ['inodes', 'Maximum number of inodes in the volume', 'inodes'],
  ['inodes_free', 'Number of free inodes in the volume', 'inodesFree'],
  ['inodes_used', 'Number of used inodes in the volume', 'inodesUsed'],
]

/** How full the volumes of claims are, each once, however many pods use it (the original's volume_stats collector). */
export async function volumeMetrics({ pods, statusOf, volumeUsage }: ServerContext): Promise<readonly MetricFamily[]> {
  const byClaim = new Map<string, VolumeUsage>()
  for (const pod of pods.pods()) {
    if (isTerminalPhase(statusOf(pod).phase)) continue
    for (const usage of await volumeUsage(pod))
      if (usage.claim !== undefined) byClaim.set(`${usage.claim.namespace}/${usage.claim.name}`, usage)
  }
  if (byClaim.size === 0) return []
  return gauges.map(([name, help, of]) => ({
    name: `kubelet_volume_stats_${name}`,
    type: 'gauge',
    help: `[ALPHA] ${help}`,
    samples: [...byClaim.values()].map(({ claim, space }) => ({
      labels: { namespace: claim?.namespace ?? '', persistentvolumeclaim: claim?.name ?? '' },
      value: space[of] ?? 0,
    })),
  }))
}
