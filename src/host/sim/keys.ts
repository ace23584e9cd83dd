import { createHash } from 'node:crypto'
import type { CertificateRequest, KeyPair, Keys } from '../../ports/keys.ts'
import type { Random } from '../../ports/random.ts'

type Certified = Readonly<{ request: CertificateRequest; publicKey: string; issuer: string }>

/**
 * Keys without the mathematics: a private key is a random secret, its public key the secret's digest, and a signature binds
 * digest and bytes. It can be forged by who reads this file, but two keys never verify each other's signatures.
 */
export function simKeys(random: Random): Keys {
  const newSecret = (): string => Buffer.from(random.bytes(32)).toString('hex')
  return {
    async issueCertificate(request, issuer) {
      const secret = newSecret()
      const issuedBy = issuer === undefined ? publicOf(secret) : publicOf(unpem(issuer.keyPem))
      const certified: Certified = { request, publicKey: publicOf(secret), issuer: issuedBy }
      return {
        certificatePem: pem('CERTIFICATE', JSON.stringify(certified)),
        keyPem: pem('PRIVATE KEY', secret),
      } satisfies KeyPair
    },
    async makeSigningKey() {
      const secret = newSecret()
      return { privateKeyPem: pem('PRIVATE KEY', secret), publicKeyPem: pem('PUBLIC KEY', publicOf(secret)) }
    },
    sign: (privateKeyPem, bytes) => signatureOf(publicOf(unpem(privateKeyPem)), bytes),
    verify: (publicKeyPem, bytes, signature) =>
      Buffer.compare(signatureOf(unpem(publicKeyPem), bytes), signature) === 0,
    sha256: (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
  }
}

function publicOf(secret: string): string {
  return createHash('sha256').update(`public ${secret}`).digest('hex')
}

/** 64 bytes, as an ES256 signature has. */
function signatureOf(publicKey: string, bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha512').update(publicKey).update(bytes).digest())
}

function pem(label: string, text: string): string {
  return `-----BEGIN ${label}-----\n${Buffer.from(text).toString('base64')}\n-----END ${label}-----\n`
}

function unpem(text: string): string {
  return Buffer.from(text.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64').toString()
}
