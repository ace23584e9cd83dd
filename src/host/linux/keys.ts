import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import type { Jwk, Keys } from '../../ports/keys.ts'
import { issueCertificate } from './certificate.ts'
import { requestCertificate, signatureFault, signCertificate } from './certificate-request.ts'
import { seal, unseal } from './sealing.ts'

export function linuxKeys(): Keys {
  const privateKeys = new Map<string, KeyObject>()
  const publicKeys = new Map<string, KeyObject>()
  return {
    issueCertificate,
    requestCertificate: async (request) => requestCertificate(request),
    signCertificate,
    signatureFault,
    async makeSigningKey() {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      return {
        privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
        publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }) as string,
      }
    },
    sign: (privateKeyPem, bytes) =>
      new Uint8Array(
        sign('sha256', bytes, { key: cached(privateKeys, privateKeyPem, createPrivateKey), dsaEncoding: 'ieee-p1363' }),
      ),
    verify: (publicKeyPem, bytes, signature) =>
      verify(
        'sha256',
        bytes,
        { key: cached(publicKeys, publicKeyPem, createPublicKey), dsaEncoding: 'ieee-p1363' },
        signature,
      ),
    publicJwk: (publicKeyPem) => cached(publicKeys, publicKeyPem, createPublicKey).export({ format: 'jwk' }) as Jwk,
    verifyJwk,
    seal,
    unseal,
    sha256: (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
  }
}

const curves: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }

function verifyJwk(key: Jwk, algorithm: string, bytes: Uint8Array, signature: Uint8Array): boolean {
  const [, family, bits] = /^(RS|PS|ES)(256|384|512)$/.exec(algorithm) ?? []
  const isFor = family === 'ES' ? key.kty === 'EC' && key.crv === curves[algorithm] : key.kty === 'RSA'
  const isOther = (key.use !== undefined && key.use !== 'sig') || (key.alg !== undefined && key.alg !== algorithm)
  if (family === undefined || !isFor || isOther) return false
  try {
    const publicKey = createPublicKey({ key: key as JsonWebKey, format: 'jwk' })
    const padding = family === 'PS' ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING
    const how =
      family === 'ES'
        ? { key: publicKey, dsaEncoding: 'ieee-p1363' as const }
        : { key: publicKey, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    return verify(`sha${bits}`, bytes, how, signature)
  } catch {
    return false
  }
}

// A cluster has a handful of keys; parsing one costs more than signing with it.
const cachedKeysLimit = 64

function cached(keys: Map<string, KeyObject>, pem: string, parse: (pem: string) => KeyObject): KeyObject {
  const known = keys.get(pem)
  if (known !== undefined) return known
  const parsed = parse(pem)
  if (keys.size >= cachedKeysLimit) keys.clear()
  keys.set(pem, parsed)
  return parsed
}
