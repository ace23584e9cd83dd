import type { PodStatus } from '../../api/kinds.generated.ts'
import type { KubeletDeps } from '../kubelet-config.ts'
import type { KubeletPod } from '../pod-containers.ts'
import type { PodManager } from '../pod-manager.ts'
import type { UsageSample } from '../usage-sampler.ts'

/** What the kubelet's own API needs of the kubelet. */
export type ServerContext = Readonly<{
  deps: KubeletDeps
  pods: Pick<PodManager, 'pod' | 'pods'>
  /** The newest status, which may not be written yet. */
  statusOf: (pod: KubeletPod) => PodStatus
  usage: () => Promise<UsageSample>
}>
