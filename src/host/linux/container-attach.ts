import { existsSync, watch } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import path from 'node:path'
import { fail, ok, type Result } from '../../api/result.ts'
import type { ContainerError, ContainerStreams } from '../../ports/containers.ts'
import type { Processes, RunningProcess } from '../../ports/processes.ts'
import type { ContainerFiles } from './container-files.ts'
import { packetsOfDump } from './socat-dump.ts'

const reopenWithinMs = 10_000

/**
 * conmon's attach socket keeps packets apart (SOCK_SEQPACKET), which Node cannot open; socat can. Each packet begins with a byte that
 * names the stream, so the borders matter, and a pipe has none: socat's own dump (-x) keeps them.
 */
export async function attachToContainer(
  processes: Processes,
  files: Readonly<{ bundle: string; control: string }>,
  streams: ContainerStreams,
  terminal: boolean,
  onConnected = (): void => {},
): Promise<Result<void, ContainerError>> {
  // The socket's path may be longer than a socket address: hence the working directory. -b: conmon's packets have up to 8193 bytes.
  const bridge = await processes.start({
    argv: ['socat', '-d', '-d', '-x', '-b', '65536', '-t', '86400', '-', 'UNIX-CONNECT:attach,type=5'],
    workingDirectory: files.bundle,
  })
  if (!bridge.ok) return fail({ code: 'Unavailable', message: bridge.error.message })
  const process = bridge.value
  const stop = (): void => process.kill('SIGTERM')
  streams.closed.addEventListener('abort', stop)
  if (streams.closed.aborted) stop()
  void feed(process, streams)
  if (terminal) void resizeTerminal(files.control, streams)
  void drain(process.stdout)
  const complaint = await deliver(process, streams, onConnected)
  await process.ended
  streams.closed.removeEventListener('abort', stop)
  return complaint === '' || streams.closed.aborted ? ok(undefined) : fail({ code: 'NotRunning', message: complaint })
}

async function feed(process: RunningProcess, { stdin }: ContainerStreams): Promise<void> {
  if (stdin === undefined) return
  try {
    for await (const chunk of stdin) await process.write(chunk)
  } finally {
    process.closeStdin()
  }
}

/** What socat complained about before anything came; empty when it worked. */
async function deliver(
  process: RunningProcess,
  { stdout, stderr }: ContainerStreams,
  onConnected: () => void,
): Promise<string> {
  let complaint = ''
  for await (const packet of packetsOfDump(process.stderr)) {
    if (packet.type === 'connected') onConnected()
    // The container's side is closed for good; our input may stay open, and socat would wait for it.
    else if (packet.type === 'ended') process.kill('SIGTERM')
    else if (packet.type === 'failure') complaint = packet.text
    else if (packet.bytes.length > 1) {
      const content = packet.bytes.subarray(1)
      if (packet.bytes[0] === 3) await stderr(content)
      else await stdout(content)
    }
  }
  return complaint
}

async function drain(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of chunks) {
    // The same bytes come, with their borders, as the dump.
  }
}

/**
 * conmon heeds only the first of several sizes that reach it together, and says nothing of any; `kubectl attach` begins with two. Of those
 * that come meanwhile the newest is kept.
 */
const betweenSizesMs = 50

export async function resizeTerminal(control: string, { resizes, closed }: ContainerStreams): Promise<void> {
  if (resizes === undefined) return
  for await (const { columns, rows } of resizes) {
    if (closed.aborted) return
    await appendFile(control, `1 ${rows} ${columns}\n`).catch(() => {})
    await new Promise((resolve) => setTimeout(resolve, betweenSizesMs))
  }
}

/** conmon takes the order at its control file, and says nothing back: that the file comes is the answer. */
export async function reopenContainerLog(
  { control }: ContainerFiles,
  logPath: string,
): Promise<Result<void, ContainerError>> {
  let coming: ReturnType<typeof fileComing> | undefined
  try {
    coming = fileComing(logPath, reopenWithinMs)
    await appendFile(control, '2 0 0\n')
    if (await coming.whenThere) return ok(undefined)
    const message = `the log did not go on in a new file within ${reopenWithinMs / 1000} seconds`
    return fail({ code: 'TimedOut', message })
  } catch (error) {
    return fail({ code: 'NotRunning', message: (error as Error).message })
  } finally {
    coming?.stop()
  }
}

/** False when the file is not there in time. */
function fileComing(file: string, withinMs: number): Readonly<{ whenThere: Promise<boolean>; stop(): void }> {
  let resolve: (there: boolean) => void = () => {}
  const whenThere = new Promise<boolean>((settle) => (resolve = settle))
  const look = (): void => {
    if (existsSync(file)) resolve(true)
  }
  const watcher = watch(path.dirname(file), look)
  watcher.on('error', () => resolve(false))
  const timer = setTimeout(() => resolve(false), withinMs)
  look()
  return {
    whenThere,
    stop() {
      clearTimeout(timer)
      watcher.close()
    },
  }
}
