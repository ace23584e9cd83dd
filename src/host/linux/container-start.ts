import { mkdir, rm, writeFile } from 'node:fs/promises'
import { fail, ok, type Result } from '../../api/result.ts'
import type { ContainerError, ContainerStart } from '../../ports/containers.ts'
import type { Processes } from '../../ports/processes.ts'
import type { ContainerFiles } from './container-files.ts'
import { crunMounts } from './crun-mounts.ts'
import { runScript } from './run-script.ts'
import type { SeccompCache } from './seccomp-cache.ts'

export type Tools = Readonly<{
  processes: Processes
  /** The OCI runtime as conmon shall call it, and as we may. */
  wrappedRuntime: string
  runtime: string
  isCrun: boolean
  /** Whether it knows mounts whose owners are mapped. */
  mapsOwners: boolean
  /** Where the runtime keeps its own state. */
  runtimeRoot: string
  monitor: string
  seccomp: SeccompCache
  exitFolder: string
  /** cgroup.procs files of the monitors' own cgroup: they must not end with us. */
  monitorProcs: readonly string[]
}>

// Arguments: file to touch, runtime, its root, id, number of cgroup.procs files, those, then conmon and its arguments. conmon writes
// one line to descriptor 3 when the container is made, and leaves the pipe open; it goes on in the background.
const startScript = `
started=$1 runtime=$2 root=$3 id=$4 count=$5
shift 5
while [ "$count" -gt 0 ]; do echo $$ > "$1"; shift; count=$((count - 1)); done
_OCI_SYNCPIPE=3 "$@" 3>&1 >/dev/null 2>monitor-errors </dev/null | {
  IFS= read -r line
  printf '%s\\n' "$line"
  case $line in *'"data": -'*|*'"data":-'*|'') exit 5 ;; esac
  : > "$started"
  exec "$runtime" --root "$root" start "$id"
}`

const startWithinMs = 120_000

/** Writes the bundle, has conmon make the container, and starts it: all in one process of ours. */
export async function startContainer(
  tools: Tools,
  files: ContainerFiles,
  { id, config, logPath, stdin }: ContainerStart,
): Promise<Result<Readonly<{ pid: number }>, ContainerError>> {
  try {
    await mkdir(files.persist, { recursive: true, mode: 0o700 })
    await writeFile(files.config, JSON.stringify(tools.seccomp.apply(tools.isCrun ? crunMounts(config) : config)), {
      flag: 'wx',
      mode: 0o600,
    })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return fail({ code: code === 'EEXIST' ? 'Exists' : 'Other', message })
  }
  const monitor = monitorArguments(tools, files, id, logPath, config.process.terminal, stdin)
  const args = [files.started, tools.runtime, tools.runtimeRoot, id, String(tools.monitorProcs.length)]
  const outcome = await runScript(tools.processes, startScript, [...args, ...tools.monitorProcs, ...monitor], {
    workingDirectory: files.bundle,
    timeoutMs: startWithinMs,
  })
  if (outcome.type === 'missing') return fail({ code: 'Unavailable', message: outcome.message })
  if (outcome.type === 'timed-out')
    return fail({ code: 'TimedOut', message: `the container did not start within ${startWithinMs / 1000} seconds` })
  const told = parseLine(outcome.stdout)
  if (outcome.exitCode === 0 && told.pid > 0) {
    await tools.seccomp.learn(config, `${tools.runtimeRoot}/${id}`)
    return ok({ pid: told.pid })
  }
  const message = told.message || outcome.stderr || 'the container monitor ended without a word'
  return fail({ code: told.pid === 0 ? 'Unavailable' : 'CannotRun', message })
}

function monitorArguments(
  tools: Tools,
  files: ContainerFiles,
  id: string,
  logPath: string,
  terminal: boolean,
  stdin: ContainerStart['stdin'],
): readonly string[] {
  return [
    ...[tools.monitor, '--api-version', '1', '-c', id, '-u', id, '-n', id],
    ...['-r', tools.wrappedRuntime, '-b', files.bundle, '-p', files.pid, '-P', files.monitorPid],
    ...[
      '-l',
      logPath === '' ? 'none' : `k8s-file:${logPath}`,
      '--log-size-max',
      '-1',
      '--log-level',
      'error',
      '--full-attach',
    ],
    ...['--exit-dir', tools.exitFolder, '--persist-dir', files.persist],
    ...['--runtime-arg', '--root', '--runtime-arg', tools.runtimeRoot],
    ...(stdin === 'closed' ? [] : ['-i']),
    ...(stdin === 'open' ? ['--leave-stdin-open'] : []),
    ...(terminal ? ['-t'] : []),
  ]
}

/** conmon says {"data": pid}, or {"data": -1, "message": "why"}. */
function parseLine(text: string): Readonly<{ pid: number; message: string }> {
  try {
    const { data, message } = JSON.parse(text.split('\n')[0] ?? '') as { data?: unknown; message?: unknown }
    return { pid: Number(data), message: typeof message === 'string' ? message.trim() : '' }
  } catch {
    return { pid: 0, message: '' }
  }
}

/** What the runtime keeps of a container that has ended; its processes are gone. */
export async function forget(tools: Tools, files: ContainerFiles, id: string): Promise<void> {
  await rm(`${tools.runtimeRoot}/${id}`, { recursive: true, force: true })
  await rm(files.bundle, { recursive: true, force: true })
  await rm(files.exit, { force: true })
}
