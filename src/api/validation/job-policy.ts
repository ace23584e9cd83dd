import { countIndexes, parseIndexes } from '../job-indexes.ts'
import type { JobSpec, PodFailurePolicyRule, SuccessPolicyRule } from '../kinds.generated.ts'
import { labelKeyErrors } from '../label-syntax.ts'
import {
  child,
  duplicate,
  type Errors,
  index,
  invalid,
  invalidEach,
  invalidUnshown,
  nonNegative,
  notSupported,
  required,
  tooLong,
  tooMany,
} from './field-error.ts'

const maxRules = 20
const maxPatterns = 20
const maxExitCodes = 255
const maxSucceededIndexesBytes = 64 * 1024
const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore']
const operators = ['In', 'NotIn']
const statuses = ['False', 'True', 'Unknown']

/** Go's %q of a list. */
function quoted(values: readonly string[]): string {
  return `valid values: [${values.map((value) => JSON.stringify(value)).join(' ')}]`
}

export function validatePodFailurePolicy(field: string, spec: Partial<JobSpec>): Errors {
  const rules = spec.podFailurePolicy?.rules ?? []
  const path = child(field, 'rules')
  return [
    ...(rules.length > maxRules ? [tooMany(path, rules.length, maxRules)] : []),
    ...rules.flatMap((rule, at) => validateRule(index(path, at), rule, spec)),
  ]
}

function validateRule(field: string, rule: PodFailurePolicyRule, spec: Partial<JobSpec>): Errors {
  const { action = '', onExitCodes, onPodConditions = [] } = rule
  return [
    ...validateAction(child(field, 'action'), action, spec),
    ...(onExitCodes === undefined ? [] : validateExitCodes(child(field, 'onExitCodes'), onExitCodes, spec)),
    ...(onPodConditions.length === 0 ? [] : validatePatterns(child(field, 'onPodConditions'), onPodConditions)),
    ...(onExitCodes !== undefined && onPodConditions.length > 0
      ? [invalidUnshown(field, 'specifying both OnExitCodes and OnPodConditions is not supported')]
      : []),
    ...(onExitCodes === undefined && onPodConditions.length === 0
      ? [invalidUnshown(field, 'specifying one of OnExitCodes and OnPodConditions is required')]
      : []),
  ]
}

function validateAction(field: string, action: string, spec: Partial<JobSpec>): Errors {
  if (action === '') return [required(field, quoted(actions))]
  if (!actions.includes(action)) return [notSupported(field, action, actions)]
  if (action !== 'FailIndex' || spec.backoffLimitPerIndex !== undefined) return []
  return [invalid(field, action, 'requires the backoffLimitPerIndex to be set')]
}

type OnExitCodes = NonNullable<PodFailurePolicyRule['onExitCodes']>

function validateExitCodes(
  field: string,
  { operator = '', containerName, values: given }: OnExitCodes,
  spec: Partial<JobSpec>,
) {
  // Required lists that are absent are null in JSON.
  const values = given ?? []
  const containers = spec.template?.spec?.containers ?? []
  const initContainers = spec.template?.spec?.initContainers ?? []
  const operatorPath = child(field, 'operator')
  const path = child(field, 'values')
  const known = [...containers, ...initContainers].some(({ name }) => name === containerName)
  const unknownName = 'must be one of the container or initContainer names in the pod template'
  const isOrdered = values.every((value, at) => at === 0 || (values[at - 1] ?? 0) <= value)
  const errors: Errors = [
    ...(operator === '' ? [required(operatorPath, quoted(operators))] : []),
    ...(operator === '' || operators.includes(operator) ? [] : [notSupported(operatorPath, operator, operators)]),
    ...(containerName === undefined || known
      ? []
      : [invalid(child(field, 'containerName'), containerName, unknownName)]),
    ...(values.length === 0 ? [invalid(path, values, 'at least one value is required')] : []),
    ...(values.length > maxExitCodes ? [tooMany(path, values.length, maxExitCodes)] : []),
    ...values.flatMap((value, at) => [
      ...(operator === 'In' && value === 0
        ? [invalid(index(path, at), value, 'must not be 0 for the In operator')]
        : []),
      ...(values.indexOf(value) < at ? [duplicate(index(path, at), value)] : []),
    ]),
    ...(isOrdered ? [] : [invalid(path, values, 'must be ordered')]),
  ]
  return errors
}

function validatePatterns(field: string, patterns: NonNullable<PodFailurePolicyRule['onPodConditions']>): Errors {
  return [
    ...(patterns.length > maxPatterns ? [tooMany(field, patterns.length, maxPatterns)] : []),
    ...patterns.flatMap(({ type = '', status = '' }, at) => {
      const path = child(index(field, at), 'status')
      return [
        ...invalidEach(child(index(field, at), 'type'), type, labelKeyErrors(type)),
        ...(status === '' ? [required(path, quoted(statuses))] : []),
        ...(status === '' || statuses.includes(status) ? [] : [notSupported(path, status, statuses)]),
      ]
    }),
  ]
}

export function validateSuccessPolicy(field: string, spec: Partial<JobSpec>): Errors {
  const rules = spec.successPolicy?.rules ?? []
  if (spec.completionMode !== 'Indexed') {
    const shown = rules.map(({ succeededIndexes = null, succeededCount = null }) => ({
      SucceededIndexes: succeededIndexes,
      SucceededCount: succeededCount,
    }))
    return [invalid(field, { Rules: shown }, 'requires indexed completion mode')]
  }
  const path = child(field, 'rules')
  const none = 'at least one rules must be specified when the successPolicy is specified'
  return [
    ...(rules.length === 0 ? [required(path, none)] : []),
    ...(rules.length > maxRules ? [tooMany(path, rules.length, maxRules)] : []),
    ...rules.flatMap((rule, at) => validateSuccessRule(index(path, at), rule, spec.completions ?? 0)),
  ]
}

function validateSuccessRule(field: string, rule: SuccessPolicyRule, completions: number): Errors {
  const { succeededIndexes, succeededCount } = rule
  const path = child(field, 'succeededIndexes')
  const countPath = child(field, 'succeededCount')
  const parsed = parseIndexes(succeededIndexes ?? '', completions)
  const total = parsed.ok ? countIndexes(parsed.value) : 0
  const atMost = (count: number, what: string): string =>
    `must be less than or equal to ${count} (the number of ${what})`
  const missing = 'at least one of succeededCount or succeededIndexes must be specified'
  return [
    ...(succeededIndexes === undefined && succeededCount === undefined ? [required(field, missing)] : []),
    ...((succeededIndexes ?? '').length > maxSucceededIndexesBytes ? [tooLong(path, maxSucceededIndexesBytes)] : []),
    ...(parsed.ok ? [] : [invalid(path, succeededIndexes, `error parsing succeededIndexes: ${parsed.error}`)]),
    ...nonNegative(countPath, succeededCount),
    ...(succeededCount !== undefined && succeededCount > completions
      ? [invalid(countPath, succeededCount, atMost(completions, 'specified completions'))]
      : []),
    ...(succeededCount !== undefined && succeededIndexes !== undefined && succeededCount > total
      ? [invalid(countPath, succeededCount, atMost(total, 'indexes in the specified succeededIndexes field'))]
      : []),
  ]
}
