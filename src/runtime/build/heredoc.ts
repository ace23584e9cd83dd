import { fail, ok, type Result } from '../../api/result.ts'
import { isJsonForm } from './instruction-words.ts'
import { expandWords } from './shell-expansion.ts'

export type Heredoc = Readonly<{
  name: string
  /** Variables in it mean their values: its name is not quoted. */
  isExpanded: boolean
  /** <<-: tabs at the beginnings of its lines do not belong to it. */
  isChomped: boolean
  /** As written, tabs and all. */
  content: string
}>

const takeHeredocs = new Set(['add', 'copy', 'run'])
const unset = (): undefined => undefined

/** The heredocs that an instruction begins, yet without their contents. */
export function heredocsOf(
  name: string,
  rest: string,
  text: string,
  escapeToken: string,
): Result<readonly Heredoc[], string> {
  const [, trigger = '', triggerRest = ''] = /^(\S+)\s*(.*)$/s.exec(rest) ?? []
  const isTrigger = name.toLowerCase() === 'onbuild'
  const [taker, words] = isTrigger ? [trigger, triggerRest] : [name, rest]
  if (!takeHeredocs.has(taker.toLowerCase()) || !text.includes('<<') || isJsonForm(words, escapeToken)) return ok([])
  const found = expandWords(text, unset, { escapeToken: '\\', keepQuotes: true, keepEscapes: true, keepUnset: true })
  const heredocs: Heredoc[] = []
  for (const word of found.ok ? found.value : []) {
    const heredoc = parseHeredoc(word)
    if (!heredoc.ok) return heredoc
    if (heredoc.value !== undefined) heredocs.push(heredoc.value)
  }
  return ok(heredocs)
}

/** '<<EOF', '3<<-"EOF"'; undefined for another word. */
export function parseHeredoc(word: string): Result<Heredoc | undefined, string> {
  const [, chomp = '', rest = ''] = /^\d*<<(-?)\s*([^<]*)$/.exec(word) ?? []
  if (rest === '') return ok(undefined)
  const bare = expandWords(rest, unset, { escapeToken: '\\', keepUnset: true })
  if (!bare.ok) return bare
  const [name, ...others] = bare.value
  if (name === undefined || others.length > 0) return ok(undefined)
  const quotes = (text: string): number => text.match(/['"]/g)?.length ?? 0
  const raw = expandWords(rest, unset, { escapeToken: '\\', keepUnset: true, keepQuotes: true })
  if (!raw.ok) return fail(raw.error)
  return ok({ name, isExpanded: quotes(name) === quotes(raw.value[0] ?? ''), isChomped: chomp === '-', content: '' })
}

export function withContents(heredoc: Heredoc, lines: readonly string[]): Heredoc {
  return { ...heredoc, content: lines.join('') }
}

/** What the heredoc stands for. */
export function contentOf({ content, isChomped }: Heredoc): string {
  return isChomped ? content.replace(/^\t+/gm, '') : content
}
