import type { Clock } from '../../ports/clock.ts'
import type { Deflate } from '../../ports/deflate.ts'
import type { Duplex } from '../../ports/streams.ts'
import { jsonObjectBuffer } from './json-stream.ts'
import type { CommandOptions, CommandStreams } from './serve-command.ts'
import { serveSpdy } from './spdy-connection.ts'
import type { SpdyStream } from './spdy-stream.ts'
import { parseTerminalSize, terminalSizes } from './terminal-sizes.ts'

export const commandSpdyProtocols = [
  'v4.channel.k8s.io',
  'v3.channel.k8s.io',
  'v2.channel.k8s.io',
  'channel.k8s.io',
  '',
] as const

/** Kubernetes: how long a client may take to open its streams. */
const openWithinMs = 30_000

/** Exec and attach over SPDY: one stream for each direction, which the client opens. Undefined when it does not do so in time. */
export async function spdyStreams(
  { clock, deflate }: Readonly<{ clock: Clock; deflate: Deflate }>,
  duplex: Duplex,
  protocol: string,
  options: CommandOptions,
): Promise<CommandStreams | undefined> {
  const version = protocol === 'v4.channel.k8s.io' ? 4 : protocol === 'v3.channel.k8s.io' ? 3 : 2
  const wanted = wantedStreams(options, version)
  const streams = new Map<string, SpdyStream>()
  let complete: (all: boolean) => void = () => {}
  const opened = new Promise<boolean>((resolve) => (complete = resolve))
  const connection = serveSpdy(duplex, deflate, (stream) => {
    const type = stream.headers.get('streamtype') ?? ''
    if (!wanted.includes(type) || streams.has(type)) return false
    streams.set(type, stream)
    if (streams.size === wanted.length) complete(true)
    return true
  })
  const timer = clock.after(openWithinMs, () => complete(false))
  connection.closed.addEventListener('abort', () => complete(false))
  const all = await opened
  timer.cancel()
  if (!all) {
    await connection.close()
    return undefined
  }
  const sizes = terminalSizes()
  void readSizes(streams.get('resize'), sizes.set).then(sizes.end, sizes.end)
  const stdin = streams.get('stdin')
  return {
    io: {
      ...(stdin === undefined ? {} : { stdin: stdin.readable }),
      stdout: (chunk) => streams.get('stdout')?.write(chunk) ?? Promise.resolve(),
      stderr: (chunk) => streams.get('stderr')?.write(chunk) ?? Promise.resolve(),
      resizes: sizes.sizes,
      closed: connection.closed,
    },
    async finish(status) {
      const text = version === 4 ? JSON.stringify(status) : (status.message ?? '')
      if (version === 4 || status.status !== 'Success')
        await streams.get('error')?.write(new TextEncoder().encode(text))
      for (const stream of streams.values()) await stream.end()
      await connection.close()
    },
  }
}

function wantedStreams({ stdin, stdout, stderr, tty }: CommandOptions, version: number): readonly string[] {
  return [
    'error',
    ...(stdin ? ['stdin'] : []),
    ...(stdout ? ['stdout'] : []),
    ...(stderr ? ['stderr'] : []),
    ...(tty && version >= 3 ? ['resize'] : []),
  ]
}

async function readSizes(
  stream: SpdyStream | undefined,
  set: (size: Readonly<{ columns: number; rows: number }>) => void,
): Promise<void> {
  if (stream === undefined) return
  const objects = jsonObjectBuffer()
  for await (const chunk of stream.readable) {
    for (const text of objects.push(new TextDecoder().decode(chunk))) {
      const size = parseTerminalSize(text)
      if (size !== undefined) set(size)
    }
  }
}
