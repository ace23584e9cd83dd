import { ok, type Result } from '../api/result.ts'
import { accumulatorName, type Expr, operator } from './ast.ts'
import {
  gather,
  iterationVariable,
  type Macro,
  type MacroCall,
  type MacroNodes,
  type Macros,
  macroKey,
  map,
  problem,
  quantifierParts,
  standardMacros,
} from './macros.ts'
import type { Issue } from './source.ts'

/** A fold over nothing whose result alone is computed: how a value gets a name. */
const unusedVariable = '#unused'

/** All macros that Kubernetes enables: the standard ones, folds over two variables, optMap, optFlatMap and sortBy. */
export const kubernetesMacros: Macros = new Map<string, Macro>([
  ...standardMacros,
  [macroKey('all', 3, true), twoVariables((make, rest) => quantifierParts(make, 'all', rest.last))],
  [macroKey('exists', 3, true), twoVariables((make, rest) => quantifierParts(make, 'exists', rest.last))],
  [macroKey('exists_one', 3, true), twoVariables((make, rest) => quantifierParts(make, 'exists_one', rest.last))],
  [macroKey('existsOne', 3, true), twoVariables((make, rest) => quantifierParts(make, 'exists_one', rest.last))],
  ...withOptionalFilter('transformList', (make, rest) => gather(make, rest.last, rest.filter)),
  ...withOptionalFilter('transformMap', (make, rest) => insert(make, rest, [make.ident(rest.key), rest.last])),
  ...withOptionalFilter('transformMapEntry', (make, rest) => insert(make, rest, [rest.last])),
  [macroKey('optMap', 2, true), optionalMap('optMap', true)],
  [macroKey('optFlatMap', 2, true), optionalMap('optFlatMap', false)],
  [macroKey('sortBy', 2, true), sortBy],
])

/** What device selectors have besides: `cel.bind(name, value, body)` is the body with a named value. cel-go's ext.Bindings. */
export const bindingMacros: Macros = new Map<string, Macro>([...kubernetesMacros, [macroKey('bind', 3, true), bind]])

function bind(make: MacroNodes, { target, args: [variable, value, body] }: MacroCall): Result<Expr, Issue> | undefined {
  const isOurs = target?.kind === 'ident' && target.name === 'cel'
  if (!isOurs || variable === undefined || value === undefined || body === undefined) return undefined
  if (variable.kind !== 'ident') return problem(variable, 'cel.bind() variable names must be simple identifiers')
  return ok(naming(make, variable.name, value, body))
}

/** A fold over nothing: its beginning is the value, its result the body. */
function naming(make: MacroNodes, name: string, value: Expr, body: Expr): Expr {
  return make.fold({
    range: make.list(),
    iterVar: unusedVariable,
    accuVar: name,
    accuInit: value,
    condition: make.literal(false),
    step: make.ident(name),
    result: body,
  })
}

type Rest = Readonly<{ key: string; filter: Expr | undefined; last: Expr }>
type FoldParts = Readonly<{ accuInit: Expr; condition: Expr; step: Expr; result: Expr }>

function withOptionalFilter(
  name: string,
  parts: (make: MacroNodes, rest: Rest) => FoldParts,
): readonly (readonly [string, Macro])[] {
  const macro = twoVariables(parts)
  return [
    [macroKey(name, 3, true), macro],
    [macroKey(name, 4, true), macro],
  ]
}

function twoVariables(parts: (make: MacroNodes, rest: Rest) => FoldParts): Macro {
  return (make, { target, args }) => {
    const complaint = 'argument must be a simple name'
    const [first, second] = [iterationVariable(args[0], complaint), iterationVariable(args[1], complaint)]
    const last = args[args.length - 1]
    if (first === undefined || second === undefined || target === undefined || last === undefined) return undefined
    if (!first.ok) return first
    if (!second.ok) return second
    if (first.value === second.value) return problem(args[1] ?? last, `duplicate variable name: ${first.value}`)
    const rest = { key: first.value, filter: args.length === 4 ? args[2] : undefined, last }
    const names = { iterVar: first.value, iterVar2: second.value, accuVar: accumulatorName }
    return ok(make.fold({ range: target, ...names, ...parts(make, rest) }))
  }
}

function insert(make: MacroNodes, { filter }: Rest, added: readonly Expr[]): FoldParts {
  const step = make.call('cel.@mapInsert', make.accumulator(), ...added)
  return {
    accuInit: make.emptyMap(),
    condition: make.literal(true),
    step: filter === undefined ? step : make.call(operator.conditional, filter, step, make.accumulator()),
    result: make.accumulator(),
  }
}

/** `target.optMap(v, f)`: target.hasValue() ? optional.of(f with v named) : optional.none(). */
function optionalMap(name: string, wraps: boolean): Macro {
  return (make, { target, args: [variable, body] }) => {
    if (target === undefined || variable === undefined || body === undefined) return undefined
    if (variable.kind !== 'ident') return problem(variable, `${name}() variable name must be a simple identifier`)
    const hasValue = make.memberCall('hasValue', target)
    const named = naming(make, variable.name, make.memberCall('value', make.copy(target)), body)
    const present = wraps ? make.call('optional.of', named) : named
    return ok(make.call(operator.conditional, hasValue, present, make.call('optional.none')))
  }
}

const sortInput = '@__sortBy_input__'
const sortable = new Set(['list', 'select', 'ident', 'comprehension', 'call'])

function sortBy(make: MacroNodes, { offset, target, args }: MacroCall): Result<Expr, Issue> | undefined {
  if (target === undefined) return undefined
  if (!sortable.has(target.kind)) {
    return problem(target, 'sortBy can only be applied to a list, identifier, comprehension, call or select expression')
  }
  const keys = map(make, { offset, name: 'map', target: make.ident(sortInput), args })
  if (keys === undefined || !keys.ok) return keys
  const sorted = make.memberCall('@sortByAssociatedKeys', make.ident(sortInput), keys.value)
  return ok(naming(make, sortInput, target, sorted))
}
