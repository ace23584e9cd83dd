import type { JsonObject } from '../json-value.ts'
import type { Container, Pod, PodAffinityTerm, ScopedResourceSelectorRequirement } from '../kinds.generated.ts'
import type { ApiObject } from '../object.ts'
import { podQosClass } from '../pod-qos.ts'
import { addQuantities, type Quantity, quantityOfUnits } from '../quantity.ts'
import { type Amounts, addAmounts, amountsOf, isPodLevelResource, podTotal } from '../resource-amounts.ts'
import type { Evaluator } from './evaluator.ts'
import { meetsRequirement } from './scope.ts'

const tracked: ReadonlySet<string> = new Set([
  'count/pods',
  'pods',
  ...['cpu', 'memory', 'ephemeral-storage'].flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
])

export const podEvaluator: Evaluator = {
  tracks: (name) => tracked.has(name) || /^(?:requests\.)?hugepages-/.test(name) || isExtendedRequest(name),
  matchesScope: (requirement, object) => matchesScope(requirement, object as Pod),
  usage(object, nowMs) {
    const counted: Amounts = new Map([['count/pods', quantityOfUnits(1)]])
    if (!isCharged(object as Pod, nowMs)) return counted
    return addAmounts(counted, computeUsage(requestsOf(object), limitsOf(object)))
  },
  missing: (names, object) => missing(names, object as Pod),
}

/** Resources of others are quoted by what is asked for: 'requests.example.com/gpu'. */
function isExtendedRequest(name: string): boolean {
  const isNative = !name.includes('/') || name.includes('kubernetes.io/')
  const isImplicit = name.startsWith('requests.deviceclass.resource.kubernetes.io/')
  return name.startsWith('requests.') && (!isNative || isImplicit)
}

function isExtended(name: string): boolean {
  if (name.startsWith('deviceclass.resource.kubernetes.io/')) return true
  return name.includes('/') && !name.includes('kubernetes.io/') && !name.startsWith('requests.')
}

/** A pod that has ended, or should long be gone, takes nothing from others. */
function isCharged({ metadata, status }: Pod, nowMs: number): boolean {
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return false
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata ?? {}
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return true
  return nowMs <= Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000
}

/** Of the pod as it is wanted, with what its runtime needs besides. */
export function requestsOf({ spec }: ApiObject): Amounts {
  const whole = (spec ?? {}) as JsonObject
  return addAmounts(podTotal(whole, 'requests'), amountsOf(whole.overhead))
}

/** What a runtime needs besides raises the limits that there are. */
function limitsOf({ spec }: ApiObject): Amounts {
  const whole = (spec ?? {}) as JsonObject
  const limits = podTotal(whole, 'limits')
  const overhead = amountsOf(whole.overhead)
  const raised = [...limits].map(([name, amount]): [string, Quantity] => {
    const more = overhead.get(name)
    return [name, more === undefined ? amount : addQuantities(amount, more)]
  })
  return new Map(raised)
}

const named = ['cpu', 'memory', 'ephemeral-storage']

function computeUsage(requests: Amounts, limits: Amounts): Amounts {
  const usage = new Map([['pods', quantityOfUnits(1)]])
  for (const name of named) {
    const [request, limit] = [requests.get(name), limits.get(name)]
    if (request !== undefined) usage.set(name, request).set(`requests.${name}`, request)
    if (limit !== undefined) usage.set(`limits.${name}`, limit)
  }
  for (const [name, request] of requests) {
    if (name.startsWith('hugepages-')) usage.set(name, request)
    if (name.startsWith('hugepages-') || isExtended(name)) usage.set(`requests.${name}`, request)
  }
  return usage
}

/** Only for these, and it was a mistake, does a quota oblige every container to say what it needs. */
const obligatory = ['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']

function missing(names: readonly string[], { spec }: Pod): string | undefined {
  const own = [...Object.keys(spec?.resources?.requests ?? {}), ...Object.keys(spec?.resources?.limits ?? {})]
  if (own.some(isPodLevelResource)) return undefined
  const required = obligatory.filter((name) => names.includes(name)).sort()
  const containers: readonly Pick<Container, 'name' | 'resources'>[] = [
    ...(spec?.containers ?? []),
    ...(spec?.initContainers ?? []),
  ]
  const lacks = required.flatMap((name) => {
    const without = containers.filter(({ resources }) => {
      return !computeUsage(amountsOf(resources?.requests), amountsOf(resources?.limits)).has(name)
    })
    const who = [...new Set(without.map((container) => container.name))].sort()
    return who.length === 0 ? [] : [`${name} for: ${who.join(',')}`]
  })
  return lacks.length === 0 ? undefined : `must specify ${lacks.join('; ')}`
}

function matchesScope(requirement: ScopedResourceSelectorRequirement, { spec }: Pod): boolean {
  const isTerminating = (spec?.activeDeadlineSeconds ?? -1) >= 0
  const isBestEffort = (): boolean => podQosClass((spec ?? {}) as JsonObject) === 'BestEffort'
  const { priorityClassName = '' } = spec ?? {}
  switch (requirement.scopeName) {
    case 'Terminating':
      return isTerminating
    case 'NotTerminating':
      return !isTerminating
    case 'BestEffort':
      return isBestEffort()
    case 'NotBestEffort':
      return !isBestEffort()
    case 'PriorityClass':
      return meetsRequirement(requirement, priorityClassName === '' ? [] : [priorityClassName])
    case 'CrossNamespacePodAffinity':
      return looksAcross(spec?.affinity)
    default:
      return false
  }
}

function looksAcross(affinity: NonNullable<Pod['spec']>['affinity']): boolean {
  const { podAffinity, podAntiAffinity } = affinity ?? {}
  const terms: readonly PodAffinityTerm[] = [podAffinity, podAntiAffinity].flatMap((one) => [
    ...(one?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(one?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
  ])
  return terms.some(
    ({ namespaces = [], namespaceSelector }) => namespaces.length > 0 || namespaceSelector !== undefined,
  )
}
