import { compare, equal, isOrdered } from './equality.ts'
import { addInts, checkedUint, divideInts, isInt, moduloInts, multiplyInts, negateInt, subtractInts } from './int.ts'
import { between, durationOf, shifted } from './moment.ts'
import {
  CelDouble,
  CelDuration,
  CelError,
  CelList,
  CelMap,
  CelTimestamp,
  CelUint,
  type Int,
  itemsOf,
  type Outcome,
  type Value,
} from './value.ts'

const noOverload = new CelError('no such overload')

/** What an operator says of a left side that knows nothing of it: strings and times are asked, and know no better. */
function unsupported(name: string, value: Value): CelError {
  const receives = typeof value === 'string' || value instanceof CelDuration || value instanceof CelTimestamp
  return receives ? noOverload : new CelError(`no such overload: ${name}`)
}

export function add(a: Value, b: Value): Outcome {
  if (isInt(a)) return isInt(b) ? addInts(a, b) : noOverload
  if (typeof a === 'string') return typeof b === 'string' ? a + b : noOverload
  if (a instanceof CelList) return b instanceof CelList ? concatenate(a, b) : noOverload
  if (a instanceof CelDouble) return b instanceof CelDouble ? new CelDouble(a.value + b.value) : noOverload
  if (a instanceof CelUint) return b instanceof CelUint ? uint(a.value + b.value) : noOverload
  if (a instanceof Uint8Array) return b instanceof Uint8Array ? Uint8Array.from([...a, ...b]) : noOverload
  if (a instanceof CelDuration) return addDuration(a, b)
  if (a instanceof CelTimestamp) return b instanceof CelDuration ? shifted(a, b.nanos) : noOverload
  return unsupported('_+_', a)
}

function addDuration(a: CelDuration, b: Value): Outcome {
  if (b instanceof CelDuration) return durationOf(a.nanos + b.nanos)
  return b instanceof CelTimestamp ? shifted(b, a.nanos) : noOverload
}

export function subtract(a: Value, b: Value): Outcome {
  if (isInt(a)) return isInt(b) ? subtractInts(a, b) : noOverload
  if (a instanceof CelDouble) return b instanceof CelDouble ? new CelDouble(a.value - b.value) : noOverload
  if (a instanceof CelUint) return b instanceof CelUint ? uint(a.value - b.value) : noOverload
  if (a instanceof CelDuration) return b instanceof CelDuration ? durationOf(a.nanos - b.nanos) : noOverload
  if (!(a instanceof CelTimestamp)) return unsupported('_-_', a)
  if (b instanceof CelDuration) return shifted(a, -b.nanos)
  return b instanceof CelTimestamp ? between(a, b) : noOverload
}

type NumericOperation = Readonly<{
  int: (a: Int, b: Int) => Outcome
  uint: (a: bigint, b: bigint) => Outcome
  double?: (a: number, b: number) => number
}>

function numeric(name: string, operation: NumericOperation): (a: Value, b: Value) => Outcome {
  return (a, b) => {
    if (isInt(a)) return isInt(b) ? operation.int(a, b) : noOverload
    if (a instanceof CelUint) return b instanceof CelUint ? operation.uint(a.value, b.value) : noOverload
    if (operation.double === undefined || !(a instanceof CelDouble)) return unsupported(name, a)
    return b instanceof CelDouble ? new CelDouble(operation.double(a.value, b.value)) : noOverload
  }
}

export const multiply = numeric('_*_', {
  int: multiplyInts,
  uint: (a, b) => uint(a * b),
  double: (a, b) => a * b,
})

export const divide = numeric('_/_', {
  int: divideInts,
  uint: (a, b) => (b === 0n ? new CelError('division by zero') : new CelUint(a / b)),
  double: (a, b) => a / b,
})

export const modulo = numeric('_%_', {
  int: moduloInts,
  uint: (a, b) => (b === 0n ? new CelError('modulus by zero') : new CelUint(a % b)),
})

export function uint(value: bigint): Outcome {
  const checked = checkedUint(value)
  return checked instanceof CelError ? checked : new CelUint(checked)
}

export function negate(value: Value): Outcome {
  if (isInt(value)) return negateInt(value)
  if (value instanceof CelDouble) return new CelDouble(-value.value)
  if (value instanceof CelDuration) return durationOf(-value.nanos)
  return typeof value === 'boolean' ? noOverload : unsupported('-_', value)
}

export function not(value: Value): Outcome {
  return typeof value === 'boolean' ? !value : noOverload
}

/** <, <=, > or >=, by what the order of the sides must be. */
export function ordering(name: string, holds: (order: number) => boolean): (a: Value, b: Value) => Outcome {
  return (a, b) => {
    if (!isOrdered(a)) return unsupported(name, a)
    const order = compare(a, b)
    return order instanceof CelError ? order : holds(order)
  }
}

export function contains(element: Value, container: Value): Outcome {
  if (container instanceof CelMap) return container.find(element) !== undefined
  if (!(container instanceof CelList)) return noOverload
  for (let index = 0; index < container.size; index++) if (equal(element, container.at(index))) return true
  return false
}

/** Of lists that Kubernetes keeps as sets or maps, the union: of items with one key the right one, in the left one's place. */
export function concatenate(a: CelList, b: CelList): CelList {
  if (a.identity !== undefined) return union(a, b, a.identity.keyOf)
  if (a.size === 0) return b
  if (b.size === 0) return a
  return new CelList(a.size + b.size, (index) => (index < a.size ? a.at(index) : b.at(index - a.size)))
}

function union(a: CelList, b: CelList, keyOf: (item: Value) => string): CelList {
  const items = new Map<string, Value>()
  for (const item of [...itemsOf(a), ...itemsOf(b)]) items.set(keyOf(item), item)
  const all = [...items.values()]
  return new CelList(all.length, (index) => all[index] ?? null, a.identity)
}
