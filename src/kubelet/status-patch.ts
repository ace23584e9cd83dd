import { equalJson } from '../api/json-value.ts'
import type { PodCondition, PodStatus } from '../api/kinds.generated.ts'
import { kubeletConditions, sharedCondition } from './pod-conditions.ts'

type Fields = Readonly<Record<string, unknown>>

/** Lists that the API merges by a key: what is gone must be named, or replaced whole. */
const replacedLists = new Set(['podIPs', 'hostIPs'])

/**
 * The strategic merge patch that turns one status into the other; undefined when they are the same. It names the pod's uid, so that it
 * can never reach another pod of the same name.
 */
export function statusPatch(uid: string, before: PodStatus, after: PodStatus): unknown {
  const changes: Record<string, unknown> = {}
  const [old, next] = [before as Fields, after as Fields]
  for (const field of new Set([...Object.keys(old), ...Object.keys(next)])) {
    if (equalJson(old[field], next[field])) continue
    if (next[field] === undefined) changes[field] = null
    else if (field === 'conditions') addConditions(changes, before.conditions ?? [], after.conditions ?? [])
    else if (replacedLists.has(field)) changes[field] = [...(next[field] as readonly unknown[]), { $patch: 'replace' }]
    else changes[field] = next[field]
  }
  if (Object.keys(changes).length === 0) return undefined
  return { metadata: { uid }, status: changes }
}

function addConditions(
  changes: Record<string, unknown>,
  before: readonly PodCondition[],
  after: readonly PodCondition[],
): void {
  const conditions = conditionChanges(before, after)
  if (conditions.length > 0) changes.conditions = conditions
}

/** Conditions merge by type: the kubelet's own that differ, with null for the fields they have lost, and those that hold no more. */
function conditionChanges(before: readonly PodCondition[], after: readonly PodCondition[]): readonly unknown[] {
  const gone = before.filter(
    ({ type }) => kubeletConditions.has(type) && !after.some((condition) => condition.type === type),
  )
  const changed = after.flatMap((condition) => {
    if (!kubeletConditions.has(condition.type) && condition.type !== sharedCondition) return []
    const known = before.find(({ type }) => type === condition.type)
    if (known !== undefined && equalJson(known, condition)) return []
    const lost = Object.keys(known ?? {}).filter((field) => !(field in condition))
    return [{ ...Object.fromEntries(lost.map((field) => [field, null])), ...condition }]
  })
  return [...changed, ...gone.map(({ type }) => ({ type, $patch: 'delete' }))]
}
