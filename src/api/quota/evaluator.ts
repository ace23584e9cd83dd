import type { ScopedResourceSelectorRequirement } from '../kinds.generated.ts'
import { groupResource, kinds } from '../kinds.ts'
import type { ApiObject } from '../object.ts'
import { quantityOfUnits } from '../quantity.ts'
import type { Amounts } from '../resource-amounts.ts'
import { claimEvaluator } from './claim-evaluator.ts'
import { deviceClaimEvaluator } from './device-claim-evaluator.ts'
import { podEvaluator } from './pod-evaluator.ts'
import { serviceEvaluator } from './service-evaluator.ts'

/** How objects of one resource use up quotas. All of it is pure. */
export type Evaluator = Readonly<{
  /** Whether a quota of this name is used up by such objects. */
  tracks(name: string): boolean
  /** Whether the object is within a scope of a quota. */
  matchesScope(requirement: ScopedResourceSelectorRequirement, object: ApiObject): boolean
  /** What the object uses up now, of every name that it could. */
  usage(object: ApiObject, nowMs: number): Amounts
  /** What the object lacks that a quota of these names makes obligatory. */
  missing?(names: readonly string[], object: ApiObject): string | undefined
}>

const special: Readonly<Record<string, Evaluator>> = {
  [kinds.pods.plural]: podEvaluator,
  [kinds.services.plural]: serviceEvaluator,
  [kinds.persistentVolumeClaims.plural]: claimEvaluator,
  [groupResource(kinds.resourceClaims)]: deviceClaimEvaluator,
}

/** Names that counted objects before there was 'count/…'. */
const aliases: Readonly<Record<string, string>> = {
  configmaps: 'configmaps',
  resourcequotas: 'resourcequotas',
  replicationcontrollers: 'replicationcontrollers',
  secrets: 'secrets',
}

/** `resource`: 'pods', 'deployments.apps'. What has no rules of its own is counted. */
export function evaluatorOf(resource: string): Evaluator {
  return special[resource] ?? countEvaluator(resource)
}

function countEvaluator(resource: string): Evaluator {
  const alias = aliases[resource]
  const names = [countName(resource), ...(alias === undefined ? [] : [alias])]
  const one: Amounts = new Map(names.map((name) => [name, quantityOfUnits(1)]))
  return { tracks: (name) => names.includes(name), matchesScope: () => false, usage: () => one }
}

const countPrefix = 'count/'

export function countName(resource: string): string {
  return `${countPrefix}${resource}`
}

/** The resource that a quota of this name counts: 'deployments.apps' of 'count/deployments.apps'. */
export function countedResource(name: string): string | undefined {
  return name.startsWith(countPrefix) ? name.slice(countPrefix.length) : aliases[name]
}

/** Of these no quota ever takes account. */
const ignored: ReadonlySet<string> = new Set([
  'bindings',
  'componentstatuses',
  'events',
  'events.events.k8s.io',
  'tokenreviews.authentication.k8s.io',
  'selfsubjectreviews.authentication.k8s.io',
  'subjectaccessreviews.authorization.k8s.io',
  'selfsubjectaccessreviews.authorization.k8s.io',
  'localsubjectaccessreviews.authorization.k8s.io',
  'selfsubjectrulesreviews.authorization.k8s.io',
])

export function isQuotaFree(resource: string): boolean {
  return ignored.has(resource)
}
