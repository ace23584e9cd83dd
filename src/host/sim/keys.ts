import { createHash } from 'node:crypto'
import { type CertificateTemplate, certificateBody, derSubject, requestBody, signedDer } from '../../api/x509/build.ts'
import { type Certificate, parseCertificates } from '../../api/x509/certificate.ts'
import { der, derBitString, derObjectId, derTag, expectTag, readValue, readValues } from '../../api/x509/der.ts'
import { pemOf } from '../../api/x509/pem.ts'
import type { CertificateRequest, KeyPair, Keys } from '../../ports/keys.ts'
import type { Random } from '../../ports/random.ts'

/** An object id that nobody else has: of keys and of signatures. */
const algorithm = '2.25.271828'
const serialBytes = 16

/**
 * Keys without the mathematics: a private key is a random secret, its public key the secret's digest, and a signature binds
 * digest and bytes. It can be forged by who reads this file, but two keys never verify each other's signatures. Certificates and
 * requests have the form of real ones.
 */
export function simKeys(random: Random): Keys {
  const newSecret = (): string => Buffer.from(random.bytes(32)).toString('hex')
  const signed = (template: CertificateTemplate, issuer: Certificate, secret: string): string => {
    const body = certificateBody(template, issuer, random.bytes(serialBytes), algorithm)
    return pemOf('CERTIFICATE', signedDer(body, algorithm, signatureOf(publicOf(secret), body)))
  }
  return {
    async issueCertificate(request, issuer) {
      const secret = newSecret()
      const template = templateOf(request, secret)
      const own: Certificate = {
        subject: { der: template.subject, commonName: '', organizations: [], userUids: [] },
        notBeforeMs: 0,
        notAfterMs: 0,
        publicKey: template.publicKey,
      }
      const certificatePem =
        issuer === undefined
          ? signed(template, own, secret)
          : signed(template, certificateOf(issuer), unpem(issuer.keyPem))
      return { certificatePem, keyPem: pem('PRIVATE KEY', secret) } satisfies KeyPair
    },
    async makeSigningKey() {
      const secret = newSecret()
      return { privateKeyPem: pem('PRIVATE KEY', secret), publicKeyPem: pem('PUBLIC KEY', publicOf(secret)) }
    },
    async requestCertificate({ commonName, organizations, dnsNames, ipAddresses }) {
      const secret = newSecret()
      const names = { dnsNames, ipAddresses, emailAddresses: [], uris: [] }
      const body = requestBody(derSubject(commonName, organizations), publicKeyDer(publicOf(secret)), names)
      const whole = signedDer(body, algorithm, signatureOf(publicOf(secret), body))
      return { requestPem: pemOf('CERTIFICATE REQUEST', whole), keyPem: pem('PRIVATE KEY', secret) }
    },
    signCertificate: (template, issuer) => signed(template, certificateOf(issuer), unpem(issuer.keyPem)),
    signatureFault({ publicKey, signed: bytes, signatureAlgorithm, signature }) {
      if (signatureAlgorithm !== algorithm) return 'x509: cannot verify signature: algorithm unimplemented'
      const made = signatureOf(publicKeyText(publicKey), bytes)
      return Buffer.compare(made, signature) === 0 ? undefined : 'x509: verification failure'
    },
    sign: (privateKeyPem, bytes) => signatureOf(publicOf(unpem(privateKeyPem)), bytes),
    verify: (publicKeyPem, bytes, signature) =>
      Buffer.compare(signatureOf(unpem(publicKeyPem), bytes), signature) === 0,
    publicJwk: (publicKeyPem) => ({ kty: 'EC', crv: 'simulated', key: unpem(publicKeyPem) }),
    verifyJwk: (key, algorithm, bytes, signature) =>
      algorithm === 'ES256' &&
      typeof key.key === 'string' &&
      Buffer.compare(signatureOf(key.key, bytes), signature) === 0,
    seal(algorithm, key, plain, about) {
      const nonce = random.bytes(16)
      const hidden = hide(algorithm, key, nonce, plain)
      return new Uint8Array(Buffer.concat([nonce, tagOf(algorithm, key, nonce, hidden, about), hidden]))
    },
    unseal(algorithm, key, sealed, about) {
      if (sealed.length < 48) return undefined
      const [nonce, tag, hidden] = [sealed.subarray(0, 16), sealed.subarray(16, 48), sealed.subarray(48)]
      const isRight = Buffer.compare(tag, tagOf(algorithm, key, nonce, hidden, about)) === 0
      return isRight ? hide(algorithm, key, nonce, hidden) : undefined
    },
    sha256: (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
  }
}

function templateOf(request: CertificateRequest, secret: string): CertificateTemplate {
  const { commonName, organizations, dnsNames, ipAddresses } = request
  return {
    subject: derSubject(commonName, organizations),
    publicKey: publicKeyDer(publicOf(secret)),
    // There is no clock here: the cluster's own certificates outlast every simulation.
    notBeforeMs: 0,
    notAfterMs: Date.UTC(2900, 0, 1),
    keyUsages: [0],
    extendedKeyUsages: [],
    dnsNames,
    ipAddresses,
    emailAddresses: [],
    uris: [],
  }
}

function certificateOf(issuer: KeyPair): Certificate {
  const parsed = parseCertificates(issuer.certificatePem)
  const [certificate] = parsed.ok ? parsed.value : []
  if (certificate === undefined) throw new Error('assertion failed: an issuer comes with its certificate')
  return certificate
}

function publicKeyDer(publicKey: string): Uint8Array {
  return der(
    derTag.sequence,
    der(derTag.sequence, derObjectId(algorithm)),
    derBitString(new TextEncoder().encode(publicKey)),
  )
}

function publicKeyText(bytes: Uint8Array): string {
  const [, bits] = readValues(readValue(bytes).content)
  return new TextDecoder().decode(expectTag(bits, derTag.bitString).content.subarray(1))
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

/** The text and a stream of digests: twice is the text again. */
function hide(algorithm: string, key: Uint8Array, nonce: Uint8Array, text: Uint8Array): Uint8Array {
  const hidden = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at += 32) {
    const stream = createHash('sha256').update(`${algorithm} ${at}`).update(key).update(nonce).digest()
    for (let i = 0; i < 32 && at + i < text.length; i++) hidden[at + i] = (text[at + i] ?? 0) ^ (stream[i] ?? 0)
  }
  return hidden
}

function tagOf(
  algorithm: string,
  key: Uint8Array,
  nonce: Uint8Array,
  hidden: Uint8Array,
  about: Uint8Array,
): Uint8Array {
  const bound = algorithm === 'aesgcm' ? about : new Uint8Array(0)
  return createHash('sha256').update(key).update(nonce).update(bound).update(hidden).digest()
}
