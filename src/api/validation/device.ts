import type {
  Counter,
  Device,
  DeviceAttribute,
  DeviceCapacity,
  DeviceCounterConsumption,
  DeviceTaint,
} from '../kinds.generated.ts'
import { labelKeyErrors, labelValueErrors } from '../label-syntax.ts'
import { validateNodeSelector } from './affinity.ts'
import { validateList, validateQualifiedName, validateSet } from './device-claim.ts'
import { validateRequestPolicy } from './device-request-policy.ts'
import {
  child,
  duplicate,
  type Errors,
  entriesOf,
  forbidden,
  index,
  invalid,
  invalidEach,
  isUnset,
  keyed,
  oneOf,
  required,
  sameValue,
  tooLong,
  tooMany,
} from './field-error.ts'
import { dnsLabelErrors, dnsSubdomainErrors } from './names.ts'
import { utf8Bytes } from './object-meta.ts'

/** One device of a ResourceSlice, as pkg/apis/resource/validation judges it. */

const mostParts = 32
const mostValues = 48
const mostTaints = 16
const mostConsumptions = 2
const mostCountersConsumed = 32
const mostConditions = 4

/** `old`: the device of that name before an update. */
type Surroundings = Readonly<{ isPerDevice: boolean; old: Device | undefined }>

export function validateDevice(field: string, device: Device, { isPerDevice, old }: Surroundings): Errors {
  const { name = '', attributes, capacity, taints, consumesCounters } = device
  return [
    ...invalidEach(child(field, 'name'), name, dnsLabelErrors(name)),
    ...validateSizes(field, device),
    ...entriesOf(attributes).flatMap(([key, attribute]) => [
      ...validateQualifiedName(child(field, 'attributes'), key),
      ...validateAttribute(keyed(child(field, 'attributes'), key), attribute),
    ]),
    ...entriesOf(capacity).flatMap(([key, one]) => [
      ...validateQualifiedName(child(field, 'capacity'), key),
      ...validateCapacity(keyed(child(field, 'capacity'), key), one, device.allowMultipleAllocations === true),
    ]),
    ...(old !== undefined && sameValue(old.taints, taints)
      ? []
      : validateList(child(field, 'taints'), taints, mostTaints, validateTaint)),
    ...validateSet(
      child(field, 'consumesCounters'),
      consumesCounters,
      mostConsumptions,
      validateConsumption,
      ({ counterSet }) => counterSet,
    ),
    ...validateDeviceNodes(field, device, isPerDevice),
    ...validateBindingConditions(field, device),
  ]
}

function validateSizes(field: string, { attributes = {}, capacity = {} }: Device): Errors {
  const parts = Object.keys(attributes ?? {}).length + Object.keys(capacity ?? {}).length
  const values = Object.values(attributes ?? {}).reduce((sum, one) => sum + Math.max(1, listedValues(one)), 0)
  const tooMany = (count: number, what: string, most: number): Errors =>
    count > most ? [invalid(field, count, `the total number of ${what} must not exceed ${most}`)] : []
  return [...tooMany(parts, 'attributes and capacities', mostParts), ...tooMany(values, 'attribute values', mostValues)]
}

function listedValues({ bools, ints, strings, versions }: DeviceAttribute): number {
  return [bools, ints, strings, versions].reduce((sum, list) => sum + (list?.length ?? 0), 0)
}

const mostValueBytes = 64
const semver =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$/

function validateAttribute(field: string, attribute: DeviceAttribute): Errors {
  const { string, version, bools, ints, strings, versions } = attribute
  const lists = Object.entries({ bools, ints, strings, versions }).flatMap(([name, list]) => {
    if (isUnset(list)) return []
    const path = child(field, name)
    const validate = name === 'strings' ? validateText : name === 'versions' ? validateVersion : () => []
    return [
      ...(list.length === 0 ? [invalid(path, [], 'must not be empty if specified')] : []),
      ...list.flatMap((one, at) => validate(index(path, at), String(one))),
    ]
  })
  const count = Object.values(attribute).filter((value) => !isUnset(value)).length
  const shown = count === 0 ? '' : asGoAttribute(attribute)
  return [
    ...(isUnset(string) ? [] : validateText(child(field, 'string'), string)),
    ...(isUnset(version) ? [] : validateVersion(child(field, 'version'), version)),
    ...lists,
    ...(count === 1 ? [] : [invalid(field, shown, 'exactly one value must be specified')]),
  ]
}

function validateText(field: string, text: string): Errors {
  return utf8Bytes(text) > mostValueBytes ? [tooLong(field, mostValueBytes)] : []
}

function validateVersion(field: string, text: string): Errors {
  return [
    ...(semver.test(text) ? [] : [invalid(field, text, 'must be a string compatible with semver.org spec 2.0.0')]),
    ...validateText(field, text),
  ]
}

/** As the original's internal type is shown. */
function asGoAttribute(attribute: DeviceAttribute): object {
  const { int = null, bool = null, string = null, version = null } = attribute
  const { ints = null, bools = null, strings = null, versions = null } = attribute
  return {
    IntValue: int,
    BoolValue: bool,
    StringValue: string,
    VersionValue: version,
    IntValues: ints,
    BoolValues: bools,
    StringValues: strings,
    VersionValues: versions,
  }
}

function validateCapacity(field: string, { value, requestPolicy }: DeviceCapacity, isShared: boolean): Errors {
  if (isUnset(requestPolicy)) return []
  const path = child(field, 'requestPolicy')
  return isShared
    ? validateRequestPolicy(path, value, requestPolicy)
    : [forbidden(path, 'allowMultipleAllocations must be true')]
}

const taintEffects = ['NoExecute', 'NoSchedule', 'None']

function validateTaint(field: string, { key = '', value = '', effect = '' }: DeviceTaint): Errors {
  return [
    ...invalidEach(child(field, 'key'), key, labelKeyErrors(key)),
    ...invalidEach(child(field, 'value'), value, labelValueErrors(value)),
    ...oneOf(child(field, 'effect'), effect, taintEffects),
  ]
}

export function validateCounterName(field: string, name: string): Errors {
  return name === '' ? [required(field)] : invalidEach(field, name, dnsLabelErrors(name))
}

/** Any quantity is an amount of a counter. */
export function validateCounters(
  field: string,
  counters: Readonly<Record<string, Counter>> | undefined,
  most: number,
): Errors {
  const names = entriesOf(counters).map(([name]) => name)
  if (names.length === 0) return [required(field)]
  if (names.length > most) return [tooMany(field, names.length, most)]
  return names.flatMap((name) => invalidEach(field, name, dnsLabelErrors(name)))
}

function validateConsumption(field: string, { counterSet = '', counters }: DeviceCounterConsumption): Errors {
  return [
    ...validateCounterName(child(field, 'counterSet'), counterSet),
    ...validateCounters(child(field, 'counters'), counters, mostCountersConsumed),
  ]
}

const perDevice =
  'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec'
const perSlice =
  '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec'

function validateDeviceNodes(field: string, device: Device, isPerDevice: boolean): Errors {
  const { nodeName, nodeSelector, allNodes } = device
  const given = { nodeName, nodeSelector, allNodes }
  if (!isPerDevice) return Object.values(given).every(isUnset) ? [] : [invalid(field, null, perSlice)]
  const names = Object.entries(given).filter(([, value]) => !isUnset(value) && value !== '' && value !== false)
  const path = child(field, 'nodeName')
  return [
    ...(nodeName === '' ? [invalid(path, '', 'must not be empty')] : []),
    ...(nodeName ? invalidEach(path, nodeName, dnsSubdomainErrors(nodeName)) : []),
    ...(isUnset(nodeSelector) ? [] : validateNodeSelector(child(field, 'nodeSelector'), nodeSelector)),
    ...(allNodes === false ? [invalid(child(field, 'allNodes'), false, 'must be either unset or set to true')] : []),
    ...(names.length === 0 ? [required(field, perDevice)] : []),
    ...(names.length > 1 ? [invalid(field, `{${names.map(([name]) => `\`${name}\``).join(', ')}}`, perDevice)] : []),
  ]
}

function validateBindingConditions(field: string, device: Device): Errors {
  const { bindingConditions: wanted = [], bindingFailureConditions: failing = [] } = device
  const [wantedPath, failingPath] = [child(field, 'bindingConditions'), child(field, 'bindingFailureConditions')]
  const named = (at: string, name: string): Errors => invalidEach(at, name, labelKeyErrors(name))
  return [
    ...validateList(wantedPath, wanted, mostConditions, named),
    ...validateList(failingPath, failing, mostConditions, named),
    ...wanted.flatMap((one, at) => (wanted.indexOf(one) < at ? [duplicate(index(wantedPath, at), one)] : [])),
    ...failing.flatMap((one, at) => [
      ...(failing.indexOf(one) < at ? [duplicate(index(failingPath, at), one)] : []),
      ...(wanted.includes(one)
        ? [invalid(index(failingPath, at), one, 'bindingFailureConditions must not overlap with bindingConditions')]
        : []),
    ]),
    ...(wanted.length === 0 && failing.length > 0
      ? [invalid(wantedPath, null, 'bindingConditions are required to use bindingFailureConditions')]
      : []),
    ...(failing.length === 0 && wanted.length > 0
      ? [invalid(failingPath, null, 'bindingFailureConditions are required to use bindingConditions')]
      : []),
  ]
}
