import type { Node, Taint, Toleration } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { type Action, targetOf } from '../action.ts'

export const notReadyTaint = 'node.kubernetes.io/not-ready'
export const unreachableTaint = 'node.kubernetes.io/unreachable'
export const outOfServiceTaint = 'node.kubernetes.io/out-of-service'

export type Effect = 'NoSchedule' | 'NoExecute'

export function taintsOf({ spec }: Stored<Node>, effect: Effect): readonly Taint[] {
  return (spec.taints ?? []).filter((taint) => taint.effect === effect)
}

/** Replaces the node's taints as they were observed: a version in between is a conflict. */
export function writeTaints(node: Stored<Node>, taints: readonly Taint[]): Action {
  const { uid, resourceVersion } = node.metadata
  const body = { metadata: { uid, resourceVersion }, spec: { taints } }
  return { type: 'patch', target: targetOf(kinds.nodes, node), patch: { type: 'merge', body } }
}

/** v1helper.ToleratesTaint: an empty key or effect stands for all of them; the operator is Equal unless it says Exists. */
export function tolerates({ key = '', operator, value = '', effect = '' }: Toleration, taint: Taint): boolean {
  if (effect !== '' && effect !== taint.effect) return false
  if (key !== '' && key !== taint.key) return false
  return (
    operator === 'Exists' || ((operator ?? '') === '' || operator === 'Equal' ? value === (taint.value ?? '') : false)
  )
}
