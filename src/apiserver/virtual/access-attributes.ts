import { type FieldSelector, parseFieldSelector } from '../../api/field-selector.ts'
import type {
  FieldSelectorAttributes,
  LabelSelectorAttributes,
  SelfSubjectAccessReviewSpec,
} from '../../api/kinds.generated.ts'
import { type Requirement, requirementOf } from '../../api/label-requirement.ts'
import { labelOperators } from '../../api/label-selector.ts'
import { parseRequirements } from '../../api/label-selector-parser.ts'
import type { FieldError } from '../../api/refusal.ts'
import { child, forbidden, index, invalid, required } from '../../api/validation/field-error.ts'
import { validateLabelKey, validateLabelValues } from '../../api/validation/labels.ts'
import type { Wish } from '../authorize/decision.ts'

/** What a review asks about. `errors`: of its selectors, what was not understood, and so not heeded. */
export type Asked = Readonly<{ wish: Wish; errors: readonly string[] }>

export function askedBy({ resourceAttributes, nonResourceAttributes }: SelfSubjectAccessReviewSpec): Asked {
  const { path = '', verb: method = '' } = nonResourceAttributes ?? {}
  const nothing = { group: '', resource: '', subresource: '', name: '', namespace: '' }
  if (!resourceAttributes) return { wish: { isResource: false, verb: method, ...nothing, path }, errors: [] }
  const { verb = '', group = '', resource = '', subresource = '', name = '', namespace = '' } = resourceAttributes
  const version = resourceAttributes.version || '*'
  const field = fieldTerms(resourceAttributes.fieldSelector)
  const label = labelTerms(resourceAttributes.labelSelector)
  const wish = { isResource: true, verb, group, version, resource, subresource, name, namespace, path: '' }
  return {
    wish: {
      ...wish,
      ...(field.terms.length === 0 ? {} : { fieldSelector: field.terms }),
      ...(label.terms.length === 0 ? {} : { labelSelector: label.terms }),
    },
    errors: [...parseFault('field', field), ...parseFault('label', label)],
  }
}

type Read<T> = Readonly<{ terms: readonly T[]; errors: readonly string[] }>

function parseFault(type: string, { terms, errors }: Read<unknown>): readonly string[] {
  if (errors.length === 0) return []
  const effect = terms.length > 0 ? 'partially ignored due to parse error' : 'ignored due to parse error'
  return [`spec.resourceAttributes.${type}Selector ${effect}`]
}

function fieldTerms(selector: FieldSelectorAttributes | null | undefined): Read<FieldSelector[number]> {
  const requirements = selector?.requirements ?? []
  if (requirements.length === 0) return parsed(selector?.rawSelector, parseFieldSelector)
  const read = requirements.map(({ key: field, operator, values }) => {
    const all = values ?? []
    if (all.length > 1) return 'fieldSelectors do not yet support multiple values'
    const [value] = all
    if (operator === 'Exists' || operator === 'DoesNotExist') return `fieldSelectors do not yet support ${operator}`
    if (operator !== 'In' && operator !== 'NotIn') {
      return `${JSON.stringify(operator)} is not a valid field selector operator`
    }
    if (value === undefined) return `fieldSelectors ${operator === 'In' ? 'in' : 'not in'} must have one value`
    return { field, value, negated: operator === 'NotIn' }
  })
  return parted(read)
}

function labelTerms(selector: LabelSelectorAttributes | null | undefined): Read<Requirement> {
  const requirements = selector?.requirements ?? []
  if (requirements.length === 0) return parsed(selector?.rawSelector, parseRequirements)
  const read = requirements.map(({ key, operator, values }) => {
    const known = labelOperators[operator]
    if (known === undefined) return `${JSON.stringify(operator)} is not a valid label selector operator`
    const requirement = requirementOf(key, known, values ?? [])
    return requirement.ok ? requirement.value : requirement.error
  })
  return parted(read)
}

function parsed<T>(
  raw: string | undefined,
  parse: (text: string) => Readonly<{ ok: true; value: readonly T[] }> | Readonly<{ ok: false; error: string }>,
): Read<T> {
  if (raw === undefined || raw === '') return { terms: [], errors: [] }
  const result = parse(raw)
  return result.ok ? { terms: result.value, errors: [] } : { terms: [], errors: [result.error] }
}

function parted<T>(read: readonly (T | string)[]): Read<T> {
  return {
    terms: read.filter((one): one is T => typeof one !== 'string'),
    errors: read.filter((one): one is string & T => typeof one === 'string'),
  }
}

/** pkg/apis/authorization/validation: operators that are not known are let through, for newer clients' sake. */
export function selectorErrors({ resourceAttributes }: SelfSubjectAccessReviewSpec): readonly FieldError[] {
  const { fieldSelector, labelSelector } = resourceAttributes ?? {}
  const field = 'spec.resourceAttributes'
  return [
    ...formErrors(child(field, 'fieldSelector'), fieldSelector),
    ...(fieldSelector?.requirements ?? []).flatMap(({ key, operator, values }, at) => {
      const here = index(child(child(field, 'fieldSelector'), 'requirements'), at)
      return [
        ...(key ? [] : [required(child(here, 'key'), 'must be specified')]),
        ...valueErrors(here, operator, values ?? []),
      ]
    }),
    ...formErrors(child(field, 'labelSelector'), labelSelector),
    ...(labelSelector?.requirements ?? []).flatMap(({ key, operator, values }, at) => {
      const here = index(child(child(field, 'labelSelector'), 'requirements'), at)
      return [
        ...valueErrors(here, operator, values ?? []),
        ...validateLabelKey(child(here, 'key'), key ?? ''),
        ...validateLabelValues(child(here, 'values'), values ?? []),
      ]
    }),
  ]
}

function formErrors(
  field: string,
  selector: FieldSelectorAttributes | LabelSelectorAttributes | null | undefined,
): readonly FieldError[] {
  if (!selector) return []
  const raw = selector.rawSelector ?? ''
  const count = (selector.requirements ?? []).length
  if (raw !== '' && count > 0) {
    return [invalid(child(field, 'rawSelector'), raw, 'may not specified at the same time as requirements')]
  }
  if (raw !== '' || count > 0) return []
  return [required(child(field, 'requirements'), `when ${field} is specified, requirements or rawSelector is required`)]
}

function valueErrors(field: string, operator: string, values: readonly string[]): readonly FieldError[] {
  if ((operator === 'In' || operator === 'NotIn') && values.length === 0) {
    return [required(child(field, 'values'), "must be specified when `operator` is 'In' or 'NotIn'")]
  }
  if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0) {
    return [forbidden(child(field, 'values'), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")]
  }
  return []
}
