import { fail, ok, type Result } from '../api/result.ts'
import { accumulatorName, type Expr, oldAccumulatorName, operator } from './ast.ts'
import type { NodeFactory } from './node-factory.ts'
import type { Issue } from './source.ts'

export type MacroCall = Readonly<{ offset: number; name: string; target: Expr | undefined; args: readonly Expr[] }>

/** Turns a call into what it stands for; undefined leaves it a call. `make` gives nodes at the call's place. */
export type Macro = (make: MacroNodes, call: MacroCall) => Result<Expr, Issue> | undefined

/** By name, number of arguments and whether there is a receiver: 'all/2/receiver'. */
export type Macros = ReadonlyMap<string, Macro>

export function macroKey(name: string, args: number, hasTarget: boolean): string {
  return `${name}/${args}${hasTarget ? '/receiver' : ''}`
}

export function expandMacro(macros: Macros, make: NodeFactory, call: MacroCall): Result<Expr, Issue> | undefined {
  const macro = macros.get(macroKey(call.name, call.args.length, call.target !== undefined))
  return macro?.(macroNodes(make, call.offset), call)
}

export type MacroNodes = ReturnType<typeof macroNodes>

/** Nodes that all stand where the macro was called. */
function macroNodes(make: NodeFactory, offset: number) {
  return {
    literal: (value: boolean | number): Expr => make.literal(offset, value),
    ident: (name: string): Expr => make.ident(offset, name),
    accumulator: (): Expr => make.ident(offset, accumulatorName),
    call: (name: string, ...args: Expr[]): Expr => make.call(offset, name, args),
    memberCall: (name: string, target: Expr, ...args: Expr[]): Expr => make.call(offset, name, args, target),
    list: (...elements: Expr[]): Expr => make.list(offset, elements),
    emptyMap: (): Expr => make.map(offset),
    presence: (operand: Expr, field: string): Expr => make.select(offset, operand, field, true),
    fold: (fold: Parameters<NodeFactory['fold']>[1]): Expr => make.fold(offset, fold),
    copy: (expr: Expr): Expr => make.copy(expr),
  }
}

type Quantifier = 'all' | 'exists' | 'exists_one'

/** What has() and the folds over one variable are. */
export const standardMacros: Macros = new Map<string, Macro>([
  ['has/1', has],
  [macroKey('all', 2, true), quantifier('all')],
  [macroKey('exists', 2, true), quantifier('exists')],
  [macroKey('exists_one', 2, true), quantifier('exists_one')],
  [macroKey('map', 2, true), map],
  [macroKey('map', 3, true), map],
  [macroKey('filter', 2, true), filter],
])

function has(make: MacroNodes, { args: [arg] }: MacroCall): Result<Expr, Issue> | undefined {
  if (arg?.kind === 'select') return ok(make.presence(arg.operand, arg.field))
  return arg && problem(arg, 'invalid argument to has() macro')
}

export function problem(at: Expr, message: string): Result<never, Issue> {
  return fail({ offset: at.offset, message })
}

/** The variable that an argument names. */
export function iterationVariable(arg: Expr | undefined, complaint: string): Result<string, Issue> | undefined {
  if (arg === undefined) return undefined
  if (arg.kind !== 'ident') return problem(arg, complaint)
  if (arg.name === accumulatorName || arg.name === oldAccumulatorName) {
    return problem(arg, 'iteration variable overwrites accumulator variable')
  }
  return ok(arg.name)
}

/** A quantifier's beginning, when it goes on, how it steps and what comes of it. */
export function quantifierParts(make: MacroNodes, kind: Quantifier, predicate: Expr) {
  const accumulator = make.accumulator
  switch (kind) {
    case 'all':
      return {
        accuInit: make.literal(true),
        condition: make.call(operator.notStrictlyFalse, accumulator()),
        step: make.call(operator.and, accumulator(), predicate),
        result: accumulator(),
      }
    case 'exists':
      return {
        accuInit: make.literal(false),
        condition: make.call(operator.notStrictlyFalse, make.call(operator.not, accumulator())),
        step: make.call(operator.or, accumulator(), predicate),
        result: accumulator(),
      }
    case 'exists_one': {
      const more = make.call(operator.add, accumulator(), make.literal(1))
      return {
        accuInit: make.literal(0),
        condition: make.literal(true),
        step: make.call(operator.conditional, predicate, more, accumulator()),
        result: make.call(operator.equals, accumulator(), make.literal(1)),
      }
    }
  }
}

function quantifier(kind: Quantifier): Macro {
  return (make, { target, args: [name, predicate] }) => {
    const iterVar = iterationVariable(name, 'argument must be a simple name')
    if (iterVar === undefined || target === undefined || predicate === undefined) return undefined
    if (!iterVar.ok) return iterVar
    const parts = quantifierParts(make, kind, predicate)
    return ok(make.fold({ range: target, iterVar: iterVar.value, accuVar: accumulatorName, ...parts }))
  }
}

/** A fold that gathers a list: each step adds one element, or none when the predicate does not hold. */
export function gather(make: MacroNodes, element: Expr, predicate: Expr | undefined) {
  const add = make.call(operator.add, make.accumulator(), make.list(element))
  return {
    accuVar: accumulatorName,
    accuInit: make.list(),
    condition: make.literal(true),
    step: predicate === undefined ? add : make.call(operator.conditional, predicate, add, make.accumulator()),
    result: make.accumulator(),
  }
}

export function map(make: MacroNodes, { target, args }: MacroCall): Result<Expr, Issue> | undefined {
  const iterVar = iterationVariable(args[0], 'argument is not an identifier')
  const element = args[args.length - 1]
  if (iterVar === undefined || target === undefined || element === undefined) return undefined
  if (!iterVar.ok) return iterVar
  const parts = gather(make, element, args.length === 3 ? args[1] : undefined)
  return ok(make.fold({ range: target, iterVar: iterVar.value, ...parts }))
}

function filter(make: MacroNodes, { target, args: [name, predicate] }: MacroCall): Result<Expr, Issue> | undefined {
  const iterVar = iterationVariable(name, 'argument is not an identifier')
  if (iterVar === undefined || target === undefined || name === undefined) return undefined
  if (!iterVar.ok) return iterVar
  return ok(make.fold({ range: target, iterVar: iterVar.value, ...gather(make, name, predicate) }))
}
