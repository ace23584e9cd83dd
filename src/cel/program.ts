import { compileRegexp } from '../api/regexp/regexp.ts'
import { fail, ok, type Result } from '../api/result.ts'
import { type CallExpr, type Expr, type ListExpr, type MapExpr, operator, type StructExpr } from './ast.ts'
import { callCost, listCost, mapCost, structCost } from './call-cost.ts'
import type { Checked } from './checker.ts'
import { type Functions, typeNames } from './declarations.ts'
import { foldable, implementationOf } from './dispatch.ts'
import { equal } from './equality.ts'
import { fold, type Slots } from './folds.ts'
import { CostExceeded, type Frame, ProgramFault, type Step, spend } from './frame.ts'
import type { Implementation } from './implementation.ts'
import { fixedPattern } from './regexp-functions.ts'
import { attribute, presence, selection } from './selection.ts'
import {
  CelDouble,
  CelError,
  CelList,
  CelOptional,
  CelTypeValue,
  CelUint,
  itemsOf,
  listFrom,
  mapFrom,
  mapKey,
  type Outcome,
  type Value,
} from './value.ts'

/** Makes values of struct types: `Object{…}`. */
export type Construct = (typeName: string, fields: ReadonlyMap<string, Value>) => Outcome

export type Run = Readonly<{ outcome: Outcome | 'costExceeded'; cost: number }>

export type Program = Readonly<{
  /** Evaluates with these variables; stops when it has cost more than the limit. */
  run: (variable: (name: string) => Outcome | undefined, limit?: number) => Run
}>

type Plan = Readonly<{ checked: Checked; functions: Functions; construct: Construct; slots: { count: number } }>
type Names = ReadonlyMap<string, number>

/** Makes a checked expression ready to run: what is known beforehand is computed, which may already fail. */
export function programOf(checked: Checked, functions: Functions, construct: Construct): Result<Program, string> {
  const plan: Plan = { checked, functions, construct, slots: { count: 0 } }
  try {
    const step = planned(plan, new Map(), checked.expr)
    return ok({ run: (variable, limit = Number.POSITIVE_INFINITY) => runStep(plan, step, variable, limit) })
  } catch (error) {
    if (error instanceof ProgramFault) return fail(error.message)
    throw error
  }
}

function runStep(plan: Plan, step: Step, variable: Frame['variable'], limit: number): Run {
  const frame: Frame = { variable, slots: new Array<Outcome>(plan.slots.count).fill(null), cost: 0, limit }
  try {
    const outcome = step.run(frame)
    return { outcome, cost: frame.cost }
  } catch (error) {
    if (error instanceof CostExceeded) return { outcome: 'costExceeded', cost: frame.cost }
    throw error
  }
}

function constant(value: Value): Step {
  return { run: () => value, constant: value }
}

function planned(plan: Plan, names: Names, expr: Expr): Step {
  switch (expr.kind) {
    case 'literal':
      return constant(expr.value)
    case 'ident':
      return ident(plan, names, expr)
    case 'select': {
      const operand = planned(plan, names, expr.operand)
      return expr.testOnly ? presence(operand, expr.field) : selection(operand, () => expr.field, false)
    }
    case 'call':
      return call(plan, names, expr)
    case 'list':
      return list(plan, names, expr)
    case 'map':
      return map(plan, names, expr)
    case 'struct':
      return struct(plan, names, expr)
    case 'comprehension': {
      const slots: Slots = {
        next: () => plan.slots.count++,
        within: (more, part) => planned(plan, new Map([...names, ...more]), part),
      }
      return fold(expr, planned(plan, names, expr.range), slots)
    }
    case 'broken':
      throw new Error('an expression with issues was to run')
  }
}

function ident(plan: Plan, names: Names, { id, name }: Extract<Expr, { kind: 'ident' }>): Step {
  const slot = names.get(name)
  if (slot !== undefined) return attribute((frame) => frame.slots[slot] ?? null, 1)
  if (plan.checked.types.get(id)?.kind === 'type' && typeNames.has(name)) {
    const type = typeNames.get(name)
    if (type !== undefined) return constant(new CelTypeValue(type))
  }
  return attribute((frame) => {
    const value = frame.variable(name)
    return value === undefined ? new CelError(`no such attribute(s): ${name}`) : value
  }, 1)
}

function call(plan: Plan, names: Names, expr: CallExpr): Step {
  const parts = expr.target === undefined ? expr.args : [expr.target, ...expr.args]
  const args = parts.map((part) => planned(plan, names, part))
  const [first = constant(null), second = constant(null), third = constant(null)] = args
  switch (expr.name) {
    case operator.and:
      return logical(first, second, false)
    case operator.or:
      return logical(first, second, true)
    case operator.conditional:
      return conditional(first, second, third)
    case operator.equals:
      return comparison(first, second, '_==_', 'equals', (a, b) => equal(a, b))
    case operator.notEquals:
      return comparison(first, second, '_!=_', 'not_equals', (a, b) => !equal(a, b))
    case operator.notStrictlyFalse:
      return notStrictlyFalse(first)
    case operator.index:
    case operator.optionalIndex:
    case operator.optionalSelect:
      return selection(first, key(qualifier(second)), expr.name !== operator.index)
    default:
      return functionCall(plan, expr, args)
  }
}

/** Bytes and null can be no index, which is known beforehand of literals. */
function qualifier(step: Step): Step {
  const value = step.constant
  if (value === null) throw new ProgramFault('invalid qualifier type: types.Null')
  if (value instanceof Uint8Array) throw new ProgramFault('invalid qualifier type: types.Bytes')
  return step
}

/** An index that is a path itself pays for its steps but not for its root. */
function key(step: Step): (frame: Frame) => Outcome {
  return step.resolve ?? step.run
}

function logical(left: Step, right: Step, decisive: boolean): Step {
  return {
    run: (frame) => {
      const a = left.run(frame)
      if (a === decisive) return decisive
      const b = right.run(frame)
      if (b === decisive) return decisive
      if (a !== !decisive) return a instanceof CelError ? a : new CelError('no such overload')
      if (b !== !decisive) return b instanceof CelError ? b : new CelError('no such overload')
      return !decisive
    },
  }
}

function conditional(condition: Step, truthy: Step, falsy: Step): Step {
  const [whenTrue, whenFalse] = [truthy.resolve ?? truthy.run, falsy.resolve ?? falsy.run]
  const resolve = (frame: Frame): Outcome => {
    const decided = condition.run(frame)
    if (decided === true) return whenTrue(frame)
    if (decided === false) return whenFalse(frame)
    return decided instanceof CelError ? decided : new CelError('no such overload')
  }
  return attribute(resolve, 0)
}

function comparison(
  left: Step,
  right: Step,
  name: string,
  overload: string,
  holds: (a: Value, b: Value) => boolean,
): Step {
  return {
    run: (frame) => {
      const [a, b] = [left.run(frame), right.run(frame)]
      spend(frame, callCost(name, overload, [a, b], true))
      if (a instanceof CelError) return a
      return b instanceof CelError ? b : holds(a, b)
    },
  }
}

function notStrictlyFalse(step: Step): Step {
  return {
    run: (frame) => {
      const value = step.run(frame)
      spend(frame, 1)
      return value !== false
    },
  }
}

function functionCall(plan: Plan, expr: CallExpr, args: readonly Step[]): Step {
  const ids = plan.checked.overloads.get(expr.id) ?? []
  const overloads = (plan.functions.get(expr.name) ?? []).filter(({ id }) => ids.includes(id))
  const overload = ids.length === 1 ? ids[0] : undefined
  const member = membership(expr, overload, args)
  if (member !== undefined) return member
  if (expr.name === 'or' || expr.name === 'orValue') return optionalOr(args, expr.name === 'orValue')
  const run = withFixedPattern(expr, args) ?? implementationOf(expr.name, overloads)
  const [only] = args
  if (args.length === 1 && only?.constant !== undefined && foldable.has(expr.name)) {
    const value = run(only.constant as Value)
    if (value instanceof CelError) throw new ProgramFault(value.message)
    return constant(value)
  }
  return applied(expr.name, overload, args, run)
}

/** All arguments are computed, but of more than two only up to the first error. */
function applied(name: string, overload: string | undefined, args: readonly Step[], run: Implementation): Step {
  return {
    run: (frame) => {
      const values: Outcome[] = []
      for (const arg of args) {
        const value = arg.run(frame)
        if (value instanceof CelError && args.length > 2) return value
        values.push(value)
      }
      const failed = values.find((value) => value instanceof CelError)
      const result = failed ?? run(...(values as Value[]))
      spend(frame, callCost(name, overload, values, result))
      return result
    },
  }
}

function withFixedPattern({ name }: CallExpr, args: readonly Step[]): Implementation | undefined {
  const pattern = args[1]?.constant
  if (typeof pattern !== 'string' || !['matches', 'find', 'findAll'].includes(name)) return undefined
  const compiled = compileRegexp(pattern)
  if (!compiled.ok) throw new ProgramFault(compiled.error)
  const fixed = fixedPattern(name, compiled.value)
  return fixed && ((text = null, _, limit) => fixed(text, limit))
}

/** `x in [literals]` is a look-up in a set, which costs nothing beyond x. */
function membership(expr: CallExpr, overload: string | undefined, [item, list]: readonly Step[]): Step | undefined {
  if (expr.name !== operator.in || overload !== 'in_list' || item === undefined) return undefined
  if (!(list?.constant instanceof CelList)) return undefined
  const items = itemsOf(list.constant)
  if (items.length === 0) return constant(false)
  const keys = items.map(mapKey)
  if (keys.includes(undefined)) return undefined
  const set = new Set(keys)
  const run = (frame: Frame): Outcome => {
    const value = item.run(frame)
    return value instanceof CelError ? value : set.has(mapKey(value))
  }
  return { run }
}

function optionalOr([left, right]: readonly Step[], unwraps: boolean): Step {
  return {
    run: (frame) => {
      const value = left?.run(frame) ?? null
      if (!(value instanceof CelOptional)) return value
      if (value.value !== undefined) return unwraps ? value.value : value
      return right?.run(frame) ?? null
    },
  }
}

function list(plan: Plan, names: Names, expr: ListExpr): Step {
  const elements = expr.elements.map((element) => planned(plan, names, element))
  const build = (frame: Frame): Outcome => {
    const items: Value[] = []
    for (const [at, element] of elements.entries()) {
      const value = element.run(frame)
      if (value instanceof CelError) return value
      if (!expr.optionals.has(at)) items.push(value)
      else if (!(value instanceof CelOptional)) {
        return new CelError(`cannot initialize optional list element from non-optional value ${show(value)}`)
      } else if (value.value !== undefined) items.push(value.value)
    }
    return listFrom(items)
  }
  return constructed(build, elements, listCost)
}

function show(value: Value): string {
  return value instanceof CelDouble || value instanceof CelUint ? String(value.value) : String(value)
}

function map(plan: Plan, names: Names, expr: MapExpr): Step {
  const entries = expr.entries.map(({ key, value, optional }) => ({
    key: planned(plan, names, key),
    value: planned(plan, names, value),
    optional,
  }))
  const build = (frame: Frame): Outcome => {
    const built: (readonly [Value, Value])[] = []
    for (const entry of entries) {
      const key = entry.key.run(frame)
      if (key instanceof CelError) return key
      const value = entry.value.run(frame)
      if (value instanceof CelError) return value
      if (!entry.optional) built.push([key, value])
      else if (!(value instanceof CelOptional)) {
        return new CelError(`cannot initialize optional entry '${show(key)}' from non-optional value ${show(value)}`)
      } else if (value.value !== undefined) built.push([key, value.value])
    }
    return mapFrom(built)
  }
  return constructed(
    build,
    entries.flatMap(({ key, value }) => [key, value]),
    mapCost,
  )
}

/** A literal of literals is built once. */
function constructed(build: (frame: Frame) => Outcome, parts: readonly Step[], cost: number): Step {
  if (parts.every((part) => part.constant !== undefined)) {
    const value = build({ variable: () => undefined, slots: [], cost: 0, limit: Number.POSITIVE_INFINITY })
    return value instanceof CelError ? { run: () => value } : constant(value)
  }
  return {
    run: (frame) => {
      const value = build(frame)
      spend(frame, cost)
      return value
    },
  }
}

function struct(plan: Plan, names: Names, expr: StructExpr): Step {
  const fields = expr.fields.map((field) => ({ ...field, step: planned(plan, names, field.value) }))
  return {
    run: (frame) => {
      const values = new Map<string, Value>()
      for (const { name, step, optional } of fields) {
        const value = step.run(frame)
        if (value instanceof CelError) return value
        if (!optional) values.set(name, value)
        else if (!(value instanceof CelOptional)) {
          return new CelError(`cannot initialize optional entry '${name}' from non-optional value ${show(value)}`)
        } else if (value.value !== undefined) values.set(name, value.value)
      }
      spend(frame, structCost)
      return plan.construct(expr.typeName, values)
    },
  }
}
