import { assert } from '../api/assert.ts'

/** DNS over TCP: each message is preceded by its length in two bytes (RFC 1035, 4.2.2). */
export function frame(message: Uint8Array): Uint8Array {
  assert(message.length <= 65_535, 'a DNS message has a length of 16 bits')
  const framed = new Uint8Array(message.length + 2)
  new DataView(framed.buffer).setUint16(0, message.length)
  framed.set(message, 2)
  return framed
}

/** The messages of a stream, however its bytes come in pieces. Holds one message at most. */
export async function* readFrames(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let held = new Uint8Array(0)
  for await (const chunk of chunks) {
    held = joined(held, chunk)
    for (let length = frameLength(held); length !== undefined; length = frameLength(held)) {
      yield held.slice(2, length)
      held = held.slice(length)
    }
  }
}

/** Bytes of the first frame with its length field, if it is there whole. */
function frameLength(bytes: Uint8Array): number | undefined {
  const [high, low] = bytes
  if (high === undefined || low === undefined) return undefined
  const length = 2 + high * 256 + low
  return bytes.length < length ? undefined : length
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}
