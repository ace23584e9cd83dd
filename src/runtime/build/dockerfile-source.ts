import { fail, ok, type Result } from '../../api/result.ts'
import { type Heredoc, heredocsOf, withContents } from './heredoc.ts'

/** What a Dockerfile, or a file beside it, is wrong about, and where. */
export type SourceError = Readonly<{ line: number; message: string }>

/** An instruction as it is written, its lines joined. */
export type SourceInstruction = Readonly<{
  /** As written: 'RUN', 'from'. */
  name: string
  /** What follows the name. */
  rest: string
  /** All of it. */
  text: string
  heredocs: readonly Heredoc[]
  /** Where it begins: the first line is 1. */
  line: number
}>

export type DockerfileSource = Readonly<{
  instructions: readonly SourceInstruction[]
  /** What escapes a character and joins lines: a backslash, or what the directive says. */
  escapeToken: string
}>

/**
 * Cuts a Dockerfile into instructions: parser directives, comments, lines that go on, heredocs. By the rules of BuildKit's
 * frontend/dockerfile/parser.
 */
export function readDockerfileSource(text: string): Result<DockerfileSource, SourceError> {
  const lines = text.replace(/^\uFEFF/, '').match(/[^\n]*\n|[^\n]+$/g) ?? []
  const directives = readDirectives(lines)
  if (!directives.ok) return directives
  const { escapeToken } = directives.value
  const instructions: SourceInstruction[] = []
  for (let at = 0; at < lines.length; ) {
    const joined = joinLines(lines, at, escapeToken)
    const line = at + 1
    at = joined.next
    if (joined.text === '') continue
    const read = readInstruction(lines, at, joined.text, line, escapeToken)
    if (!read.ok) return read
    at = read.value.next
    instructions.push(read.value.instruction)
  }
  if (instructions.length === 0) return fail({ line: Math.max(1, lines.length), message: 'file with no instructions' })
  return ok({ instructions, escapeToken })
}

/** '# escape=`', '# syntax=…' and '# check=…', before anything else; the first line that is none of them ends them. */
function readDirectives(lines: readonly string[]): Result<Readonly<{ escapeToken: string }>, SourceError> {
  let escapeToken = '\\'
  const seen = new Set<string>()
  for (const [at, line] of lines.entries()) {
    const [, name = '', value = ''] = /^\s*#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/.exec(line) ?? []
    const key = name.toLowerCase()
    if (key !== 'escape' && key !== 'syntax' && key !== 'check') break
    if (seen.has(key)) return fail({ line: at + 1, message: `only one ${key} parser directive can be used` })
    seen.add(key)
    if (key !== 'escape') continue
    if (value !== '`' && value !== '\\')
      return fail({ line: at + 1, message: `invalid escape token '${value}' does not match \` or \\` })
    escapeToken = value
  }
  return ok({ escapeToken })
}

/** One line with those that it goes on in. Comments and empty lines in between are passed over. Empty: there was no instruction. */
function joinLines(
  lines: readonly string[],
  from: number,
  escapeToken: string,
): Readonly<{ text: string; next: number }> {
  const goesOn = escapeToken === '`' ? /([^`])`[ \t]*$|^`[ \t]*$/ : /([^\\])\\[ \t]*$|^\\[ \t]*$/
  let text = ''
  let at = from
  while (at < lines.length) {
    const line = (lines[at] ?? '').replace(/[\r\n]+$/, '')
    at += 1
    const isFirst = at === from + 1
    if (/^\s*#/.test(line) || (!isFirst && line.trim() === '')) {
      if (isFirst) break
      continue
    }
    const own = isFirst ? line.trimStart() : line
    text += own.replace(goesOn, '$1')
    if (!goesOn.test(own)) break
  }
  return { text: text.trim() === '' ? '' : text, next: at }
}

function readInstruction(
  lines: readonly string[],
  from: number,
  text: string,
  line: number,
  escapeToken: string,
): Result<Readonly<{ instruction: SourceInstruction; next: number }>, SourceError> {
  const [, name = '', rest = ''] = /^\s*(\S+)(?:\s+(.*?))?\s*$/s.exec(text) ?? []
  const begun = heredocsOf(name, rest, text, escapeToken)
  if (!begun.ok) return fail({ line, message: begun.error })
  const heredocs: Heredoc[] = []
  let at = from
  for (const heredoc of begun.value) {
    const end = lines.findIndex((each, index) => index >= at && isEnd(each, heredoc))
    if (end < 0) return fail({ line, message: 'unterminated heredoc' })
    heredocs.push(withContents(heredoc, lines.slice(at, end)))
    at = end + 1
  }
  return ok({ instruction: { name, rest, text, heredocs, line }, next: at })
}

function isEnd(line: string, { name, isChomped }: Heredoc): boolean {
  const bare = line.replace(/[\r\n]+$/, '')
  return (isChomped ? bare.replace(/^\t+/, '') : bare) === name
}
