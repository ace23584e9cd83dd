import type { Taint, Toleration } from '../api/kinds.generated.ts'

const unschedulable: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }

/** Whether some toleration covers the taint (corev1 Toleration.ToleratesTaint). */
export function tolerates(tolerations: readonly Toleration[], taint: Taint): boolean {
  return tolerations.some(({ key = '', operator = 'Equal', value = '', effect = '' }) => {
    if (effect !== '' && effect !== taint.effect) return false
    if (key !== '' && key !== taint.key) return false
    if (operator === 'Exists') return true
    return (operator === 'Equal' || operator === '') && value === (taint.value ?? '')
  })
}

/** Whether every taint that keeps pods off a node is tolerated. */
export function toleratesNode(tolerations: readonly Toleration[], taints: readonly Taint[]): boolean {
  return taints.every(
    (taint) => (taint.effect !== 'NoSchedule' && taint.effect !== 'NoExecute') || tolerates(tolerations, taint),
  )
}

/** How many taints would rather not have the pod. */
export function countUnwelcome(tolerations: readonly Toleration[], taints: readonly Taint[]): number {
  const considered = tolerations.filter(({ effect = '' }) => effect === '' || effect === 'PreferNoSchedule')
  return taints.filter((taint) => taint.effect === 'PreferNoSchedule' && !tolerates(considered, taint)).length
}

/** spec.unschedulable counts as a taint: a DaemonSet's pods tolerate it. */
export function toleratesCordon(tolerations: readonly Toleration[]): boolean {
  return tolerates(tolerations, unschedulable)
}
