import type {
  Affinity,
  LabelSelector,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinityTerm,
} from '../kinds.generated.ts'
import { child, type Errors, forbidden, index, invalid, invalidEach, required } from './field-error.ts'
import { validateLabelKey, validateLabelSelector, validateLabelValues, validateOperatorValues } from './labels.ts'
import { dnsLabelErrors, dnsSubdomainErrors } from './names.ts'

const requiredTerms = 'requiredDuringSchedulingIgnoredDuringExecution'
const preferredTerms = 'preferredDuringSchedulingIgnoredDuringExecution'

export function validateAffinity(field: string, affinity: Affinity | undefined): Errors {
  if (affinity === undefined) return []
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity
  return [
    ...(nodeAffinity === undefined ? [] : validateNodeAffinity(child(field, 'nodeAffinity'), nodeAffinity)),
    ...(podAffinity === undefined ? [] : validatePodAffinity(child(field, 'podAffinity'), podAffinity)),
    ...(podAntiAffinity === undefined ? [] : validatePodAffinity(child(field, 'podAntiAffinity'), podAntiAffinity)),
  ]
}

function validateNodeAffinity(field: string, affinity: NonNullable<Affinity['nodeAffinity']>): Errors {
  const needed = affinity[requiredTerms]
  return [
    ...(needed === undefined ? [] : validateNodeSelector(child(field, requiredTerms), needed)),
    ...(affinity[preferredTerms] ?? []).flatMap(({ weight, preference }, at) => {
      const path = index(child(field, preferredTerms), at)
      return [...validateWeight(path, weight), ...validateNodeTerm(child(path, 'preference'), preference ?? {}, true)]
    }),
  ]
}

function validateWeight(field: string, weight = 0): Errors {
  return weight >= 1 && weight <= 100 ? [] : [invalid(child(field, 'weight'), weight, 'must be in the range 1-100')]
}

export function validateNodeSelector(field: string, selector: NodeSelector): Errors {
  const terms = selector.nodeSelectorTerms ?? []
  const path = child(field, 'nodeSelectorTerms')
  if (terms.length === 0) return [required(path, 'must have at least one node selector term')]
  return terms.flatMap((term, at) => validateNodeTerm(index(path, at), term, false))
}

/** Label values of preferred terms have never been looked at. */
function validateNodeTerm(field: string, term: NodeSelectorTerm, anyValues: boolean): Errors {
  return [
    ...(term.matchExpressions ?? []).flatMap((requirement, at) =>
      validateNodeRequirement(index(child(field, 'matchExpressions'), at), requirement, anyValues),
    ),
    ...(term.matchFields ?? []).flatMap((requirement, at) =>
      validateNodeField(index(child(field, 'matchFields'), at), requirement),
    ),
  ]
}

function validateNodeRequirement(field: string, requirement: NodeSelectorRequirement, anyValues: boolean): Errors {
  const { key = '', operator = '', values = [] } = requirement
  const compares = operator === 'Gt' || operator === 'Lt'
  const path = child(field, 'values')
  return [
    ...(compares && values.length !== 1
      ? [required(path, "must be specified single value when `operator` is 'Lt' or 'Gt'")]
      : []),
    ...(compares ? [] : validateOperatorValues(field, operator, values)),
    ...validateLabelKey(child(field, 'key'), key),
    ...(anyValues ? [] : validateLabelValues(path, values)),
  ]
}

function validateNodeField(field: string, { key = '', operator = '', values = [] }: NodeSelectorRequirement): Errors {
  const isSet = operator === 'In' || operator === 'NotIn'
  const path = child(field, 'values')
  return [
    ...(isSet ? [] : [invalid(child(field, 'operator'), operator, 'not a valid selector operator')]),
    ...(isSet && values.length !== 1
      ? [required(path, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector")]
      : []),
    ...(key === 'metadata.name'
      ? values.flatMap((value, at) => invalidEach(index(path, at), value, dnsSubdomainErrors(value)))
      : [invalid(child(field, 'key'), key, 'not a valid field selector key')]),
  ]
}

function validatePodAffinity(field: string, affinity: NonNullable<Affinity['podAffinity']>): Errors {
  return [
    ...(affinity[requiredTerms] ?? []).flatMap((term, at) =>
      validatePodTerm(index(child(field, requiredTerms), at), term),
    ),
    ...(affinity[preferredTerms] ?? []).flatMap(({ weight, podAffinityTerm }, at) => {
      const path = index(child(field, preferredTerms), at)
      return [...validateWeight(path, weight), ...validatePodTerm(child(path, 'podAffinityTerm'), podAffinityTerm)]
    }),
  ]
}

function validatePodTerm(field: string, term: PodAffinityTerm): Errors {
  const { labelSelector, namespaceSelector, namespaces = [], topologyKey = '' } = term
  const topology = child(field, 'topologyKey')
  return [
    ...validateLabelSelector(child(field, 'labelSelector'), labelSelector),
    ...validateLabelSelector(child(field, 'namespaceSelector'), namespaceSelector),
    ...namespaces.flatMap((name) => invalidEach(child(field, 'namespace'), name, dnsLabelErrors(name))),
    ...validateMatchLabelKeys(field, term.matchLabelKeys ?? [], term.mismatchLabelKeys ?? [], labelSelector),
    ...(topologyKey === '' ? [required(topology, 'can not be empty')] : []),
    ...validateLabelKey(topology, topologyKey),
  ]
}

export function validateMatchLabelKeys(
  field: string,
  keys: readonly string[],
  mismatchKeys: readonly string[],
  selector: LabelSelector | undefined,
): Errors {
  const path = child(field, 'matchLabelKeys')
  return [
    ...validateLabelKeys(path, keys, selector),
    ...validateLabelKeys(child(field, 'mismatchLabelKeys'), mismatchKeys, selector),
    ...validateSelectedTwice(field, keys, selector),
    ...keys.flatMap((key, at) =>
      mismatchKeys.includes(key)
        ? [invalid(index(path, at), key, 'exists in both matchLabelKeys and mismatchLabelKeys')]
        : [],
    ),
  ]
}

function validateLabelKeys(field: string, keys: readonly string[], selector: LabelSelector | undefined): Errors {
  if (keys.length === 0) return []
  if (selector === undefined) return [forbidden(field, 'must not be specified when labelSelector is not set')]
  return keys.flatMap((key, at) => validateLabelKey(index(field, at), key))
}

/** The server adds an expression for each of the keys, so a key may stand in the selector once, but not twice. */
function validateSelectedTwice(field: string, keys: readonly string[], selector: LabelSelector | undefined): Errors {
  const selected = new Set(Object.keys(selector?.matchLabels ?? {}))
  return (selector?.matchExpressions ?? []).flatMap(({ key }) => {
    const twice = keys.includes(key) && selected.has(key)
    selected.add(key)
    return twice
      ? [invalid(index(field, keys.lastIndexOf(key)), key, 'exists in both matchLabelKeys and labelSelector')]
      : []
  })
}
