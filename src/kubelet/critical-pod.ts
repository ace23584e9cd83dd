import { isMirrorPod } from '../api/pod-references.ts'
import type { KubeletPod } from './pod-containers.ts'

/** Kubernetes' system critical priority: from it on a pod is taken also by a node in need, and never evicted. */
export const criticalPriority = 2_000_000_000

/** Of a file on the node, not of the API server. */
export function isStaticPod({ metadata }: Pick<KubeletPod, 'metadata'>): boolean {
  const source = metadata.annotations?.['kubernetes.io/config.source']
  return source !== undefined && source !== 'api'
}

/** Kubernetes' IsCriticalPod. */
export function isCriticalPod({ metadata, spec }: KubeletPod): boolean {
  if (isMirrorPod({ metadata }) || isStaticPod({ metadata })) return true
  return (spec.priority ?? 0) >= criticalPriority
}
