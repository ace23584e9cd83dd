import type { Clock, Timer } from '../../ports/clock.ts'
import type { Deflate } from '../../ports/deflate.ts'
import type { Duplex } from '../../ports/streams.ts'
import { type ForwardTarget, forwardPort } from './forward-port.ts'
import { serveSpdy } from './spdy-connection.ts'
import type { SpdyStream } from './spdy-stream.ts'

/** Kubernetes: how long a client may take between the two streams of a connection. */
const pairWithinMs = 30_000

type Pair = { data?: SpdyStream; error?: SpdyStream; timer: Timer }

/** Port-forward over SPDY: each connection is a pair of streams, data and error, that bear the port and the same request id. */
export function spdyForward(
  { clock, deflate }: Readonly<{ clock: Clock; deflate: Deflate }>,
  duplex: Duplex,
  target: ForwardTarget,
): void {
  const pairs = new Map<string, Pair>()
  const connection = serveSpdy(duplex, deflate, (stream) => {
    const type = stream.headers.get('streamtype')
    const port = Number(stream.headers.get('port'))
    if ((type !== 'data' && type !== 'error') || !Number.isInteger(port) || port < 1 || port > 65_535) return false
    const id = requestId(stream, type)
    const pair = pairs.get(id) ?? { timer: clock.after(pairWithinMs, () => expire(id)) }
    if (pair[type] !== undefined) return false
    pair[type] = stream
    pairs.set(id, pair)
    if (pair.data !== undefined && pair.error !== undefined) {
      pair.timer.cancel()
      pairs.delete(id)
      void carry(target, port, pair.data, pair.error)
    }
    return true
  })
  const expire = (id: string): void => {
    const pair = pairs.get(id)
    pairs.delete(id)
    void pair?.data?.reset()
    void pair?.error?.reset()
  }
  connection.closed.addEventListener('abort', () => {
    for (const { timer } of pairs.values()) timer.cancel()
    pairs.clear()
  })
}

/** Old clients name none: their data stream follows its error stream. */
function requestId({ headers, id }: SpdyStream, type: 'data' | 'error'): string {
  return headers.get('requestid') ?? String(type === 'error' ? id : id - 2)
}

async function carry(target: ForwardTarget, port: number, data: SpdyStream, error: SpdyStream): Promise<void> {
  const ended = await forwardPort(target, port, data)
  if (ended.ok) {
    await data.end()
    await error.end()
    return
  }
  await error.write(new TextEncoder().encode(ended.error))
  await error.end()
  await data.reset()
}
