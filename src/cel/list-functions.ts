import { compare, equal, isOrdered } from './equality.ts'
import {
  type Implementation,
  type Implementations,
  noSuchOverload,
  type SharedImplementation,
} from './implementation.ts'
import { add } from './operators.ts'
import { runtimeType } from './runtime-type.ts'
import { formatType } from './type.ts'
import {
  CelDouble,
  CelDuration,
  CelError,
  CelList,
  CelOptional,
  CelUint,
  itemsOf,
  listFrom,
  type Outcome,
  optionalNone,
  type Value,
} from './value.ts'

/** Kubernetes' lists library, cel-go's lists and sets libraries. */

function onList(run: (list: CelList, ...rest: Value[]) => Outcome): Implementation {
  return (list, ...rest) => (list instanceof CelList ? run(list, ...rest) : noSuchOverload)
}

const ordered = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes']
const zeros: readonly (readonly [string, Value])[] = [
  ['int', 0],
  ['uint', new CelUint(0n)],
  ['double', new CelDouble(0)],
  ['duration', new CelDuration(0n)],
]

function perType(name: (type: string) => string, run: Implementation): [string, Implementation][] {
  return ordered.map((type) => [name(type), run])
}

export const listFunctions: Implementations = Object.fromEntries([
  ...perType((type) => `list_${type}_is_sorted_bool`, onList(isSorted)),
  ...perType(
    (type) => `list_${type}_max_${type}`,
    onList((list) => extreme(list, 'max', -1)),
  ),
  ...perType(
    (type) => `list_${type}_min_${type}`,
    onList((list) => extreme(list, 'min', 1)),
  ),
  ...zeros.map(([type, zero]): [string, Implementation] => [
    `list_${type}_sum_${type}`,
    onList((list) => sum(list, zero)),
  ]),
  ['list_a_index_of_int', onList((list, item = null) => itemsOf(list).findIndex((other) => equal(other, item)))],
  [
    'list_a_last_index_of_int',
    onList((list, item = null) => itemsOf(list).findLastIndex((other) => equal(other, item))),
  ],
  ['list_slice', onList((list, start, end) => slice(list, Number(start), Number(end)))],
  ['list_reverse', onList((list) => listFrom(itemsOf(list).reverse()))],
  ['list_distinct', onList(distinct)],
  ['list_first', onList((list) => (list.size === 0 ? optionalNone() : new CelOptional(list.at(0))))],
  ['list_last', onList((list) => (list.size === 0 ? optionalNone() : new CelOptional(list.at(list.size - 1))))],
  ['lists_range', (count) => listFrom(Array.from({ length: Math.max(0, Number(count)) }, (_, index) => index))],
  ['list_sets_contains_list', onTwoLists(includesAll)],
  ['list_sets_intersects_list', onTwoLists((a, b) => itemsOf(a).some((item) => includes(b, item)))],
  ['list_sets_equivalent_list', onTwoLists((a, b) => includesAll(a, b) && includesAll(b, a))],
] satisfies [string, Implementation][])

export const sharedListFunctions: Readonly<Record<string, SharedImplementation>> = {
  flatten: {
    run: (list = null, depth) => {
      if (list instanceof CelList) return flatten(list, depth === undefined ? 1 : Number(depth))
      const types = [list, ...(depth === undefined ? [] : [depth])].map((value) => formatType(runtimeType(value)))
      return new CelError(`no such overload: ${types[0]}.flatten(${types.slice(1).join('')})`)
    },
  },
  sort: { run: onList((list) => sortByKeys(list, list)), takes: (value) => value instanceof CelList },
  '@sortByAssociatedKeys': {
    run: onTwoLists(sortByKeys),
    takes: (value) => value instanceof CelList,
  },
}

function onTwoLists(run: (a: CelList, b: CelList) => Outcome): Implementation {
  return (a, b) => (a instanceof CelList && b instanceof CelList ? run(a, b) : noSuchOverload)
}

function isSorted(list: CelList): Outcome {
  for (let index = 0; index < list.size; index++) {
    if (!isOrdered(list.at(index))) return noSuchOverload
    if (index > 0 && compare(list.at(index - 1), list.at(index)) === 1) return false
  }
  return true
}

function extreme(list: CelList, name: string, worse: number): Outcome {
  if (list.size === 0) return new CelError(`${name} called on empty list`)
  let best = list.at(0)
  for (const item of itemsOf(list)) {
    if (!isOrdered(item)) return noSuchOverload
    if (compare(best, item) === worse) best = item
  }
  return best
}

function sum(list: CelList, zero: Value): Outcome {
  let total: Outcome = zero
  for (const item of itemsOf(list)) {
    total = add(total, item)
    if (total instanceof CelError) return total
  }
  return total
}

function slice(list: CelList, start: number, end: number): Outcome {
  const call = `cannot slice(${start}, ${end})`
  if (start < 0 || end < 0) return new CelError(`${call}, negative indexes not supported`)
  if (start > end) return new CelError(`${call}, start index must be less than or equal to end index`)
  if (list.size < end) return new CelError(`${call}, list is length ${list.size}`)
  return new CelList(end - start, (index) => list.at(start + index))
}

function flatten(list: CelList, depth: number): Outcome {
  if (depth < 0) return new CelError('level must be non-negative')
  const flat = (items: CelList, left: number): Value[] =>
    itemsOf(items).flatMap((item) => (item instanceof CelList && left > 0 ? flat(item, left - 1) : [item]))
  return listFrom(flat(list, depth))
}

function distinct(list: CelList): Outcome {
  const found: Value[] = []
  for (const item of itemsOf(list)) if (!found.some((other) => equal(item, other))) found.push(item)
  return listFrom(found)
}

function sortByKeys(list: CelList, keys: CelList): Outcome {
  if (list.size !== keys.size) {
    return new CelError(
      `@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got ${list.size} and ${keys.size} elements respectively`,
    )
  }
  if (list.size === 0) return list
  const all = itemsOf(keys)
  const [first = null] = all
  if (!isOrdered(first)) return new CelError('list elements must be comparable')
  if (!all.every((key) => runtimeType(key) === runtimeType(first))) {
    return new CelError('list elements must have the same type')
  }
  const order = all.map((_, index) => index).sort((a, b) => Number(compare(all[a] ?? null, all[b] ?? null)))
  return listFrom(order.map((index) => list.at(index)))
}

function includes(list: CelList, item: Value): boolean {
  for (let index = 0; index < list.size; index++) if (equal(item, list.at(index))) return true
  return false
}

function includesAll(list: CelList, sublist: CelList): boolean {
  return itemsOf(sublist).every((item) => includes(list, item))
}
