import { constants, inflateSync } from 'node:zlib'
import { type Deflate, DeflateError, type DeflateStream } from '../../ports/deflate.ts'

/** A stored block's length is 16 bits. */
const longestBlockBytes = 65_535
const checksumModulus = 65_521

/** The same format, computed at once, so that no result comes from outside of the simulation's turn: it compresses nothing. */
export function simDeflate(): Deflate {
  return { compressor, decompressor }
}

function compressor(dictionary: Uint8Array): DeflateStream {
  let begun = false
  return {
    async run(bytes) {
      const parts = begun ? [] : [header(dictionary)]
      begun = true
      for (let at = 0; at < bytes.length; at += longestBlockBytes)
        parts.push(...storedBlock(bytes.subarray(at, at + longestBlockBytes)))
      return new Uint8Array(Buffer.concat(parts))
    },
    close() {},
  }
}

/** zlib's header, with the checksum of the dictionary that a reader must bring. */
function header(dictionary: Uint8Array): Uint8Array {
  let [low, high] = [1, 0]
  for (const byte of dictionary) {
    low = (low + byte) % checksumModulus
    high = (high + low) % checksumModulus
  }
  return Uint8Array.of(0x78, 0x20 + checkBits(0x78, 0x20), high >> 8, high & 0xff, low >> 8, low & 0xff)
}

function checkBits(first: number, second: number): number {
  return (31 - (((first << 8) | second) % 31)) % 31
}

function storedBlock(bytes: Uint8Array): readonly Uint8Array[] {
  const { length } = bytes
  const inverse = ~length & 0xffff
  return [Uint8Array.of(0, length & 0xff, length >> 8, inverse & 0xff, inverse >> 8), bytes]
}

function decompressor(dictionary: Uint8Array, limitBytes: number): DeflateStream {
  let compressed = Buffer.alloc(0)
  let given = 0
  return {
    async run(bytes) {
      compressed = Buffer.concat([compressed, bytes])
      const all = inflate(compressed, dictionary)
      const fresh = all.subarray(given)
      given = all.length
      if (fresh.length > limitBytes) throw new DeflateError(`more than ${limitBytes} bytes`)
      return new Uint8Array(fresh)
    },
    close() {},
  }
}

function inflate(compressed: Uint8Array, dictionary: Uint8Array): Buffer {
  try {
    return inflateSync(compressed, { dictionary, finishFlush: constants.Z_SYNC_FLUSH })
  } catch (error) {
    throw new DeflateError((error as Error).message)
  }
}
