import { createHash } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import { decompress as unzstdSync } from 'fzstd'
import type { Clock } from '../../ports/clock.ts'
import { type Codec, CodecError } from '../../ports/codec.ts'

export type SimCodecOptions = Readonly<{
  clock: Clock
  /** How fast compression and decompression go. */
  bytesPerMs?: number
}>

/** The same results, computed within one turn of the event loop; the time it would take passes on the clock. */
export function simCodec({ clock, bytesPerMs = 200_000 }: SimCodecOptions): Codec {
  const whole = (compute: (bytes: Uint8Array) => Uint8Array): Codec['gunzip'] =>
    async function* (chunks) {
      const parts: Uint8Array[] = []
      for await (const chunk of chunks) parts.push(chunk)
      const bytes = checked(compute, Buffer.concat(parts))
      await clock.sleep(Math.ceil(bytes.length / bytesPerMs))
      for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
    }
  return {
    sha256() {
      const hash = createHash('sha256')
      return { update: (chunk) => void hash.update(chunk), hex: () => hash.digest('hex') }
    },
    gzip: whole(gzipSync),
    gunzip: whole(gunzipSync),
    unzstd: whole(unzstdSync),
  }
}

function checked(compute: (bytes: Uint8Array) => Uint8Array, bytes: Uint8Array): Uint8Array {
  try {
    return new Uint8Array(compute(bytes))
  } catch (error) {
    throw new CodecError((error as Error).message)
  }
}
