import type {
  CounterSet,
  Device,
  NodeSelector,
  NodeSelectorTerm,
  ResourceSlice,
  ResourceSliceSpec,
} from '../kinds.generated.ts'
import { validateNodeSelector } from './affinity.ts'
import { validateCsiDriverName } from './csi.ts'
import { validateCounterName, validateCounters, validateDevice } from './device.ts'
import { validateSet } from './device-claim.ts'
import { child, type Errors, immutable, invalid, invalidEach, required, tooLong } from './field-error.ts'
import { dnsSubdomainErrors } from './names.ts'
import { utf8Bytes, validateMetaUpdate, validateNewMeta } from './object-meta.ts'

const mostPoolNameBytes = 253
const mostDevices = 128
const mostCostlyDevices = 64
const mostCounterSets = 8
const mostCountersOfSet = 32

export function validateResourceSlice({ metadata = {}, spec }: ResourceSlice): Errors {
  return [...validateNewMeta(metadata, false, dnsSubdomainErrors), ...validateSpec(spec)]
}

export function validateResourceSliceUpdate(slice: ResourceSlice, old: ResourceSlice): Errors {
  return [...validateMetaUpdate(slice.metadata ?? {}, old.metadata ?? {}), ...validateSpec(slice.spec, old.spec)]
}

function validateSpec(spec: ResourceSliceSpec, old?: ResourceSliceSpec): Errors {
  const { driver = '', pool, devices, sharedCounters } = spec
  const most = (devices ?? []).some(isCostly) ? mostCostlyDevices : mostDevices
  return [
    ...validateCsiDriverName('spec.driver', driver),
    ...validatePool('spec.pool', pool ?? { name: '', generation: 0, resourceSliceCount: 0 }),
    ...(old === undefined
      ? []
      : [
          ...immutable('spec.pool.name', pool?.name ?? '', old.pool.name),
          ...immutable('spec.driver', driver, old.driver),
          ...immutable('spec.nodeName', spec.nodeName, old.nodeName),
        ]),
    ...validateNodes(spec),
    ...(sharedCounters !== undefined && devices !== undefined
      ? [invalid('spec', '', 'only one of `sharedCounters` or `devices` is allowed')]
      : []),
    ...validateSet(
      'spec.devices',
      devices,
      most,
      (field, device) =>
        validateDevice(field, device, {
          isPerDevice: spec.perDeviceNodeSelection === true,
          old: old?.devices?.find(({ name }) => name === device.name),
        }),
      ({ name }) => name,
    ),
    ...validateSet('spec.sharedCounters', sharedCounters, mostCounterSets, validateCounterSet, ({ name }) => name),
  ]
}

function validateCounterSet(field: string, { name = '', counters }: CounterSet): Errors {
  return [
    ...validateCounterName(child(field, 'name'), name),
    ...validateCounters(child(field, 'counters'), counters, mostCountersOfSet),
  ]
}

/** Taints, counters and lists of values make devices costly to look at. */
function isCostly({ taints = [], consumesCounters = [], attributes = {} }: Device): boolean {
  const hasLists = Object.values(attributes).some(({ bools, ints, strings, versions }) =>
    [bools, ints, strings, versions].some((list) => list !== undefined),
  )
  return taints.length > 0 || consumesCounters.length > 0 || hasLists
}

function validatePool(
  field: string,
  { name = '', resourceSliceCount = 0, generation = 0 }: ResourceSliceSpec['pool'],
): Errors {
  const path = child(field, 'name')
  const named =
    name === ''
      ? [required(path)]
      : [
          ...(utf8Bytes(name) > mostPoolNameBytes ? [tooLong(path, mostPoolNameBytes)] : []),
          ...name.split('/').flatMap((part) => invalidEach(path, part, dnsSubdomainErrors(part))),
        ]
  return [
    ...named,
    ...(resourceSliceCount > 0
      ? []
      : [invalid(child(field, 'resourceSliceCount'), resourceSliceCount, 'must be greater than zero')]),
    ...(generation < 0
      ? [invalid(child(field, 'generation'), generation, 'must be greater than or equal to zero')]
      : []),
  ]
}

/** Selectors of several slices have to be merged in the end. */
function validateOneTerm({ nodeSelectorTerms }: NodeSelector): Errors {
  const terms = nodeSelectorTerms ?? []
  if (terms.length === 1) return []
  return [
    invalid('spec.nodeSelector.nodeSelectorTerms', terms.map(asGoTerm), 'must have exactly one node selector term'),
  ]
}

/** As the original's internal type is shown. */
function asGoTerm({ matchExpressions, matchFields }: NodeSelectorTerm): object {
  const list = (requirements: NodeSelectorTerm['matchFields']): unknown =>
    requirements?.map(({ key, operator, values = null }) => ({ Key: key, Operator: operator, Values: values })) ?? null
  return { MatchExpressions: list(matchExpressions), MatchFields: list(matchFields) }
}

const nodeChoices = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'

function validateNodes({ nodeName, nodeSelector, allNodes, perDeviceNodeSelection }: ResourceSliceSpec): Errors {
  const errors: Errors[] = []
  const set: string[] = []
  if (nodeName !== undefined) {
    if (nodeName === '')
      errors.push([invalid('spec.nodeName', '', 'must be either unset or set to a non-empty string')])
    else {
      set.push('`nodeName`')
      errors.push(invalidEach('spec.nodeName', nodeName, dnsSubdomainErrors(nodeName)))
    }
  }
  if (nodeSelector !== undefined) {
    set.push('`nodeSelector`')
    errors.push(validateNodeSelector('spec.nodeSelector', nodeSelector), validateOneTerm(nodeSelector))
  }
  for (const [name, value] of Object.entries({ allNodes, perDeviceNodeSelection })) {
    if (value === true) set.push(`\`${name}\``)
    if (value === false) errors.push([invalid(`spec.${name}`, false, 'must be either unset or set to true')])
  }
  if (set.length === 0) errors.push([required('spec', nodeChoices)])
  if (set.length > 1) {
    errors.push([invalid('spec', `{${set.join(', ')}}`, `${nodeChoices}, but multiple fields are set`)])
  }
  return errors.flat()
}
