import type { ComprehensionExpr, Expr } from './ast.ts'
import { accumulatorName, operator } from './ast.ts'
import { listCost } from './call-cost.ts'
import { type Frame, type Step, spend } from './frame.ts'
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
  listFrom,
  type Outcome,
  type Value,
} from './value.ts'

/** Gives names their slots while an expression is made ready. */
export type Slots = Readonly<{
  next: () => number
  /** The steps of an expression with these names bound. */
  within: (names: ReadonlyMap<string, number>, expr: Expr) => Step
}>

/** A fold: goes over a list or map, carrying the accumulator along. */
export function fold(expr: ComprehensionExpr, range: Step, slots: Slots): Step {
  const [accu, first, second] = [slots.next(), slots.next(), slots.next()]
  const init = slots.within(new Map(), expr.accuInit)
  const outer = new Map([[expr.accuVar, accu]])
  const result = slots.within(outer, expr.result)
  if (isNaming(expr)) return naming(accu, init, result)
  const inner = new Map([...outer, [expr.iterVar, first]])
  if (expr.iterVar2 !== undefined) inner.set(expr.iterVar2, second)
  const parts: Parts = {
    accu,
    init,
    result,
    advance: (frame, key, value) => {
      frame.slots[first] = expr.iterVar2 === undefined ? value : key
      frame.slots[second] = value
    },
    two: expr.iterVar2 !== undefined,
  }
  const gathered = gatheredElement(expr)
  if (gathered !== undefined) {
    const element = slots.within(inner, gathered.element)
    const filter = gathered.filter && slots.within(inner, gathered.filter)
    return { run: (frame) => overRange(range.run(frame), parts, (each) => gather(frame, parts, element, filter, each)) }
  }
  const condition = slots.within(inner, expr.condition)
  const step = slots.within(inner, expr.step)
  return { run: (frame) => overRange(range.run(frame), parts, (each) => iterate(frame, parts, condition, step, each)) }
}

type Parts = Readonly<{
  accu: number
  init: Step
  result: Step
  advance: (frame: Frame, key: Value, value: Value) => void
  two: boolean
}>

/** Calls for every element until told to stop. */
type Each = (visit: (key: Value, value: Value) => boolean) => void

function overRange(range: Outcome, { two }: Parts, run: (each: Each) => Outcome): Outcome {
  if (range instanceof CelError) return range
  if (range instanceof CelList) {
    return run((visit) => {
      for (let index = 0; index < range.size; index++) if (!visit(index, range.at(index))) return
    })
  }
  if (range instanceof CelMap) {
    return run((visit) => {
      for (const key of range.keys()) if (!visit(key, two ? (range.find(key) ?? null) : key)) return
    })
  }
  const type = goType(range)
  return new CelError(two ? `unsupported comprehension range type: ${type}` : `got '${type}', expected iterable type`)
}

function iterate(frame: Frame, parts: Parts, condition: Step, step: Step, each: Each): Outcome {
  frame.slots[parts.accu] = parts.init.run(frame)
  each((key, value) => {
    parts.advance(frame, key, value)
    if (condition.run(frame) === false) return false
    frame.slots[parts.accu] = step.run(frame)
    return true
  })
  return parts.result.run(frame)
}

/** What map() and filter() do, without copying the list for every element; it costs the same. */
function gather(frame: Frame, parts: Parts, element: Step, filter: Step | undefined, each: Each): Outcome {
  const items: Value[] = []
  let failed: CelError | undefined
  parts.init.run(frame)
  each((key, value) => {
    parts.advance(frame, key, value)
    const wanted = filter === undefined ? true : filter.run(frame)
    if (wanted === false) return true
    const item = wanted === true ? element.run(frame) : notBool(wanted)
    // The accumulator, the list of one and the sum.
    if (wanted === true) spend(frame, element.constant === undefined ? 2 + listCost : 2)
    if (item instanceof CelError) failed = item
    else items.push(item)
    return failed === undefined
  })
  frame.slots[parts.accu] = failed ?? listFrom(items)
  return parts.result.run(frame)
}

function notBool(value: Outcome): CelError {
  return value instanceof CelError ? value : new CelError('no such overload')
}

/** `accumulator + [element]`, under a condition or not. */
function gatheredElement(expr: ComprehensionExpr): Readonly<{ element: Expr; filter?: Expr }> | undefined {
  if (expr.accuInit.kind !== 'list' || expr.accuInit.elements.length > 0) return undefined
  const { step } = expr
  if (step.kind !== 'call') return undefined
  if (step.name === operator.conditional) {
    const [filter, add, otherwise] = step.args
    const element = add && addedElement(add)
    if (filter === undefined || element === undefined || !isAccumulator(otherwise)) return undefined
    return { element, filter }
  }
  const element = addedElement(step)
  return element && { element }
}

function addedElement(expr: Expr): Expr | undefined {
  if (expr.kind !== 'call' || expr.name !== operator.add || !isAccumulator(expr.args[0])) return undefined
  const list = expr.args[1]
  return list?.kind === 'list' && list.optionals.size === 0 ? list.elements[0] : undefined
}

function isAccumulator(expr: Expr | undefined): boolean {
  return expr?.kind === 'ident' && expr.name === accumulatorName
}

/** A fold over nothing: it only names the value that its result is computed with. */
function isNaming(expr: ComprehensionExpr): boolean {
  const { range, condition } = expr
  return (
    range.kind === 'list' && range.elements.length === 0 && condition.kind === 'literal' && condition.value === false
  )
}

function naming(slot: number, init: Step, result: Step): Step {
  return {
    run: (frame) => {
      frame.slots[slot] = init.run(frame)
      return result.run(frame)
    },
  }
}

/** A value's type as Go would print it: errors of folds do. */
function goType(value: Value): string {
  if (value === null) return 'types.Null'
  if (typeof value === 'string') return 'types.String'
  if (typeof value === 'boolean') return 'types.Bool'
  if (typeof value !== 'object') return 'types.Int'
  if (value instanceof CelDouble) return 'types.Double'
  if (value instanceof CelUint) return 'types.Uint'
  if (value instanceof CelDuration) return 'types.Duration'
  if (value instanceof CelTimestamp) return 'types.Timestamp'
  if (value instanceof CelOptional) return '*types.Optional'
  if (value instanceof CelTypeValue) return '*types.Type'
  return value instanceof Uint8Array ? 'types.Bytes' : 'types.Object'
}
