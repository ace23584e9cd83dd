import { fail, ok, type Result } from '../../api/result.ts'
import { readDockerfileSource, type SourceError, type SourceInstruction } from './dockerfile-source.ts'
import type { Dockerfile, Instruction, Stage } from './instruction.ts'
import { parseFlags } from './instruction-flags.ts'
import { cutFlags } from './instruction-words.ts'
import { parseInstruction } from './parse-instruction.ts'

/** Reads a Dockerfile as BuildKit does. What is wrong is told in its words, with the line that it begins on. */
export function parseDockerfile(text: string): Result<Dockerfile, SourceError> {
  if (text.trim() === '') return fail({ line: 1, message: 'the Dockerfile cannot be empty' })
  const source = readDockerfileSource(text)
  if (!source.ok) return parseError(source.error)
  const { instructions, escapeToken } = source.value
  const globalArgs: Dockerfile['globalArgs'][number][] = []
  const stages: (Omit<Stage, 'instructions'> & { readonly instructions: Instruction[] })[] = []
  for (const each of instructions) {
    const { line } = each
    if (each.name.toUpperCase() === 'FROM') {
      const stage = parseFrom(each, escapeToken)
      if (!stage.ok) return parseError({ line, message: stage.error })
      stages.push({ ...stage.value, instructions: [] })
      continue
    }
    const body = parseInstruction(each, escapeToken)
    if (!body.ok) return parseError({ line, message: body.error })
    const instruction: Instruction = { ...body.value, line, text: each.text.trim() }
    const stage = stages.at(-1)
    if (stage !== undefined) stage.instructions.push(instruction)
    else if (instruction.type === 'arg') globalArgs.push(instruction)
    else return fail({ line, message: 'no build stage in current context' })
  }
  return stages.length === 0
    ? fail({ line: 1, message: 'dockerfile contains no stages to build' })
    : ok({ globalArgs, stages, escapeToken })
}

function parseError({ line, message }: SourceError): Result<never, SourceError> {
  return fail({ line, message: `dockerfile parse error on line ${line}: ${message}` })
}

function parseFrom(
  { rest, line }: SourceInstruction,
  escapeToken: string,
): Result<Omit<Stage, 'instructions'>, string> {
  const cut = cutFlags(rest, escapeToken)
  const flags = parseFlags(cut.flags, { platform: 'text' })
  const words = cut.rest.split(/\s+/).filter((word) => word !== '')
  const [base = '', as = '', name = ''] = words
  if (words.length !== 1 && (words.length !== 3 || as.toLowerCase() !== 'as'))
    return fail('FROM requires either one or three arguments')
  if (name !== '' && !/^[a-z][a-z0-9-_.]*$/.test(name.toLowerCase()))
    return fail(
      `invalid name for build stage: ${JSON.stringify(name)}, name can't start with a number or contain symbols`,
    )
  if (!flags.ok) return flags
  return ok({ name: name.toLowerCase(), base, platform: flags.value.get('platform')?.[0] ?? '', line })
}

/** The instruction of an ONBUILD trigger, as of the line where the image is named. */
export function parseTrigger(text: string, line: number): Result<Instruction, SourceError> {
  const source = readDockerfileSource(text)
  if (!source.ok) return fail({ line, message: source.error.message })
  const [only, ...others] = source.value.instructions
  if (only === undefined || others.length > 0)
    return fail({ line, message: 'onbuild trigger should be a single expression' })
  const body = parseInstruction(only, source.value.escapeToken)
  return body.ok ? ok({ ...body.value, line, text: only.text.trim() }) : fail({ line, message: body.error })
}
