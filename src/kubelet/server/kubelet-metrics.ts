import { kubernetesVersion } from '../../api/kubernetes-version.ts'
import { isStaticPod } from '../critical-pod.ts'
import { isTerminalPhase } from '../pod-containers.ts'
import { type MetricFamily, metricText } from './metric-text.ts'
import type { ServerContext } from './server-context.ts'
import { volumeMetrics } from './volume-metrics.ts'

/** GET /metrics: the kubelet itself, as far as it is counted here. */
export async function kubeletMetrics(context: ServerContext): Promise<string> {
  const { deps, pods, statusOf } = context
  const containers = deps.runtime.containers()
  const running = new Set(containers.filter(({ state }) => state === 'running').map(({ pod }) => pod.uid))
  const all = pods.pods()
  const active = all.filter((pod) => !isTerminalPhase(statusOf(pod).phase))
  const byStatic = (name: string, help: string, of: typeof all): MetricFamily => ({
    name,
    type: 'gauge',
    help: `[ALPHA] ${help}`,
    samples: [true, false].map((isStatic) => ({
      labels: { static: isStatic ? 'true' : '' },
      value: of.filter((pod) => isStaticPod(pod) === isStatic).length,
    })),
  })
  const states = ['created', 'exited', 'running', 'unknown'] as const
  return metricText([
    ...(await volumeMetrics(context)),
    byStatic(
      'kubelet_active_pods',
      'The number of pods the kubelet considers active and which are being considered when admitting new pods.',
      active,
    ),
    byStatic('kubelet_desired_pods', 'The number of pods the kubelet is being instructed to run.', all),
    {
      name: 'kubelet_mirror_pods',
      type: 'gauge',
      help: '[ALPHA] The number of mirror pods the kubelet will try to create (one per admitted static pod)',
      samples: [{ value: all.filter(isStaticPod).length }],
    },
    {
      name: 'kubelet_node_name',
      type: 'gauge',
      help: "[ALPHA] The node's name. The count is always 1.",
      samples: [{ labels: { node: deps.config.nodeName }, value: 1 }],
    },
    {
      name: 'kubelet_running_containers',
      type: 'gauge',
      help: '[ALPHA] Number of containers currently running',
      samples: states.map((state) => ({
        labels: { container_state: state },
        value: containers.filter((container) => container.state === state).length,
      })),
    },
    {
      name: 'kubelet_running_pods',
      type: 'gauge',
      help: '[ALPHA] Number of pods that have a running pod sandbox',
      samples: [{ value: running.size }],
    },
    ...context.podStarts(),
    {
      name: 'kubernetes_build_info',
      type: 'gauge',
      help: "[ALPHA] A metric with a constant '1' value labeled by major, minor, git version, git commit, git tree state, build date, Go version, and compiler from which Kubernetes was built, and platform on which it is running.",
      samples: [{ labels: { git_version: kubernetesVersion }, value: 1 }],
    },
  ])
}

/** GET /metrics/probes: how often each probe was run, and how it ended. */
export function probeMetrics({ probeCounts }: ServerContext): string {
  return metricText([
    {
      name: 'prober_probe_total',
      type: 'counter',
      help: '[BETA] Cumulative number of a liveness, readiness or startup probe for a container by result.',
      samples: probeCounts(),
    },
  ])
}
