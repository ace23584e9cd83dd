import type { ResourceRequirements } from '../kinds.generated.ts'
import { labelKeyErrors } from '../label-syntax.ts'
import type { Quantity } from '../quantity.ts'
import {
  compareQuantities,
  formatQuantity,
  parseQuantity,
  quantityMilli,
  quantityUnits,
  zeroQuantity,
} from '../quantity.ts'
import {
  child,
  duplicate,
  type Errors,
  entriesOf,
  forbidden,
  index,
  invalid,
  invalidEach,
  keyed,
  notFound,
  notSupported,
  required,
} from './field-error.ts'
import { dnsLabelErrors } from './names.ts'

const hugePages = 'hugepages-'
const containerResources = ['cpu', 'memory', 'ephemeral-storage']
const podResources = ['cpu', 'hugepages-', 'memory']
const integerResources = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]
const standardResources = [
  ...containerResources,
  ...containerResources.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  ...integerResources,
  'storage',
  'requests.storage',
]

/** Decoding has seen to it that the text is a quantity. */
export function parsed(text: string): Quantity {
  const result = parseQuantity(text)
  return result.ok ? result.value : zeroQuantity
}

function isNative(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/')
}

export function isExtended(name: string): boolean {
  return !isNative(name) && !name.startsWith('requests.') && labelKeyErrors(`requests.${name}`).length === 0
}

/** Requests below the limit make sense for what can be taken back. */
export function allowsOvercommit(name: string): boolean {
  return isNative(name) && !name.startsWith(hugePages)
}

export function validateQuantity(field: string, name: string, text: string): Errors {
  const quantity = parsed(text)
  const whole = !(integerResources.includes(name) || isExtended(name)) || quantityMilli(quantity) % 1000n === 0n
  return [
    ...(compareQuantities(quantity, zeroQuantity) < 0
      ? [invalid(field, formatQuantity(quantity), 'must be greater than or equal to 0')]
      : []),
    ...(whole ? [] : [invalid(field, formatQuantity(quantity), 'must be an integer')]),
  ]
}

export function validateResourceName(field: string, name: string): Errors {
  const errors = invalidEach(field, name, labelKeyErrors(name))
  if (errors.length > 0 || name.includes('/')) return errors
  const standard = standardResources.includes(name) || /^(requests\.)?hugepages-/.test(name)
  return standard ? [] : [invalid(field, name, 'must be a standard resource type or fully qualified')]
}

export function validateContainerResource(field: string, name: string): Errors {
  const errors = validateResourceName(field, name)
  if (!name.includes('/')) {
    if (containerResources.includes(name) || name.startsWith(hugePages)) return errors
    return [...errors, invalid(field, name, 'must be a standard resource for containers')]
  }
  if (isNative(name) || isExtended(name)) return errors
  return [...errors, invalid(field, name, "doesn't follow extended resource name standard")]
}

function validatePodResource(field: string, name: string): Errors {
  const errors = validateResourceName(field, name)
  const supported = name === 'cpu' || name === 'memory' || name.startsWith(hugePages)
  return errors.length > 0 || supported ? errors : [notSupported(field, name, podResources)]
}

function validateHugePages(field: string, name: string, text: string): Errors {
  if (!name.startsWith(hugePages)) return []
  const size = parseQuantity(name.slice(hugePages.length))
  const quantity = parsed(text)
  const sizeUnits = size.ok ? quantityUnits(size.value) : 0n
  if (sizeUnits > 0n && quantityUnits(quantity) % sizeUnits === 0n) return []
  const shown = formatQuantity(quantity)
  return [invalid(field, shown, `${shown} is not positive integer multiple of ${name}`)]
}

/** Resources of a container, of a whole pod, or a pod's overhead. */
export function validateResources(
  field: string,
  resources: ResourceRequirements,
  claimNames: readonly string[] = [],
  level: 'container' | 'pod' = 'container',
): Errors {
  const nameRule = level === 'pod' ? validatePodResource : validateContainerResource
  const limits = entriesOf(resources.limits)
  const requests = entriesOf(resources.requests)
  const names = [...limits, ...requests].map(([name]) => name)
  const hugeAlone =
    names.some((name) => name.startsWith(hugePages)) && !names.includes('cpu') && !names.includes('memory')
  return [
    ...limits.flatMap(([name, text]) => {
      const path = keyed(child(field, 'limits'), name)
      return [...nameRule(path, name), ...validateQuantity(path, name, text), ...validateHugePages(path, name, text)]
    }),
    ...requests.flatMap(([name, text]) => {
      const path = keyed(child(field, 'requests'), name)
      return [
        ...nameRule(path, name),
        ...validateQuantity(path, name, text),
        ...validateAgainstLimit(field, name, text, resources.limits?.[name]),
        ...validateHugePages(path, name, text),
      ]
    }),
    ...(hugeAlone ? [forbidden(field, 'HugePages require cpu or memory')] : []),
    ...validateClaims(child(field, 'claims'), resources.claims ?? [], claimNames),
  ]
}

function validateAgainstLimit(field: string, name: string, request: string, limit: string | undefined): Errors {
  if (limit === undefined) {
    if (allowsOvercommit(name)) return []
    return [required(child(field, 'limits'), 'Limit must be set for non overcommitable resources')]
  }
  const order = compareQuantities(parsed(request), parsed(limit))
  const shown = [formatQuantity(parsed(request)), formatQuantity(parsed(limit))] as const
  const path = child(field, 'requests')
  if (order !== 0 && !allowsOvercommit(name)) {
    return [invalid(path, shown[0], `must be equal to ${name} limit of ${shown[1]}`)]
  }
  return order > 0 ? [invalid(path, shown[0], `must be less than or equal to ${name} limit of ${shown[1]}`)] : []
}

function validateClaims(
  field: string,
  claims: NonNullable<ResourceRequirements['claims']>,
  claimNames: readonly string[],
): Errors {
  const seen = new Set<string>()
  return claims.flatMap(({ name = '', request = '' }, at) => {
    const path = index(field, at)
    if (name === '') return [required(path)]
    const key = request === '' ? name : `${name}/${request}`
    const repeated =
      seen.has(name) || seen.has(key) || (request === '' && [...seen].some((each) => each.startsWith(`${name}/`)))
    const requestErrors = seen.has(name) || request === '' ? [] : dnsLabelErrors(request)
    const shown = seen.has(name) ? name : key
    seen.add(key)
    const names = claimNames.length === 0 ? ' which is empty' : `: ${[...claimNames].sort().join(', ')}`
    return [
      ...invalidEach(child(path, 'request'), request, requestErrors),
      ...(repeated ? [duplicate(path, shown)] : []),
      ...(claimNames.includes(name)
        ? []
        : [notFound(path, name, `must be one of the names in pod.spec.resourceClaims${names}`)]),
    ]
  })
}
