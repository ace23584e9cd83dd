import { fail, ok, type Result } from '../result.ts'

/** POSIX classes as they stand within brackets. */
const classes: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7F',
  blank: '\\t ',
  cntrl: '\\x00-\\x1F\\x7F',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
}

/** A pattern of Go's regexp (RE2) as JavaScript has it. What JavaScript has beyond RE2 is refused, too. */
export function goRegExp(pattern: string): Result<RegExp, string> {
  const flags = /^\(\?([ims]+)\)/.exec(pattern)
  const body = flags === null ? pattern : pattern.slice(flags[0].length)
  const lookaround = /\(\?(?:[=!]|<[=!])/.exec(body)
  if (lookaround !== null) {
    return fail(`error parsing regexp: invalid or unsupported Perl syntax: \`${lookaround[0].slice(0, 3)}\``)
  }
  const translated = body
    .replace(/\[:(\w+):\]/g, (whole, name: string) => classes[name] ?? whole)
    .replaceAll('(?P<', '(?<')
    .replaceAll('\\A', '^')
    .replaceAll('\\z', '$')
    .replace(/\\p([A-Z])/g, '\\p{$1}')
  try {
    return ok(new RegExp(translated, `${flags?.[1] ?? ''}${/\\[pP]\{/.test(translated) ? 'u' : ''}`))
  } catch {
    return fail(goError(body))
  }
}

/** What is wrong, in Go's words for the commonest mistakes. */
function goError(pattern: string): string {
  const depth = [...pattern.replace(/\\.|\[(?:\\.|[^\]\\])*\]/g, '')].reduce(
    (open, character) => open + (character === '(' ? 1 : character === ')' ? -1 : 0),
    0,
  )
  const bracket = pattern.replace(/\\./g, '').match(/\[[^\]]*$/)
  const text = `error parsing regexp: `
  if (bracket !== null) return `${text}missing closing ]: \`${bracket[0]}\``
  if (depth > 0) return `${text}missing closing ): \`${pattern}\``
  if (depth < 0) return `${text}unexpected ): \`${pattern}\``
  const repeated = /^[*+?]|[(|][*+?]/.exec(pattern)
  if (repeated !== null) return `${text}missing argument to repetition operator: \`${repeated[0].slice(-1)}\``
  if (pattern.endsWith('\\')) return `${text}trailing backslash at end of expression: \`\``
  return `${text}invalid escape sequence: \`${/\\[^dDwWsSbBAzpPtnvfrxQEaCk.0-7]/.exec(pattern)?.[0] ?? pattern}\``
}
