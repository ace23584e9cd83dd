import type { PodStatus } from '../../api/kinds.generated.ts'
import type { KubeletDeps } from '../kubelet-config.ts'
import type { KubeletPod } from '../pod-containers.ts'
import type { PodManager } from '../pod-manager.ts'
import type { PodStarts } from '../pod-starts.ts'
import type { ProbeCounts } from '../probes/probe-counts.ts'
import type { PodDiskUsage } from '../usage/pod-disk-usage.ts'
import type { VolumeUsage } from '../usage/volume-usage.ts'
import type { UsageSample } from '../usage-sampler.ts'

/** What the kubelet's own API needs of the kubelet. */
export type ServerContext = Readonly<{
  deps: KubeletDeps
  pods: Pick<PodManager, 'pod' | 'pods'>
  /** The newest status, which may not be written yet. */
  statusOf: (pod: KubeletPod) => PodStatus
  usage: () => Promise<UsageSample>
  probeCounts: ProbeCounts['list']
  podStarts: PodStarts['families']
  /** What a pod takes up on the disk, as it was within the last minute. */
  diskUsage: (pod: KubeletPod) => Promise<PodDiskUsage>
  /** How full its volumes are that outlive it, as of the last minute. */
  volumeUsage: (pod: KubeletPod) => Promise<readonly VolumeUsage[]>
  /** metav1.Time since when the kubelet runs. */
  startTime: string
}>
