import { fail, ok, type Result } from '../../api/result.ts'
import { cleanPath, pathPattern } from './go-path.ts'

/** Patterns of a .dockerignore file, or of COPY --exclude; the last that matches a path or a folder above it decides. */
export type IgnorePatterns = readonly IgnorePattern[]

type IgnorePattern = Readonly<{
  /** '!': what matches is taken after all. */
  isException: boolean
  matches(path: string): boolean
}>

/** The patterns of a .dockerignore file, a line each: comments, empty lines and slashes at their beginnings gone. */
export function readIgnoreFile(text: string): readonly string[] {
  return text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .filter((line) => !line.startsWith('#') && line.trim() !== '')
    .map((line) => {
      const pattern = line.trim()
      const bare = pattern.startsWith('!') ? pattern.slice(1).trim() : pattern
      const clean = bare === '' ? '' : cleanPath(bare)
      return (pattern.startsWith('!') ? '!' : '') + (clean.length > 1 ? clean.replace(/^\//, '') : clean)
    })
}

/** Patterns by the rules of github.com/moby/patternmatcher. */
export function parseIgnorePatterns(patterns: readonly string[]): Result<IgnorePatterns, string> {
  const parsed: IgnorePattern[] = []
  for (const text of patterns) {
    const trimmed = text.trim()
    if (trimmed === '') continue
    const isException = trimmed.startsWith('!')
    const pattern = cleanPath(isException ? trimmed.slice(1) : trimmed)
    if (trimmed === '!') return fail('illegal exclusion pattern: "!"')
    const expression = ignoreExpression(pattern)
    if (expression === undefined || pathPattern(pattern) === undefined)
      return fail(`syntax error in pattern: ${JSON.stringify(text)}`)
    parsed.push({ isException, matches: (path) => expression.test(path) })
  }
  return ok(parsed)
}

/** '**' stands for any number of folders; else as in Go's path.Match, but that a bracket may match a slash. */
function ignoreExpression(pattern: string): RegExp | undefined {
  let source = '^'
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] ?? ''
    if (pattern.startsWith('**', at)) {
      at += pattern[at + 2] === '/' ? 2 : 1
      source += at + 1 >= pattern.length ? '.*' : '(?:.*/)?'
    } else if (character === '*') source += '[^/]*'
    else if (character === '?') source += '[^/]'
    else if (character === '\\' && at + 1 < pattern.length) source += (pattern[++at] ?? '').replace(/\W/g, '\\$&')
    else if (character === '[' || character === ']') source += character
    else source += character.replace(/[.+()|{}$\\]/g, '\\$&')
  }
  try {
    return new RegExp(`${source}$`, 's')
  } catch {
    return undefined
  }
}

/** Whether a path ('a/b.txt') is left out. */
export function isIgnored(patterns: IgnorePatterns, path: string): boolean {
  const parts = path.split('/')
  const paths = parts.map((_, at) => parts.slice(0, at + 1).join('/'))
  let ignored = false
  for (const { isException, matches } of patterns)
    if (isException === ignored && paths.some(matches)) ignored = !isException
  return ignored
}

/** Whether something below a folder that is left out may be taken after all. */
export function mayHoldExceptions(patterns: IgnorePatterns): boolean {
  return patterns.some(({ isException }) => isException)
}
