import { type ByteChannel, byteChannel } from './byte-channel.ts'
import { concat, controlFrame, controlTypes, dataFrames, numberBytes, resetCodes } from './spdy-frame.ts'

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

export type OpenStream = SpdyStream & { readonly incoming: ByteChannel; remoteEnded: boolean; localEnded: boolean }

/** Sends a frame after all that were sent before. */
export type SendFrame = (make: () => Promise<Uint8Array> | Uint8Array) => Promise<void>

export function openStream(
  id: number,
  headers: ReadonlyMap<string, string>,
  send: SendFrame,
  onEnded: (stream: OpenStream) => void,
): OpenStream {
  const incoming = byteChannel()
  const stream: OpenStream = {
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
      if (stream.remoteEnded) onEnded(stream)
    },
    async reset() {
      stream.localEnded = true
      stream.remoteEnded = true
      incoming.abandon()
      onEnded(stream)
      await send(() => resetFrame(id, resetCodes.cancel))
    },
  }
  return stream
}

export function resetFrame(id: number, code: number): Uint8Array {
  return controlFrame(controlTypes.reset, 0, concat([numberBytes(id), numberBytes(code)]))
}
