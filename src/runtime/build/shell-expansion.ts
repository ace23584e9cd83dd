import { fail, ok, type Result } from '../../api/result.ts'
import { shellPattern, withoutPrefix, withoutSuffix } from './shell-pattern.ts'

/** The value of a variable; undefined where it is not set. */
export type Lookup = (name: string) => string | undefined

export type ExpansionOptions = Readonly<{
  escapeToken: string
  /** Quotes stay in the result. */
  keepQuotes?: boolean
  /** Escapes stay in the result. */
  keepEscapes?: boolean
  /** Variables that are not set stay as they are written. */
  keepUnset?: boolean
  /** Quotes are characters like others: as in the body of a heredoc. */
  ignoreQuotes?: boolean
}>

class ExpansionError extends Error {}

/** Variables in place of their names, quotes and escapes gone: one word. As BuildKit's frontend/dockerfile/shell does, and worded so. */
export function expandWord(text: string, lookup: Lookup, options: ExpansionOptions): Result<string, string> {
  const expanded = expand(text, lookup, options)
  return expanded.ok ? ok(expanded.value.text) : expanded
}

/** As expandWord, but cut into words at the spaces that no quotes hold; those that values bring cut too. */
export function expandWords(
  text: string,
  lookup: Lookup,
  options: ExpansionOptions,
): Result<readonly string[], string> {
  const expanded = expand(text, lookup, options)
  return expanded.ok ? ok(expanded.value.words) : expanded
}

type Expanded = Readonly<{ text: string; words: readonly string[] }>

function expand(text: string, lookup: Lookup, options: ExpansionOptions): Result<Expanded, string> {
  try {
    return ok(expandUntil({ text, at: 0, lookup, options }, undefined, options.keepEscapes === true, false))
  } catch (error) {
    if (!(error instanceof ExpansionError)) throw error
    return fail(`failed to process ${JSON.stringify(text)}: ${error.message}`)
  }
}

/** Where reading is; `at` moves on. */
type Scan = { readonly text: string; at: number; readonly lookup: Lookup; readonly options: ExpansionOptions }

function peek(scan: Scan): string {
  return scan.text[scan.at] ?? ''
}

function next(scan: Scan): string {
  return scan.text[scan.at++] ?? ''
}

/**
 * Up to the stop character, or to the end where there is none. isPattern: escapes within quotes are doubled, for the result is read
 * again as a pattern.
 */
function expandUntil(scan: Scan, stop: string | undefined, keepEscapes: boolean, isPattern: boolean): Expanded {
  const { escapeToken, ignoreQuotes = false } = scan.options
  const words = wordList()
  let text = ''
  const add = (part: string, isSplit: boolean): void => {
    text += part
    words.add(part, isSplit)
  }
  while (scan.at < scan.text.length) {
    const character = next(scan)
    if (character === stop) return { text, words: words.all() }
    if (character === '$') add(variable(scan), true)
    else if (character === '<') add(possibleHeredoc(scan), false)
    else if (character === "'" && !ignoreQuotes) add(singleQuoted(scan, isPattern), false)
    else if (character === '"' && !ignoreQuotes) add(doubleQuoted(scan, keepEscapes, isPattern), false)
    else if (character === escapeToken) add((keepEscapes ? character : '') + next(scan), false)
    else add(character, true)
  }
  if (stop !== undefined) throw new ExpansionError(`unexpected end of statement while looking for matching ${stop}`)
  return { text, words: words.all() }
}

function wordList() {
  const words: string[] = []
  let word = ''
  const end = (): void => {
    if (word !== '') words.push(word)
    word = ''
  }
  return {
    add(part: string, isSplit: boolean): void {
      if (!isSplit) word += part
      else
        for (const character of part)
          if (/\s/.test(character)) end()
          else word += character
    },
    all(): readonly string[] {
      end()
      return words
    },
  }
}

function singleQuoted(scan: Scan, isPattern: boolean): string {
  const { escapeToken, keepQuotes = false } = scan.options
  let result = keepQuotes ? "'" : ''
  for (;;) {
    const character = next(scan)
    if (character === '')
      throw new ExpansionError('unexpected end of statement while looking for matching single-quote')
    if (character === "'") return result + (keepQuotes ? "'" : '')
    result += isPattern && character === escapeToken ? character + character : character
  }
}

function doubleQuoted(scan: Scan, keepEscapes: boolean, isPattern: boolean): string {
  const { escapeToken, keepQuotes = false } = scan.options
  let result = keepQuotes ? '"' : ''
  for (;;) {
    const character = next(scan)
    if (character === '')
      throw new ExpansionError('unexpected end of statement while looking for matching double-quote')
    if (character === '"') return result + (keepQuotes ? '"' : '')
    if (character === '$') result += variable(scan)
    else if (character !== escapeToken) result += character
    else if (peek(scan) === '"' || peek(scan) === '$' || peek(scan) === escapeToken)
      result += (keepEscapes ? character : '') + next(scan)
    else if (peek(scan) !== '') result += keepEscapes && (!keepQuotes || isPattern) ? character + character : character
  }
}

/** The word after << names a heredoc; spaces between them belong to it. */
function possibleHeredoc(scan: Scan): string {
  if (peek(scan) !== '<') return '<'
  scan.at += 1
  let result = '<<'
  while (/[\t\r ]/.test(peek(scan))) result += next(scan)
  return result
}

/** After a dollar sign. */
function variable(scan: Scan): string {
  if (peek(scan) !== '{') {
    const name = variableName(scan)
    if (name === '') return '$'
    return scan.lookup(name) ?? (scan.options.keepUnset === true ? `$${name}` : '')
  }
  scan.at += 1
  if (peek(scan) === '') throw new ExpansionError("syntax error: missing '}'")
  if (/[{}:]/.test(peek(scan))) throw new ExpansionError('syntax error: bad substitution')
  const name = variableName(scan)
  const value = scan.lookup(name)
  const kept = value === undefined && scan.options.keepUnset === true
  const operator = next(scan)
  if (operator === '}') return value ?? (kept ? `\${${name}}` : '')
  if (operator === '') throw new ExpansionError("syntax error: missing '}'")
  if (operator === '/') return replaced(scan, name, value, kept)
  const modifier = operator === ':' ? operator + next(scan) : operator
  if (!/^:?[-+?]$|^[#%]$/.test(modifier)) throw new ExpansionError(`unsupported modifier (${modifier}) in substitution`)
  const isPattern = modifier === '#' || modifier === '%'
  const word = operand(scan, '}', isPattern, isPattern)
  if (kept) return `\${${name}${modifier}${word}}`
  return modified(name, value, modifier, word)
}

function operand(scan: Scan, stop: string, isRaw: boolean, isPattern: boolean): string {
  try {
    return expandUntil(scan, stop, isRaw, isPattern).text
  } catch (error) {
    if (!(error instanceof ExpansionError) || peek(scan) !== '') throw error
    throw new ExpansionError(stop === '}' ? "syntax error: missing '}'" : `syntax error: missing '${stop}' in \${}`)
  }
}

function modified(name: string, value: string | undefined, modifier: string, word: string): string {
  const isMissing = value === undefined || (modifier.startsWith(':') && value === '')
  switch (modifier.slice(-1)) {
    case '-':
      return isMissing ? word : value
    case '+':
      return isMissing ? '' : word
    case '?': {
      const complaint = value === undefined ? 'is not allowed to be unset' : 'is not allowed to be empty'
      if (isMissing) throw new ExpansionError(`${name}: ${word === '' ? complaint : word}`)
      return value
    }
    default: {
      const isGreedy = word.startsWith(modifier)
      const pattern = isGreedy ? word.slice(1) : word
      const trim = modifier === '#' ? withoutPrefix : withoutSuffix
      return checked(pattern, trim(value ?? '', pattern, isGreedy))
    }
  }
}

/** ${name/pattern/replacement}, ${name//pattern/replacement} */
function replaced(scan: Scan, name: string, value: string | undefined, kept: boolean): string {
  const isAll = peek(scan) === '/'
  if (isAll) scan.at += 1
  const pattern = operand(scan, '/', true, true)
  const replacement = operand(scan, '}', true, false)
  if (kept) return `\${${name}/${pattern}/${replacement}}`
  const expression = checked(pattern, shellPattern(pattern, { isGreedy: true, isAnchored: false }))
  return (value ?? '').replace(isAll ? new RegExp(expression, 'gu') : new RegExp(expression, 'u'), () => replacement)
}

function checked<T>(pattern: string, result: Result<T, string>): T {
  if (result.ok) return result.value
  throw new ExpansionError(`invalid pattern (${pattern}) in substitution: ${result.error}`)
}

/** Letters, digits and underscores; only digits where it begins with one; or one of the shell's special parameters. */
function variableName(scan: Scan): string {
  const rest = scan.text.slice(scan.at)
  const name = /^(?:\p{Nd}+|[@*#?$!-]|[\p{L}_][\p{L}\p{Nd}_]*)/u.exec(rest)?.[0] ?? ''
  scan.at += name.length
  return name
}
