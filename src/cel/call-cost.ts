import { sizeOf } from './dispatch.ts'
import { CelCidr, CelFormat, CelIp, CelQuantity, CelSemver, CelUrl } from './opaque-values.ts'
import { CelError, CelList, CelMap, CelOptional, isObject, itemsOf, type Outcome, type Value } from './value.ts'

/** What calls cost when they run: cel-go's rates with Kubernetes' for its libraries. */

export const traversalFactor = 0.1
export const regexpFactor = 0.25
export const listCost = 10
export const mapCost = 30
export const structCost = 40
/** An access check goes over the network in the original. */
export const accessCheckCost = 350_000

function size(value: Outcome | undefined): number {
  if (value === undefined || value instanceof CelError) return 1
  if (value instanceof CelOptional && value.value !== undefined) return size(value.value)
  return sizeOf(value) ?? 1
}

function traversal(value: Outcome | undefined, factor = 1): number {
  return Math.ceil(size(value) * factor * traversalFactor)
}

type Cost = (args: readonly Outcome[], result: Outcome, overload: string | undefined) => number

const unit: Cost = () => 1
const firstTraversal: Cost = ([first]) => traversal(first)
const twiceTraversal: Cost = ([first]) => traversal(first, 2)
const wholeTraversal: Cost = ([first]) => (first === undefined ? 0 : elementsCost(first))

const search: Cost = ([text, pattern]) =>
  Math.ceil((1 + size(text)) * traversalFactor) * Math.ceil(size(pattern) * regexpFactor)

const selector: Cost = ([, selectorText]) => {
  const length = size(selectorText)
  const requirements = Math.ceil(length * 0.5) * (listCost + structCost)
  return listCost + Math.ceil(length * traversalFactor) + requirements
}

/** By the function's name: what Kubernetes says of its own, and of cel-go's that it reckons anew. */
const byName: ReadonlyMap<string, Cost> = new Map<string, Cost>([
  ['check', () => accessCheckCost],
  ...names(
    'serviceAccount path group resource subresource namespace name allowed reason error errored masked prefixLength family isUnspecified isLoopback isLinkLocalMulticast isLinkLocalUnicast isGlobalUnicast format.named sign asInteger isInteger asApproximateFloat isGreaterThan isLessThan compareTo add sub major minor patch getScheme getHostname getHost getPort getEscapedPath getQuery',
    unit,
  ),
  ...names('fieldSelector labelSelector', selector),
  ...names('isSorted sum max min indexOf lastIndexOf', wholeTraversal),
  ...names(
    'url lowerAscii upperAscii substring trim jsonpatch.escapeKey cidr isIP isCIDR quantity isQuantity semver isSemver',
    firstTraversal,
  ),
  ...names('replace split ip.isCanonical', twiceTraversal),
  ['join', (_, result) => traversal(result, 2)],
  ...names('find findAll', search),
  ['ip', ([first], _, overload) => (overload === 'cidr_ip' ? 1 : traversal(first))],
  ['containsIP', containment],
  ['containsCIDR', containment],
  ['validate', validation],
])

function names(list: string, cost: Cost): (readonly [string, Cost])[] {
  return list.split(' ').map((name) => [name, cost] as const)
}

function containment(args: readonly Outcome[], _: Outcome, overload: string | undefined): number {
  const [cidr, other] = args
  const addresses = traversal(cidr, 2)
  const more = overload?.startsWith('cidr_contains_cidr') || overload === undefined ? traversal(cidr) + 1 : 0
  const isText = overload === 'cidr_contains_ip_string' || overload === 'cidr_contains_cidr_string'
  return addresses + (overload?.startsWith('cidr_contains_ip') ? 0 : more) + (isText ? traversal(other) : 0)
}

function validation([format, text]: readonly Outcome[]): number {
  if (!(format instanceof CelFormat)) return 1
  const { maxRegexpSize } = format.format
  return Math.ceil((1 + size(text)) * traversalFactor) * Math.ceil(maxRegexpSize * regexpFactor)
}

/** A traversal counts the bytes of texts, and one for each thing that is neither text nor container. */
function elementsCost(value: Outcome): number {
  if (typeof value === 'string') return Math.trunc(new TextEncoder().encode(value).length * traversalFactor)
  if (value instanceof Uint8Array) return Math.trunc(value.length * traversalFactor)
  if (value instanceof CelList) return itemsOf(value).reduce<number>((sum, item) => sum + elementsCost(item), 0)
  if (!(value instanceof CelMap)) return 1
  return value.keys().reduce<number>((sum, key) => sum + elementsCost(key) + elementsCost(value.find(key) ?? null), 0)
}

const smaller: Cost = ([a, b]) => Math.ceil(Math.min(size(a), size(b)) * traversalFactor)
const both: Cost = ([a, b]) => Math.ceil((size(a) + size(b)) * traversalFactor)

/** By the overload, where the call can mean only that one. */
const byOverload: ReadonlyMap<string, Cost> = new Map<string, Cost>([
  ...names(
    'starts_with_string ends_with_string string_to_bytes bytes_to_string strings_quote string_format',
    firstTraversal,
  ),
  ['in_list', ([, list]) => size(list)],
  ...names(
    'less_string greater_string less_equals_string greater_equals_string less_bytes greater_bytes less_equals_bytes greater_equals_bytes equals not_equals',
    smaller,
  ),
  ...names('add_string add_bytes', both),
  ['matches_string', search],
  ['contains_string', ([text, part]) => traversal(text) * traversal(part)],
])

/** cel-go's lists and sets libraries, whose names Kubernetes' own rates do not reach. */
const ofLists: ReadonlyMap<string, Cost> = new Map<string, Cost>([
  ...names('list_slice lists_range list_reverse', (_, result) => allocating(1, size(result))),
  ['list_flatten', ([list]) => allocating(1, size(list))],
  ['list_flatten_int', ([list, depth]) => allocating(Number(depth), size(list))],
  ['list_distinct', ([list]) => comparingAll(list)],
  ...sorts(),
  ...names('list_sets_contains_list list_sets_intersects_list', ([a, b]) => 1 + size(a) * size(b)),
  ['list_sets_equivalent_list', ([a, b]) => 1 + size(a) * size(b) * 2],
])

function sorts(): (readonly [string, Cost])[] {
  const types = 'int uint double bool google.protobuf.Duration google.protobuf.Timestamp string bytes'.split(' ')
  return types.flatMap((type) => [
    [`list_${type}_sort`, ([list]: readonly Outcome[]) => comparingAll(list)] as const,
    [`list_${type}_sortByAssociatedKeys`, ([, keys]: readonly Outcome[]) => comparingAll(keys)] as const,
  ])
}

function allocating(factor: number, count: number): number {
  return Math.trunc(count * factor) + 1 + listCost
}

function comparingAll(list: Outcome | undefined): number {
  const count = size(list)
  const first = list instanceof CelList && list.size > 0 ? list.at(0) : null
  const isText = typeof first === 'string' || first instanceof Uint8Array
  return allocating(2 + (isText ? traversalFactor : 0), count * count)
}

/** The cost of a call that has run. `overload` is undefined while the types leave it open. */
export function callCost(
  name: string,
  overload: string | undefined,
  args: readonly Outcome[],
  result: Outcome,
): number {
  const listed = overload === undefined ? undefined : ofLists.get(overload)
  if (listed !== undefined) return listed(args, result, overload)
  const named = byName.get(name)
  if (named !== undefined) return named(args, result, overload)
  if (name === '_==_' && isUnitObject(args[0])) return 1
  return (overload === undefined ? undefined : byOverload.get(overload))?.(args, result, overload) ?? 1
}

function isUnitObject(value: Outcome | undefined): boolean {
  return (
    value instanceof CelQuantity ||
    value instanceof CelIp ||
    value instanceof CelCidr ||
    value instanceof CelFormat ||
    value instanceof CelUrl ||
    value instanceof CelSemver ||
    (value !== undefined && !(value instanceof CelError) && isAuthorization(value))
  )
}

function isAuthorization(value: Value): boolean {
  return value !== null && isObject(value) && value.celType.name.startsWith('kubernetes.authorization.')
}
