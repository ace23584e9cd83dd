import { fail, ok, type Result } from '../../api/result.ts'
import type { CopyStep, PlannedMount, RunStep, SourceRef, WorkdirStep } from './build-step.ts'
import { parseFileMode } from './file-mode.ts'
import { baseName, cleanPath, rootedPath } from './go-path.ts'
import { contentOf } from './heredoc.ts'
import type { CopyInstruction, Instruction, RunInstruction } from './instruction.ts'
import { commandWithHeredocs } from './parse-instruction.ts'
import { parseRunMount, type RunMount } from './run-mount.ts'
import { expandAll, expandIn, type StageFrame, type StageState, withConfig, withHistory } from './stage-state.ts'

type Planned = Result<StageState, string>

const defaultShell = ['/bin/sh', '-c']

function addStep(
  state: StageState,
  frame: StageFrame,
  instruction: Instruction,
  step: CopyStep | RunStep | WorkdirStep,
  createdBy: string,
): StageState {
  const number = String(frame.firstNumber + state.steps.length).padStart(String(frame.stepTotal).length)
  const label = frame.label === '' ? '' : `${frame.label} `
  const name = `[${label}${number}/${frame.stepTotal}] ${shownAs(state, frame, instruction)}`
  const { line } = instruction
  const planned = { ...step, name, line, historyIndex: state.document.history.length }
  return withHistory({ ...state, steps: [...state.steps, planned] }, createdBy, true)
}

/** The instruction with the values of its variables, its name in capitals. */
function shownAs(state: StageState, frame: StageFrame, instruction: Instruction): string {
  const expanded = expandIn(state, frame, instruction.text, { keepQuotes: true, keepEscapes: true, keepUnset: true })
  const text = expanded.ok ? expanded.value : instruction.text
  const [heredoc] = instruction.type === 'run' ? instruction.heredocs : []
  const lines = heredoc === undefined ? [] : contentOf(heredoc).trim().split(/\r?\n/)
  const summary = heredoc === undefined ? '' : ` (${lines[0]}${lines.length > 1 ? '...' : ''})`
  return text.replace(/^\S+/, (word) => word.toUpperCase()) + summary
}

export function planWorkdir(state: StageState, frame: StageFrame, instruction: Instruction, raw: string): Planned {
  const path = expandIn(state, frame, raw)
  if (!path.ok) return path
  const { WorkingDir = '/', User = '' } = state.document.config
  const workdir = path.value.startsWith('/') ? cleanPath(path.value) : rootedPath(`${WorkingDir}/${path.value}`)
  const moved = withConfig(state, { WorkingDir: workdir })
  if (workdir === '/') return ok(withHistory(moved, `WORKDIR ${workdir}`))
  const step: WorkdirStep = { type: 'workdir', path: workdir, user: User }
  return ok(addStep(moved, frame, instruction, step, `WORKDIR ${workdir}`))
}

export function planCopy(state: StageState, frame: StageFrame, instruction: Instruction & CopyInstruction): Planned {
  const from: Result<SourceRef, string> =
    instruction.from === '' ? ok({ type: 'context' }) : frame.refOf(instruction.from)
  if (!from.ok) return from
  const words = expandAll(state, frame, [
    instruction.chown,
    instruction.chmod,
    instruction.checksum,
    instruction.destination,
    ...instruction.sources,
  ])
  if (!words.ok) return words
  const [chown = '', chmod = '', checksum = '', destination = '', ...sources] = words.value
  const files: CopyStep['files'][number][] = []
  for (const heredoc of instruction.heredocs) {
    const content = contentOf(heredoc)
    const expanded = heredoc.isExpanded
      ? expandIn(state, { ...frame, escapeToken: '\\' }, content, { ignoreQuotes: true })
      : ok(content)
    if (!expanded.ok) return expanded
    files.push({ name: heredoc.name, content: expanded.value })
  }
  const step: CopyStep = {
    type: 'copy',
    isAdd: instruction.type === 'add',
    from: from.value,
    sources,
    files,
    destination: absolute(state, destination),
    chown,
    chmod,
    isLink: instruction.isLink,
    hasParents: instruction.hasParents,
    excludes: instruction.excludes,
    checksum,
    ...(instruction.unpack === undefined ? {} : { unpack: instruction.unpack }),
  }
  const refusal = copyRefusal(step)
  if (refusal !== undefined) return fail(refusal)
  return ok(addStep(state, frame, instruction, step, copyHistory(step, destination)))
}

/** The slash at the end stays: it says that a folder is meant. */
function absolute({ document }: StageState, path: string): string {
  const { WorkingDir = '/' } = document.config
  const whole = path.startsWith('/') ? path : `${WorkingDir}/${path}`
  const clean = rootedPath(whole)
  const isFolder = path === '' || /(?:^|\/)\.?$/.test(path)
  return isFolder && clean !== '/' ? `${clean}/` : clean
}

export function isRemote(source: string): boolean {
  return /^https?:\/\//.test(source)
}

function isGit(source: string): boolean {
  return /^(?:git@|git:\/\/|ssh:\/\/)|^https?:\/\/[^#]*\.git(?:#|$)/.test(source)
}

function copyRefusal(step: CopyStep): string | undefined {
  const { isAdd, sources, files, chown, chmod, isLink, checksum, destination } = step
  if (sources.length + files.length > 1 && !destination.endsWith('/'))
    return `When using ${isAdd ? 'ADD' : 'COPY'} with more than one source file, the destination must be a directory and end with a /`
  if (isLink && /[^\d:]/.test(chown))
    return `--chown=${chown}: user and group names can't be resolved when used with --link, use numeric uid[:gid] instead`
  const mode = chmod === '' ? undefined : parseFileMode(chmod)
  if (mode?.ok === false) return mode.error
  if (sources.some(isGit))
    return isAdd
      ? 'git repositories are not fetched: clone it, and add the folder'
      : "source can't be a git ref for COPY"
  if (!isAdd && sources.some(isRemote)) return "source can't be a URL for COPY"
  if (checksum === '') return undefined
  if (sources.length !== 1) return "checksum can't be specified for multiple sources"
  if (!sources.every(isRemote)) return 'checksum requires HTTP(S) or Git sources'
  return /^sha256:[0-9a-f]{64}$/.test(checksum) ? undefined : `invalid checksum digest format: ${checksum}`
}

function copyHistory({ isAdd, hasParents, chown, chmod, sources, files }: CopyStep, destination: string): string {
  return [
    isAdd ? 'ADD' : 'COPY',
    ...(hasParents ? ['--parents'] : []),
    ...(chown === '' ? [] : [`--chown=${chown}`]),
    ...(chmod === '' ? [] : [`--chmod=${chmod}`]),
    ...sources,
    ...files.map(({ name }) => `<<${name}`),
    destination,
  ].join(' ')
}

const proxyNames = /^(?:https?|ftp|no|all)_proxy$/i

export function planRun(state: StageState, frame: StageFrame, instruction: Instruction & RunInstruction): Planned {
  const mounts: PlannedMount[] = []
  for (const text of instruction.mounts) {
    const mount = planMount(state, frame, text)
    if (!mount.ok) return mount
    mounts.push(mount.value)
  }
  const { command, script } = commandWithHeredocs(instruction.command, instruction.heredocs)
  const { Shell = [], WorkingDir = '', User = '' } = state.document.config
  const shell = Shell.length > 0 ? Shell : defaultShell
  const args = command.isShell ? [...shell, command.args.join(' ')] : command.args
  const proxies = Object.entries(frame.buildArgs).filter(([name]) => proxyNames.test(name))
  const step: RunStep = {
    type: 'run',
    args,
    env: [...state.env].map(([name, value]) => `${name}=${value}`),
    proxyEnv: proxies.flatMap(([name, value]) => [`${name.toUpperCase()}=${value}`, `${name.toLowerCase()}=${value}`]),
    user: User,
    workingDir: WorkingDir === '' ? '/' : WorkingDir,
    network: instruction.network,
    mounts,
    ...(script === undefined ? {} : { script }),
  }
  const given = [...state.args].map(([name, value]) => `${name}=${state.env.get(name) ?? value}`)
  const said = given.length === 0 ? [] : [`|${given.length}`, ...given]
  return ok(addStep(state, frame, instruction, step, ['RUN', ...said, ...args].join(' ')))
}

function planMount(state: StageState, frame: StageFrame, text: string): Result<PlannedMount, string> {
  const parsed = parseRunMount(text, (value) => expandIn(state, frame, value))
  if (!parsed.ok) return parsed
  const { from, target, ...mount } = parsed.value
  const place = mountTarget(state, parsed.value)
  if (place === '/') return fail(`invalid mount target ${JSON.stringify(place)}`)
  const id = mountId(parsed.value)
  const planned: PlannedMount = { ...mount, id, target: place }
  if (mount.type === 'tmpfs' || mount.type === 'secret') return ok(planned)
  if (from === '') return ok(mount.type === 'cache' ? planned : { ...planned, from: { type: 'context' } })
  const source = frame.refOf(from)
  return source.ok ? ok({ ...planned, from: source.value }) : source
}

function mountTarget({ document }: StageState, mount: RunMount): string {
  const { WorkingDir = '/' } = document.config
  if (mount.type === 'secret' && mount.target === '') return `/run/secrets/${baseName(mountId(mount))}`
  return mount.target.startsWith('/') ? cleanPath(mount.target) : rootedPath(`${WorkingDir}/${mount.target}`)
}

/** A cache is known by its place where it is given no name; a secret by its source, or the name of its file. */
function mountId({ type, id, source, target }: RunMount): string {
  if (type === 'cache') return id === '' ? cleanPath(target) : id
  if (type !== 'secret') return id
  return source !== '' ? source : id !== '' ? id : baseName(target)
}
