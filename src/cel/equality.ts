import { isInt } from './int.ts'
import {
  CelDouble,
  CelDuration,
  CelError,
  CelList,
  CelMap,
  CelOptional,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  isObject,
  type Value,
} from './value.ts'

/** Equality of values: numbers by what they stand for, values of different types are unequal, NaN equals nothing. */
export function equal(a: Value, b: Value): boolean {
  if (a === b) return true
  if (a === null || b === null || typeof a !== 'object') {
    return isInt(a) && (b instanceof CelDouble || b instanceof CelUint) && equal(b, a)
  }
  if (a instanceof CelUint || a instanceof CelDouble) return equalNumbers(a, b)
  if (a instanceof CelList) return b instanceof CelList && equalLists(a, b)
  if (a instanceof CelMap) return b instanceof CelMap && equalMaps(a, b)
  if (a instanceof Uint8Array) return b instanceof Uint8Array && compareBytes(a, b) === 0
  if (a instanceof CelDuration) return b instanceof CelDuration && a.nanos === b.nanos
  if (a instanceof CelTimestamp) return b instanceof CelTimestamp && a.nanos === b.nanos
  if (a instanceof CelTypeValue) return b instanceof CelTypeValue && a.type.name === b.type.name
  if (a instanceof CelOptional) return b instanceof CelOptional && equalOptionals(a, b)
  return isObject(a) && a.equals(b)
}

function equalNumbers(a: CelUint | CelDouble, b: Value): boolean {
  if (!isInt(b) && !(b instanceof CelUint) && !(b instanceof CelDouble)) return false
  return compareNumbers(a, b) === 0
}

function equalOptionals(a: CelOptional, b: CelOptional): boolean {
  if (a.value === undefined || b.value === undefined) return a.value === b.value
  return equal(a.value, b.value)
}

function equalLists(a: CelList, b: CelList): boolean {
  if (a.size !== b.size) return false
  if (a.identity !== undefined) return equalByIdentity(a, b, a.identity.keyOf)
  for (let index = 0; index < a.size; index++) if (!equal(a.at(index), b.at(index))) return false
  return true
}

/** Lists of type set or map: the order does not count. */
function equalByIdentity(a: CelList, b: CelList, keyOf: (item: Value) => string): boolean {
  const items = new Map<string, Value>()
  for (let index = 0; index < b.size; index++) items.set(keyOf(b.at(index)), b.at(index))
  for (let index = 0; index < a.size; index++) {
    const item = a.at(index)
    const other = items.get(keyOf(item))
    if (other === undefined || !equal(item, other)) return false
  }
  return true
}

function equalMaps(a: CelMap, b: CelMap): boolean {
  if (a.size !== b.size) return false
  return a.keys().every((key) => {
    const other = b.find(key)
    return other !== undefined && equal(a.find(key) ?? null, other)
  })
}

type Numeric = number | bigint | CelUint | CelDouble

/** -1, 0 or 1; NaN where one of them is. */
function compareNumbers(a: Numeric, b: Numeric): number {
  const isDouble = a instanceof CelDouble || b instanceof CelDouble
  // With a double the other side is taken for a double too; ints and uints are compared by their exact values.
  const [x, y] = isDouble ? [Number(plain(a)), Number(plain(b))] : [plain(a), plain(b)]
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN
  return x < y ? -1 : x > y ? 1 : 0
}

function plain(value: Numeric): number | bigint {
  return value instanceof CelUint || value instanceof CelDouble ? value.value : value
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0)
    if (difference !== 0) return Math.sign(difference)
  }
  return Math.sign(a.length - b.length)
}

const noOverload = new CelError('no such overload')

/** The order of two values of ordered types; an error for any others. */
export function compare(a: Value, b: Value): number | CelError {
  if (isNumeric(a)) {
    if (!isNumeric(b)) return noOverload
    const order = compareNumbers(a, b)
    return Number.isNaN(order) ? new CelError('NaN values cannot be ordered') : order
  }
  if (typeof a === 'string') return typeof b === 'string' ? compareText(a, b) : noOverload
  if (typeof a === 'boolean') return typeof b === 'boolean' ? Number(a) - Number(b) : noOverload
  if (a instanceof Uint8Array) return b instanceof Uint8Array ? compareBytes(a, b) : noOverload
  if (a instanceof CelDuration) return b instanceof CelDuration ? sign(a.nanos - b.nanos) : noOverload
  if (a instanceof CelTimestamp) return b instanceof CelTimestamp ? sign(a.nanos - b.nanos) : noOverload
  return noOverload
}

export function isOrdered(value: Value): boolean {
  return (
    isNumeric(value) ||
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    value instanceof Uint8Array ||
    value instanceof CelDuration ||
    value instanceof CelTimestamp
  )
}

function isNumeric(value: Value): value is Numeric {
  return isInt(value) || value instanceof CelUint || value instanceof CelDouble
}

function sign(difference: bigint): number {
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

/** By UTF-8 bytes, which is the order of code points: not that of UTF-16 units. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  for (let at = 0; at < a.length && at < b.length; ) {
    const [x = 0, y = 0] = [a.codePointAt(at), b.codePointAt(at)]
    if (x !== y) return x < y ? -1 : 1
    at += x > 0xffff ? 2 : 1
  }
  return a.length < b.length ? -1 : 1
}
