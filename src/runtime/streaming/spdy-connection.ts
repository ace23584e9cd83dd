import { type Ending, makeEnder } from '../../api/ending.ts'
import type { Deflate, DeflateStream } from '../../ports/deflate.ts'
import type { Duplex } from '../../ports/streams.ts'
import { spdyDictionary } from './spdy-dictionary.ts'
import {
  concat,
  controlFrame,
  controlTypes,
  finFlag,
  formatHeaders,
  numberBytes,
  parseHeaders,
  readFrames,
  resetCodes,
  type SpdyFrame,
} from './spdy-frame.ts'
import { type OpenStream, openStream, resetFrame, type SendFrame, type SpdyStream } from './spdy-stream.ts'

export interface SpdyConnection {
  /** Aborted when the other side has gone, or broken the protocol. */
  readonly closed: Ending
  close(): Promise<void>
}

export type SpdyClient = SpdyConnection &
  Readonly<{
    /** Opens a stream; undefined where the other side does not take it, or has gone. */
    open(headers: ReadonlyMap<string, string>): Promise<SpdyStream | undefined>
  }>

type Connection = Readonly<{
  streams: Map<number, OpenStream>
  /** Of streams that we opened, by their ids: told whether the other side takes them. */
  opening: Map<number, (taken: boolean) => void>
  send: SendFrame
  compressor: DeflateStream
  decompressor: DeflateStream
  onStream: (stream: SpdyStream) => boolean
}>

type ControlFrame = Extract<SpdyFrame, { type: 'control' }>

const longestHeaderBytes = 65_536
/** kubectl opens two for each forwarded connection. */
const mostStreams = 2_000

/**
 * The server's side of SPDY/3.1, as kubectl speaks it for exec, attach and port-forward. onStream is told of each stream that the client
 * opens, and says whether it is taken.
 */
export function serveSpdy(duplex: Duplex, deflate: Deflate, onStream: (stream: SpdyStream) => boolean): SpdyConnection {
  return start(duplex, deflate, onStream).own
}

/** The client's side: the streams are all ours. */
export function openSpdy(duplex: Duplex, deflate: Deflate): SpdyClient {
  const { own, connection } = start(duplex, deflate, () => false)
  const { streams, opening, send, compressor } = connection
  let lastId = -1
  return {
    ...own,
    async open(headers) {
      if (own.closed.aborted) return undefined
      lastId += 2
      const id = lastId
      const stream = openStream(id, headers, send, () => void streams.delete(id))
      streams.set(id, stream)
      const taken = new Promise<boolean>((resolve) => opening.set(id, resolve))
      await send(async () => {
        const block = await compressor.run(formatHeaders(headers))
        const numbers = [numberBytes(id), numberBytes(0), new Uint8Array(2)]
        return controlFrame(controlTypes.synStream, 0, concat([...numbers, block]))
      })
      return (await taken) ? stream : undefined
    },
  }
}

function start(
  duplex: Duplex,
  deflate: Deflate,
  onStream: (stream: SpdyStream) => boolean,
): Readonly<{ own: SpdyConnection; connection: Connection }> {
  const gone = makeEnder()
  let sending: Promise<unknown> = Promise.resolve()
  /** Frames go out in the order in which they are asked for, headers in the order of their compression. */
  const send: SendFrame = (make) => {
    const sent = sending.then(async () => {
      const bytes = await make()
      if (!gone.signal.aborted) await duplex.write(bytes)
    })
    sending = sent.catch(() => {})
    return sent
  }
  const connection: Connection = {
    streams: new Map(),
    opening: new Map(),
    send,
    compressor: deflate.compressor(spdyDictionary),
    decompressor: deflate.decompressor(spdyDictionary, longestHeaderBytes),
    onStream,
  }
  const finish = (): void => {
    if (gone.signal.aborted) return
    gone.abort()
    for (const stream of connection.streams.values()) stream.incoming.end()
    for (const answer of connection.opening.values()) answer(false)
    connection.streams.clear()
    connection.compressor.close()
    connection.decompressor.close()
    duplex.destroy()
  }
  void serve(connection, duplex).then(finish, finish)
  const own: SpdyConnection = {
    closed: gone.signal,
    async close() {
      await sending
      const last = Math.max(0, ...connection.streams.keys())
      await send(() => controlFrame(controlTypes.goAway, 0, concat([numberBytes(last), numberBytes(0)])))
      await duplex.end()
      finish()
    },
  }
  return { own, connection }
}

/** Until the other side ends, or breaks the protocol. */
async function serve(connection: Connection, duplex: Duplex): Promise<void> {
  for await (const frame of readFrames(duplex.readable)) {
    if (frame.type === 'broken') return
    if (frame.type === 'control') {
      if (!(await control(connection, frame))) return
      continue
    }
    const stream = connection.streams.get(frame.stream)
    if (stream === undefined || stream.remoteEnded) continue
    await stream.incoming.push(frame.bytes)
    if (frame.fin) remoteEnd(connection, stream)
  }
}

function remoteEnd({ streams }: Connection, stream: OpenStream): void {
  stream.remoteEnded = true
  stream.incoming.end()
  if (stream.localEnded) streams.delete(stream.id)
}

/** False when the frame breaks the protocol. */
async function control(connection: Connection, frame: ControlFrame): Promise<boolean> {
  const { streams, send, decompressor } = connection
  const { control: type, payload } = frame
  if (payload.length < 4) return type === controlTypes.settings
  const id = firstNumber(payload)
  switch (type) {
    case controlTypes.synStream:
      if (payload.length < 10) return false
      await synStream(connection, frame)
      return true
    case controlTypes.ping:
      // We send none: all are the other side's.
      await send(() => controlFrame(controlTypes.ping, 0, payload))
      return true
    case controlTypes.synReply:
      await decompressor.run(payload.subarray(4))
      answer(connection, id, true)
      return true
    case controlTypes.reset: {
      answer(connection, id, false)
      const stream = streams.get(id)
      if (stream === undefined) return true
      stream.localEnded = true
      remoteEnd(connection, stream)
      return true
    }
    case controlTypes.headers:
      // Nothing is told in them, but the compression goes on from header to header.
      await decompressor.run(payload.subarray(4))
      return true
    default:
      return type <= controlTypes.windowUpdate
  }
}

function answer({ opening }: Connection, id: number, taken: boolean): void {
  opening.get(id)?.(taken)
  opening.delete(id)
}

function firstNumber(payload: Uint8Array): number {
  return new DataView(payload.buffer, payload.byteOffset).getUint32(0) & 0x7fff_ffff
}

/** Stream id, associated stream, priority, slot: ten bytes before the headers. */
async function synStream(connection: Connection, { payload, flags }: ControlFrame): Promise<void> {
  const { streams, send, compressor, decompressor, onStream } = connection
  const id = firstNumber(payload)
  const headers = parseHeaders(await decompressor.run(payload.subarray(10)))
  if (headers === undefined || id === 0 || streams.has(id)) return send(() => resetFrame(id, resetCodes.protocolError))
  if (streams.size >= mostStreams) return send(() => resetFrame(id, resetCodes.refused))
  const stream = openStream(id, headers, send, () => void streams.delete(id))
  streams.set(id, stream)
  await send(async () => {
    const block = await compressor.run(formatHeaders(new Map()))
    return controlFrame(controlTypes.synReply, 0, concat([numberBytes(id), block]))
  })
  if (!onStream(stream)) await stream.reset()
  else if ((flags & finFlag) !== 0) remoteEnd(connection, stream)
}
