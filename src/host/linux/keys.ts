import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import type { Keys } from '../../ports/keys.ts'
import { issueCertificate } from './certificate.ts'
import { requestCertificate, signatureFault, signCertificate } from './certificate-request.ts'

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
    sha256: (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
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
