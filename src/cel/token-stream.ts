import type { Token } from './lexer.ts'
import type { Issue } from './source.ts'

/** Tokens in the order in which messages list them. */
const order = [
  'EOF', '==', '!=', 'in', '<', '<=', '>=', '>', '&&', '||', '[', ']', '{', '}', '(', ')', '.', ',', '-', '!', '?', ':', '+', '*', '/', '%',
  'true', 'false', 'null', 'NUM_FLOAT', 'NUM_INT', 'NUM_UINT', 'STRING', 'BYTES', 'IDENTIFIER', 'ESC_IDENTIFIER',
] // biome-ignore format: a table

/** What an operand may start with. */
export const operandStart: ReadonlySet<string> = new Set(
  '[ { ( . - ! true false null NUM_FLOAT NUM_INT NUM_UINT STRING BYTES IDENTIFIER'.split(' '),
)
/** What may stand after an operand, besides what closes the expression around it. */
const operandFollow = new Set('== != in < <= >= > && || [ . - ? + * / %'.split(' '))

/** Thrown to leave the parser once reading on would only guess; the issue is already noted. */
export class Unreadable extends Error {}

export type TokenStream = Readonly<{
  peek: (ahead?: number) => Token
  take: () => Token
  /**
   * Whether one of `wanted` stands here, in the words and with the repairs of an LL parser: a token too many is skipped; otherwise what
   * is wrong is reported and everything up to where reading can go on is skipped.
   */
  sync: (wanted: ReadonlySet<string>) => boolean
  /** Takes a token of the kind; one that is missing is supplied, one too many before it is skipped. */
  match: (kind: string, follow?: ReadonlySet<string>) => Token
  /** Reports that nothing can begin with these two tokens. */
  noViable: (from: Token, token: Token) => void
  /** Reports what stands here as one token too many. */
  superfluous: (wanted: ReadonlySet<string>) => void
  skip: () => void
  within: <T>(closers: readonly string[], read: () => T) => T
}>

export function tokenStream(tokens: readonly Token[], issues: Issue[]): TokenStream {
  const last = tokens[tokens.length - 1] ?? { kind: 'EOF', text: '<EOF>', offset: 0 }
  const closers: (readonly string[])[] = [['EOF']]
  let at = 0
  let recovering = false
  const peek = (ahead = 0): Token => tokens[at + ahead] ?? last
  const take = (): Token => {
    const token = peek()
    if (token.kind !== 'EOF') at += 1
    recovering = false
    return token
  }
  const report = (token: Token, message: string): void => {
    if (!recovering) issues.push({ offset: token.offset, message: `Syntax error: ${message}` })
    recovering = true
  }
  const skip = (): void => {
    const stops = (kind: string): boolean => operandFollow.has(kind) || closers.some((set) => set.includes(kind))
    while (!stops(peek().kind)) at += 1
  }
  const sync = (wanted: ReadonlySet<string>): boolean => {
    const token = peek()
    if (wanted.has(token.kind)) return true
    if (wanted.has(peek(1).kind) && token.kind !== 'EOF') {
      report(token, `extraneous input ${quote(token)} expecting ${listed(wanted)}`)
      at += 1
      return true
    }
    report(token, `mismatched input ${quote(token)} expecting ${listed(wanted)}`)
    skip()
    return false
  }
  const follows = (kind: string): boolean =>
    operandFollow.has(kind) || (closers[closers.length - 1] ?? []).includes(kind)
  const match = (kind: string, follow?: ReadonlySet<string>): Token => {
    const token = peek()
    if (token.kind === kind) return take()
    if (token.kind !== 'EOF' && peek(1).kind === kind) {
      report(token, `extraneous input ${quote(token)} expecting ${listed(new Set([kind]))}`)
      at += 1
      return take()
    }
    if (kind !== 'EOF' && (follow?.has(token.kind) ?? follows(token.kind))) {
      report(token, `missing ${shown(kind)} at ${quote(token)}`)
      return { kind, text: '', offset: token.offset }
    }
    report(token, `mismatched input ${quote(token)} expecting ${listed(new Set([kind]))}`)
    throw new Unreadable()
  }
  const noViable = (from: Token, token: Token): void => {
    const read = `${from.text}${token.kind === 'EOF' ? '' : token.text}`
    const reserved = ['true', 'false', 'null'].includes(token.kind)
    report(
      token,
      reserved ? `mismatched input '${token.text}' expecting IDENTIFIER` : `no viable alternative at input '${read}'`,
    )
  }
  const superfluous = (wanted: ReadonlySet<string>): void =>
    report(peek(), `extraneous input ${quote(peek())} expecting ${listed(wanted)}`)
  const within = <T>(inner: readonly string[], read: () => T): T => {
    closers.push(inner)
    const result = read()
    closers.pop()
    return result
  }
  return { peek, take, sync, match, noViable, superfluous, skip, within }
}

function quote(token: Token): string {
  return `'${token.text.replaceAll('\n', '\\n').replaceAll('\t', '\\t')}'`
}

function shown(kind: string): string {
  return kind === 'EOF' ? '<EOF>' : /^[A-Z]/.test(kind) ? kind : `'${kind}'`
}

function listed(kinds: ReadonlySet<string>): string {
  const names = order.filter((kind) => kinds.has(kind)).map(shown)
  return names.length === 1 ? (names[0] ?? '') : `{${names.join(', ')}}`
}
