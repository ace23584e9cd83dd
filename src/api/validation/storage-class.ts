import { equalJson } from '../json-value.ts'
import type {
  CSIStorageCapacity,
  StorageClass,
  TopologySelectorLabelRequirement,
  TopologySelectorTerm,
  VolumeAttributesClass,
} from '../kinds.generated.ts'
import { labelKeyErrors } from '../label-syntax.ts'
import {
  child,
  duplicate,
  type Errors,
  forbidden,
  immutable,
  index,
  invalid,
  invalidEach,
  isUnset,
  notSupported,
  required,
  sameValue,
  tooLong,
} from './field-error.ts'
import { validateLabelKey, validateLabelSelector } from './labels.ts'
import { dnsSubdomainErrors } from './names.ts'
import { utf8Bytes, validateMetaUpdate, validateNewMeta } from './object-meta.ts'
import { validateQuantity } from './resources.ts'

const mostParameters = 512
const mostParameterBytes = 256 * 1024
const reclaimPolicies = ['Delete', 'Retain']
const bindingModes = ['Immediate', 'WaitForFirstConsumer']

export function validateStorageClass(storageClass: StorageClass): Errors {
  const { metadata = {}, provisioner = '', parameters, reclaimPolicy = '', volumeBindingMode } = storageClass
  return [
    ...validateNewMeta(metadata, false, dnsSubdomainErrors),
    ...validateProvisioner('provisioner', provisioner),
    ...validateParameters('parameters', parameters ?? {}),
    ...(reclaimPolicy === '' || reclaimPolicies.includes(reclaimPolicy)
      ? []
      : [notSupported('reclaimPolicy', reclaimPolicy, reclaimPolicies)]),
    ...validateBindingMode(volumeBindingMode),
    ...validateTopologies('allowedTopologies', storageClass.allowedTopologies ?? []),
  ]
}

function validateBindingMode(mode: string | undefined): Errors {
  if (isUnset(mode)) return [required('volumeBindingMode')]
  return bindingModes.includes(mode) ? [] : [notSupported('volumeBindingMode', mode, bindingModes)]
}

function validateProvisioner(field: string, provisioner: string): Errors {
  if (provisioner === '') return [required(field)]
  const lower = provisioner.toLowerCase()
  return invalidEach(field, lower, labelKeyErrors(lower))
}

function validateParameters(field: string, parameters: Readonly<Record<string, string>>): Errors {
  const entries = Object.entries(parameters)
  if (entries.length > mostParameters) return [tooLong(field, mostParameters)]
  const sizeBytes = entries.reduce((sum, [key, value]) => sum + utf8Bytes(key) + utf8Bytes(value), 0)
  return [
    ...entries.flatMap(([key]) => (key === '' ? [invalid(field, key, 'field can not be empty.')] : [])),
    ...(sizeBytes > mostParameterBytes ? [tooLong(field, mostParameterBytes)] : []),
  ]
}

type Term = Readonly<Record<string, readonly string[]>>

/** The original compares each term with as many empty ones as there are terms, besides those before it: so an empty one repeats. */
function validateTopologies(field: string, terms: readonly TopologySelectorTerm[]): Errors {
  const seen: Term[] = terms.map(() => ({}))
  return terms.flatMap((term, at) => {
    const own = valuesOf(term)
    const repeats = seen.filter((one) => equalJson(one, own)).map(() => duplicateTerm(index(field, at)))
    seen.push(own)
    return [...validateTerm(index(field, at), term), ...repeats]
  })
}

function duplicateTerm(field: string): Errors[number] {
  return duplicate(child(field, 'matchLabelExpressions'), '')
}

function valuesOf({ matchLabelExpressions = [] }: TopologySelectorTerm): Term {
  return Object.fromEntries(matchLabelExpressions.map(({ key, values }) => [key, [...new Set(values)].sort()]))
}

function validateTerm(field: string, { matchLabelExpressions = [] }: TopologySelectorTerm): Errors {
  const keys = new Set<string>()
  return matchLabelExpressions.flatMap((expression, at) => {
    const path = index(child(field, 'matchLabelExpressions'), at)
    const { key } = expression
    const repeated = keys.has(key) ? [duplicate(child(path, 'key'), key)] : []
    keys.add(key)
    return [...validateExpression(path, expression), ...repeated]
  })
}

function validateExpression(field: string, { key = '', values }: TopologySelectorLabelRequirement): Errors {
  const path = child(field, 'values')
  const given = values ?? []
  return [
    ...(given.length === 0 ? [required(path)] : []),
    ...given.flatMap((value, at) => (given.indexOf(value) < at ? [duplicate(index(path, at), value)] : [])),
    ...validateLabelKey(child(field, 'key'), key),
  ]
}

export function validateStorageClassUpdate(storageClass: StorageClass, old: StorageClass): Errors {
  return [
    ...validateStorageClass(storageClass),
    ...validateMetaUpdate(storageClass.metadata ?? {}, old.metadata ?? {}),
    ...immutable('parameters', storageClass.parameters, old.parameters),
    ...immutable('provisioner', storageClass.provisioner ?? '', old.provisioner ?? ''),
    ...immutable('reclaimPolicy', storageClass.reclaimPolicy, old.reclaimPolicy),
    ...immutable('volumeBindingMode', storageClass.volumeBindingMode, old.volumeBindingMode),
  ]
}

export function validateVolumeAttributesClass({
  metadata = {},
  driverName,
  parameters,
}: VolumeAttributesClass): Errors {
  const isEmpty = Object.keys(parameters ?? {}).length === 0
  return [
    ...validateNewMeta(metadata, false, dnsSubdomainErrors),
    ...validateProvisioner('driverName', driverName ?? ''),
    ...validateParameters('parameters', parameters ?? {}),
    ...(isEmpty ? [required('parameters', 'must contain at least one key/value pair')] : []),
  ]
}

export function validateVolumeAttributesClassUpdate(now: VolumeAttributesClass, old: VolumeAttributesClass): Errors {
  return [
    ...validateMetaUpdate(now.metadata ?? {}, old.metadata ?? {}),
    ...(now.driverName === old.driverName ? [] : [forbidden('driverName', 'updates to driverName are forbidden.')]),
    ...(sameValue(now.parameters, old.parameters)
      ? []
      : [forbidden('parameters', 'updates to parameters are forbidden.')]),
    ...validateVolumeAttributesClass(now),
  ]
}

export function validateStorageCapacity(storageCapacity: CSIStorageCapacity): Errors {
  const { metadata = {}, nodeTopology, storageClassName = '', capacity } = storageCapacity
  return [
    ...validateNewMeta(metadata, true, dnsSubdomainErrors),
    ...validateLabelSelector('nodeTopology', nodeTopology),
    ...invalidEach('storageClassName', storageClassName, dnsSubdomainErrors(storageClassName)),
    ...(capacity === undefined ? [] : validateQuantity('capacity', '', capacity)),
  ]
}

export function validateStorageCapacityUpdate(now: CSIStorageCapacity, old: CSIStorageCapacity): Errors {
  return [
    ...validateStorageCapacity(now),
    ...validateMetaUpdate(now.metadata ?? {}, old.metadata ?? {}),
    // A selector of everything is not the same as none.
    ...(isUnset(now.nodeTopology) === isUnset(old.nodeTopology)
      ? immutable('nodeTopology', now.nodeTopology, old.nodeTopology)
      : [invalid('nodeTopology', now.nodeTopology ?? null, 'field is immutable')]),
    ...immutable('storageClassName', now.storageClassName ?? '', old.storageClassName ?? ''),
  ]
}
