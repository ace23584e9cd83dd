import type { Condition, PodDisruptionBudget, PodDisruptionBudgetSpec } from '../kinds.generated.ts'
import { labelKeyErrors } from '../label-syntax.ts'
import {
  child,
  duplicate,
  type Errors,
  index,
  invalid,
  invalidEach,
  nonNegative,
  notSupported,
  required,
  tooLong,
} from './field-error.ts'
import { validateLabelSelector } from './labels.ts'
import { utf8Bytes } from './object-meta.ts'
import { validateIntOrPercent, validateMostHundredPercent } from './workload.ts'

const evictionPolicies = ['AlwaysAllow', 'IfHealthyBudget']

export function validateDisruptionBudget({ spec = {} }: PodDisruptionBudget): Errors {
  const { minAvailable, maxUnavailable, unhealthyPodEvictionPolicy: policy } = spec
  return [
    ...(minAvailable !== undefined && maxUnavailable !== undefined
      ? [invalid('spec', asGoSpec(spec), 'minAvailable and maxUnavailable cannot be both set')]
      : []),
    ...Object.entries({ minAvailable, maxUnavailable }).flatMap(([name, value]) =>
      value === undefined
        ? []
        : [
            ...validateIntOrPercent(child('spec', name), value),
            ...validateMostHundredPercent(child('spec', name), value),
          ],
    ),
    ...validateLabelSelector('spec.selector', spec.selector),
    ...(policy === undefined || evictionPolicies.includes(policy)
      ? []
      : [notSupported('spec.unhealthyPodEvictionPolicy', policy, evictionPolicies)]),
  ]
}

function asGoSpec({ minAvailable, selector, maxUnavailable, unhealthyPodEvictionPolicy }: PodDisruptionBudgetSpec) {
  return {
    MinAvailable: minAvailable ?? null,
    Selector: selector ?? null,
    MaxUnavailable: maxUnavailable ?? null,
    UnhealthyPodEvictionPolicy: unhealthyPodEvictionPolicy ?? null,
  }
}

export function validateDisruptionBudgetStatusUpdate({ status }: PodDisruptionBudget): Errors {
  const { disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods, conditions = [] } = status ?? {}
  const counts = { disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods }
  return [
    ...validateConditions('status.conditions', conditions),
    ...Object.entries(counts).flatMap(([name, value]) => nonNegative(child('status', name), value)),
  ]
}

const statuses = ['False', 'True', 'Unknown']
const mostReasonBytes = 1024
const mostMessageBytes = 32 * 1024
const reasonFormat = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?'
const badReason =
  `a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', ` +
  `and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or ` +
  `'ReasonA:ReasonB', regex used for validation is '${reasonFormat}')`

/** meta/v1 conditions: ValidateConditions. */
export function validateConditions(field: string, conditions: readonly Condition[]): Errors {
  const types = new Set<string>()
  return conditions.flatMap((condition, at) => {
    const path = index(field, at)
    const { type = '' } = condition
    const isKnown = types.has(type)
    types.add(type)
    return [...(isKnown ? [duplicate(child(path, 'type'), type)] : []), ...validateCondition(path, condition)]
  })
}

function validateCondition(field: string, condition: Condition): Errors {
  const { type = '', status = '', observedGeneration, lastTransitionTime, reason = '', message = '' } = condition
  const reasonPath = child(field, 'reason')
  return [
    ...invalidEach(child(field, 'type'), type, labelKeyErrors(type)),
    ...(statuses.includes(status) ? [] : [notSupported(child(field, 'status'), status, statuses)]),
    ...(observedGeneration !== undefined && observedGeneration < 0
      ? [invalid(child(field, 'observedGeneration'), observedGeneration, 'must be greater than or equal to zero')]
      : []),
    ...(lastTransitionTime ? [] : [required(child(field, 'lastTransitionTime'))]),
    ...(reason === ''
      ? [required(reasonPath)]
      : [
          ...(new RegExp(`^${reasonFormat}$`).test(reason) ? [] : [invalid(reasonPath, reason, badReason)]),
          ...(utf8Bytes(reason) > mostReasonBytes ? [tooLong(reasonPath, mostReasonBytes)] : []),
        ]),
    ...(utf8Bytes(message) > mostMessageBytes ? [tooLong(child(field, 'message'), mostMessageBytes)] : []),
  ]
}
