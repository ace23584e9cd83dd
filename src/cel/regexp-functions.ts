import { compileRegexp, type Regexp } from '../api/regexp/regexp.ts'
import { type Implementations, noSuchOverload, type SharedImplementation, text } from './implementation.ts'
import { CelError, listFrom, type Outcome, type Value } from './value.ts'

/** matches() of the language and Kubernetes' find and findAll. */

function withRegexp(pattern: Value | undefined, prefix: string, run: (regexp: Regexp) => Outcome): Outcome {
  const compiled = compileRegexp(text(pattern))
  return compiled.ok ? run(compiled.value) : new CelError(`${prefix}${compiled.error}`)
}

export const regexpFunctions: Implementations = {
  string_find_string: (s, pattern) => withRegexp(pattern, 'Illegal regex: ', (regexp) => regexp.find(text(s))),
  string_find_all_string: (s, pattern) =>
    withRegexp(pattern, 'Illegal regex: ', (regexp) => listFrom(regexp.findAll(text(s), -1))),
  string_find_all_string_int: (s, pattern, limit) =>
    withRegexp(pattern, 'Illegal regex: ', (regexp) => listFrom(regexp.findAll(text(s), Number(limit)))),
}

export const sharedRegexpFunctions: Readonly<Record<string, SharedImplementation>> = {
  matches: {
    run: (s, pattern) =>
      typeof pattern === 'string' ? withRegexp(pattern, '', (regexp) => regexp.matches(text(s))) : noSuchOverload,
    takes: (value) => typeof value === 'string',
  },
}

/** The same functions for a pattern that is known before anything runs. */
export function fixedPattern(name: string, regexp: Regexp): ((s: Value, limit?: Value) => Outcome) | undefined {
  switch (name) {
    case 'matches':
      return (s) => (typeof s === 'string' ? regexp.matches(s) : noSuchOverload)
    case 'find':
      return (s) => (typeof s === 'string' ? regexp.find(s) : noSuchOverload)
    case 'findAll':
      return (s, limit = -1) => (typeof s === 'string' ? listFrom(regexp.findAll(s, Number(limit))) : noSuchOverload)
    default:
      return undefined
  }
}
