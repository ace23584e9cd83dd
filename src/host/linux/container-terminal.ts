import { mkdir, open } from 'node:fs/promises'
import { makeEnder } from '../../api/ending.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { ContainerError, ContainerStreams, ExecOptions } from '../../ports/containers.ts'
import type { RunningProcess } from '../../ports/processes.ts'
import { attachToContainer, resizeTerminal } from './container-attach.ts'
import type { Tools } from './container-start.ts'
import { killTree } from './kill-tree.ts'
import { runtimeRefusal } from './runtime-refusal.ts'

type ExecResult = Result<Readonly<{ exitCode: number; timedOut: boolean }>, ContainerError>
/** A pid or an exit code; negative when it failed. */
type Told = Readonly<{ data: number }>

// conmon's three pipes are our own: it says on 5 that one can attach and waits on 4 until we did, then says the pid on 3, at the end
// the exit code.
const execScript = `
mkfifo "$1" || exit 1
shift
export _OCI_SYNCPIPE=3 _OCI_STARTPIPE=4 _OCI_ATTACHPIPE=5
exec "$@" 3>&1 4<&0 5>&1 </dev/null >/dev/null 2>/dev/null`

// Waits at the FIFO, then is the runtime. conmon 2.1.6 does not always wait for us to attach, though it says so, and what a quick program
// wrote until then was lost. Not for ever: we may be killed before we open it.
const gateScript = 'timeout 60 head -c 1 "$0" > /dev/null; exec "$@"'

const go = new Uint8Array([0])

/** Only a monitor has a terminal to give: runs the program under a conmon of its own, and attaches to that. */
export async function execOnTerminal(
  tools: Tools,
  folder: string,
  id: string,
  options: ExecOptions,
  streams: ContainerStreams,
): Promise<ExecResult> {
  await mkdir(`${folder}/exits`)
  const monitor = await tools.processes.start({
    argv: ['sh', '-c', execScript, 'sh', gateOf(folder), ...monitorArguments(tools, folder, id)],
  })
  if (!monitor.ok) return fail({ code: 'Unavailable', message: monitor.error.message })
  const running = monitor.value
  void drain(running.stderr)
  const lines = toldBy(running)
  try {
    return await converse(tools, folder, running, lines, options, streams)
  } finally {
    running.closeStdin()
  }
}

async function converse(
  tools: Tools,
  folder: string,
  monitor: RunningProcess,
  lines: AsyncIterator<Told>,
  { timeoutMs }: ExecOptions,
  streams: ContainerStreams,
): Promise<ExecResult> {
  await monitor.write(go)
  const ready = await lines.next()
  if (ready.done === true || ready.value.data < 0) return refused(folder)
  const leave = makeEnder()
  const stop = (): void => leave.abort()
  streams.closed.addEventListener('abort', stop)
  if (streams.closed.aborted) stop()
  const files = { bundle: folder, control: `${folder}/ctl` }
  let attached: Promise<unknown> = Promise.resolve()
  await new Promise<void>((resolve) => {
    attached = attachToContainer(tools.processes, files, { ...streams, closed: leave.signal }, false, resolve).then(
      () => resolve(),
    )
  })
  await monitor.write(go)
  const begun = await throughGate(folder, () => lines.next())
  if (begun.done === true || begun.value.data <= 0) {
    stop()
    return refused(folder)
  }
  const pid = begun.value.data
  // Sizes that come before there is a terminal would be lost.
  void resizeTerminal(files.control, streams)
  let timedOut = false
  leave.signal.addEventListener('abort', () => killTree(pid))
  if (leave.signal.aborted) killTree(pid)
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true
          killTree(pid)
        }, timeoutMs)
  const end = await lines.next()
  clearTimeout(timer)
  // conmon closes the socket at the end, after the last output.
  await attached
  streams.closed.removeEventListener('abort', stop)
  return ok({ exitCode: end.done === true ? 255 : end.value.data, timedOut })
}

function monitorArguments(tools: Tools, folder: string, id: string): readonly string[] {
  return [
    ...[tools.monitor, '--api-version', '1', '-c', id, '-u', id, '-n', id, '-r', '/bin/sh', '-b', folder],
    ...['-p', `${folder}/pid`, '-l', 'none', '--log-level', 'error', '--full-attach', '--exit-dir', `${folder}/exits`],
    ...[
      ...['-c', gateScript, gateOf(folder), tools.wrappedRuntime],
      ...['--root', tools.runtimeRoot, '--log', `${folder}/log`, '--log-format', 'json'],
    ].flatMap((arg) => ['--runtime-arg', arg]),
    ...['-e', '--exec-attach', '--exec-process-spec', `${folder}/process.json`, '-i', '-t'],
  ]
}

function gateOf(folder: string): string {
  return `${folder}/gate`
}

/** Lets the runtime start. The FIFO stays open until it has: what is written there would go with its last user. */
async function throughGate<T>(folder: string, begun: () => Promise<T>): Promise<T> {
  const gate = await open(gateOf(folder), 'r+')
  try {
    await gate.write('go\n')
    return await begun()
  } finally {
    await gate.close()
  }
}

async function refused(folder: string): Promise<ExecResult> {
  return fail({ code: 'CannotRun', message: (await runtimeRefusal(folder)) ?? 'the exec monitor ended without a word' })
}

async function* toldBy({ stdout }: RunningProcess): AsyncGenerator<Told> {
  let rest = ''
  for await (const chunk of stdout) {
    const lines = (rest + Buffer.from(chunk).toString('utf8')).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const { data } = JSON.parse(line) as { data?: unknown }
      yield { data: Number(data) }
    }
  }
}

async function drain(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of chunks) {
    // Nobody reads conmon's own complaints.
  }
}
