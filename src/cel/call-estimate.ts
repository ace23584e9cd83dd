import type { CallExpr } from './ast.ts'
import { accessCheckCost, listCost, regexpFactor, structCost, traversalFactor } from './call-cost.ts'
import type { CostNode, SizeOf } from './cost-estimate.ts'
import { atRate, type Estimate, fixed, least, maxCost, plus, times, union, unknownSize } from './estimate.ts'
import { isInt } from './int.ts'
import { type CelType, dynType } from './type.ts'

/** What a call may cost, before its arguments, and how large its result may be. */
type CallEstimate = Readonly<{ cost: Estimate; size?: Estimate | undefined }>

export type EstimatedCall = Readonly<{
  call: CallExpr
  overload: string
  target: CostNode | undefined
  args: readonly CostNode[]
  argCosts: readonly Estimate[]
  sizeOf: SizeOf
}>

type Rate = (call: EstimatedCall) => CallEstimate | undefined

/** The estimate of one overload, arguments included. */
export function callEstimate(call: EstimatedCall): CallEstimate {
  const rated = byOverload.get(call.overload)?.(call) ?? byName.get(call.call.name)?.(call)
  const estimate = rated ?? standardEstimate(call)
  if (call.overload === 'logical_or' || call.overload === 'logical_and') return { cost: shortCircuit(call.argCosts) }
  if (call.overload === 'conditional') return { cost: branches(call.argCosts) }
  return { ...estimate, cost: plus(estimate.cost, ...call.argCosts) }
}

function shortCircuit([left = fixed(0), right = fixed(0)]: readonly Estimate[]): Estimate {
  return { min: left.min, max: plus(left, right).max }
}

function branches([condition = fixed(0), whenTrue = fixed(0), whenFalse = fixed(0)]: readonly Estimate[]): Estimate {
  return plus(condition, union(whenTrue, whenFalse))
}

function sized(node: CostNode | undefined): Estimate {
  return node?.size ?? unknownSize
}

function traversed(size: Estimate, factor = 1): Estimate {
  return atRate(size, factor * traversalFactor)
}

/** Functions whose cost does not depend on sizes. */
const one: Rate = () => ({ cost: fixed(1) })

const ofFirst: Rate = ({ args: [first] }) => first && { cost: traversed(sized(first)) }
const ofFirstKept: Rate = ({ args: [first] }) => first && { cost: traversed(sized(first)), size: sized(first) }
const ofTargetKept: Rate = ({ target }) => target && { cost: traversed(sized(target)), size: sized(target) }

function search(text: CostNode | undefined, pattern: CostNode | undefined): Estimate {
  return times(traversed(plus(sized(text), fixed(1))), atRate(sized(pattern), regexpFactor))
}

function names(list: string, rate: Rate): (readonly [string, Rate])[] {
  return list.split(' ').map((name) => [name, rate] as const)
}

/** Kubernetes' rates. */
const byName: ReadonlyMap<string, Rate> = new Map<string, Rate>([
  ['check', () => ({ cost: fixed(accessCheckCost) })],
  ...names(
    'serviceAccount path group resource subresource namespace name allowed reason error errored masked prefixLength family isUnspecified isLoopback isLinkLocalMulticast isLinkLocalUnicast isGlobalUnicast format.named sign asInteger isInteger asApproximateFloat isGreaterThan isLessThan compareTo add sub major minor patch getScheme getHostname getHost getPort getEscapedPath getQuery',
    one,
  ),
  ...names('fieldSelector labelSelector', ({ args: [text] }) => ({ cost: selectorCost(sized(text)) })),
  ...names('isSorted sum max min indexOf lastIndexOf', elementwise),
  ...names('url jsonpatch.escapeKey', ofFirstKept),
  ...names('lowerAscii upperAscii substring trim', ofTargetKept),
  ...names('cidr isIP isCIDR quantity isQuantity semver isSemver', ofFirst),
  ['ip.isCanonical', ({ args: [text] }) => ({ cost: traversed(sized(text), 2) })],
  ['ip', (call) => (call.overload === 'cidr_ip' ? one(call) : ofFirst(call))],
  ['replace', replaceEstimate],
  ['split', splitEstimate],
  ['join', joinEstimate],
  ...names('find findAll', ({ target, args: [pattern] }) => ({
    cost: search(target, pattern),
    size: { min: 0n, max: sized(target).max },
  })),
  ['containsIP', containment],
  ['containsCIDR', containment],
  ['validate', ({ args: [text] }) => ({ cost: atRate(traversed(sized(text)), 128 * regexpFactor) })],
  ['_==_', equalityOfObjects],
])

function selectorCost(length: Estimate): Estimate {
  const requirements = atRate(atRate(length, 0.5), listCost + structCost)
  return plus(fixed(listCost), traversed(length), requirements)
}

/** One look at each element, texts by their length; of a text its own traversal. */
function elementwise({ target, sizeOf }: EstimatedCall): CallEstimate | undefined {
  if (target === undefined) return undefined
  const [element] = target.type.params
  if (element === undefined) return { cost: traversed(sized(target)) }
  const isText = element.kind === 'string' || element.kind === 'bytes'
  const each = isText ? plus(fixed(1), traversed(elementSize(target, element, sizeOf))) : fixed(1)
  return { cost: times(sized(target), each) }
}

function elementSize(list: CostNode, element: CelType, sizeOf: SizeOf): Estimate {
  return sizeOf(list.path.length === 0 ? [] : [...list.path, '@items'], element) ?? unknownSize
}

function replaceEstimate({ target, args: [from, to] }: EstimatedCall): CallEstimate {
  const [size, old, by] = [sized(target), sized(from), sized(to)]
  let [most, kept] = [0n, size.max]
  if (old.min === 0n) most = size.max < maxCost ? size.max + 1n : size.max
  else if (by.max > old.min) {
    most = divideUp(size.max, old.min)
    kept = 0n
  }
  let [least, keptLeast] = [0n, size.min]
  if (old.max === 0n) least = size.min < maxCost ? size.min + 1n : size.min
  else if (old.max > by.min) {
    least = divideUp(size.min, old.max)
    keptLeast = 0n
  }
  const grown = plus(times({ min: least, max: most }, by), { min: keptLeast, max: kept })
  return { cost: traversed(size, 2), size: grown }
}

function divideUp(value: bigint, by: bigint): bigint {
  const quotient = Math.ceil(Number(value) / Number(by))
  return quotient >= 2 ** 64 ? maxCost : BigInt(quotient)
}

function splitEstimate({ target, args }: EstimatedCall): CallEstimate {
  const size = sized(target)
  const limit = args[1]?.expr
  const counted = limit?.kind === 'literal' && isInt(limit.value) ? BigInt.asUintN(64, BigInt(limit.value)) : size.max
  return { cost: traversed(size, 2), size: { min: 0n, max: counted } }
}

function joinEstimate({ target, args: [separator], sizeOf }: EstimatedCall): CallEstimate | undefined {
  if (target === undefined) return undefined
  const list = sized(target)
  const less = (count: bigint): bigint => (count > 0n ? count - 1n : 0n)
  const elements = times(list, elementSize(target, target.type.params[0] ?? dynType, sizeOf))
  const gaps = { min: less(list.min), max: less(list.max) }
  const size = separator === undefined ? elements : plus(elements, times(sized(separator), gaps))
  return { cost: traversed(size), size }
}

function containment({ call, overload, args: [other] }: EstimatedCall): CallEstimate {
  const address = { min: 4n, max: 16n }
  const compared = traversed(plus(address, address))
  const more = call.name === 'containsCIDR' ? plus(traversed(address), fixed(1)) : fixed(0)
  const parsed = overload.endsWith('_string') ? traversed(sized(other)) : fixed(0)
  return { cost: plus(compared, more, parsed) }
}

function equalityOfObjects({ args: [left, right] }: EstimatedCall): CallEstimate | undefined {
  if (left === undefined || right === undefined || left.type.name !== right.type.name) return undefined
  const { kind, name } = left.type
  if (kind === 'opaque' && (name === 'net.IP' || name === 'net.CIDR')) return { cost: fixed(1) }
  if (kind !== 'struct') return undefined
  if (name === 'kubernetes.NamedFormat') return { cost: traversed({ min: 1n, max: 64n }) }
  if (name === 'kubernetes.URL') return { cost: traversed({ min: 1n, max: right.size?.max ?? 1n }) }
  const isUnit = /^kubernetes\.(?:Quantity|Semver|authorization\..*)$/.test(name)
  return isUnit ? { cost: fixed(1) } : undefined
}

/** cel-go's rates for its lists and sets libraries. */
const byOverload: ReadonlyMap<string, Rate> = new Map<string, Rate>([
  [
    'list_slice',
    ({ target, args: [start, end] }) =>
      allocating(1, fixed(difference(literalInt(end, sized(target).max), literalInt(start, 0n)))),
  ],
  ['lists_range', ({ args: [count] }) => allocating(1, fixed(literalInt(count, maxCost)))],
  ['list_reverse', ({ target }) => allocating(1, sized(target))],
  ['list_flatten', ({ target }) => allocating(1, sized(target))],
  ['list_flatten_int', ({ target, args: [depth] }) => allocating(Number(literalInt(depth, maxCost)), sized(target))],
  ['list_distinct', ({ target }) => allocating(2, times(sized(target), sized(target)))],
  ...sortRates(),
  ...names('list_sets_contains_list list_sets_intersects_list', setsRate(1)),
  ['list_sets_equivalent_list', setsRate(2)],
])

function sortRates(): (readonly [string, Rate])[] {
  const types = 'int uint double bool google.protobuf.Duration google.protobuf.Timestamp string bytes'.split(' ')
  return types.flatMap((type) => {
    const factor = type === 'string' || type === 'bytes' ? 2 + traversalFactor : 2
    const all = (node: CostNode | undefined): CallEstimate => allocating(factor, times(sized(node), sized(node)))
    return [
      [`list_${type}_sort`, ({ target }: EstimatedCall) => all(target)] as const,
      [`list_${type}_sortByAssociatedKeys`, ({ args: [keys] }: EstimatedCall) => all(keys)] as const,
    ]
  })
}

function setsRate(factor: number): Rate {
  return ({ args: [a, b] }) => ({ cost: plus(atRate(times(sized(a), sized(b)), factor), fixed(1)) })
}

function allocating(factor: number, size: Estimate): CallEstimate {
  return { cost: plus(atRate(size, factor), fixed(1), fixed(listCost)), size }
}

function literalInt(node: CostNode | undefined, otherwise: bigint): bigint {
  if (node?.expr?.kind !== 'literal' || !isInt(node.expr.value)) return otherwise
  const value = BigInt(node.expr.value)
  return value < 0n ? 0n : value
}

function difference(a: bigint, b: bigint): bigint {
  return BigInt.asUintN(64, a - b)
}

function standardEstimate({ overload, target, args }: EstimatedCall): CallEstimate {
  const [first, second] = args
  switch (overload) {
    case 'string_format':
      return { cost: traversed(sized(target)) }
    case 'string_to_bytes':
      return {
        cost: traversed(sized(first)),
        size: { min: sized(first).min, max: BigInt.asUintN(64, sized(first).max * 4n) },
      }
    case 'bytes_to_string':
      return { cost: traversed(sized(first)), size: { min: sized(first).min / 4n, max: sized(first).max } }
    case 'strings_quote': {
      const { min, max } = sized(first)
      return { cost: traversed(sized(first)), size: { min: min + 2n, max: BigInt.asUintN(64, max * 2n + 2n) } }
    }
    case 'starts_with_string':
    case 'ends_with_string':
      return { cost: traversed(sized(first)) }
    case 'in_list':
      return { cost: atRate(sized(second), 1) }
    case 'matches_string':
      return { cost: search(target, first) }
    case 'contains_string':
      return { cost: times(traversed(sized(target)), traversed(sized(first))) }
    case 'add_list':
      return { cost: fixed(1), size: plus(sized(first), sized(second)) }
    case 'add_string':
    case 'add_bytes': {
      const size = plus(sized(first), sized(second))
      return { cost: traversed(size), size }
    }
    default:
      return /^(?:(?:less|greater)(?:_equals)?_(?:string|bytes)|equals|not_equals)$/.test(overload)
        ? { cost: compared(sized(first), sized(second)) }
        : { cost: fixed(1) }
  }
}

function compared(a: Estimate, b: Estimate): Estimate {
  const max = least(a.max, b.max)
  return traversed({ min: max > 0n ? 1n : 0n, max })
}
