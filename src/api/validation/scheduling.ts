import type { PodSchedulingGate, Taint, Toleration, TopologySpreadConstraint } from '../kinds.generated.ts'
import { labelKeyErrors, labelValueErrors } from '../label-syntax.ts'
import { validateMatchLabelKeys } from './affinity.ts'
import {
  child,
  duplicate,
  type Errors,
  forbidden,
  index,
  invalid,
  invalidEach,
  notSupported,
  positive,
  required,
  sameValue,
} from './field-error.ts'
import { validateLabelKey, validateLabelSelector } from './labels.ts'

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

export function validateTolerations(field: string, tolerations: readonly Toleration[]): Errors {
  return tolerations.flatMap((toleration, at) => {
    const path = index(field, at)
    const { key = '', operator = '', effect = '', tolerationSeconds } = toleration
    return [
      ...(key === '' ? [] : validateLabelKey(child(path, 'key'), key)),
      ...(key === '' && operator !== 'Exists'
        ? [
            invalid(
              child(path, 'operator'),
              operator,
              'operator must be Exists when `key` is empty, which means "match all values and all keys"',
            ),
          ]
        : []),
      ...(tolerationSeconds !== undefined && effect !== 'NoExecute'
        ? [invalid(child(path, 'effect'), effect, "effect must be 'NoExecute' when `tolerationSeconds` is set")]
        : []),
      ...validateTolerationValue(path, toleration),
      ...(effect === '' || effects.includes(effect) ? [] : [notSupported(child(path, 'effect'), effect, effects)]),
    ]
  })
}

function validateTolerationValue(field: string, { operator = '', value = '' }: Toleration): Errors {
  const path = child(field, 'operator')
  if (operator === 'Equal' || operator === '') {
    const errors = labelValueErrors(value)
    return errors.length === 0 ? [] : [invalid(path, value, errors.join(';'))]
  }
  if (operator === 'Exists') {
    return value === '' ? [] : [invalid(path, value, "value must be empty when `operator` is 'Exists'")]
  }
  const comparing = operator === 'Lt' || operator === 'Gt' ? ['Lt', 'Gt'] : []
  return [notSupported(path, operator, ['Equal', 'Exists', ...comparing])]
}

/** A running pod may come to tolerate more, and its tolerations last longer or shorter. */
export function validateAddedTolerations(
  field: string,
  now: readonly Toleration[],
  before: readonly Toleration[],
): Errors {
  const kept = before.every((old) =>
    now.some((toleration) => sameValue({ ...old, tolerationSeconds: 0 }, { ...toleration, tolerationSeconds: 0 })),
  )
  if (!kept) return [forbidden(field, 'existing toleration can not be modified except its tolerationSeconds')]
  return validateTolerations(field, now)
}

export function validateTaints(field: string, taints: readonly Taint[]): Errors {
  const seen = new Set<string>()
  return taints.flatMap((taint, at) => {
    const { key = '', value = '', effect = '' } = taint
    const path = index(field, at)
    const valueErrors = labelValueErrors(value)
    const id = `${effect}/${key}`
    const repeated = seen.has(id)
    seen.add(id)
    const shown = { Key: key, Value: value, Effect: effect, TimeAdded: taint.timeAdded ?? null }
    return [
      ...validateLabelKey(child(path, 'key'), key),
      ...(valueErrors.length === 0 ? [] : [invalid(child(path, 'value'), value, valueErrors.join(';'))]),
      ...(effect === '' ? [required(child(path, 'effect'))] : []),
      ...(effect === '' || effects.includes(effect) ? [] : [notSupported(child(path, 'effect'), effect, effects)]),
      ...(repeated ? [duplicate(path, shown, 'taints must be unique by key and effect pair')] : []),
    ]
  })
}

export function validateSchedulingGates(field: string, gates: readonly PodSchedulingGate[]): Errors {
  const seen = new Set<string>()
  return gates.flatMap(({ name = '' }, at) => {
    const repeated = seen.has(name)
    seen.add(name)
    return [
      ...invalidEach(index(field, at), name, labelKeyErrors(name)),
      ...(repeated ? [duplicate(index(field, at), name)] : []),
    ]
  })
}

export function validateDeletedGates(
  field: string,
  now: readonly PodSchedulingGate[],
  before: readonly PodSchedulingGate[],
): Errors {
  return now.flatMap(({ name }, at) =>
    before.some((gate) => gate.name === name)
      ? []
      : [
          forbidden(
            child(index(field, at), 'name'),
            `only deletion is allowed, but found new scheduling gate '${name}'`,
          ),
        ],
  )
}

const actions = ['DoNotSchedule', 'ScheduleAnyway']
const nodePolicies = ['Honor', 'Ignore']

export function validateSpread(field: string, constraints: readonly TopologySpreadConstraint[]): Errors {
  return constraints.flatMap((constraint, at) => {
    const path = index(field, at)
    const { maxSkew = 0, topologyKey = '', whenUnsatisfiable = '', labelSelector, matchLabelKeys = [] } = constraint
    const repeated = constraints
      .slice(at + 1)
      .some((other) => other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable)
    return [
      ...positive(child(path, 'maxSkew'), maxSkew),
      ...(topologyKey === '' ? [required(child(path, 'topologyKey'), 'can not be empty')] : []),
      ...(actions.includes(whenUnsatisfiable)
        ? []
        : [notSupported(child(path, 'whenUnsatisfiable'), whenUnsatisfiable, actions)]),
      ...(repeated
        ? [duplicate(child(path, '{topologyKey, whenUnsatisfiable}'), `{${topologyKey}, ${whenUnsatisfiable}}`)]
        : []),
      ...validateMinDomains(child(path, 'minDomains'), constraint.minDomains, whenUnsatisfiable),
      ...validateNodePolicy(child(path, 'nodeAffinityPolicy'), constraint.nodeAffinityPolicy),
      ...validateNodePolicy(child(path, 'nodeTaintsPolicy'), constraint.nodeTaintsPolicy),
      ...validateMatchLabelKeys(path, matchLabelKeys, [], labelSelector),
      ...validateLabelSelector(child(path, 'labelSelector'), labelSelector),
    ]
  })
}

function validateMinDomains(field: string, domains: number | undefined, action: string): Errors {
  if (domains === undefined) return []
  const detail = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`
  return [...positive(field, domains), ...(action === 'DoNotSchedule' ? [] : [invalid(field, domains, detail)])]
}

function validateNodePolicy(field: string, policy: string | undefined): Errors {
  return policy === undefined || nodePolicies.includes(policy) ? [] : [notSupported(field, policy, nodePolicies)]
}
