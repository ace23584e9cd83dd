import type { Device, DeviceAttribute, ResourceSlice, ResourceSliceSpec } from '../kinds.generated.ts'
import { validateNodeSelector } from './affinity.ts'
import { validateCsiDriverName } from './csi.ts'
import { validateQualifiedName, validateSet } from './device-claim.ts'
import {
  child,
  type Errors,
  entriesOf,
  immutable,
  invalid,
  invalidEach,
  keyed,
  required,
  tooLong,
} from './field-error.ts'
import { dnsLabelErrors, dnsSubdomainErrors } from './names.ts'
import { utf8Bytes, validateMetaUpdate, validateNewMeta } from './object-meta.ts'

const mostPoolNameBytes = 253
const mostDevices = 128
const mostCostlyDevices = 64

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
      (field, device) => validateDevice(field, device, spec.perDeviceNodeSelection === true),
      ({ name }) => name,
    ),
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
    errors.push(validateNodeSelector('spec.nodeSelector', nodeSelector))
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

const mostAttributes = 32
const perDevice =
  'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec'

function validateDevice(field: string, device: Device, isPerDevice: boolean): Errors {
  const { name = '', attributes, capacity } = device
  const count = Object.keys(attributes ?? {}).length + Object.keys(capacity ?? {}).length
  return [
    ...invalidEach(child(field, 'name'), name, dnsLabelErrors(name)),
    ...(count > mostAttributes
      ? [invalid(field, count, `the total number of attributes and capacities must not exceed ${mostAttributes}`)]
      : []),
    ...entriesOf(attributes).flatMap(([key, attribute]) => [
      ...validateQualifiedName(child(field, 'attributes'), key),
      ...validateAttribute(keyed(child(field, 'attributes'), key), attribute),
    ]),
    ...entriesOf(capacity).flatMap(([key]) => validateQualifiedName(child(field, 'capacity'), key)),
    ...validateDeviceNodes(field, device, isPerDevice),
  ]
}

function validateDeviceNodes(
  field: string,
  { nodeName, nodeSelector, allNodes }: Device,
  isPerDevice: boolean,
): Errors {
  const set = Object.entries({ nodeName, nodeSelector, allNodes }).filter(([, value]) => value !== undefined)
  if (!isPerDevice) {
    const detail =
      '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec'
    return set.length === 0 ? [] : [invalid(field, null, detail)]
  }
  if (set.length === 0) return [required(field, perDevice)]
  const names = set.map(([name]) => `\`${name}\``)
  return set.length === 1 ? [] : [invalid(field, `{${names.join(', ')}}`, perDevice)]
}

const mostValueBytes = 64

function validateAttribute(field: string, attribute: DeviceAttribute): Errors {
  const given = Object.values(attribute).filter((value) => value !== undefined)
  if (given.length === 0) return [invalid(field, '', 'exactly one value must be specified')]
  if (given.length > 1) return [invalid(field, attribute, 'exactly one value must be specified')]
  const { string } = attribute
  return string !== undefined && utf8Bytes(string) > mostValueBytes
    ? [tooLong(child(field, 'string'), mostValueBytes)]
    : []
}
