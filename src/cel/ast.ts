import type { Literal } from './value.ts'

/** Where an expression stands in the source: an offset in code points. Ids are unique within one parsed expression. */
type Node = Readonly<{ id: number; offset: number }>

export type LiteralExpr = Node & Readonly<{ kind: 'literal'; value: Literal }>
export type IdentExpr = Node & Readonly<{ kind: 'ident'; name: string }>
export type SelectExpr = Node & Readonly<{ kind: 'select'; operand: Expr; field: string; testOnly: boolean }>
export type CallExpr = Node & Readonly<{ kind: 'call'; name: string; target: Expr | undefined; args: readonly Expr[] }>
export type ListExpr = Node & Readonly<{ kind: 'list'; elements: readonly Expr[]; optionals: ReadonlySet<number> }>
export type MapEntry = Node & Readonly<{ key: Expr; value: Expr; optional: boolean }>
export type MapExpr = Node & Readonly<{ kind: 'map'; entries: readonly MapEntry[] }>
export type StructField = Node & Readonly<{ name: string; value: Expr; optional: boolean }>
export type StructExpr = Node & Readonly<{ kind: 'struct'; typeName: string; fields: readonly StructField[] }>
/** A fold: what every macro over a list or map becomes. With iterVar2, iterVar is the index or key. */
export type ComprehensionExpr = Node &
  Readonly<{
    kind: 'comprehension'
    range: Expr
    iterVar: string
    iterVar2: string | undefined
    accuVar: string
    accuInit: Expr
    condition: Expr
    step: Expr
    result: Expr
  }>
/** Stands where the source could not be read; an error has been reported for it. */
export type BrokenExpr = Node & Readonly<{ kind: 'broken' }>

export type Expr =
  | LiteralExpr
  | IdentExpr
  | SelectExpr
  | CallExpr
  | ListExpr
  | MapExpr
  | StructExpr
  | ComprehensionExpr
  | BrokenExpr

/** Names of the operators as functions, as the language definition has them. */
export const operator = {
  and: '_&&_',
  or: '_||_',
  not: '!_',
  conditional: '_?_:_',
  equals: '_==_',
  notEquals: '_!=_',
  add: '_+_',
  negate: '-_',
  in: '@in',
  index: '_[_]',
  optionalIndex: '_[?_]',
  optionalSelect: '_?._',
  notStrictlyFalse: '@not_strictly_false',
} as const

/** The name of a fold's accumulator: no identifier that can be written. */
export const accumulatorName = '@result'
/** The name accumulators had once; iteration variables may still not take it. */
export const oldAccumulatorName = '__result__'

/** 'a.b.c' of an identifier with selections; undefined for anything else. */
export function qualifiedName(expr: Expr): string | undefined {
  if (expr.kind === 'ident') return expr.name
  if (expr.kind !== 'select' || expr.testOnly) return undefined
  const prefix = qualifiedName(expr.operand)
  return prefix === undefined ? undefined : `${prefix}.${expr.field}`
}

/** The direct parts of an expression, in the order in which they are written. */
export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'select':
      return [expr.operand]
    case 'call':
      return expr.target === undefined ? expr.args : [expr.target, ...expr.args]
    case 'list':
      return expr.elements
    case 'map':
      return expr.entries.flatMap(({ key, value }) => [key, value])
    case 'struct':
      return expr.fields.map(({ value }) => value)
    case 'comprehension':
      return [expr.range, expr.accuInit, expr.condition, expr.step, expr.result]
    default:
      return []
  }
}
