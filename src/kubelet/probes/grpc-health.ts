import { concat } from '../../api/bytes.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { Duplex } from '../../ports/streams.ts'

/**
 * The gRPC health protocol over plain HTTP/2, as far as one call of Check needs it: what is sent uses no compression of headers, and the
 * answer is known from its message alone, so that none has to be read.
 */
const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
const frameTypes = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goAway: 7 } as const
const endStream = 0x1
const endHeaders = 0x4
const acknowledged = 0x1
const frameHeaderBytes = 9
/** HTTP/2's default; nobody is told of another. */
const longestFrameBytes = 16_384
const statuses = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN']

const text = new TextEncoder()

type Frame = Readonly<{ type: number; flags: number; stream: number; payload: Uint8Array }>

/** Whether the service says SERVING; the error is what the probe's event shows. */
export async function checkGrpcHealth(
  duplex: Duplex,
  authority: string,
  service: string,
): Promise<Result<void, string>> {
  await duplex.write(concat([text.encode(preface), frame(frameTypes.settings, 0, 0, new Uint8Array())]))
  await duplex.write(frame(frameTypes.headers, endHeaders, 1, requestHeaders(authority)))
  await duplex.write(frame(frameTypes.data, endStream, 1, requestMessage(service)))
  const message: Uint8Array[] = []
  for await (const received of frames(duplex.readable)) {
    if (received === 'broken') break
    const { type, flags, stream, payload } = received
    if (type === frameTypes.settings && (flags & acknowledged) === 0)
      await duplex.write(frame(frameTypes.settings, acknowledged, 0, new Uint8Array()))
    if (type === frameTypes.ping && (flags & acknowledged) === 0)
      await duplex.write(frame(frameTypes.ping, acknowledged, 0, payload))
    if (type === frameTypes.goAway || (type === frameTypes.reset && stream === 1)) break
    if (type === frameTypes.data && stream === 1) message.push(unpadded(flags, payload))
    const status = servingStatus(concat(message))
    if (status !== undefined) return status === 1 ? ok(undefined) : fail(unhealthy(status))
    if ((type === frameTypes.data || type === frameTypes.headers) && stream === 1 && (flags & endStream) !== 0) break
  }
  return fail('error: health rpc probe failed: the server did not answer with a health status')
}

function unhealthy(status: number): string {
  return `service unhealthy (responded with ${JSON.stringify(statuses[status] ?? String(status))})`
}

function frame(type: number, flags: number, stream: number, payload: Uint8Array): Uint8Array {
  const { length } = payload
  const head = [length >> 16, length >> 8, length, type, flags, stream >> 24, stream >> 16, stream >> 8, stream]
  return concat([Uint8Array.from(head.map((byte) => byte & 0xff)), payload])
}

/** HPACK's literal fields without indexing; every string here is shorter than 127 bytes, or is cut. */
function requestHeaders(authority: string): Uint8Array {
  const fields = [
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', '/grpc.health.v1.Health/Check'],
    [':authority', authority],
    ['content-type', 'application/grpc'],
    ['user-agent', 'kube-probe/1.36'],
    ['te', 'trailers'],
  ]
  return concat(fields.flatMap(([name = '', value = '']) => [Uint8Array.of(0), literal(name), literal(value)]))
}

function literal(value: string): Uint8Array {
  const bytes = text.encode(value).subarray(0, 126)
  return concat([Uint8Array.of(bytes.length), bytes])
}

/** HealthCheckRequest { service = 1 } behind gRPC's five bytes. */
function requestMessage(service: string): Uint8Array {
  const name = text.encode(service).subarray(0, 127)
  const message = name.length === 0 ? new Uint8Array() : concat([Uint8Array.of(0x0a, name.length), name])
  return concat([Uint8Array.of(0, 0, 0, 0, message.length), message])
}

/** HealthCheckResponse { status = 1 }; undefined while it is not all there. */
function servingStatus(data: Uint8Array): number | undefined {
  const length = data[4]
  if (length === undefined || data.length < 5 + length) return undefined
  // An empty message is a status of zero.
  return data[5] === 0x08 ? data[6] : 0
}

function unpadded(flags: number, payload: Uint8Array): Uint8Array {
  const padded = (flags & 0x8) !== 0
  return padded ? payload.subarray(1, payload.length - (payload[0] ?? 0)) : payload
}

async function* frames(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Frame | 'broken'> {
  let buffer = new Uint8Array()
  for await (const chunk of chunks) {
    buffer = concat([buffer, chunk])
    while (buffer.length >= frameHeaderBytes) {
      const [a = 0, b = 0, c = 0, type = 0, flags = 0] = buffer
      const length = (a << 16) | (b << 8) | c
      if (length > longestFrameBytes) {
        yield 'broken'
        return
      }
      if (buffer.length < frameHeaderBytes + length) break
      const stream = ((buffer[5] ?? 0) << 24) | ((buffer[6] ?? 0) << 16) | ((buffer[7] ?? 0) << 8) | (buffer[8] ?? 0)
      yield { type, flags, stream, payload: buffer.slice(frameHeaderBytes, frameHeaderBytes + length) }
      buffer = buffer.slice(frameHeaderBytes + length)
    }
  }
}
