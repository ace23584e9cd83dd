import { accumulatorName, type CallExpr, type ComprehensionExpr, type Expr, operator } from './ast.ts'
import { listCost, mapCost, structCost } from './call-cost.ts'
import { callEstimate } from './call-estimate.ts'
import type { Checked } from './checker.ts'
import { type Estimate, fixed, maxCost, plus, times, union, unknownSize } from './estimate.ts'
import { type CelType, dynType, isOptional, unwrapOptional } from './type.ts'
import { CelDouble, CelUint, type Literal } from './value.ts'

/** Where a value comes from: ['self', 'items', '@items']; undefined for what no variable leads to. */
export type Path = readonly string[]

/** How large a value of this path and type may be, where something bounds it. */
export type SizeOf = (path: Path, type: CelType) => Estimate | undefined

/** An argument as rates see it. */
export type CostNode = Readonly<{ path: Path; type: CelType; expr: Expr | undefined; size: Estimate | undefined }>

type EntrySize = Readonly<{ container: 'list' | 'map'; key: Estimate; value: Estimate }>
type LocalVariable = Readonly<{ path: Path; size: Estimate | undefined; entry: EntrySize | undefined }>

export type Coster = Readonly<{
  checked: Checked
  sizeOf: SizeOf
  paths: Map<number, Path>
  locals: Map<string, LocalVariable[]>
  sizes: Map<number, Estimate>
  entries: Map<number, EntrySize>
}>

/** What an expression may cost before it is known what it runs on: cel-go's static estimate. */
export function estimateCost(checked: Checked, sizeOf: SizeOf = () => undefined): Estimate {
  const state = { paths: new Map(), locals: new Map(), sizes: new Map(), entries: new Map() }
  return cost({ checked, sizeOf, ...state }, checked.expr)
}

function cost(coster: Coster, expr: Expr): Estimate {
  switch (expr.kind) {
    case 'ident': {
      coster.paths.set(expr.id, local(coster, expr.name)?.path ?? [expr.name])
      return fixed(1)
    }
    case 'select':
      return selectCost(coster, expr)
    case 'call':
      return callCosts(coster, expr)
    case 'list': {
      const elements = expr.elements.map((element) => cost(coster, element))
      const value = unionOf(expr.elements.map((element) => sizeOrUnknown(coster, element)))
      coster.entries.set(expr.id, { container: 'list', key: fixed(1), value })
      return plus(...elements, fixed(listCost))
    }
    case 'map': {
      const parts = expr.entries.map(({ key, value }) => plus(cost(coster, key), cost(coster, value)))
      const key = unionOf(expr.entries.map((entry) => sizeOrUnknown(coster, entry.key)))
      const value = unionOf(expr.entries.map((entry) => sizeOrUnknown(coster, entry.value)))
      coster.entries.set(expr.id, { container: 'map', key, value })
      return plus(...parts, fixed(mapCost))
    }
    case 'struct':
      return plus(...expr.fields.map(({ value }) => cost(coster, value)), fixed(structCost))
    case 'comprehension':
      return isNaming(expr) ? namingCost(coster, expr) : foldCost(coster, expr)
    default:
      return fixed(0)
  }
}

function unionOf(sizes: readonly Estimate[]): Estimate {
  return sizes.reduce(union, { min: sizes.length === 0 ? 0n : maxCost, max: 0n })
}

function selectCost(coster: Coster, expr: Extract<Expr, { kind: 'select' }>): Estimate {
  const operand = cost(coster, expr.operand)
  if (expr.testOnly) return operand
  coster.paths.set(expr.id, [...pathOf(coster, expr.operand), expr.field])
  const { kind } = typeOf(coster, expr.operand)
  return kind === 'map' || kind === 'struct' || kind === 'typeParam' ? plus(operand, fixed(1)) : operand
}

function callCosts(coster: Coster, expr: CallExpr): Estimate {
  const [first] = expr.args
  if (expr.name === 'dyn' && first !== undefined) {
    const argument = cost(coster, first)
    copySizes(coster, expr, first)
    return plus(argument, fixed(1))
  }
  const argCosts = expr.args.map((arg) => cost(coster, arg))
  const args = expr.args.map((arg) => nodeOf(coster, arg))
  const overloads = coster.checked.overloads.get(expr.id) ?? []
  if (overloads.length === 0) return fixed(0)
  const targetCost = expr.target === undefined ? fixed(0) : cost(coster, expr.target)
  const target = expr.target && nodeOf(coster, expr.target)
  let total: Estimate = { min: maxCost, max: 0n }
  let size: Estimate | undefined
  for (const overload of overloads) {
    const own = conditionalOrSum(coster, expr, overload, args)
    const estimate = callEstimate({ call: expr, overload, target, args, argCosts, sizeOf: coster.sizeOf })
    total = union(total, estimate.cost)
    const resultSize = own ?? estimate.size
    if (resultSize !== undefined) size = size === undefined ? resultSize : union(size, resultSize)
    size = indexedSize(coster, expr, overload, size)
    size ??= sizeOfExpr(coster, expr)
  }
  if (size !== undefined) coster.sizes.set(expr.id, size)
  return plus(targetCost, total)
}

/** Sizes of entries pass through conditions and sums. */
function conditionalOrSum(
  coster: Coster,
  expr: CallExpr,
  overload: string,
  args: readonly CostNode[],
): Estimate | undefined {
  const [first, second, third] = expr.args
  if (expr.name === operator.conditional && second !== undefined && third !== undefined) {
    mergeEntries(coster, expr, second, third)
    return union(args[1]?.size ?? unknownSize, args[2]?.size ?? unknownSize)
  }
  if (/^add_(?:string|bytes|list)$/.test(overload) && first !== undefined && second !== undefined) {
    mergeEntries(coster, expr, first, second)
  }
  return undefined
}

function mergeEntries(coster: Coster, expr: Expr, a: Expr, b: Expr): void {
  const [left, right] = [entryOf(coster, a), entryOf(coster, b)]
  if (left === undefined || right === undefined) return
  const merged = { ...left, key: union(left.key, right.key), value: union(left.value, right.value) }
  coster.entries.set(expr.id, merged)
}

function indexedSize(
  coster: Coster,
  expr: CallExpr,
  overload: string,
  size: Estimate | undefined,
): Estimate | undefined {
  const [container] = expr.args
  if (container === undefined || (overload !== 'index_list' && overload !== 'index_map')) return size
  const step = overload === 'index_list' ? '@items' : '@values'
  coster.paths.set(expr.id, [...pathOf(coster, container), step])
  return entryOf(coster, container)?.value
}

function isNaming({ range, condition, accuVar }: ComprehensionExpr): boolean {
  const isEmpty = range.kind === 'list' && range.elements.length === 0
  return isEmpty && condition.kind === 'literal' && condition.value === false && accuVar !== '__result__'
}

function namingCost(coster: Coster, expr: ComprehensionExpr): Estimate {
  const before = plus(cost(coster, expr.range), cost(coster, expr.accuInit))
  const result = withLocals(coster, [[expr.accuVar, localOf(coster, expr.accuInit)]], () => cost(coster, expr.result))
  copySizes(coster, expr, expr.result)
  return plus(before, result)
}

function foldCost(coster: Coster, expr: ComprehensionExpr): Estimate {
  const before = plus(cost(coster, expr.range), cost(coster, expr.accuInit))
  const accu: readonly [string, LocalVariable] = [expr.accuVar, localOf(coster, expr.accuInit)]
  const total = withLocals(coster, [accu], () => {
    const loop = withLocals(coster, iterationVariables(coster, expr), () => {
      const condition = cost(coster, expr.condition)
      return plus(cost(coster, expr.step), condition)
    })
    const result = cost(coster, expr.result)
    return plus(before, result, times(sizeOrUnknown(coster, expr.range), loop))
  })
  foldSizes(coster, expr)
  return total
}

function foldSizes(coster: Coster, expr: ComprehensionExpr): void {
  if (expr.accuInit.kind === 'literal') {
    const size = sizeOfExpr(coster, expr.accuInit)
    if (size !== undefined) coster.sizes.set(expr.id, size)
  }
  if (expr.accuInit.kind !== 'list' && expr.accuInit.kind !== 'map') return
  coster.sizes.set(expr.id, sizeOrUnknown(coster, expr.range))
  const entry = entryOf(coster, expr.step)
  if (entry !== undefined) coster.entries.set(expr.id, entry)
}

function iterationVariables(coster: Coster, expr: ComprehensionExpr): (readonly [string, LocalVariable])[] {
  const entry = entryOf(coster, expr.range)
  const path = pathOf(coster, expr.range)
  const isList = (entry?.container ?? typeOf(coster, expr.range).kind) === 'list'
  const key = { path: [...path, isList ? '@indices' : '@keys'], size: entry?.key, entry: undefined }
  const value = { path: [...path, isList ? '@items' : '@values'], size: entry?.value, entry: undefined }
  if (expr.iterVar2 === undefined) return [[expr.iterVar, isList ? value : key]]
  return [
    [expr.iterVar, key],
    [expr.iterVar2, value],
  ]
}

function localOf(coster: Coster, expr: Expr): LocalVariable {
  return { path: pathOf(coster, expr), size: sizeOfExpr(coster, expr), entry: entryOf(coster, expr) }
}

function withLocals<T>(coster: Coster, locals: readonly (readonly [string, LocalVariable])[], run: () => T): T {
  for (const [name, variable] of locals) coster.locals.set(name, [...(coster.locals.get(name) ?? []), variable])
  const result = run()
  for (const [name] of locals) coster.locals.set(name, (coster.locals.get(name) ?? []).slice(0, -1))
  return result
}

function local(coster: Coster, name: string): LocalVariable | undefined {
  const stack = coster.locals.get(name) ?? []
  return stack[stack.length - 1]
}

function typeOf(coster: Coster, expr: Expr): CelType {
  return coster.checked.types.get(expr.id) ?? dynType
}

function pathOf(coster: Coster, expr: Expr): Path {
  const variable = expr.kind === 'ident' ? local(coster, expr.name) : undefined
  return variable?.path ?? coster.paths.get(expr.id) ?? []
}

function entryOf(coster: Coster, expr: Expr): EntrySize | undefined {
  const known = coster.entries.get(expr.id)
  return known ?? (expr.kind === 'ident' ? local(coster, expr.name)?.entry : undefined)
}

function copySizes(coster: Coster, to: Expr, from: Expr): void {
  const [size, entry] = [sizeOfExpr(coster, from), entryOf(coster, from)]
  if (size !== undefined) coster.sizes.set(to.id, size)
  if (entry !== undefined) coster.entries.set(to.id, entry)
}

function nodeOf(coster: Coster, expr: Expr): CostNode {
  const path = pathOf(coster, expr)
  const size = sizeOfExpr(coster, expr)
  return { path: path[0] === accumulatorName ? [] : path, type: typeOf(coster, expr), expr, size }
}

function sizeOrUnknown(coster: Coster, expr: Expr): Estimate {
  return sizeOfExpr(coster, expr) ?? unknownSize
}

function sizeOfExpr(coster: Coster, expr: Expr): Estimate | undefined {
  const known = coster.sizes.get(expr.id) ?? literalSize(expr)
  if (known !== undefined) return known
  const bounded = coster.sizeOf(pathOf(coster, expr), typeOf(coster, expr))
  if (bounded !== undefined) {
    coster.sizes.set(expr.id, bounded)
    return bounded
  }
  if (isScalar(typeOf(coster, expr))) return fixed(1)
  return expr.kind === 'ident' ? local(coster, expr.name)?.size : undefined
}

function literalSize(expr: Expr): Estimate | undefined {
  if (expr.kind === 'literal') return fixed(valueSize(expr.value))
  if (expr.kind === 'list') return fixed(expr.elements.length)
  return expr.kind === 'map' ? fixed(expr.entries.length) : undefined
}

function valueSize(value: Literal): number {
  if (typeof value === 'string') return [...value].length
  if (value === null || typeof value !== 'object' || value instanceof CelDouble || value instanceof CelUint) return 1
  return value.length
}

function isScalar(type: CelType): boolean {
  if (isOptional(type)) return isScalar(unwrapOptional(type))
  return ['bool', 'double', 'duration', 'int', 'timestamp', 'uint'].includes(type.kind)
}
