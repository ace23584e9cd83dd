import { fail, ok, type Result } from '../../api/result.ts'
import type { SourceInstruction } from './dockerfile-source.ts'
import { contentOf, parseHeredoc } from './heredoc.ts'
import type { CommandLine, InstructionBody } from './instruction.ts'
import { type Flags, type FlagType, parseFlags } from './instruction-flags.ts'
import { cutFlags, cutWords, parseJsonForm, parsePairs } from './instruction-words.ts'
import { parseHealthcheck } from './parse-healthcheck.ts'
import { parseRunMount } from './run-mount.ts'

/** What an instruction's parser is given: its flags are taken off. */
type Source = Readonly<{
  name: string
  flags: Flags
  rest: string
  escapeToken: string
  heredocs: SourceInstruction['heredocs']
  text: string
}>

type Parsed = Result<InstructionBody, string>
type Parser = Readonly<{ flags?: Readonly<Record<string, FlagType>>; parse: (source: Source) => Parsed }>

const copyFlags = { chown: 'text', chmod: 'text', link: 'boolean', exclude: 'texts' } as const
const healthFlags = {
  interval: 'text',
  timeout: 'text',
  'start-period': 'text',
  'start-interval': 'text',
  retries: 'text',
} as const

const parsers: Readonly<Record<string, Parser>> = {
  ADD: { flags: { ...copyFlags, checksum: 'text', unpack: 'boolean', 'keep-git-dir': 'boolean' }, parse: parseCopy },
  ARG: { parse: parseArg },
  CMD: { parse: (source) => commandOf(source, 'cmd') },
  COPY: { flags: { ...copyFlags, from: 'text', parents: 'boolean' }, parse: parseCopy },
  ENTRYPOINT: { parse: (source) => commandOf(source, 'entrypoint') },
  ENV: { parse: (source) => pairsOf(source, 'env') },
  EXPOSE: { parse: ({ rest }) => someWords('EXPOSE', rest, (ports) => ok({ type: 'expose', ports: ports.sort() })) },
  HEALTHCHECK: { flags: healthFlags, parse: parseHealthcheck },
  LABEL: { parse: (source) => pairsOf(source, 'label') },
  MAINTAINER: { parse: ({ rest }) => oneText('MAINTAINER', rest, (name) => ({ type: 'maintainer', name })) },
  ONBUILD: { parse: parseOnbuild },
  RUN: { flags: { mount: 'texts', network: 'text', security: 'text' }, parse: parseRun },
  SHELL: { parse: parseShell },
  STOPSIGNAL: { parse: ({ rest }) => oneText('STOPSIGNAL', rest, (signal) => ({ type: 'stopsignal', signal })) },
  USER: { parse: ({ rest }) => oneText('USER', rest, (user) => ({ type: 'user', user })) },
  VOLUME: { parse: parseVolume },
  WORKDIR: { parse: ({ rest }) => oneText('WORKDIR', rest, (path) => ({ type: 'workdir', path })) },
}

/** Reads one instruction, FROM excepted. Errors in BuildKit's words (frontend/dockerfile/instructions). */
export function parseInstruction(instruction: SourceInstruction, escapeToken: string): Parsed {
  const name = instruction.name.toUpperCase()
  const parser = Object.hasOwn(parsers, name) ? parsers[name] : undefined
  if (parser === undefined) return fail(`unknown instruction: ${instruction.name}`)
  const { flags: words, rest } = cutFlags(instruction.rest, escapeToken)
  // A trigger's flags are its own.
  const flags = name === 'ONBUILD' ? ok(new Map()) : parseFlags(words, parser.flags ?? {})
  if (!flags.ok) return flags
  return parser.parse({
    name,
    flags: flags.value,
    rest: name === 'ONBUILD' ? instruction.rest : rest,
    escapeToken,
    heredocs: instruction.heredocs,
    text: instruction.text,
  })
}

function oneText(name: string, rest: string, body: (text: string) => InstructionBody): Parsed {
  return rest === '' ? fail(`${name} requires exactly one argument`) : ok(body(rest))
}

function someWords(name: string, rest: string, body: (words: string[]) => Parsed): Parsed {
  return rest === '' ? fail(`${name} requires at least one argument`) : body(rest.split(/[\t\v\f\r ]+/))
}

function pairsOf({ name, rest, escapeToken }: Source, type: 'env' | 'label'): Parsed {
  const pairs = parsePairs(rest, name, escapeToken)
  return pairs.ok ? ok({ type, pairs: pairs.value }) : pairs
}

/** A list of arguments in JSON, or a line for the shell. */
export function parseCommandLine(rest: string): Result<CommandLine, string> {
  const form = parseJsonForm(rest)
  if (!form.ok) return form
  if (form.value !== undefined) return ok({ args: form.value, isShell: false })
  return ok({ args: rest === '' ? [] : [rest], isShell: true })
}

function commandOf({ rest }: Source, type: 'cmd' | 'entrypoint'): Parsed {
  const command = parseCommandLine(rest)
  return command.ok ? ok({ type, command: command.value }) : command
}

function parseArg({ rest, escapeToken }: Source): Parsed {
  const words = cutWords(rest, escapeToken)
  if (words.length === 0) return fail('ARG requires at least one argument')
  if (words.some((word) => word.startsWith('='))) return fail('ARG names can not be blank')
  const args = words.map((word) => {
    const equals = word.indexOf('=')
    return equals < 0 ? { name: word } : { name: word.slice(0, equals), value: word.slice(equals + 1) }
  })
  return ok({ type: 'arg', args })
}

function parseCopy({ name, flags, rest, heredocs }: Source): Parsed {
  const form = parseJsonForm(rest)
  if (!form.ok) return form
  const words = form.value ?? (rest === '' ? [] : rest.split(/[\t\v\f\r ]+/))
  const destination = words.at(-1)
  if (destination === undefined || words.length < 2)
    return fail(
      `${name} requires at least two arguments, but only one was provided. Destination could not be determined`,
    )
  const isHeredoc = (word: string): boolean => {
    const heredoc = parseHeredoc(word)
    return form.value === undefined && heredoc.ok && heredoc.value !== undefined
  }
  if (isHeredoc(destination)) return fail(`${name} cannot accept a heredoc as a destination`)
  const sources = words.slice(0, -1)
  const text = (flag: string): string => flags.get(flag)?.[0] ?? ''
  const unpack = flags.get('unpack')?.[0]
  return ok({
    type: name === 'ADD' ? 'add' : 'copy',
    sources: sources.filter((source) => !isHeredoc(source)),
    destination,
    heredocs,
    from: text('from'),
    chown: text('chown'),
    chmod: text('chmod'),
    isLink: text('link') === 'true',
    hasParents: text('parents') === 'true',
    excludes: flags.get('exclude') ?? [],
    checksum: text('checksum'),
    ...(unpack === undefined ? {} : { unpack: unpack === 'true' }),
  })
}

function parseRun({ flags, rest, heredocs }: Source): Parsed {
  const command = parseCommandLine(rest)
  if (!command.ok) return command
  const network = flags.get('network')?.[0] ?? 'default'
  if (network !== 'default' && network !== 'none' && network !== 'host')
    return fail(`unsupported network mode ${JSON.stringify(network)}`)
  const security = flags.get('security')?.[0] ?? 'sandbox'
  if (security !== 'sandbox') return fail(`security ${JSON.stringify(security)} is not allowed`)
  const mounts = flags.get('mount') ?? []
  for (const mount of mounts) {
    const parsed = parseRunMount(mount, undefined)
    if (!parsed.ok) return parsed
  }
  return ok({ type: 'run', command: command.value, heredocs, mounts, network })
}

function parseShell({ rest, text }: Source): Parsed {
  const form = parseJsonForm(rest)
  if (!form.ok) return form
  if (rest === '' || form.value?.length === 0) return fail('SHELL requires at least one argument')
  return form.value === undefined
    ? fail(`SHELL requires the arguments to be in JSON form, not: ${text}`)
    : ok({ type: 'shell', args: form.value })
}

function parseVolume({ rest }: Source): Parsed {
  const form = parseJsonForm(rest)
  if (!form.ok) return form
  const body = (paths: readonly string[]): Parsed =>
    paths.some((path) => path.trim() === '')
      ? fail('VOLUME specified can not be an empty string')
      : ok({ type: 'volume', paths: paths.map((path) => path.trim()) })
  return form.value === undefined ? someWords('VOLUME', rest, body) : body(form.value)
}

function parseOnbuild({ rest, heredocs, escapeToken }: Source): Parsed {
  const [, name = '', triggerRest = ''] = /^(\S+)\s*(.*)$/s.exec(rest) ?? []
  if (name === '') return fail('ONBUILD requires at least one argument')
  const upper = name.toUpperCase()
  if (upper === 'ONBUILD') return fail("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")
  if (upper === 'MAINTAINER' || upper === 'FROM') return fail(`${upper} isn't allowed as an ONBUILD trigger`)
  const source = { name, rest: triggerRest, text: rest, heredocs, line: 0 }
  const parsed = parseInstruction(source, escapeToken)
  if (!parsed.ok) return parsed
  const trigger = [rest, ...heredocs.map((heredoc) => `${heredoc.content}${heredoc.name}`)].join('\n')
  return ok({ type: 'onbuild', trigger })
}

/** RUN with heredocs: the line for the shell, and a script where the one heredoc is one. */
export function commandWithHeredocs(
  command: CommandLine,
  heredocs: SourceInstruction['heredocs'],
): Readonly<{ command: CommandLine; script?: Readonly<{ name: string; content: string }> }> {
  const [only, ...others] = heredocs
  const [line = ''] = command.args
  if (only === undefined) return { command }
  const whole = parseHeredoc(line)
  if (others.length > 0 || !whole.ok || whole.value === undefined) {
    const args = [[line, ...heredocs.map(({ content, name }) => `${content}${name}`)].join('\n')]
    return { command: { args, isShell: true } }
  }
  const content = contentOf(only)
  if (!content.startsWith('#!')) return { command: { args: [content], isShell: true } }
  return {
    command: { args: [`/dev/pipes/${only.name}`], isShell: true },
    script: { name: only.name, content },
  }
}
