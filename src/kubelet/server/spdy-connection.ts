import type { Deflate } from '../../ports/deflate.ts'
import type { Duplex } from '../../ports/streams.ts'
import { type ByteChannel, byteChannel } from './byte-channel.ts'
import { spdyDictionary } from './spdy-dictionary.ts'
import {
  concat,
  controlFrame,
  controlTypes,
  dataFrames,
  finFlag,
  formatHeaders,
  numberBytes,
  parseHeaders,
  readFrames,
  resetCodes,
  type SpdyFrame,
} from './spdy-frame.ts'

/** One stream of a connection; each direction ends by itself. */
export interface SpdyStream {
  readonly id: number
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>
  readonly readable: AsyncIterable<Uint8Array>
  /** Resolves when there is room for more. */
  write(chunk: Uint8Array): Promise<void>
  end(): Promise<void>
  /** Drops both directions at once. */
  reset(): Promise<void>
}

export interface SpdyConnection {
  /** Aborted when the other side has gone, or broken the protocol. */
  readonly closed: AbortSignal
  close(): Promise<void>
}

type Open = SpdyStream & { readonly incoming: ByteChannel; remoteEnded: boolean; localEnded: boolean }

const longestHeaderBytes = 65_536
/** kubectl opens two for each forwarded connection. */
const mostStreams = 2_000

/**
 * The server's side of SPDY/3.1, as kubectl speaks it for exec, attach and port-forward. onStream is told of each stream that the client
 * opens, and says whether it is taken.
 */
export function serveSpdy(duplex: Duplex, deflate: Deflate, onStream: (stream: SpdyStream) => boolean): SpdyConnection {
  const compressor = deflate.compressor(spdyDictionary)
  const decompressor = deflate.decompressor(spdyDictionary, longestHeaderBytes)
  const streams = new Map<number, Open>()
  const gone = new AbortController()
  let sending: Promise<unknown> = Promise.resolve()

  /** Frames go out in the order in which they are asked for, headers in the order of their compression. */
  const send = (make: () => Promise<Uint8Array> | Uint8Array): Promise<void> => {
    const sent = sending.then(async () => {
      const bytes = await make()
      if (!gone.signal.aborted) await duplex.write(bytes)
    })
    sending = sent.catch(() => {})
    return sent
  }
  const reset = (id: number, code: number): Promise<void> =>
    send(() => controlFrame(controlTypes.reset, 0, concat([numberBytes(id), numberBytes(code)])))
  const settle = (stream: Open): void => {
    if (stream.remoteEnded && stream.localEnded) streams.delete(stream.id)
  }
  const open = (id: number, headers: ReadonlyMap<string, string>): Open => {
    const incoming = byteChannel()
    const stream: Open = {
      id,
      headers,
      incoming,
      readable: incoming.chunks,
      remoteEnded: false,
      localEnded: false,
      async write(chunk) {
        for (const frame of stream.localEnded ? [] : dataFrames(id, chunk, false)) await send(() => frame)
      },
      async end() {
        if (stream.localEnded) return
        stream.localEnded = true
        await send(() => concat(dataFrames(id, new Uint8Array(), true)))
        settle(stream)
      },
      async reset() {
        stream.localEnded = true
        stream.incoming.abandon()
        if (streams.delete(id)) await reset(id, resetCodes.cancel)
      },
    }
    return stream
  }
  const synStream = async (payload: Uint8Array, flags: number): Promise<void> => {
    const id = new DataView(payload.buffer, payload.byteOffset).getUint32(0) & 0x7fff_ffff
    // Also when the stream is refused: the compression goes on from header to header.
    const headers = parseHeaders(await decompressor.run(payload.subarray(10)))
    if (headers === undefined || id === 0 || streams.has(id)) return reset(id, resetCodes.protocolError)
    if (streams.size >= mostStreams) return reset(id, resetCodes.refused)
    const stream = open(id, headers)
    streams.set(id, stream)
    await send(async () =>
      controlFrame(controlTypes.synReply, 0, concat([numberBytes(id), await compressor.run(formatHeaders(new Map()))])),
    )
    if (!onStream(stream)) return stream.reset()
    if ((flags & finFlag) !== 0) remoteEnd(stream)
  }
  const remoteEnd = (stream: Open): void => {
    stream.remoteEnded = true
    stream.incoming.end()
    settle(stream)
  }
  const control = async ({
    control: type,
    flags,
    payload,
  }: Extract<SpdyFrame, { type: 'control' }>): Promise<boolean> => {
    if (payload.length < 4) return type === controlTypes.settings
    const id = new DataView(payload.buffer, payload.byteOffset).getUint32(0) & 0x7fff_ffff
    switch (type) {
      case controlTypes.synStream:
        if (payload.length < 10) return false
        await synStream(payload, flags)
        return true
      case controlTypes.ping:
        // Even numbers are ours, and we send none.
        if ((id & 1) === 1) await send(() => controlFrame(controlTypes.ping, 0, payload))
        return true
      case controlTypes.reset: {
        const stream = streams.get(id)
        streams.delete(id)
        if (stream !== undefined) stream.localEnded = true
        stream?.incoming.end()
        return true
      }
      case controlTypes.headers:
        await decompressor.run(payload.subarray(4))
        return true
      case controlTypes.goAway:
        return true
      default:
        return type <= controlTypes.windowUpdate
    }
  }
  const serve = async (): Promise<void> => {
    for await (const frame of readFrames(duplex.readable)) {
      if (frame.type === 'broken') break
      if (frame.type === 'control') {
        if (!(await control(frame))) break
        continue
      }
      const stream = streams.get(frame.stream)
      if (stream === undefined || stream.remoteEnded) continue
      await stream.incoming.push(frame.bytes)
      if (frame.fin) remoteEnd(stream)
    }
  }
  const finish = (): void => {
    if (gone.signal.aborted) return
    gone.abort()
    for (const stream of streams.values()) stream.incoming.end()
    streams.clear()
    compressor.close()
    decompressor.close()
    duplex.destroy()
  }
  void serve().then(finish, finish)
  return {
    closed: gone.signal,
    async close() {
      await sending
      const last = Math.max(0, ...streams.keys())
      await send(() => controlFrame(controlTypes.goAway, 0, concat([numberBytes(last), numberBytes(0)])))
      await duplex.end()
      finish()
    },
  }
}
