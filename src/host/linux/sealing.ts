import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { SealAlgorithm } from '../../ports/keys.ts'
import { openBox, sealBox } from './secretbox.ts'

const blockBytes = 16
const gcmNonceBytes = 12
const gcmTagBytes = 16
const boxNonceBytes = 24

/** In the form in which kube-apiserver writes it: nonce first. */
export function seal(algorithm: SealAlgorithm, key: Uint8Array, plain: Uint8Array, about: Uint8Array): Uint8Array {
  if (algorithm === 'secretbox') {
    const nonce = new Uint8Array(randomBytes(boxNonceBytes))
    return new Uint8Array(Buffer.concat([nonce, sealBox(key, nonce, plain)]))
  }
  if (algorithm === 'aescbc') {
    const vector = randomBytes(blockBytes)
    const cipher = createCipheriv(`aes-${key.length * 8}-cbc`, key, vector)
    return new Uint8Array(Buffer.concat([vector, cipher.update(plain), cipher.final()]))
  }
  const nonce = randomBytes(gcmNonceBytes)
  const cipher = createCipheriv(gcmName(key), key, nonce).setAAD(about)
  return new Uint8Array(Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]))
}

export function unseal(
  algorithm: SealAlgorithm,
  key: Uint8Array,
  sealed: Uint8Array,
  about: Uint8Array,
): Uint8Array | undefined {
  try {
    if (algorithm === 'secretbox') {
      return openBox(key, sealed.subarray(0, boxNonceBytes), sealed.subarray(boxNonceBytes))
    }
    if (algorithm === 'aescbc') {
      const cipher = createDecipheriv(`aes-${key.length * 8}-cbc`, key, sealed.subarray(0, blockBytes))
      return new Uint8Array(Buffer.concat([cipher.update(sealed.subarray(blockBytes)), cipher.final()]))
    }
    const cipher = createDecipheriv(gcmName(key), key, sealed.subarray(0, gcmNonceBytes)).setAAD(about)
    cipher.setAuthTag(sealed.subarray(-gcmTagBytes))
    const body = sealed.subarray(gcmNonceBytes, -gcmTagBytes)
    return new Uint8Array(Buffer.concat([cipher.update(body), cipher.final()]))
  } catch {
    return undefined
  }
}

function gcmName(key: Uint8Array): 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm' {
  return `aes-${(key.length * 8) as 128 | 192 | 256}-gcm`
}
