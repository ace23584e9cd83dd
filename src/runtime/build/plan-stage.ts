import { unreachable } from '../../api/assert.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { isStopSignal } from '../plan/stop-signal.ts'
import type { SourceError } from './dockerfile-source.ts'
import { exposedPorts } from './expose-ports.ts'
import type { CommandLine, Healthcheck, Instruction } from './instruction.ts'
import { planCopy, planRun, planWorkdir } from './plan-step.ts'
import { expandWord, expandWords } from './shell-expansion.ts'
import {
  expandAll,
  expandIn,
  type StageFrame,
  type StageState,
  splitPair,
  withConfig,
  withHistory,
} from './stage-state.ts'

type Planned = Result<StageState, string>

/** Carries out what instructions say of the image, and plans what makes its layers (BuildKit's frontend/dockerfile/dockerfile2llb). */
export function planInstructions(
  begun: StageState,
  frame: StageFrame,
  instructions: readonly Instruction[],
): Result<StageState, SourceError> {
  let state = begun
  for (const instruction of instructions) {
    const planned = planInstruction(state, frame, instruction)
    if (!planned.ok) return fail({ line: instruction.line, message: planned.error })
    state = planned.value
  }
  return ok(state)
}

function planInstruction(state: StageState, frame: StageFrame, instruction: Instruction): Planned {
  switch (instruction.type) {
    case 'arg':
      return planArg(state, frame, instruction.args)
    case 'env':
    case 'label':
      return planPairs(state, frame, instruction)
    case 'maintainer': {
      const { name } = instruction
      return ok(withHistory({ ...state, document: { ...state.document, author: name } }, `MAINTAINER ${name}`))
    }
    case 'copy':
    case 'add':
      return planCopy(state, frame, instruction)
    case 'run':
      return planRun(state, frame, instruction)
    case 'cmd': {
      const args = withShell(state, instruction.command)
      return ok(withHistory({ ...withConfig(state, { Cmd: args }), hasCmd: true }, `CMD ${quoted(args)}`))
    }
    case 'entrypoint': {
      const args = withShell(state, instruction.command)
      const config = { Entrypoint: args, ...(state.hasCmd ? {} : { Cmd: [] }) }
      return ok(withHistory(withConfig(state, config), `ENTRYPOINT ${quoted(args)}`))
    }
    case 'shell':
      return ok(withHistory(withConfig(state, { Shell: instruction.args }), `SHELL [${instruction.args.join(' ')}]`))
    case 'workdir':
      return planWorkdir(state, frame, instruction, instruction.path)
    case 'user':
      return planText(state, frame, instruction.user, (User) =>
        withHistory(withConfig(state, { User }), `USER ${User}`),
      )
    case 'volume':
      return planVolume(state, frame, instruction.paths)
    case 'expose':
      return planExpose(state, frame, instruction.ports)
    case 'stopsignal':
      return planStopSignal(state, frame, instruction.signal)
    case 'healthcheck': {
      const { check } = instruction
      return ok(withHistory(withConfig(state, { Healthcheck: check }), `HEALTHCHECK ${shownCheck(check)}`))
    }
    case 'onbuild': {
      const OnBuild = [...(state.document.config.OnBuild ?? []), instruction.trigger]
      return ok(withHistory(withConfig(state, { OnBuild }), `ONBUILD ${instruction.trigger}`))
    }
    default:
      return unreachable(instruction)
  }
}

/** What is given with the build comes before the default, and that before what was declared ahead of the first stage. */
function planArg(
  state: StageState,
  frame: StageFrame,
  declared: Extract<Instruction, { type: 'arg' }>['args'],
): Planned {
  const env = new Map(state.env)
  const args = new Map(state.args)
  const said: string[] = []
  for (const { name, value: preset } of declared) {
    const given = Object.hasOwn(frame.buildArgs, name) ? frame.buildArgs[name] : undefined
    const lookup = (variable: string): string | undefined => env.get(variable)
    const value =
      given !== undefined || preset === undefined
        ? ok(given ?? frame.globalArgs.get(name))
        : expandWord(preset, lookup, { escapeToken: frame.escapeToken })
    if (!value.ok) return value
    args.set(name, value.value ?? '')
    if (value.value !== undefined) env.set(name, value.value)
    said.push(value.value === undefined ? name : `${name}=${value.value}`)
  }
  return ok(withHistory({ ...state, env, args }, `ARG ${said.join(' ')}`))
}

/** All values are those from before the instruction: a pair does not see the one beside it. */
function planPairs(
  state: StageState,
  frame: StageFrame,
  { type, pairs }: Extract<Instruction, { type: 'env' | 'label' }>,
): Planned {
  const words = expandAll(
    state,
    frame,
    pairs.flatMap(({ key, value }) => [key, value]),
  )
  if (!words.ok) return words
  const expanded = pairs.map((_, at): [string, string] => [words.value[at * 2] ?? '', words.value[at * 2 + 1] ?? ''])
  const said = `${type.toUpperCase()} ${expanded.map((pair) => pair.join('=')).join(' ')}`
  const { Env = [], Labels = {} } = state.document.config
  if (type === 'label')
    return ok(withHistory(withConfig(state, { Labels: { ...Labels, ...Object.fromEntries(expanded) } }), said))
  const inImage = new Map([...Env.map(splitPair), ...expanded])
  const config = { Env: [...inImage].map((pair) => pair.join('=')) }
  return ok(withHistory(withConfig({ ...state, env: new Map([...state.env, ...expanded]) }, config), said))
}

function planText(state: StageState, frame: StageFrame, text: string, then: (expanded: string) => StageState): Planned {
  const expanded = expandIn(state, frame, text)
  return expanded.ok ? ok(then(expanded.value)) : expanded
}

function planVolume(state: StageState, frame: StageFrame, raw: readonly string[]): Planned {
  const paths = expandAll(state, frame, raw)
  if (!paths.ok) return paths
  if (paths.value.includes('')) return fail('VOLUME specified can not be an empty string')
  const Volumes = { ...state.document.config.Volumes, ...Object.fromEntries(paths.value.map((path) => [path, {}])) }
  return ok(withHistory(withConfig(state, { Volumes }), `VOLUME [${paths.value.join(' ')}]`))
}

function planExpose(state: StageState, frame: StageFrame, raw: readonly string[]): Planned {
  const words: string[] = []
  for (const text of raw) {
    const expanded = expandWords(text, (name) => state.env.get(name), { escapeToken: frame.escapeToken })
    if (!expanded.ok) return expanded
    words.push(...expanded.value)
  }
  const ports = exposedPorts(words)
  if (!ports.ok) return ports
  const ExposedPorts = {
    ...state.document.config.ExposedPorts,
    ...Object.fromEntries(ports.value.map((port) => [port, {}])),
  }
  return ok(withHistory(withConfig(state, { ExposedPorts }), `EXPOSE [${ports.value.join(' ')}]`))
}

function planStopSignal(state: StageState, frame: StageFrame, raw: string): Planned {
  const signal = expandIn(state, frame, raw)
  if (!signal.ok) return signal
  if (!isStopSignal(signal.value)) return fail(`invalid signal: ${signal.value}`)
  return ok(withHistory(withConfig(state, { StopSignal: signal.value }), `STOPSIGNAL ${signal.value}`))
}

function withShell({ document }: StageState, { args, isShell }: CommandLine): readonly string[] {
  const { Shell = [] } = document.config
  return isShell ? [...(Shell.length > 0 ? Shell : ['/bin/sh', '-c']), args.join(' ')] : args
}

/** As Go's %q prints a list. */
function quoted(args: readonly string[]): string {
  return `[${args.map((arg) => JSON.stringify(arg)).join(' ')}]`
}

/** As Go prints docker's struct. */
function shownCheck({ Test, Interval, Timeout, StartPeriod, StartInterval, Retries = 0 }: Healthcheck): string {
  const times = { Interval, Timeout, StartPeriod, StartInterval }
  const shown = Object.entries(times).map(([name, timeNs = 0]) => `${name}:${shownTime(timeNs)}`)
  return `{Test:[${Test.join(' ')}] ${shown.join(' ')} Retries:${Retries}}`
}

/** As Go prints a duration: '1m30s', '500ms'. */
function shownTime(timeNs: number): string {
  if (timeNs === 0) return '0s'
  if (timeNs < 1e9) return `${timeNs / 1e6}ms`
  const seconds = timeNs / 1e9
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  const rest = `${Number((seconds % 60).toFixed(9))}s`
  return hours > 0 ? `${hours}h${minutes}m${rest}` : minutes > 0 ? `${minutes}m${rest}` : rest
}
