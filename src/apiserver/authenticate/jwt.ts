import { encodeBase64 } from '../../api/base64.ts'
import type { Keys } from '../../ports/keys.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export type Claims = Readonly<Record<string, unknown>>

/** A compact JWS, ES256. `keyId` tells verifiers which key. */
export function signJwt(keys: Keys, privateKeyPem: string, keyId: string, claims: Claims): string {
  const head = base64Url(encoder.encode(JSON.stringify({ alg: 'ES256', kid: keyId })))
  const payload = base64Url(encoder.encode(JSON.stringify(claims)))
  const signature = keys.sign(privateKeyPem, encoder.encode(`${head}.${payload}`))
  return `${head}.${payload}.${base64Url(signature)}`
}

/** The claims, if the token is well formed and the signature good; nothing about what they say is judged. */
export function verifyJwt(keys: Keys, publicKeyPem: string, token: string): Claims | undefined {
  const parts = token.split('.')
  const [head = '', payload = '', signature = ''] = parts
  if (parts.length !== 3 || parseObject(head)?.alg !== 'ES256') return undefined
  const bytes = fromBase64Url(signature)
  if (bytes?.length !== 64) return undefined
  if (!keys.verify(publicKeyPem, encoder.encode(`${head}.${payload}`), bytes)) return undefined
  return parseObject(payload)
}

export type ReadJwt = Readonly<{
  algorithm: string
  keyId: string | undefined
  claims: Claims
  signed: Uint8Array
  signature: Uint8Array
}>

/** The parts of a token, nothing of which has been checked. */
export function readJwt(token: string): ReadJwt | undefined {
  const parts = token.split('.')
  const [head = '', payload = '', last = ''] = parts
  const [header, claims, signature] = [parseObject(head), parseObject(payload), fromBase64Url(last)]
  if (parts.length !== 3 || header === undefined || claims === undefined || signature === undefined) return undefined
  const keyId = typeof header.kid === 'string' ? header.kid : undefined
  return { algorithm: String(header.alg), keyId, claims, signed: encoder.encode(`${head}.${payload}`), signature }
}

export function base64Url(bytes: Uint8Array): string {
  return encodeBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

function fromBase64Url(text: string): Uint8Array | undefined {
  if (!/^[\w-]*$/.test(text)) return undefined
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
  } catch {
    return undefined
  }
}

function parseObject(part: string): Claims | undefined {
  const bytes = fromBase64Url(part)
  if (bytes === undefined) return undefined
  try {
    const value: unknown = JSON.parse(decoder.decode(bytes))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Claims) : undefined
  } catch {
    return undefined
  }
}
