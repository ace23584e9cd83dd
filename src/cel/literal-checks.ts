import { parseRegexp } from '../api/regexp/regexp-syntax.ts'
import { type CallExpr, childrenOf, type Expr } from './ast.ts'
import type { Checked } from './checker.ts'
import { toDuration, toTimestamp } from './conversions.ts'
import { clauseComplaint, parseFormat } from './format-string.ts'
import type { Issue } from './source.ts'
import { type CelType, dynType, formatType, sameType } from './type.ts'
import { CelError } from './value.ts'

/** What can be found wrong with literals before anything runs; cel-go's validators, as Kubernetes enables them. */
export function literalIssues(checked: Checked): readonly Issue[] {
  const issues: Issue[] = []
  walk(checked.expr, false, (expr, inFormat) => {
    if (expr.kind === 'call') issues.push(...callIssues(checked, expr))
    if (!inFormat && (expr.kind === 'list' || expr.kind === 'map')) issues.push(...elementIssues(checked, expr))
  })
  return issues
}

function walk(expr: Expr, inFormat: boolean, visit: (expr: Expr, inFormat: boolean) => void): void {
  visit(expr, inFormat)
  const within = inFormat || (expr.kind === 'call' && expr.name === 'format')
  for (const child of childrenOf(expr)) walk(child, within, visit)
}

function callIssues(checked: Checked, call: CallExpr): readonly Issue[] {
  const [argument] = call.args
  if (call.name === 'format') return formatIssues(checked, call)
  if (argument?.kind !== 'literal') return []
  const { value } = argument
  const wrong =
    (call.name === 'duration' && toDuration(value) instanceof CelError) ||
    (call.name === 'timestamp' && toTimestamp(value) instanceof CelError) ||
    (call.name === 'matches' && typeof value === 'string' && !parseRegexp(value).ok)
  return wrong ? [{ offset: argument.offset, message: `invalid ${call.name} argument` }] : []
}

/** All elements of a literal have one type, even where inference made them dyn. */
function elementIssues(checked: Checked, expr: Extract<Expr, { kind: 'list' | 'map' }>): readonly Issue[] {
  const typeOf = (part: Expr, optional: boolean): CelType => {
    const type = checked.types.get(part.id) ?? dynType
    return optional ? (type.params[0] ?? dynType) : type
  }
  const differing = (parts: readonly (readonly [Expr, CelType])[], first: boolean): readonly Issue[] => {
    const expected = parts[0]?.[1] ?? dynType
    const wrong = parts.filter(([, type]) => !sameType(expected, type, false))
    return (first ? wrong.slice(0, 1) : wrong).map(([part, type]) => ({
      offset: part.offset,
      message: `expected type '${formatType(expected)}' but found '${formatType(type)}'`,
    }))
  }
  if (expr.kind === 'list') {
    return differing(
      expr.elements.map((element, at) => [element, typeOf(element, expr.optionals.has(at))] as const),
      true,
    )
  }
  return [
    ...differing(
      expr.entries.map(({ key }) => [key, typeOf(key, false)] as const),
      false,
    ),
    ...differing(
      expr.entries.map(({ value, optional }) => [value, typeOf(value, optional)] as const),
      false,
    ),
  ]
}

const accepted: Readonly<Record<string, readonly string[]>> = {
  s: ['list', 'map', 'int', 'uint', 'double', 'bool', 'string', 'timestamp', 'bytes', 'duration', 'type', 'null'],
  d: ['int', 'uint'],
  f: ['double', 'string'],
  e: ['double', 'string'],
  b: ['int', 'uint', 'bool'],
  x: ['int', 'uint', 'string', 'bytes'],
  X: ['int', 'uint', 'string', 'bytes'],
  o: ['int', 'uint'],
}

/** A literal format with a literal list of arguments. */
function formatIssues(checked: Checked, call: CallExpr): readonly Issue[] {
  const [list] = call.args
  if (call.target?.kind !== 'literal' || typeof call.target.value !== 'string' || list?.kind !== 'list') return []
  const args = list.elements
  const parts = parseFormat(call.target.value, (index) =>
    index < args.length ? undefined : `index ${index} out of range`,
  )
  if (!parts.ok) return [{ offset: call.offset, message: parts.error }]
  let index = 0
  for (const part of parts.value) {
    if (typeof part === 'string') continue
    const argument = args[index++]
    const bad = argument && unfit(checked, part.verb, argument)
    if (bad === undefined) continue
    const type = checked.types.get(bad.id) ?? dynType
    const message = `error during formatting: ${clauseComplaint(part.verb, type.name)}`
    return [{ offset: bad.offset, message }]
  }
  if (args.length <= index) return []
  const message = `too many arguments supplied to string.format (expected ${index}, got ${args.length})`
  return [{ offset: call.offset, message }]
}

/** The part of an argument that the clause cannot show. */
function unfit(checked: Checked, verb: string, argument: Expr): Expr | undefined {
  const type = checked.types.get(argument.id) ?? dynType
  if (type.kind !== 'dyn' && !(accepted[verb] ?? []).includes(type.kind)) return argument
  if (verb !== 's' || (argument.kind !== 'list' && argument.kind !== 'map')) return undefined
  return childrenOf(argument)
    .map((part) => unfit(checked, verb, part))
    .find((part) => part !== undefined)
}
