import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ExpansionOptions, expandWord, expandWords } from './shell-expansion.ts'

const env: Readonly<Record<string, string>> = {
  HOME: '/root',
  EMPTY: '',
  VERSION: '1.22.3-alpine',
  PATH: '/bin:/usr/bin',
}
const lookup = (name: string): string | undefined => env[name]

function word(text: string, options: Partial<ExpansionOptions> = {}): string {
  const expanded = expandWord(text, lookup, { escapeToken: '\\', ...options })
  return expanded.ok
    ? expanded.value
    : `error: ${expanded.error.replace(/^failed to process .*?: (?=\w+( \w+)*:|\w)/s, '')}`
}

const values: readonly (readonly [text: string, expanded: string])[] = [
  ['plain', 'plain'],
  ['$HOME/x', '/root/x'],
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: a shell's variables
  ['${HOME}x', '/rootx'],
  ['a$NONE.b', 'a.b'],
  ['$', '$'],
  ['\\$HOME', '$HOME'],
  ["'$HOME'", '$HOME'],
  ['"$HOME"', '/root'],
  ['"a\\b"', 'a\\b'],
  ['"a\\"b"', 'a"b'],
  ["it\\'s", "it's"],
  ['${NONE:-default}', 'default'],
  ['${EMPTY:-default}', 'default'],
  ['${EMPTY-default}', ''],
  ['${NONE:-${HOME}/x}', '/root/x'],
  ['${HOME:+set}', 'set'],
  ['${EMPTY:+set}', ''],
  ['${EMPTY+set}', 'set'],
  ['${HOME:?gone}', '/root'],
  ['${VERSION%-*}', '1.22.3'],
  ['${VERSION%%.*}', '1'],
  ['${VERSION#*.}', '22.3-alpine'],
  ['${VERSION##*.}', '3-alpine'],
  ['${VERSION#9}', '1.22.3-alpine'],
  ['${VERSION/alpine/slim}', '1.22.3-slim'],
  ['${PATH//bin/lib}', '/lib:/usr/lib'],
  ['${PATH/\\/bin/x}', 'x:/usr/bin'],
  ['$1', ''],
  ['a<<EOF', 'a<<EOF'],
]

const refusals: readonly (readonly [text: string, why: RegExp])[] = [
  ['${HOME', /syntax error: missing '}'/],
  ['${}', /bad substitution/],
  ['${HOME!x}', /unsupported modifier \(!\) in substitution/],
  ['${NONE:?must be given}', /NONE: must be given/],
  ['${NONE?}', /NONE: is not allowed to be unset/],
  ['${EMPTY:?}', /EMPTY: is not allowed to be empty/],
  ['"open', /looking for matching double-quote/],
  ["'open", /looking for matching single-quote/],
  ['${VERSION#a\\b}', /invalid pattern \(a\\b\) in substitution: invalid escape '\\b'/],
]
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: a shell's variables

describe('variables in a Dockerfile', () => {
  it.each(values)('%s means %s', (text, expanded) => expect(word(text)).toBe(expanded))
  it.each(refusals)('%s is refused', (text, why) => expect(word(text)).toMatch(why))

  it('stay as they are written where they are not set, when so asked', () => {
    const kept = { keepQuotes: true, keepEscapes: true, keepUnset: true }
    const text = 'RUN echo "$NONE" \'$HOME\' \\$x $HOME'
    expect(word(text, kept)).toBe('RUN echo "$NONE" \'$HOME\' \\$x /root')
  })

  it('are expanded in heredocs, whose quotes are characters', () => {
    expect(word('"$HOME" it\'s\n', { ignoreQuotes: true })).toBe('"/root" it\'s\n')
  })

  it('are escaped by what the directive says', () => {
    expect(word('`$HOME \\x', { escapeToken: '`' })).toBe('$HOME \\x')
  })

  it('cut words where their values have spaces, but not within quotes', () => {
    const words = expandWords('a $X "$X" \'b c\'', () => '1 2', { escapeToken: '\\' })
    expect(words).toEqual({ ok: true, value: ['a', '1', '2', '1 2', 'b c'] })
  })

  it('leave text without special characters alone, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !/["'$\\<]/.test(text)),
        (text) => word(text) === text,
      ),
    )
  })

  it('keep a quoted text as it is, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !text.includes("'")),
        (text) => word(`'${text}'`) === text,
      ),
    )
  })
})
