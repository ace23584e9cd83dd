/** SPDY/3.1 on the wire, as far as Kubernetes uses it: no flow control, no settings, no priorities. */
export const controlTypes = {
  synStream: 1,
  synReply: 2,
  reset: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  headers: 8,
  windowUpdate: 9,
} as const

export const finFlag = 0x1
export const resetCodes = { protocolError: 1, invalidStream: 2, refused: 3, cancel: 5, internalError: 6 } as const

const headBytes = 8
const version = 3
/** A control frame is held whole until it is read: headers of a stream are a few dozen bytes. */
const longestControlBytes = 65_536
const longestDataBytes = 32_768

export type SpdyFrame =
  | Readonly<{ type: 'control'; control: number; flags: number; payload: Uint8Array }>
  /** A piece of a data frame as it comes; `fin` on the last piece of the stream's last frame. */
  | Readonly<{ type: 'data'; stream: number; bytes: Uint8Array; fin: boolean }>
  /** The other side does not speak SPDY/3. */
  | Readonly<{ type: 'broken' }>

/** Cuts the bytes of a connection into frames. Ends with them, or after 'broken'. */
export async function* readFrames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<SpdyFrame> {
  let buffer: Uint8Array = new Uint8Array()
  /** Of the data frame that is being read. */
  let data: { stream: number; left: number; fin: boolean } | undefined
  for await (const chunk of chunks) {
    buffer = concat([buffer, chunk])
    for (;;) {
      if (data !== undefined) {
        const bytes = buffer.subarray(0, data.left)
        buffer = buffer.subarray(bytes.length)
        data.left -= bytes.length
        const done = data.left === 0
        if (bytes.length > 0 || done) yield { type: 'data', stream: data.stream, bytes, fin: done && data.fin }
        if (!done) break
        data = undefined
      }
      if (buffer.length < headBytes) break
      const head = new DataView(buffer.buffer, buffer.byteOffset, headBytes)
      const first = head.getUint32(0)
      const flags = head.getUint8(4)
      const length = head.getUint32(4) & 0xff_ffff
      if (first >>> 31 === 0) {
        buffer = buffer.subarray(headBytes)
        data = { stream: first, left: length, fin: (flags & finFlag) !== 0 }
        continue
      }
      if (((first >>> 16) & 0x7fff) !== version || length > longestControlBytes) {
        yield { type: 'broken' }
        return
      }
      if (buffer.length < headBytes + length) break
      const payload = buffer.slice(headBytes, headBytes + length)
      buffer = buffer.subarray(headBytes + length)
      yield { type: 'control', control: first & 0xffff, flags, payload }
    }
  }
}

export function controlFrame(control: number, flags: number, payload: Uint8Array): Uint8Array {
  const head = new DataView(new ArrayBuffer(headBytes))
  head.setUint32(0, ((0x8000 | version) << 16) | control)
  head.setUint32(4, payload.length)
  head.setUint8(4, flags)
  return concat([new Uint8Array(head.buffer), payload])
}

/** Data frames for the bytes; one empty frame for the end alone. */
export function dataFrames(stream: number, bytes: Uint8Array, fin: boolean): readonly Uint8Array[] {
  const frames: Uint8Array[] = []
  for (let at = 0; at < bytes.length || (at === 0 && fin); at += longestDataBytes) {
    const part = bytes.subarray(at, at + longestDataBytes)
    const last = at + longestDataBytes >= bytes.length
    const head = new DataView(new ArrayBuffer(headBytes))
    head.setUint32(0, stream)
    head.setUint32(4, part.length)
    head.setUint8(4, last && fin ? finFlag : 0)
    frames.push(concat([new Uint8Array(head.buffer), part]))
  }
  return frames
}

/** Names in lower case. Undefined where the block makes no sense. */
export function parseHeaders(block: Uint8Array): ReadonlyMap<string, string> | undefined {
  const view = new DataView(block.buffer, block.byteOffset, block.length)
  const decoder = new TextDecoder()
  const headers = new Map<string, string>()
  let at = 0
  const number = (): number => {
    if (at + 4 > block.length) return -1
    at += 4
    return view.getUint32(at - 4)
  }
  const text = (): string | undefined => {
    const length = number()
    if (length < 0 || at + length > block.length) return undefined
    at += length
    return decoder.decode(block.subarray(at - length, at))
  }
  for (let left = number(); left > 0; left--) {
    const [name, value] = [text(), text()]
    if (name === undefined || value === undefined) return undefined
    headers.set(name.toLowerCase(), value)
  }
  return headers
}

export function formatHeaders(headers: ReadonlyMap<string, string>): Uint8Array {
  const encoder = new TextEncoder()
  const parts = [numberBytes(headers.size)]
  for (const entry of headers)
    for (const word of entry.map((text) => encoder.encode(text))) parts.push(numberBytes(word.length), word)
  return concat(parts)
}

export function numberBytes(value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(4))
  view.setUint32(0, value)
  return new Uint8Array(view.buffer)
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 2 && parts[0]?.length === 0 && parts[1] !== undefined) return parts[1]
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
