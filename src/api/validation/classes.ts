import type { PriorityClass, RuntimeClass, Toleration } from '../kinds.generated.ts'
import {
  duplicate,
  type Errors,
  forbidden,
  immutable,
  index,
  invalidEach,
  notSupported,
  required,
} from './field-error.ts'
import { validateLabels } from './labels.ts'
import { dnsLabelErrors, dnsSubdomainErrors } from './names.ts'
import { validateAnyMetaUpdate, validateAnyNewMeta, validateMetaUpdate, validateNewMeta } from './object-meta.ts'
import { validateResources } from './resources.ts'
import { validateTolerations } from './scheduling.ts'

const systemPrefix = 'system-'
const systemValues: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
}
const highestValue = 1_000_000_000
const preemptionPolicies = ['PreemptLowerPriority', 'Never']

export function validatePriorityClass(priorityClass: PriorityClass): Errors {
  const { metadata = {}, value = 0, preemptionPolicy } = priorityClass
  const { name = '' } = metadata
  const problem = name.startsWith(systemPrefix) ? systemProblem(name, priorityClass) : undefined
  const reserved = `priority class names with '${systemPrefix}' prefix are reserved for system use only. error: ${problem}`
  return [
    ...validateNewMeta(metadata, false, dnsSubdomainErrors),
    ...(problem === undefined ? [] : [forbidden('metadata.name', reserved)]),
    ...(!name.startsWith(systemPrefix) && value > highestValue
      ? [forbidden('value', `maximum allowed value of a user defined priority is ${highestValue}`)]
      : []),
    ...validatePreemption('preemptionPolicy', preemptionPolicy),
  ]
}

function systemProblem(name: string, { value = 0, globalDefault = false }: PriorityClass): string | undefined {
  const known = systemValues[name]
  if (known === undefined) return `${name} is not a known system priority class`
  if (value !== known) return `value of ${name} PriorityClass must be ${known}`
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined
}

function validatePreemption(field: string, policy: string | undefined): Errors {
  if (policy === undefined || preemptionPolicies.includes(policy)) return []
  return policy === '' ? [required(field)] : [notSupported(field, policy, preemptionPolicies)]
}

export function validatePriorityClassUpdate(now: PriorityClass, old: PriorityClass): Errors {
  return [
    ...validateMetaUpdate(now.metadata ?? {}, old.metadata ?? {}),
    ...(now.value === old.value ? [] : [forbidden('value', 'may not be changed in an update.')]),
    ...immutable('preemptionPolicy', now.preemptionPolicy, old.preemptionPolicy),
  ]
}

export function validateRuntimeClass({ metadata = {}, handler, overhead, scheduling }: RuntimeClass): Errors {
  const { nodeSelector, tolerations = [] } = scheduling ?? {}
  return [
    // Finalizers need not be qualified.
    ...validateAnyNewMeta(metadata, false, dnsSubdomainErrors),
    ...(handler === '' ? [required('handler')] : invalidEach('handler', handler, dnsLabelErrors(handler))),
    ...(overhead?.podFixed === undefined ? [] : validateResources('overhead', { limits: overhead.podFixed })),
    ...validateLabels('scheduling.nodeSelector', nodeSelector),
    ...validateTolerations('scheduling.tolerations', tolerations),
    ...validateDistinct('scheduling.tolerations', tolerations),
  ]
}

function validateDistinct(field: string, tolerations: readonly Toleration[]): Errors {
  const seen = new Set<string>()
  return tolerations.flatMap((toleration, at) => {
    const { key = '', operator = '', value = '', effect = '', tolerationSeconds = null } = toleration
    const identity = JSON.stringify([key, operator, value, effect])
    const isKnown = seen.has(identity)
    seen.add(identity)
    const shown = { Key: key, Operator: operator, Value: value, Effect: effect, TolerationSeconds: tolerationSeconds }
    return isKnown ? [duplicate(index(field, at), shown)] : []
  })
}

export function validateRuntimeClassUpdate(now: RuntimeClass, old: RuntimeClass): Errors {
  return [
    ...validateRuntimeClass(now),
    ...validateAnyMetaUpdate(now.metadata ?? {}, old.metadata ?? {}),
    ...immutable('handler', now.handler, old.handler),
  ]
}
