import { fail, ok, type Result } from '../api/result.ts'
import type { Expr, MapEntry, StructField } from './ast.ts'
import { operator } from './ast.ts'
import { type Token, tokensOf } from './lexer.ts'
import { literalOf } from './literal.ts'
import { expandMacro, type Macros } from './macros.ts'
import { type NodeFactory, nodeFactory } from './node-factory.ts'
import type { Issue, Source } from './source.ts'
import { operandStart, type TokenStream, tokenStream, Unreadable } from './token-stream.ts'

/** The language's own limits, as cel-go sets them. */
const maxDepth = 250
const maxCodePoints = 100_000

const reserved = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(' '),
)
const relations = new Set(['<', '<=', '>=', '>', '==', '!=', 'in'])
const operandOrOptional = new Set([...operandStart, '?'])

type Parser = TokenStream &
  Readonly<{
    make: NodeFactory
    report: (offset: number, message: string) => Expr
    macros: Macros
    depth: { now: number }
  }>

/** Reads an expression and expands its macros. */
export function parse(source: Source, macros: Macros): Result<Expr, readonly Issue[]> {
  const size = source.points.length
  if (size > maxCodePoints) {
    const message = `expression code point size exceeds limit: size: ${size}, limit ${maxCodePoints}`
    return fail([{ offset: -1, message }])
  }
  const { tokens, issues: lexical } = tokensOf(source)
  const issues: Issue[] = [...lexical]
  const make = nodeFactory()
  const report = (offset: number, message: string): Expr => {
    issues.push({ offset, message })
    return make.broken(offset)
  }
  try {
    const parser = { ...tokenStream(tokens, issues), make, report, macros, depth: { now: 0 } }
    const expr = conditional(parser)
    parser.match('EOF')
    return issues.length === 0 ? ok(expr) : fail(issues)
  } catch (error) {
    if (error instanceof Unreadable) return fail(issues)
    throw error
  }
}

function conditional(parser: Parser): Expr {
  parser.depth.now += 1
  if (parser.depth.now > maxDepth) {
    parser.report(-1, `expression recursion limit exceeded: ${maxDepth}`)
    throw new Unreadable()
  }
  const condition = logical(parser, '||', operator.or, (p) => logical(p, '&&', operator.and, relation))
  const expr = parser.peek().kind === '?' ? ternary(parser, condition) : condition
  parser.depth.now -= 1
  return expr
}

function ternary(parser: Parser, condition: Expr): Expr {
  const { offset } = parser.take()
  const truthy = parser.within([':'], () =>
    logical(parser, '||', operator.or, (p) => logical(p, '&&', operator.and, relation)),
  )
  parser.match(':', operandStart)
  return parser.make.call(offset, operator.conditional, [condition, truthy, conditional(parser)])
}

/** A chain of && or ||, as a balanced tree: evaluation recurses over it. */
function logical(parser: Parser, token: string, name: string, next: (parser: Parser) => Expr): Expr {
  const terms = [next(parser)]
  const offsets: number[] = []
  while (parser.peek().kind === token) {
    offsets.push(parser.take().offset)
    terms.push(next(parser))
  }
  const balanced = (low: number, high: number): Expr => {
    const middle = (low + high + 1) >> 1
    const left = middle === low ? terms[middle] : balanced(low, middle - 1)
    const right = middle === high ? terms[middle + 1] : balanced(middle + 1, high)
    const sides = [left, right].filter((side) => side !== undefined)
    return parser.make.call(offsets[middle] ?? 0, name, sides)
  }
  return offsets.length === 0 ? (terms[0] ?? parser.make.broken(0)) : balanced(0, offsets.length - 1)
}

function relation(parser: Parser): Expr {
  let left = sum(parser)
  while (relations.has(parser.peek().kind)) {
    const { kind, offset } = parser.take()
    left = parser.make.call(offset, kind === 'in' ? operator.in : `_${kind}_`, [left, sum(parser)])
  }
  return left
}

function sum(parser: Parser): Expr {
  return leftChain(parser, new Set(['+', '-']), (p) => leftChain(p, new Set(['*', '/', '%']), unary))
}

function leftChain(parser: Parser, tokens: ReadonlySet<string>, next: (parser: Parser) => Expr): Expr {
  let left = next(parser)
  while (tokens.has(parser.peek().kind)) {
    const { kind, offset } = parser.take()
    left = parser.make.call(offset, `_${kind}_`, [left, next(parser)])
  }
  return left
}

function unary(parser: Parser): Expr {
  if (!parser.sync(operandStart)) return parser.make.broken(parser.peek().offset)
  const first = parser.peek()
  if (first.kind === '!') return prefixed(parser, '!', operator.not)
  if (first.kind === '-' && !/^NUM_(?:INT|FLOAT)$/.test(parser.peek(1).kind)) {
    return prefixed(parser, '-', operator.negate)
  }
  return member(parser, primary(parser))
}

/** An even number of signs is none. */
function prefixed(parser: Parser, token: string, name: string): Expr {
  const first = parser.peek()
  let count = 1
  while (parser.peek(count).kind === token) count += 1
  const next = parser.peek(count)
  if (token === '-' && !operandStart.has(next.kind)) {
    parser.noViable(parser.peek(count - 1), next)
    return parser.make.broken(first.offset)
  }
  for (let taken = 0; taken < count; taken++) parser.take()
  if (next.kind === 'EOF') parser.superfluous(operandStart)
  if (!parser.sync(operandStart)) return parser.make.broken(next.offset)
  const operand = member(parser, primary(parser))
  return count % 2 === 0 ? operand : parser.make.call(first.offset, name, [operand])
}

function member(parser: Parser, operand: Expr): Expr {
  let expr = operand
  for (;;) {
    const { kind } = parser.peek()
    if (kind === '.') expr = selection(parser, expr)
    else if (kind === '[') expr = index(parser, expr)
    else return expr
  }
}

function selection(parser: Parser, operand: Expr): Expr {
  const dot = parser.take()
  const optional = parser.peek().kind === '?'
  if (optional) parser.take()
  const name = parser.peek()
  if (name.kind === 'ESC_IDENTIFIER') {
    parser.take()
    parser.report(name.offset, "unsupported syntax: '`'")
    return parser.make.select(dot.offset, operand, '')
  }
  if (name.kind !== 'IDENTIFIER') {
    parser.noViable(dot, name)
    parser.skip()
    return operand
  }
  parser.take()
  if (optional) {
    const field = parser.make.literal(name.offset, name.text)
    return parser.make.call(dot.offset, operator.optionalSelect, [operand, field])
  }
  if (parser.peek().kind !== '(') return parser.make.select(dot.offset, operand, name.text)
  const open = parser.take()
  return callOrMacro(parser, open.offset, name.text, operand, args(parser))
}

function index(parser: Parser, operand: Expr): Expr {
  const { offset } = parser.take()
  const { at, optional } = parser.within([']'], () => {
    if (!parser.sync(operandOrOptional)) return { at: parser.make.broken(offset), optional: false }
    const optional = takeOptional(parser)
    return { at: conditional(parser), optional }
  })
  parser.match(']')
  return parser.make.call(offset, optional ? operator.optionalIndex : operator.index, [operand, at])
}

function primary(parser: Parser): Expr {
  const token = parser.peek()
  switch (token.kind) {
    case '(': {
      parser.take()
      const inner = parser.within([')'], () => conditional(parser))
      parser.match(')')
      return inner
    }
    case '[':
      return list(parser)
    case '{':
      return map(parser)
    case '.':
    case 'IDENTIFIER':
      return name(parser)
    default:
      return literal(parser)
  }
}

function literal(parser: Parser): Expr {
  const sign = parser.peek().kind === '-' ? parser.take() : undefined
  const token = parser.take()
  const value = literalOf(token, sign !== undefined)
  const offset = (sign ?? token).offset
  return value.ok ? parser.make.literal(offset, value.value) : parser.report(offset, value.error)
}

function name(parser: Parser): Expr {
  const start = parser.peek()
  const leading = start.kind === '.' ? parser.take() : undefined
  if (parser.peek().kind !== 'IDENTIFIER') {
    parser.noViable(start, parser.peek())
    parser.skip()
    return parser.make.broken(start.offset)
  }
  const ident = parser.take()
  const message = messageName(parser)
  if (message !== undefined) return struct(parser, `${leading === undefined ? '' : '.'}${ident.text}${message}`)
  const isReserved = reserved.has(ident.text)
  if (isReserved) parser.report(start.offset, `reserved identifier: ${ident.text}`)
  const text = leading === undefined ? ident.text : `.${ident.text}`
  if (parser.peek().kind !== '(') return parser.make.ident(ident.offset, text)
  const open = parser.take()
  const given = args(parser)
  return isReserved ? parser.make.broken(start.offset) : callOrMacro(parser, open.offset, text, undefined, given)
}

/** The rest of a dotted name that a '{' follows; the tokens are taken only then. */
function messageName(parser: Parser): string | undefined {
  let ahead = 0
  while (parser.peek(ahead).kind === '.' && parser.peek(ahead + 1).kind === 'IDENTIFIER') ahead += 2
  if (parser.peek(ahead).kind !== '{') return undefined
  return Array.from({ length: ahead }, () => parser.take().text).join('')
}

function args(parser: Parser): Expr[] {
  const found: Expr[] = []
  if (parser.peek().kind !== ')') {
    parser.within([',', ')'], () => {
      if (!parser.sync(new Set([...operandStart, ')'])) || parser.peek().kind === ')') return
      found.push(conditional(parser))
      while (parser.peek().kind === ',') {
        parser.take()
        found.push(conditional(parser))
      }
    })
  }
  parser.match(')')
  return found
}

/** Items between commas, one of which may trail, up to the closing token. */
function items(
  parser: Parser,
  close: string,
  starts: ReadonlySet<string>,
  closers: readonly string[],
  item: () => void,
): void {
  if (parser.peek().kind !== close && parser.peek().kind !== ',') {
    parser.within(closers, () => {
      if (!parser.sync(new Set([...starts, close, ',']))) return
      item()
      while (parser.peek().kind === ',' && starts.has(parser.peek(1).kind)) {
        parser.take()
        item()
      }
    })
  }
  parser.sync(new Set([close, ',']))
  if (parser.peek().kind === ',') parser.take()
  parser.match(close)
}

function list(parser: Parser): Expr {
  const { offset } = parser.take()
  const elements: Expr[] = []
  const optionals = new Set<number>()
  items(parser, ']', operandOrOptional, [',', ']'], () => {
    if (takeOptional(parser)) optionals.add(elements.length)
    elements.push(conditional(parser))
  })
  return parser.make.list(offset, elements, optionals)
}

function map(parser: Parser): Expr {
  const { offset } = parser.take()
  const entries: MapEntry[] = []
  items(parser, '}', operandOrOptional, [',', '}'], () => {
    const optional = takeOptional(parser)
    const key = parser.within([':'], () => conditional(parser))
    const colon = parser.match(':', operandStart)
    entries.push(parser.make.entry(colon.offset, key, conditional(parser), optional))
  })
  return parser.make.map(offset, entries)
}

function struct(parser: Parser, typeName: string): Expr {
  const { offset } = parser.take()
  const fields: StructField[] = []
  items(parser, '}', new Set(['?', 'IDENTIFIER', 'ESC_IDENTIFIER']), [',', '}'], () => {
    const optional = takeOptional(parser)
    const field = fieldName(parser)
    const colon = parser.match(':', operandStart)
    fields.push(parser.make.field(colon.offset, field.text, conditional(parser), optional))
  })
  return parser.make.struct(offset, typeName, fields)
}

function fieldName(parser: Parser): Token {
  const token = parser.peek()
  if (token.kind !== 'ESC_IDENTIFIER') return parser.match('IDENTIFIER')
  parser.report(token.offset, "unsupported syntax: '`'")
  return parser.take()
}

function takeOptional(parser: Parser): boolean {
  if (parser.peek().kind !== '?') return false
  parser.take()
  return true
}

function callOrMacro(parser: Parser, offset: number, name: string, target: Expr | undefined, args: Expr[]): Expr {
  const expanded = expandMacro(parser.macros, parser.make, { offset, name, target, args })
  if (expanded === undefined) return parser.make.call(offset, name, args, target)
  return expanded.ok ? expanded.value : parser.report(expanded.error.offset, expanded.error.message)
}
