import type { LabelSelector, LabelSelectorRequirement } from '../kinds.generated.ts'
import { labelKeyErrors, labelValueErrors } from '../label-syntax.ts'
import { child, type Errors, entriesOf, forbidden, index, invalid, invalidEach, required } from './field-error.ts'

type Labels = Readonly<Record<string, string>> | undefined

export function validateLabelKey(field: string, key: string): Errors {
  return invalidEach(field, key, labelKeyErrors(key))
}

export function validateLabels(field: string, labels: Labels): Errors {
  return entriesOf(labels).flatMap(([key, value]) => [
    ...validateLabelKey(field, key),
    ...invalidEach(field, value, labelValueErrors(value)),
  ])
}

const setOperators = ['In', 'NotIn']
const existenceOperators = ['Exists', 'DoesNotExist']

/** The part that label selectors and node selectors share. */
export function validateOperatorValues(field: string, operator: string, values: readonly string[]): Errors {
  if (setOperators.includes(operator)) {
    if (values.length > 0) return []
    return [required(child(field, 'values'), "must be specified when `operator` is 'In' or 'NotIn'")]
  }
  if (existenceOperators.includes(operator)) {
    if (values.length === 0) return []
    return [forbidden(child(field, 'values'), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")]
  }
  return [invalid(child(field, 'operator'), operator, 'not a valid selector operator')]
}

function validateRequirement(field: string, requirement: LabelSelectorRequirement): Errors {
  const { key = '', operator = '', values = [] } = requirement
  return [
    ...validateOperatorValues(field, operator, values),
    ...validateLabelKey(child(field, 'key'), key),
    ...validateLabelValues(child(field, 'values'), values),
  ]
}

export function validateLabelValues(field: string, values: readonly string[]): Errors {
  return values.flatMap((value, at) => invalidEach(index(field, at), value, labelValueErrors(value)))
}

export function validateLabelSelector(field: string, selector: LabelSelector | undefined): Errors {
  return [
    ...validateLabels(child(field, 'matchLabels'), selector?.matchLabels),
    ...(selector?.matchExpressions ?? []).flatMap((requirement, at) =>
      validateRequirement(index(child(field, 'matchExpressions'), at), requirement),
    ),
  ]
}
