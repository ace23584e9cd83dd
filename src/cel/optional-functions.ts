import { type Implementations, noSuchOverload } from './implementation.ts'
import {
  CelDouble,
  CelDuration,
  CelError,
  CelList,
  CelMap,
  CelOptional,
  CelTimestamp,
  CelUint,
  isObject,
  itemsOf,
  listFrom,
  type Outcome,
  optionalNone,
  type Value,
} from './value.ts'

export const optionalFunctions: Implementations = {
  optional_none: optionalNone,
  optional_of: (value = null) => new CelOptional(value),
  optional_ofNonZeroValue: (value = null) => (isZero(value) ? optionalNone() : new CelOptional(value)),
  optional_value: (value) => {
    if (!(value instanceof CelOptional)) return noSuchOverload
    return value.value === undefined ? new CelError('optional.none() dereference') : value.value
  },
  optional_hasValue: (value) => (value instanceof CelOptional ? value.value !== undefined : noSuchOverload),
  optional_unwrap: unwrap,
  optional_unwrapOpt: unwrap,
}

function unwrap(list: Value | undefined): Outcome {
  if (!(list instanceof CelList)) return noSuchOverload
  const values: Value[] = []
  for (const item of itemsOf(list)) {
    if (!(item instanceof CelOptional)) return new CelError(`value ${String(item)} is not optional`)
    if (item.value !== undefined) values.push(item.value)
  }
  return listFrom(values)
}

const zeroTime = -62135596800n * 1_000_000_000n

function isZero(value: Value): boolean {
  if (value === null || value === false || value === 0 || value === '') return true
  if (value instanceof CelDouble) return value.value === 0
  if (value instanceof CelUint) return value.value === 0n
  if (value instanceof CelList || value instanceof CelMap) return value.size === 0
  if (value instanceof Uint8Array) return value.length === 0
  if (value instanceof CelDuration) return value.nanos === 0n
  if (value instanceof CelTimestamp) return value.nanos === zeroTime
  return isObject(value) && (value.isZero?.() ?? false)
}
