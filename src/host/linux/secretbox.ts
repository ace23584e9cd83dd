/** NaCl's secretbox: XSalsa20 and Poly1305, which OpenSSL does not have. The sealed form is the tag, then the ciphertext. */

const sigma = new Uint32Array([0x61707865, 0x3320646e, 0x79622d32, 0x6b206574])
const tagBytes = 16
const blockBytes = 64

export function sealBox(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array): Uint8Array {
  const { padKey, xorred } = cipher(key, nonce, plain)
  const sealed = new Uint8Array(tagBytes + plain.length)
  sealed.set(xorred, tagBytes)
  sealed.set(poly1305(padKey, xorred), 0)
  return sealed
}

/** Undefined where the bytes were not sealed with the key. */
export function openBox(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length < tagBytes) return undefined
  const body = sealed.subarray(tagBytes)
  const { padKey, xorred } = cipher(key, nonce, body)
  const expected = poly1305(padKey, body)
  // In constant time: how much of a tag is right must not be told.
  let difference = 0
  for (let at = 0; at < tagBytes; at++) difference |= (expected[at] ?? 0) ^ (sealed[at] ?? 0)
  return difference === 0 ? xorred : undefined
}

/** The first 32 bytes of the stream are the one-time key of the tag; the text begins with the 33rd. */
function cipher(
  key: Uint8Array,
  nonce: Uint8Array,
  text: Uint8Array,
): Readonly<{ padKey: Uint8Array; xorred: Uint8Array }> {
  const subKey = hsalsa20(words(key), words(nonce.subarray(0, 16)))
  const tail = words(nonce.subarray(16, 24))
  const xorred = new Uint8Array(text.length)
  let padKey: Uint8Array = new Uint8Array(0)
  for (let block = 0, at = -32; at < text.length; block++, at += blockBytes) {
    const stream = bytesOf(salsa20(subKey, Uint32Array.of(tail[0] ?? 0, tail[1] ?? 0, block, 0), true))
    if (block === 0) padKey = stream.slice(0, 32)
    for (let i = Math.max(0, -at); i < blockBytes && at + i < text.length; i++) {
      xorred[at + i] = (text[at + i] ?? 0) ^ (stream[i] ?? 0)
    }
  }
  return { padKey, xorred }
}

function words(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return Uint32Array.from({ length: bytes.length / 4 }, (_, at) => view.getUint32(at * 4, true))
}

function bytesOf(from: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(from.length * 4)
  const view = new DataView(bytes.buffer)
  from.forEach((word, at) => {
    view.setUint32(at * 4, word, true)
  })
  return bytes
}

/** `input`: nonce and counter, or for HSalsa20 a whole nonce. */
function salsa20(key: Uint32Array, input: Uint32Array, isAdded: boolean): Uint32Array {
  const [s0, s1, s2, s3] = sigma as unknown as [number, number, number, number]
  const begin = Uint32Array.of(s0, ...key.subarray(0, 4), s1, ...input, s2, ...key.subarray(4, 8), s3)
  const x = begin.slice()
  for (let round = 0; round < 20; round += 2) {
    for (const [a, b, c, d] of quarters) quarter(x, a, b, c, d)
  }
  if (isAdded) for (let at = 0; at < 16; at++) x[at] = (x[at] ?? 0) + (begin[at] ?? 0)
  return x
}

/** Columns, then rows. */
const quarters: readonly (readonly [number, number, number, number])[] = [
  [0, 4, 8, 12],
  [5, 9, 13, 1],
  [10, 14, 2, 6],
  [15, 3, 7, 11],
  [0, 1, 2, 3],
  [5, 6, 7, 4],
  [10, 11, 8, 9],
  [15, 12, 13, 14],
]

function quarter(x: Uint32Array, a: number, b: number, c: number, d: number): void {
  const at = (index: number): number => x[index] ?? 0
  x[b] = at(b) ^ rotated(at(a) + at(d), 7)
  x[c] = at(c) ^ rotated(at(b) + at(a), 9)
  x[d] = at(d) ^ rotated(at(c) + at(b), 13)
  x[a] = at(a) ^ rotated(at(d) + at(c), 18)
}

function rotated(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by))
}

function hsalsa20(key: Uint32Array, input: Uint32Array): Uint32Array {
  const x = salsa20(key, input, false)
  return Uint32Array.from([0, 5, 10, 15, 6, 7, 8, 9], (at) => x[at] ?? 0)
}

const prime = (1n << 130n) - 5n
const clamp = 0x0ffffffc0ffffffc0ffffffc0fffffffn

function poly1305(key: Uint8Array, message: Uint8Array): Uint8Array {
  const r = little(key.subarray(0, 16)) & clamp
  const s = little(key.subarray(16, 32))
  let sum = 0n
  for (let at = 0; at < message.length; at += 16) {
    const block = message.subarray(at, at + 16)
    sum = ((sum + little(block) + (1n << BigInt(8 * block.length))) * r) % prime
  }
  const tag = new Uint8Array(tagBytes)
  const view = new DataView(tag.buffer)
  const total = sum + s
  view.setBigUint64(0, total & 0xffffffffffffffffn, true)
  view.setBigUint64(8, (total >> 64n) & 0xffffffffffffffffn, true)
  return tag
}

function little(bytes: Uint8Array): bigint {
  if (bytes.length === 16) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, 16)
    return view.getBigUint64(0, true) | (view.getBigUint64(8, true) << 64n)
  }
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
}
