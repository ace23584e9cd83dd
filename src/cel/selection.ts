import { type Frame, type Step, spend } from './frame.ts'
import { isInt } from './int.ts'
import { runtimeType } from './runtime-type.ts'
import {
  CelDouble,
  CelError,
  CelList,
  CelMap,
  CelOptional,
  CelUint,
  isObject,
  type Outcome,
  optionalNone,
  type Value,
} from './value.ts'

/** Selections of fields and indexes: what stands after a dot or in brackets. */

type Key = (frame: Frame) => Outcome

/** `operand.key` or `operand[key]`; optional yields optional.none() for what is not there. */
export function selection(operand: Step, key: Key, optional: boolean): Step {
  const base = operand.resolve ?? operand.run
  const resolve = (frame: Frame): Outcome => {
    const object = base(frame)
    if (object instanceof CelError) return object
    return select(frame, object, key, optional)
  }
  const rootCost = operand.resolve === undefined ? 1 : (operand.rootCost ?? 1)
  return attribute(resolve, rootCost)
}

export function attribute(resolve: (frame: Frame) => Outcome, rootCost: number): Step {
  const run = (frame: Frame): Outcome => {
    const value = resolve(frame)
    if (rootCost > 0) spend(frame, rootCost)
    return value
  }
  return { run, resolve, rootCost }
}

function select(frame: Frame, object: Value, key: Key, optional: boolean): Outcome {
  const isOptional = object instanceof CelOptional
  if (isOptional && object.value === undefined) return object
  const target = isOptional ? (object.value ?? null) : object
  const name = key(frame)
  if (name instanceof CelError) return name
  if (!optional && !isOptional) {
    spend(frame, 1)
    const value = found(target, name)
    return value === undefined ? missing(target, name) : value
  }
  const value = found(target, name, true)
  if (value === undefined) return optionalNone()
  spend(frame, 1)
  return value instanceof CelError ? value : new CelOptional(value)
}

/** has(): whether the field is set. A selection of optionals before it may have come to nothing. */
export function presence(operand: Step, field: string): Step {
  const base = operand.resolve ?? operand.run
  const resolve = (frame: Frame): Outcome => {
    const object = base(frame)
    if (object instanceof CelError) return object
    if (object instanceof CelOptional && object.value === undefined) return false
    spend(frame, 1)
    const target = object instanceof CelOptional ? (object.value ?? null) : object
    const value = found(target, field, true)
    return value instanceof CelError ? value : value !== undefined
  }
  // Testing presence costs what the way there costs.
  return { run: resolve, resolve, rootCost: 0 }
}

/** What the key leads to; undefined when nothing is there. */
function found(target: Value, key: Value, testing = false): Outcome | undefined {
  if (target instanceof CelMap) return target.find(key)
  if (target instanceof CelList) return element(target, key)
  if (target !== null && isObject(target) && target.field !== undefined && typeof key === 'string') {
    return target.field(key)
  }
  return testing ? undefined : missingKey(key)
}

function element(list: CelList, key: Value): Outcome | undefined {
  const index = indexOf(key)
  if (index === undefined) {
    if (key instanceof CelDouble) return new CelError(`unsupported index value ${key.value} in list`)
    return new CelError(`unsupported index type '${runtimeType(key).name}' in list`)
  }
  return index >= 0 && index < list.size ? list.at(index) : undefined
}

function indexOf(key: Value): number | undefined {
  if (isInt(key)) return Number(key)
  if (key instanceof CelUint) return Number(key.value)
  return key instanceof CelDouble && Number.isInteger(key.value) ? key.value : undefined
}

function missing(target: Value, key: Value): CelError {
  return target instanceof CelList ? new CelError(`index out of bounds: ${showKey(key)}`) : missingKey(key)
}

function missingKey(key: Value): CelError {
  return new CelError(`no such key: ${showKey(key)}`)
}

function showKey(key: Value): string {
  return key instanceof CelUint || key instanceof CelDouble ? String(key.value) : String(key)
}
