import type { Issue, Source } from './source.ts'

/** The kind is the text itself for operators and keywords. */
export type Token = Readonly<{ kind: string; text: string; offset: number }>

const escapeSequence =
  String.raw`\\[abfnrtv"'\\?` +
  '`' +
  String.raw`]|\\[0-3][0-7]{2}|\\[xX][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}`
const string = [
  `"""(?:${escapeSequence}|[^\\\\])*?"""`,
  `'''(?:${escapeSequence}|[^\\\\])*?'''`,
  `"(?:${escapeSequence}|[^\\\\"\\n\\r])*"`,
  `'(?:${escapeSequence}|[^\\\\'\\n\\r])*'`,
  '[rR]"""[sS]*?"""',
  "[rR]'''[sS]*?'''",
  '[rR]"[^"\\n\\r]*"',
  "[rR]'[^'\\n\\r]*'",
].join('|')

/** In the order in which a tie is decided. */
const rules: readonly (readonly [kind: string, shape: RegExp])[] = [
  ['', /[\t \r\n\f]+|\/\/[^\n]*/y],
  ['NUM_FLOAT', /\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?/y],
  ['NUM_UINT', /(?:0x[0-9a-fA-F]+|\d+)[uU]/y],
  ['NUM_INT', /0x[0-9a-fA-F]+|\d+/y],
  ['STRING', new RegExp(string, 'y')],
  ['BYTES', new RegExp(`[bB](?:${string})`, 'y')],
  ['IDENTIFIER', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['ESC_IDENTIFIER', /`[A-Za-z0-9_.\-/ ]+`/y],
  ['operator', /==|!=|<=|>=|&&|\|\||[<>[\]{}().,\-!?:+*/%]/y],
]

const keywords = new Set(['in', 'true', 'false', 'null'])

export function tokensOf(source: Source): Readonly<{ tokens: readonly Token[]; issues: readonly Issue[] }> {
  const offsetAt = offsets(source)
  const tokens: Token[] = []
  const issues: Issue[] = []
  for (let at = 0; at < source.text.length; ) {
    const { kind, text } = longest(source.text, at)
    if (text === '') {
      const bad = unreadable(source.text, at)
      issues.push({ offset: offsetAt(at), message: `Syntax error: token recognition error at: '${bad}'` })
      at += bad.length
      continue
    }
    if (kind !== '') tokens.push({ kind: nameOf(kind, text), text, offset: offsetAt(at) })
    at += text.length
  }
  tokens.push({ kind: 'EOF', text: '<EOF>', offset: source.points.length === 0 ? -1 : source.points.length })
  return { tokens, issues }
}

function longest(text: string, at: number): Readonly<{ kind: string; text: string }> {
  let best = { kind: '', text: '' }
  for (const [kind, shape] of rules) {
    shape.lastIndex = at
    const found = shape.exec(text)?.[0] ?? ''
    if (found.length > best.text.length) best = { kind, text: found }
  }
  return best
}

function nameOf(kind: string, text: string): string {
  return kind === 'operator' || (kind === 'IDENTIFIER' && keywords.has(text)) ? text : kind
}

/** What is skipped where no token starts: as much as could have begun one, and the character that ends the hope. */
function unreadable(text: string, at: number): string {
  const rest = text.slice(at)
  const begun =
    /^(?:"(?:\\(?:u[0-9a-fA-F]{0,3}|U[0-9a-fA-F]{0,7}|[xX][0-9a-fA-F]?|[0-3][0-7]?)?(?![\s\S])|[^\\"\n\r]|\\[abfnrtv"'\\?`]|\\u[0-9a-fA-F]{4})*|'(?:[^\\'\n\r]|\\[abfnrtv"'\\?`]|\\u[0-9a-fA-F]{4})*|[|&=]|`[A-Za-z0-9_.\-/ ]*)/.exec(
      rest,
    )?.[0] ?? ''
  const broken =
    begun === '' ? '' : (/^\\(?:[uUxX][0-9a-fA-F]*|[0-3][0-7]?)?/.exec(rest.slice(begun.length))?.[0] ?? '')
  const length = begun.length + broken.length
  const last = rest.codePointAt(length)
  return rest.slice(0, length) + (last === undefined ? '' : String.fromCodePoint(last))
}

/** From UTF-16 positions to code points. */
function offsets({ text, points }: Source): (at: number) => number {
  if (points.length === text.length) return (at) => at
  const table: number[] = []
  points.forEach((point, offset) => {
    for (let unit = 0; unit < point.length; unit++) table.push(offset)
  })
  return (at) => table[at] ?? points.length
}
