import { fail, ok, type Result } from '../../api/result.ts'

type Cut = Readonly<{ flags: readonly string[]; rest: string }>

/** Takes the flags ('--chown=1:2') off the beginning of what follows an instruction's name. Their quotes go. */
export function cutFlags(text: string, escapeToken: string): Cut {
  const flags: string[] = []
  let at = 0
  for (;;) {
    while (/\s/.test(text[at] ?? '')) at += 1
    if (!text.startsWith('--', at)) return { flags, rest: text.slice(at).trim() }
    const word = flagAt(text, at, escapeToken)
    at = word.next
    if (word.text === '--') return { flags, rest: text.slice(at).trim() }
    flags.push(word.text)
  }
}

function flagAt(text: string, from: number, escapeToken: string): Readonly<{ text: string; next: number }> {
  let word = ''
  let quote = ''
  let at = from
  for (; at < text.length; at++) {
    const character = text[at] ?? ''
    if (quote === '' && /\s/.test(character)) break
    if (character === quote) quote = ''
    else if (quote === '' && (character === '"' || character === "'")) quote = character
    else if (character === escapeToken) word += text[++at] ?? ''
    else word += character
  }
  return { text: word, next: at }
}

/** Words between spaces; quotes hold words together, and stay with their escapes for expansion to take away. */
export function cutWords(text: string, escapeToken: string): readonly string[] {
  const words: string[] = []
  let word = ''
  let quote = ''
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? ''
    if (quote === '' && /\s/.test(character)) {
      if (word !== '') words.push(word)
      word = ''
      continue
    }
    if (character === escapeToken && quote !== "'") {
      // At the very end, it escapes nothing.
      if (at + 1 < text.length) word += character + (text[++at] ?? '')
      continue
    }
    if (character === quote) quote = ''
    else if (quote === '' && (character === '"' || character === "'")) quote = character
    word += character
  }
  if (word !== '') words.push(word)
  return words
}

/** ["a", "b"]; undefined for what is no JSON list, which then is a line of shell. */
export function parseJsonForm(text: string): Result<readonly string[] | undefined, string> {
  if (!text.trimStart().startsWith('[')) return ok(undefined)
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch {
    return ok(undefined)
  }
  if (!Array.isArray(list)) return ok(undefined)
  return list.every((item): item is string => typeof item === 'string')
    ? ok(list)
    : fail('when using JSON array syntax, arrays must be comprised of strings only')
}

export function isJsonForm(text: string, escapeToken: string): boolean {
  const form = parseJsonForm(cutFlags(text, escapeToken).rest)
  return form.ok && form.value !== undefined
}

export type Pair = Readonly<{ key: string; value: string }>

/** 'a=b c="d e"', or the old form 'a b c', where the rest of the line is the value. */
export function parsePairs(text: string, name: string, escapeToken: string): Result<readonly Pair[], string> {
  const words = cutWords(text, escapeToken)
  const [first] = words
  if (first === undefined) return fail(`${name} requires at least one argument`)
  if (!first.includes('=')) {
    const [, key = '', value] = /^(\S+)\s+(.*)$/s.exec(text) ?? []
    return value === undefined ? fail(`${name} must have two arguments`) : ok([{ key, value }])
  }
  const pairs: Pair[] = []
  for (const word of words) {
    const equals = word.indexOf('=')
    if (equals < 0)
      return fail(`Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`)
    if (equals === 0) return fail(`${name} names can not be blank`)
    pairs.push({ key: word.slice(0, equals), value: word.slice(equals + 1) })
  }
  return ok(pairs)
}
