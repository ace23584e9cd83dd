import type { Keys } from '../../../ports/keys.ts'
import type { Random } from '../../../ports/random.ts'

/** Bytes of a seed, of what tells the keys made of it apart, and of those keys. */
const sizeBytes = 32
const blockBytes = 64

export function newSeed(random: Random): Uint8Array {
  return random.bytes(sizeBytes)
}

/**
 * Seals by a key that is made for this once, of the seed and of random bytes that stand before the result: so one seed serves for any number
 * of writes. apiserver's NewHKDFExtendedNonceGCMTransformer.
 */
export function sealBySeed(
  { keys, random }: Readonly<{ keys: Keys; random: Random }>,
  seed: Uint8Array,
  plain: Uint8Array,
  about: Uint8Array,
): Uint8Array {
  const info = random.bytes(sizeBytes)
  return joined(info, keys.seal('aesgcm', expanded(keys, seed, info), plain, about))
}

/** Undefined where the seed is another, or the bytes have been changed. */
export function openBySeed(
  keys: Keys,
  seed: Uint8Array,
  sealed: Uint8Array,
  about: Uint8Array,
): Uint8Array | undefined {
  const key = expanded(keys, seed, sealed.subarray(0, sizeBytes))
  return keys.unseal('aesgcm', key, sealed.subarray(sizeBytes), about)
}

/** HKDF's expansion (RFC 5869, 2.3) to as many bytes as the hash has. */
function expanded(keys: Pick<Keys, 'sha256'>, seed: Uint8Array, info: Uint8Array): Uint8Array {
  return hmac(keys, seed, joined(info, Uint8Array.of(1)))
}

/** HMAC-SHA-256 (RFC 2104) for keys that are no longer than a block. */
export function hmac({ sha256 }: Pick<Keys, 'sha256'>, key: Uint8Array, text: Uint8Array): Uint8Array {
  const padded = (byte: number): Uint8Array => Uint8Array.from({ length: blockBytes }, (_, at) => (key[at] ?? 0) ^ byte)
  return sha256(joined(padded(0x5c), sha256(joined(padded(0x36), text))))
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.length + second.length)
  whole.set(first)
  whole.set(second, first.length)
  return whole
}
