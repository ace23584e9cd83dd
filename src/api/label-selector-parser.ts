import { keyErrors, type Requirement, type RequirementOperator, requirementOf } from './label-requirement.ts'
import { fail, ok, type Result } from './result.ts'

/**
 * The grammar of k8s.io/apimachinery/pkg/labels.Parse: 'a', '!a', 'a=b', 'a==b', 'a!=b', 'a in (b,c)', 'a notin (b)', 'a>1', 'a<1',
 * joined by commas. 'in' and 'notin' are operators only after a key.
 */
type Token = Readonly<{ type: 'word' | 'symbol' | 'end' | 'bad'; text: string }>
type Reader = { readonly tokens: readonly Token[]; at: number }

const end: Token = { type: 'end', text: '' }
const symbols = new Set([')', ',', '!', '==', '=', '>', '<', '!=', '('])
const binary: ReadonlySet<string> = new Set(['in', 'notin', '=', '==', '!=', '>', '<'])

export function parseRequirements(text: string): Result<readonly Requirement[], string> {
  const reader: Reader = { tokens: tokensOf(text), at: 0 }
  const requirements: Requirement[] = []
  if (peek(reader).type === 'end') return ok(requirements)
  if (!startsRequirement(peek(reader))) {
    return fail(`found '${peek(reader).text}', expected: !, identifier, or 'end of string'`)
  }
  for (;;) {
    const parsed = parseRequirement(reader)
    if (!parsed.ok) return fail(`unable to parse requirement: ${parsed.error}`)
    requirements.push(parsed.value)
    const next = take(reader)
    if (next.type === 'end') return ok(requirements)
    if (!isSymbol(next, ',')) return fail(`found '${next.text}', expected: ',' or 'end of string'`)
    if (!startsRequirement(peek(reader))) return fail(`found '${peek(reader).text}', expected: identifier after ','`)
  }
}

function parseRequirement(reader: Reader): Result<Requirement, string> {
  const negated = isSymbol(peek(reader), '!')
  if (negated) take(reader)
  const key = take(reader)
  if (key.type !== 'word') return fail(`found '${key.text}', expected: identifier`)
  const wrong = keyErrors('<nil>', key.text)[0]
  if (wrong !== undefined) return fail(wrong)
  if (negated) return requirementOf(key.text, '!', [])
  const next = peek(reader)
  if (next.type === 'end' || isSymbol(next, ',')) return requirementOf(key.text, 'exists', [])
  take(reader)
  if (!binary.has(next.text)) return fail(`found '${next.text}', expected: in, notin, =, ==, !=, gt, lt`)
  const operator = next.text as RequirementOperator
  const values = operator === 'in' || operator === 'notin' ? parseValues(reader) : parseValue(reader)
  return values.ok ? requirementOf(key.text, operator, [...new Set(values.value)].sort()) : values
}

function parseValue(reader: Reader): Result<readonly string[], string> {
  const next = peek(reader)
  if (next.type === 'end' || isSymbol(next, ',')) return ok([''])
  take(reader)
  return next.type === 'word' ? ok([next.text]) : fail(`found '${next.text}', expected: identifier`)
}

/** '(a,b)'; an empty place between commas or parentheses is the empty value. */
function parseValues(reader: Reader): Result<readonly string[], string> {
  const open = take(reader)
  if (!isSymbol(open, '(')) return fail(`found '${open.text}' expected: '('`)
  const values: string[] = []
  let value = ''
  let filled = false
  for (;;) {
    const next = take(reader)
    if (next.type === 'word' && !filled) {
      value = next.text
      filled = true
    } else if (isSymbol(next, ',') || isSymbol(next, ')')) {
      values.push(value)
      value = ''
      filled = false
      if (next.text === ')') return ok(values)
    } else return fail(`found '${next.text}', expected: ${listExpected(filled, values)}`)
  }
}

function listExpected(filled: boolean, values: readonly string[]): string {
  if (filled) return "',' or ')'"
  return values.length === 0 ? "',', ')' or identifier" : "',', or identifier"
}

function startsRequirement(token: Token): boolean {
  return token.type === 'word' || isSymbol(token, '!')
}

function isSymbol(token: Token, text: string): boolean {
  return token.type === 'symbol' && token.text === text
}

function peek({ tokens, at }: Reader): Token {
  return tokens[at] ?? end
}

function take(reader: Reader): Token {
  const token = peek(reader)
  reader.at += 1
  return token
}

/** Symbols join greedily while they still name one ('==', '!='); words end at a symbol or space. */
function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  for (const [part] of text.matchAll(/[=!(),><]+|[^=!(),><\s]+/g)) {
    if (!/^[=!(),><]/.test(part)) tokens.push({ type: 'word', text: part })
    else
      for (let at = 0; at < part.length; at += tokens[tokens.length - 1]?.text.length ?? 1)
        tokens.push(symbolAt(part, at))
  }
  return tokens
}

function symbolAt(part: string, at: number): Token {
  const two = part.slice(at, at + 2)
  return { type: 'symbol', text: symbols.has(two) && two.length === 2 ? two : part.slice(at, at + 1) }
}
