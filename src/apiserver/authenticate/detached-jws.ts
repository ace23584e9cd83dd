import type { Keys } from '../../ports/keys.ts'
import { base64Url } from './jwt.ts'

const encoder = new TextEncoder()
const blockBytes = 64

/** head..signature, HS256: what is signed is not in it. As cluster-bootstrap's token/jws. */
export function signDetached(keys: Pick<Keys, 'sha256'>, content: string, keyId: string, secret: string): string {
  const head = base64Url(encoder.encode(JSON.stringify({ alg: 'HS256', kid: keyId })))
  const signed = encoder.encode(`${head}.${base64Url(encoder.encode(content))}`)
  return `${head}..${base64Url(hmacSha256(keys, encoder.encode(secret), signed))}`
}

/** RFC 2104. */
export function hmacSha256({ sha256 }: Pick<Keys, 'sha256'>, key: Uint8Array, bytes: Uint8Array): Uint8Array {
  const block = new Uint8Array(blockBytes)
  block.set(key.length > blockBytes ? sha256(key) : key)
  const inner = sha256(
    joined(
      block.map((byte) => byte ^ 0x36),
      bytes,
    ),
  )
  return sha256(
    joined(
      block.map((byte) => byte ^ 0x5c),
      inner,
    ),
  )
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.length + second.length)
  whole.set(first)
  whole.set(second, first.length)
  return whole
}
