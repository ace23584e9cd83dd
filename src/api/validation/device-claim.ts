import { isJsonObject } from '../json-value.ts'
import type {
  DeviceClaim,
  DeviceClass,
  DeviceConstraint,
  DeviceRequest,
  DeviceSelector,
  DeviceSubRequest,
  DeviceToleration,
  ExactDeviceRequest,
  ObjectMeta,
  OpaqueDeviceConfiguration,
  ResourceClaimTemplate,
  ResourceV1ResourceClaim,
} from '../kinds.generated.ts'
import { labelKeyErrors, labelValueErrors } from '../label-syntax.ts'
import { validateCsiDriverName } from './csi.ts'
import {
  child,
  duplicate,
  type Errors,
  immutable,
  index,
  invalid,
  invalidEach,
  isUnset,
  notSupported,
  required,
  tooLong,
  tooMany,
} from './field-error.ts'
import { dnsLabelErrors, dnsSubdomainErrors, longNameErrors, wrong } from './names.ts'
import { utf8Bytes, validateMetaUpdate, validateNewMeta, validateTemplateMeta } from './object-meta.ts'
import type { SelectorErrors } from './rules.ts'

/** Dynamic resource allocation: what is asked for. */

const mostItems = 32
const mostSubRequests = 8
const mostTolerations = 16
const mostExpressionBytes = 10 * 1024
const mostParameterBytes = 10 * 1024

export function validateList<T>(
  field: string,
  items: readonly T[] | undefined,
  most: number,
  validate: (field: string, item: T) => Errors,
): Errors {
  const given = items ?? []
  if (given.length > most) return [tooMany(field, given.length, most)]
  return given.flatMap((item, at) => validate(index(field, at), item))
}

/** A list whose items have a key: repeated ones are told after all else. */
export function validateSet<T>(
  field: string,
  items: readonly T[] | undefined,
  most: number,
  validate: (field: string, item: T) => Errors,
  keyOf: (item: T) => string,
): Errors {
  const errors = validateList(field, items, most, validate)
  const given = items ?? []
  if (given.length > most) return errors
  const keys = given.map(keyOf)
  const repeats = keys.flatMap((key, at) => (keys.indexOf(key) < at ? [duplicate(index(field, at), key)] : []))
  return [...errors, ...repeats]
}

export function validateDeviceClass(
  { metadata = {}, spec }: DeviceClass,
  _isOtherVersion: boolean,
  selectorErrors: SelectorErrors,
): Errors {
  return [...validateClassMeta(metadata), ...validateClassSpec(spec, selectorErrors)]
}

/** The name alone is looked at, not what it was made from. */
function validateClassMeta(metadata: ObjectMeta): Errors {
  return validateNewMeta({ ...metadata, generateName: '' }, false, longNameErrors)
}

function validateClassSpec(
  { selectors, config, extendedResourceName }: DeviceClass['spec'],
  selectorErrors: SelectorErrors,
): Errors {
  const isExtended = extendedResourceName === undefined || isExtendedName(extendedResourceName)
  return [
    ...validateSelectors('spec.selectors', selectors, selectorErrors),
    ...validateList('spec.config', config, mostItems, (field, one) => validateOpaque(field, one.opaque)),
    ...(isExtended
      ? []
      : [invalid('spec.extendedResourceName', extendedResourceName, 'must be a valid extended resource name')]),
  ]
}

function isExtendedName(name: string): boolean {
  const isNative = !name.includes('/') || name.includes('kubernetes.io/')
  return !isNative && !name.startsWith('requests.') && labelKeyErrors(`requests.${name}`).length === 0
}

export function validateDeviceClassUpdate(
  { metadata = {}, spec }: DeviceClass,
  old: DeviceClass,
  _isOtherVersion: boolean,
  selectorErrors: SelectorErrors,
): Errors {
  return [
    ...validateClassMeta(metadata),
    ...validateMetaUpdate(metadata, old.metadata ?? {}),
    ...validateClassSpec(spec, selectorErrors),
  ]
}

export function validateResourceClaim(
  { metadata = {}, spec }: ResourceV1ResourceClaim,
  _isOtherVersion: boolean,
  selectorErrors: SelectorErrors,
): Errors {
  return [
    ...validateNewMeta(metadata, true, dnsSubdomainErrors),
    ...validateDeviceClaim('spec.devices', spec?.devices ?? {}, selectorErrors),
  ]
}

export function validateResourceClaimUpdate(claim: ResourceV1ResourceClaim, old: ResourceV1ResourceClaim): Errors {
  return [
    ...validateNewMeta(claim.metadata ?? {}, true, dnsSubdomainErrors),
    ...validateMetaUpdate(claim.metadata ?? {}, old.metadata ?? {}),
    ...immutable('spec', claim.spec, old.spec),
  ]
}

export function validateResourceClaimTemplate(
  { metadata = {}, spec }: ResourceClaimTemplate,
  _isOtherVersion: boolean,
  selectorErrors: SelectorErrors,
): Errors {
  return [
    ...validateNewMeta(metadata, true, dnsSubdomainErrors),
    ...validateTemplateMeta('spec.metadata', spec?.metadata ?? {}),
    ...validateDeviceClaim('spec.spec.devices', spec?.spec?.devices ?? {}, selectorErrors),
  ]
}

export function validateResourceClaimTemplateUpdate(
  template: ResourceClaimTemplate,
  old: ResourceClaimTemplate,
  isOtherVersion: boolean,
  selectorErrors: SelectorErrors,
): Errors {
  return [
    ...validateResourceClaimTemplate(template, isOtherVersion, selectorErrors),
    ...validateMetaUpdate(template.metadata ?? {}, old.metadata ?? {}),
    ...immutable('spec', template.spec, old.spec),
  ]
}

type RequestNames = ReadonlyMap<string, readonly string[]>

function validateDeviceClaim(
  field: string,
  { requests, constraints, config }: DeviceClaim,
  selectorErrors: SelectorErrors,
): Errors {
  const names: RequestNames = new Map(
    (requests ?? []).map(({ name, firstAvailable = [] }) => [name, firstAvailable.map((sub) => sub.name)]),
  )
  return [
    ...validateSet(
      child(field, 'requests'),
      requests,
      mostItems,
      (at, one) => validateRequest(at, one, selectorErrors),
      ({ name }) => name,
    ),
    ...validateList(child(field, 'constraints'), constraints, mostItems, (at, one) =>
      validateConstraint(at, one, names),
    ),
    ...validateList(child(field, 'config'), config, mostItems, (at, one) => [
      ...validateRequestRefs(child(at, 'requests'), one.requests, names),
      ...validateOpaque(at, one.opaque),
    ]),
  ]
}

const oneRequest = 'exactly one of `exactly` or `firstAvailable` is required'

function validateRequest(
  field: string,
  { name = '', exactly, firstAvailable = [] }: DeviceRequest,
  selectorErrors: SelectorErrors,
): Errors {
  const named = invalidEach(child(field, 'name'), name, dnsLabelErrors(name))
  const hasSubRequests = (firstAvailable ?? []).length > 0
  if (exactly === undefined && !hasSubRequests) return [...named, required(field, oneRequest)]
  if (exactly !== undefined && hasSubRequests) {
    return [...named, invalid(field, null, `${oneRequest}, but multiple fields are set`)]
  }
  if (exactly !== undefined) return [...named, ...validateAsked(child(field, 'exactly'), exactly, selectorErrors)]
  const path = child(field, 'firstAvailable')
  const validateSub = (at: string, sub: DeviceSubRequest): Errors => validateSubRequest(at, sub, selectorErrors)
  return [...named, ...validateSet(path, firstAvailable, mostSubRequests, validateSub, (sub) => sub.name)]
}

function validateSubRequest(field: string, request: DeviceSubRequest, selectorErrors: SelectorErrors): Errors {
  const named = invalidEach(child(field, 'name'), request.name ?? '', dnsLabelErrors(request.name ?? ''))
  return [...named, ...validateAsked(field, request, selectorErrors)]
}

function validateAsked(
  field: string,
  request: ExactDeviceRequest | DeviceSubRequest,
  selectorErrors: SelectorErrors,
): Errors {
  const { deviceClassName = '', selectors, allocationMode = '', count = 0, tolerations } = request
  const path = child(field, 'deviceClassName')
  return [
    ...(deviceClassName === ''
      ? [required(path)]
      : invalidEach(path, deviceClassName, dnsSubdomainErrors(deviceClassName))),
    ...validateSelectors(child(field, 'selectors'), selectors, selectorErrors),
    ...validateCount(field, allocationMode, count),
    ...validateList(child(field, 'tolerations'), tolerations, mostTolerations, validateToleration),
  ]
}

function validateCount(field: string, mode: string, count: number): Errors {
  const path = child(field, 'count')
  if (mode === 'All') {
    return count === 0 ? [] : [invalid(path, count, "must not be specified when allocationMode is 'All'")]
  }
  if (mode === 'ExactCount') return count > 0 ? [] : [invalid(path, count, 'must be greater than zero')]
  return [notSupported(child(field, 'allocationMode'), mode, ['All', 'ExactCount'])]
}

function validateSelectors(
  field: string,
  selectors: readonly DeviceSelector[] | undefined,
  selectorErrors: SelectorErrors,
): Errors {
  return validateList(field, selectors, mostItems, (at, { cel }) => {
    const path = child(at, 'cel')
    if (isUnset(cel)) return [required(path)]
    const { expression = '' } = cel
    const where = child(path, 'expression')
    return utf8Bytes(expression) > mostExpressionBytes
      ? [tooLong(where, mostExpressionBytes)]
      : selectorErrors(where, expression)
  })
}

export function validateToleration(field: string, toleration: DeviceToleration): Errors {
  const { key = '', operator = '', value = '', effect = '' } = toleration
  return [
    ...(key === '' ? [] : invalidEach(child(field, 'key'), key, labelKeyErrors(key))),
    ...validateOperator(field, operator, value),
    ...(effect === '' || effects.includes(effect) ? [] : [notSupported(child(field, 'effect'), effect, effects)]),
  ]
}

const effects = ['NoExecute', 'NoSchedule', 'None']

function validateOperator(field: string, operator: string, value: string): Errors {
  const path = child(field, 'value')
  switch (operator) {
    case 'Exists':
      return value === '' ? [] : [invalid(path, value, 'must be empty for operator `Exists`')]
    case 'Equal':
      return invalidEach(path, value, labelValueErrors(value))
    case '':
      return [required(child(field, 'operator'))]
    default:
      return [notSupported(child(field, 'operator'), operator, ['Equal', 'Exists'])]
  }
}

const oneAttribute = 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set'

function validateConstraint(field: string, constraint: DeviceConstraint, names: RequestNames): Errors {
  const { requests, matchAttribute, distinctAttribute } = constraint
  const refs = validateRequestRefs(child(field, 'requests'), requests, names)
  if (matchAttribute !== undefined) {
    return [...refs, ...validateFullName(child(field, 'matchAttribute'), matchAttribute)]
  }
  if (distinctAttribute !== undefined) {
    return [...refs, ...validateFullName(child(field, 'distinctAttribute'), distinctAttribute)]
  }
  return [...refs, required(field, oneAttribute)]
}

const noRequest =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"

function validateRequestRefs(field: string, refs: readonly string[] | undefined, names: RequestNames): Errors {
  const validate = (at: string, name: string): Errors => {
    const [request = '', sub, ...more] = name.split('/')
    if (more.length > 0) return [invalid(at, name, noRequest)]
    const isKnown = names.has(request) && (sub === undefined || names.get(request)?.includes(sub) === true)
    return [
      ...name.split('/').flatMap((part) => invalidEach(at, part, dnsLabelErrors(part))),
      ...(isKnown ? [] : [invalid(at, name, noRequest)]),
    ]
  }
  return validateSet(field, refs, mostItems, validate, (name) => name)
}

const identifier = '[A-Za-z_][A-Za-z0-9_]*'
const mostIdentifierLength = 32

/** Of attributes and capacities: an identifier, perhaps of a domain. */
export function validateQualifiedName(field: string, name: string): Errors {
  const [first = '', second, ...more] = name.split('/')
  if (more.length > 0) return []
  if (second === undefined) return validateIdentifier(field, first)
  return [
    ...(first === '' ? [invalid(field, '', 'the domain must not be empty')] : validateCsiDriverName(field, first)),
    ...(second === '' ? [invalid(field, '', 'the name must not be empty')] : validateIdentifier(field, second)),
  ]
}

function validateIdentifier(field: string, name: string): Errors {
  const message =
    "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'"
  return [
    ...(name.length > mostIdentifierLength ? [tooLong(field, mostIdentifierLength)] : []),
    ...(new RegExp(`^${identifier}$`).test(name)
      ? []
      : [invalid(field, name, wrong(message, identifier, 'my_name', 'MY_NAME', 'MyName'))]),
  ]
}

function validateFullName(field: string, name: string): Errors {
  const isFull = name.includes('/')
  return [
    ...validateQualifiedName(field, name),
    ...(isFull
      ? []
      : [invalid(field, name, 'a fully qualified name must be a domain and a name separated by a slash')]),
  ]
}

export function validateOpaque(field: string, opaque: OpaqueDeviceConfiguration | undefined): Errors {
  const path = child(field, 'opaque')
  if (opaque === undefined) return [required(path)]
  return [
    ...validateCsiDriverName(child(path, 'driver'), opaque.driver ?? ''),
    ...validateParameters(child(path, 'parameters'), opaque.parameters),
  ]
}

function validateParameters(field: string, parameters: unknown): Errors {
  if (parameters === undefined || parameters === null) return [required(field)]
  if (utf8Bytes(JSON.stringify(parameters)) > mostParameterBytes) return [tooLong(field, mostParameterBytes)]
  if (isJsonObject(parameters)) return []
  return [invalid(field, '<value omitted>', 'must be a valid JSON object')]
}
