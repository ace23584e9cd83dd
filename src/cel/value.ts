import type { CelType } from './type.ts'

/**
 * Values as the evaluator holds them. An int is a number while it is exact there and a bigint beyond, never the other way round, so that
 * two equal ints are always the same primitive; doubles and uints, which are rarer, are wrapped.
 */
export type Value =
  | null
  | boolean
  | Int
  | string
  | Uint8Array
  | CelDouble
  | CelUint
  | CelDuration
  | CelTimestamp
  | CelList
  | CelMap
  | CelOptional
  | CelTypeValue
  | CelObject

export type Int = number | bigint

/** What an expression comes to. An error is a value, since && and || can absorb it. */
export type Outcome = Value | CelError

export type Literal = null | boolean | Int | string | Uint8Array | CelDouble | CelUint

export class CelError {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}

export class CelDouble {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }
}

export class CelUint {
  readonly value: bigint
  constructor(value: bigint) {
    this.value = value
  }
}

export class CelDuration {
  readonly nanos: bigint
  constructor(nanos: bigint) {
    this.nanos = nanos
  }
}

/** A moment, with the offset from UTC in which it was written. */
export class CelTimestamp {
  /** Since 1970. */
  readonly nanos: bigint
  readonly offsetSeconds: number
  constructor(nanos: bigint, offsetSeconds = 0) {
    this.nanos = nanos
    this.offsetSeconds = offsetSeconds
  }
}

/** A list; elements are converted when they are looked at. `identity` tells lists that Kubernetes compares and adds as sets or maps. */
export class CelList {
  readonly size: number
  readonly at: (index: number) => Value
  readonly identity: ListIdentity | undefined
  constructor(size: number, at: (index: number) => Value, identity?: ListIdentity) {
    this.size = size
    this.at = at
    this.identity = identity
  }
}

/** How items of a list of type set or map are told apart: a text that equal items share. */
export type ListIdentity = Readonly<{ type: 'set' | 'map'; keyOf: (item: Value) => string }>

/** A map, or a struct where `typeName` is set: then its keys are field names. */
export class CelMap {
  readonly size: number
  readonly find: (key: Value) => Value | undefined
  readonly keys: () => readonly Value[]
  constructor(size: number, find: (key: Value) => Value | undefined, keys: () => readonly Value[]) {
    this.size = size
    this.find = find
    this.keys = keys
  }
}

export class CelOptional {
  readonly value: Value | undefined
  constructor(value?: Value) {
    this.value = value
  }
}

export class CelTypeValue {
  readonly type: CelType
  constructor(type: CelType) {
    this.type = type
  }
}

/** A value with methods of its own: a quantity, an address, an object with a schema. */
export interface CelObject {
  readonly celType: CelType
  equals(other: Value): boolean
  /** Fields, for objects that have any: undefined when unset. */
  field?(name: string): Value | CelError | undefined
  /** What size-dependent costs count. */
  readonly costSize?: number
  isZero?(): boolean
}

export function listFrom(items: readonly Value[]): CelList {
  return new CelList(items.length, (index) => items[index] ?? null)
}

export function itemsOf(list: CelList): Value[] {
  return Array.from({ length: list.size }, (_, index) => list.at(index))
}

/** A map of entries whose later keys win. */
export function mapFrom(entries: readonly (readonly [Value, Value])[]): CelMap {
  const byKey = new Map<string, readonly [Value, Value]>()
  for (const entry of entries) byKey.set(mapKey(entry[0]) ?? '', entry)
  return mapOver(byKey)
}

function mapOver(byKey: ReadonlyMap<string, readonly [Value, Value]>): CelMap {
  return new CelMap(
    byKey.size,
    (key) => {
      const text = mapKey(key)
      return text === undefined ? undefined : byKey.get(text)?.[1]
    },
    () => [...byKey.values()].map(([key]) => key),
  )
}

/** Equal keys have equal texts: 1, 1u and 1.0 are one key. Undefined for what cannot be a key. */
export function mapKey(key: Value): string | undefined {
  if (typeof key === 'string') return `s${key}`
  if (typeof key === 'number' || typeof key === 'bigint') return `n${key}`
  if (typeof key === 'boolean') return `b${key}`
  if (key instanceof CelUint) return `n${key.value}`
  if (key instanceof CelDouble) return Number.isInteger(key.value) ? `n${BigInt(key.value)}` : `d${key.value}`
  return undefined
}

export function isObject(value: Value): value is CelObject {
  return typeof value === 'object' && value !== null && 'celType' in value
}

export function optionalNone(): CelOptional {
  return none
}

const none = new CelOptional()
