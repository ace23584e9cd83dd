import type { KubeletPod } from './pod-containers.ts'
import type { MetricFamily } from './server/metric-text.ts'

/** How often pods were begun on this node, for metrics. */
export interface PodStarts {
  /** `failed`: its sandbox, or what was to start in it at once. */
  add(pod: KubeletPod, failed: boolean): void
  families(): readonly MetricFamily[]
}

export function makePodStarts(): PodStarts {
  let [all, withUsers, withUsersFailed] = [0, 0, 0]
  const counter = (name: string, help: string, value: number): MetricFamily => ({
    name: `kubelet_started_${name}_total`,
    type: 'counter',
    help: `[ALPHA] ${help}`,
    samples: [{ value }],
  })
  return {
    add({ spec }, failed) {
      all += 1
      if (spec.hostUsers !== false) return
      withUsers += 1
      if (failed) withUsersFailed += 1
    },
    families: () => [
      counter('pods', 'Cumulative number of pods started', all),
      counter(
        'user_namespaced_pods',
        'Cumulative number of pods with user namespaces started. This metric will only be collected on Linux.',
        withUsers,
      ),
      counter(
        'user_namespaced_pods_errors',
        'Cumulative number of errors when starting pods with user namespaces. This metric will only be collected on Linux.',
        withUsersFailed,
      ),
    ],
  }
}
