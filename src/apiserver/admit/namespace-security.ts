import { equalJson } from '../../api/json-value.ts'
import type { Namespace, Pod } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import { compareLevels, formatLevel, isSameLevel, type LevelVersion, policyOf } from '../../api/pod-security/policy.ts'
import { reasonsOf, violations } from '../../api/pod-security/standard.ts'
import type { Refusal } from '../../api/refusal.ts'
import type { Store } from '../../store/store.ts'
import { objectsIn } from '../resource.ts'
import type { Attributes } from './admission.ts'

const mostPods = 3000

/** Labels have to be right; who demands more of a namespace hears which of its pods do not live up to it. */
export function namespaceSecurity(store: Store, attributes: Attributes, namespace: Namespace): Refusal | undefined {
  const { operation, subresource, before, kind } = attributes
  if (subresource !== undefined) return undefined
  const name = namespace.metadata?.name ?? ''
  const now = policyOf(namespace.metadata?.labels)
  const had = policyOf(before?.metadata.labels)
  const isAsBefore = operation === 'UPDATE' && had.errors.length > 0 && equalJson(now.errors, had.errors)
  if (now.errors.length > 0 && !isAsBefore) {
    return { reason: 'Invalid', group: kind.group, kind: kind.kind, name: attributes.name, errors: now.errors }
  }
  const [after, old] = [now.policy.enforce, had.policy.enforce]
  const isRelaxed = after.version === old.version && compareLevels(after.level, old.level) < 1
  if (operation === 'CREATE' || isSameLevel(after, old) || after.level === 'privileged' || isRelaxed) return undefined
  for (const warning of podWarnings(objectsIn<Pod>(store, kinds.pods, name), name, after)) attributes.warn(warning)
  return undefined
}

/** Pods that violate the same are told of once. */
function podWarnings(all: readonly Pod[], namespace: string, level: LevelVersion): readonly string[] {
  const pods = oneOfEachFirst(all).slice(0, mostPods)
  const violating = new Map<string, string[]>()
  for (const { metadata = {}, spec } of pods) {
    const found = violations(level, { metadata, spec: spec ?? { containers: [] } })
    if (found.length === 0) continue
    const names = violating.get(reasonsOf(found)) ?? []
    violating.set(reasonsOf(found), names)
    names.push(metadata.name ?? '')
  }
  const unchecked = `new PodSecurity enforce level only checked against the first ${pods.length} of ${all.length} existing pods`
  const shown = JSON.stringify(formatLevel(level))
  const summary = `existing pods in namespace ${JSON.stringify(namespace)} violate the new PodSecurity enforce level ${shown}`
  return [
    ...(pods.length < all.length ? [unchecked] : []),
    ...(violating.size === 0 ? [] : [summary]),
    ...[...violating].map(([reasons, names]) => `${whose(names)}: ${reasons}`).sort(),
  ]
}

function whose(names: readonly string[]): string {
  const [first = ''] = [...names].sort()
  const others = names.length - 1
  if (others === 0) return first
  return `${first} (and ${others} other ${others === 1 ? 'pod' : 'pods'})`
}

/** Replicas of one controller are much the same: the others wait until one of each has been looked at. */
function oneOfEachFirst(pods: readonly Pod[]): readonly Pod[] {
  const seen = new Set<string>()
  const first: Pod[] = []
  const others: Pod[] = []
  for (const pod of pods) {
    const owner = pod.metadata?.ownerReferences?.find(({ controller }) => controller === true)?.uid
    const isOther = owner !== undefined && seen.has(owner)
    if (owner !== undefined) seen.add(owner)
    ;(isOther ? others : first).push(pod)
  }
  return [...first, ...others]
}
