import { fail, ok, type Result } from '../result.ts'
import type { CharTest } from './regexp-class.ts'
import { type Assertion, parseRegexp, type RegexpNode } from './regexp-syntax.ts'

/** A compiled expression. Matching takes time linear in the text, whatever the expression. */
export type Regexp = Readonly<{
  matches: (text: string) => boolean
  /** The leftmost match, as Perl would choose it. */
  find: (text: string) => string
  /** All matches that do not overlap, `limit` at the most when it is not negative. */
  findAll: (text: string, limit: number) => string[]
}>

type Instruction =
  | Readonly<{ op: 'char'; test: CharTest }>
  | Readonly<{ op: 'assert'; assertion: Assertion }>
  /** Goes on at both; the first is preferred. */
  | { op: 'split'; first: number; second: number }
  | { op: 'jump'; to: number }
  | Readonly<{ op: 'match' }>

const maxInstructions = 100_000

export function compileRegexp(pattern: string): Result<Regexp, string> {
  const parsed = parseRegexp(pattern)
  if (!parsed.ok) return parsed
  const program: Instruction[] = []
  emit(program, parsed.value)
  if (program.length > maxInstructions) return fail(`error parsing regexp: expression too large: \`${pattern}\``)
  program.push({ op: 'match' })
  return ok({
    matches: (text) => search(program, [...text], 0, true) !== undefined,
    find: (text) => {
      const points = [...text]
      const found = search(program, points, 0, false)
      return found === undefined ? '' : points.slice(found.start, found.end).join('')
    },
    findAll: (text, limit) => findAll(program, [...text], limit),
  })
}

function emit(program: Instruction[], node: RegexpNode): void {
  switch (node.kind) {
    case 'empty':
      return
    case 'char':
      program.push({ op: 'char', test: node.test })
      return
    case 'assert':
      program.push({ op: 'assert', assertion: node.assertion })
      return
    case 'sequence':
      for (const part of node.parts) emit(program, part)
      return
    case 'choice':
      emitChoice(program, node.options)
      return
    case 'repeat':
      emitRepeat(program, node)
  }
}

function emitChoice(program: Instruction[], options: readonly RegexpNode[]): void {
  const jumps: { op: 'jump'; to: number }[] = []
  options.forEach((option, at) => {
    if (at === options.length - 1) {
      emit(program, option)
      return
    }
    const split = { op: 'split' as const, first: program.length + 1, second: 0 }
    program.push(split)
    emit(program, option)
    const jump = { op: 'jump' as const, to: 0 }
    program.push(jump)
    jumps.push(jump)
    split.second = program.length
  })
  for (const jump of jumps) jump.to = program.length
}

function emitRepeat(program: Instruction[], node: Extract<RegexpNode, { kind: 'repeat' }>): void {
  for (let count = 0; count < node.min; count++) emit(program, node.of)
  if (program.length > maxInstructions) return
  const branch = (): { op: 'split'; first: number; second: number } => {
    const split = { op: 'split' as const, first: 0, second: 0 }
    program.push(split)
    return split
  }
  const aim = (split: { first: number; second: number }, inside: number, outside: number): void => {
    split.first = node.greedy ? inside : outside
    split.second = node.greedy ? outside : inside
  }
  if (node.max === undefined) {
    const at = program.length
    const split = branch()
    emit(program, node.of)
    program.push({ op: 'jump', to: at })
    aim(split, at + 1, program.length)
    return
  }
  const splits = []
  for (let count = node.min; count < node.max && program.length <= maxInstructions; count++) {
    splits.push([program.length + 1, branch()] as const)
    emit(program, node.of)
  }
  for (const [inside, split] of splits) aim(split, inside, program.length)
}

type Span = Readonly<{ start: number; end: number }>
type Thread = Readonly<{ at: number; start: number }>

/** Runs all possibilities side by side, the preferred first; with `any` the first match found ends the search. */
function search(
  program: readonly Instruction[],
  points: readonly string[],
  from: number,
  any: boolean,
): Span | undefined {
  let current: Thread[] = []
  let best: Span | undefined
  for (let position = from; position <= points.length; position++) {
    const seen = new Set<number>()
    const runnable: Thread[] = []
    for (const thread of current) follow(program, points, position, thread, seen, runnable)
    if (best === undefined) follow(program, points, position, { at: 0, start: position }, seen, runnable)
    const next: Thread[] = []
    for (const { at, start } of runnable) {
      const instruction = program[at]
      if (instruction?.op === 'match') {
        best = { start, end: position }
        if (any) return best
        break
      }
      const char = points[position]
      if (instruction?.op === 'char' && char !== undefined && instruction.test(char)) next.push({ at: at + 1, start })
    }
    if (next.length === 0 && best !== undefined) return best
    current = next
  }
  return best
}

/** Adds the instructions that a thread waits at: those that read a character, or the match. */
function follow(
  program: readonly Instruction[],
  points: readonly string[],
  position: number,
  thread: Thread,
  seen: Set<number>,
  into: Thread[],
): void {
  const stack = [thread.at]
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    if (seen.has(at)) continue
    seen.add(at)
    const instruction = program[at]
    switch (instruction?.op) {
      case 'jump':
        stack.push(instruction.to)
        break
      case 'split':
        stack.push(instruction.second, instruction.first)
        break
      case 'assert':
        if (holds(instruction.assertion, points, position)) stack.push(at + 1)
        break
      default:
        into.push({ at, start: thread.start })
    }
  }
}

function holds(assertion: Assertion, points: readonly string[], position: number): boolean {
  const isWord = (at: number): boolean => /^\w$/.test(points[at] ?? '')
  switch (assertion) {
    case 'textStart':
      return position === 0
    case 'textEnd':
      return position === points.length
    case 'lineStart':
      return position === 0 || points[position - 1] === '\n'
    case 'lineEnd':
      return position === points.length || points[position] === '\n'
    case 'wordBoundary':
      return isWord(position - 1) !== isWord(position)
    case 'notWordBoundary':
      return isWord(position - 1) === isWord(position)
  }
}

function findAll(program: readonly Instruction[], points: readonly string[], limit: number): string[] {
  const found: string[] = []
  let lastEnd = -1
  for (let from = 0; from <= points.length && (limit < 0 || found.length < limit); ) {
    const span = search(program, points, from, false)
    if (span === undefined) break
    // An empty match right after another one does not count.
    if (span.end > span.start || span.start !== lastEnd) found.push(points.slice(span.start, span.end).join(''))
    lastEnd = span.end
    from = span.end > span.start ? span.end : span.end + 1
  }
  return found
}
