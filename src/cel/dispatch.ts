import { authorizerFunctions } from './authorizer.ts'
import {
  toBool,
  toBytes,
  toDouble,
  toDuration,
  toInt,
  toText,
  toTimestamp,
  toUint,
  typeOfValue,
} from './conversions.ts'
import type { Overload } from './declarations.ts'
import {
  type Implementation,
  type Implementations,
  noSuchOverload,
  type SharedImplementation,
} from './implementation.ts'
import { kubernetesLibrary } from './kubernetes-functions.ts'
import { listFunctions, sharedListFunctions } from './list-functions.ts'
import { add, contains, divide, modulo, multiply, negate, not, ordering, subtract } from './operators.ts'
import { optionalFunctions } from './optional-functions.ts'
import { regexpFunctions, sharedRegexpFunctions } from './regexp-functions.ts'
import { isOfType, runtimeType } from './runtime-type.ts'
import { sharedStringFunctions, stringFunctions } from './string-functions.ts'
import { timeFunctions } from './time-functions.ts'
import {
  CelDuration,
  CelError,
  CelList,
  CelMap,
  CelTimestamp,
  isObject,
  mapFrom,
  type Outcome,
  type Value,
} from './value.ts'

const byOverload: Implementations = {
  ...stringFunctions,
  ...listFunctions,
  ...regexpFunctions,
  ...timeFunctions,
  ...optionalFunctions,
  ...authorizerFunctions,
  ...kubernetesLibrary,
  '@mapInsert_map_key_value': (map, key = null, value = null) => insert(map, [[key, value]]),
  '@mapInsert_map_map': (map, other) =>
    other instanceof CelMap
      ? insert(
          map,
          other.keys().map((key) => [key, other.find(key) ?? null]),
        )
      : noSuchOverload,
}

const two = (run: (a: Value, b: Value) => Outcome): SharedImplementation => ({
  run: (a = null, b = null) => run(a, b),
})
const one = (run: (a: Value) => Outcome): SharedImplementation => ({ run: (a = null) => run(a) })

/** By the function's name, where all its overloads share one body. */
const shared: Readonly<Record<string, SharedImplementation>> = {
  ...sharedStringFunctions,
  ...sharedListFunctions,
  ...sharedRegexpFunctions,
  '_+_': two(add),
  '_-_': two(subtract),
  '_*_': two(multiply),
  '_/_': two(divide),
  '_%_': two(modulo),
  '_<_': two(ordering('_<_', (order) => order < 0)),
  '_<=_': two(ordering('_<=_', (order) => order <= 0)),
  '_>_': two(ordering('_>_', (order) => order > 0)),
  '_>=_': two(ordering('_>=_', (order) => order >= 0)),
  '-_': one(negate),
  '!_': one(not),
  '@in': two(contains),
  size: { run: (value = null) => sizeOf(value) ?? noSuchOverload, takes: (value) => sizeOf(value) !== undefined },
  type: one(typeOfValue),
  dyn: one((value) => value),
}

/** Conversions are told apart by the argument, but for those that Kubernetes adds to string(). */
const conversions: Readonly<Record<string, (value: Value) => Outcome>> = {
  int: toInt,
  uint: toUint,
  double: toDouble,
  string: toText,
  bytes: toBytes,
  bool: toBool,
  duration: toDuration,
  timestamp: toTimestamp,
}

/** Functions that are computed before anything runs when their argument is a literal. */
export const foldable: ReadonlySet<string> = new Set([...Object.keys(conversions), 'type', 'dyn'])

/** What a call runs, of the overloads that it may mean by the types. */
export function implementationOf(name: string, overloads: readonly Overload[]): Implementation {
  const common = shared[name]
  if (common !== undefined) return guarded(name, common)
  const chosen = overloads.flatMap((overload): Candidate[] => {
    const run = byOverload[overload.id] ?? conversions[name]
    return run === undefined ? [] : [{ overload, run: run as Implementation }]
  })
  return (...args) => {
    for (const { overload, run } of chosen) if (takes(overload, args)) return run(...args)
    const types = args.map((arg) => runtimeType(arg).name)
    return new CelError(`no such overload: ${name}(${types.join(', ')})`)
  }
}

type Candidate = Readonly<{ overload: Overload; run: Implementation }>

function takes({ params }: Overload, args: readonly Value[]): boolean {
  return params.length === args.length && params.every((param, at) => isOfType(param, args[at] ?? null))
}

function guarded(name: string, { run, takes }: SharedImplementation): Implementation {
  if (takes === undefined) return run
  return (first = null, ...rest) => {
    if (takes(first)) return run(first, ...rest)
    const receives = typeof first === 'string' || first instanceof CelDuration || first instanceof CelTimestamp
    return receives ? noSuchOverload : new CelError(`no such overload: ${name}`)
  }
}

/** Code points, bytes, elements or entries; undefined for what has no size. */
export function sizeOf(value: Value): number | undefined {
  if (typeof value === 'string') return codePoints(value)
  if (value instanceof CelList || value instanceof CelMap) return value.size
  if (value instanceof Uint8Array) return value.length
  return value !== null && isObject(value) ? value.costSize : undefined
}

function codePoints(text: string): number {
  let pairs = 0
  for (let at = 0; at < text.length - 1; at++) {
    if ((text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) pairs += 1
  }
  return text.length - pairs
}

function insert(map: Value | undefined, entries: readonly (readonly [Value, Value])[]): Outcome {
  if (!(map instanceof CelMap)) return noSuchOverload
  const taken = entries.find(([key]) => map.find(key) !== undefined)
  if (taken !== undefined) return new CelError(`insert failed: key ${String(taken[0])} already exists`)
  return mapFrom([...map.keys().map((key) => [key, map.find(key) ?? null] as const), ...entries])
}
