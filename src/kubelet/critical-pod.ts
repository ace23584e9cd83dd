import type { KubeletPod } from './pod-containers.ts'

/** Kubernetes' system critical priority: from it on a pod is taken also by a node in need, and never evicted. */
export const criticalPriority = 2_000_000_000

/** Kubernetes' IsCriticalPod. */
export function isCriticalPod({ metadata, spec }: KubeletPod): boolean {
  const { annotations = {} } = metadata
  if (annotations['kubernetes.io/config.mirror'] !== undefined) return true
  const source = annotations['kubernetes.io/config.source']
  if (source !== undefined && source !== 'api') return true
  return (spec.priority ?? 0) >= criticalPriority
}
