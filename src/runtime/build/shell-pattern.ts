import { fail, ok, type Result } from '../../api/result.ts'

export type PatternOptions = Readonly<{ isGreedy: boolean; isAnchored: boolean }>

/** A shell's pattern (* and ?, no brackets) as the source of a regular expression, as BuildKit's frontend/dockerfile/shell makes it. */
export function shellPattern(pattern: string, { isGreedy, isAnchored }: PatternOptions): Result<string, string> {
  let source = isAnchored ? '^' : ''
  const characters = [...pattern]
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? ''
    if (character === '*') source += isGreedy ? '[^\\n]*' : '[^\\n]*?'
    else if (character === '?') source += '[^\\n]'
    else if (character !== '\\') source += escaped(character)
    else {
      const after = characters[at + 1] ?? ''
      // These had to be escaped for being within ${}; they mean themselves.
      if (after === '}' || after === '/') continue
      if (after !== '*' && after !== '?' && after !== '\\') return fail(`invalid escape '\\${after}'`)
      source += `\\${after}`
      at += 1
    }
  }
  return ok(source)
}

function escaped(character: string): string {
  return /[[\]{}.+()|^$/]/.test(character) ? `\\${character}` : character
}

/** ${value#pattern}, greedy: ${value##pattern} */
export function withoutPrefix(value: string, pattern: string, isGreedy: boolean): Result<string, string> {
  const expression = shellPattern(pattern, { isGreedy, isAnchored: true })
  return expression.ok ? ok(value.replace(new RegExp(expression.value, 'u'), '')) : expression
}

/** ${value%pattern}, greedy: ${value%%pattern}. Both are turned round: what is shortest from the right is then the shortest from the left. */
export function withoutSuffix(value: string, pattern: string, isGreedy: boolean): Result<string, string> {
  const trimmed = withoutPrefix([...value].reverse().join(''), reversedPattern(pattern), isGreedy)
  return trimmed.ok ? ok([...trimmed.value].reverse().join('')) : trimmed
}

/** An escape stays before what it escapes. */
function reversedPattern(pattern: string): string {
  return (pattern.match(/\\.|./gsu) ?? []).reverse().join('')
}
