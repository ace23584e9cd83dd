import type { CertificateTemplate } from '../api/x509/build.ts'

/** PEM texts: certificate and PKCS#8 private key. */
export type KeyPair = Readonly<{ certificatePem: string; keyPem: string }>

export type CertificateRequest = Readonly<{
  commonName: string
  organizations: readonly string[]
  dnsNames: readonly string[]
  ipAddresses: readonly string[]
  usage: 'ca' | 'server' | 'client' | 'server-and-client'
  validDays: number
}>

/** A public key as JSON (RFC 7517). */
export type Jwk = Readonly<{ kty: string; kid?: string; alg?: string; use?: string }> &
  Readonly<Record<string, unknown>>

/** Something signed, as certificate requests carry it. */
export type Signed = Readonly<{
  /** SubjectPublicKeyInfo in DER. */
  publicKey: Uint8Array
  /** What is signed, by which algorithm (an object id), and the signature. */
  signed: Uint8Array
  signatureAlgorithm: string
  signature: Uint8Array
}>

/** aescbc hides, and does not notice changes; the others do. */
export type SealAlgorithm = 'aescbc' | 'aesgcm' | 'secretbox'

/** Certificates and signatures (ECDSA P-256 throughout, but for what others bring along). */
export interface Keys {
  /** A new key and a certificate for it, signed by `issuer`, or by itself when there is none. */
  issueCertificate(request: CertificateRequest, issuer?: KeyPair): Promise<KeyPair>
  /** A new signing key, PKCS#8 and SPKI PEM. */
  makeSigningKey(): Promise<Readonly<{ privateKeyPem: string; publicKeyPem: string }>>
  /** ES256 signature over the bytes, in the fixed-length r‖s form that JWTs use. Synchronous: it stands in the request path. */
  sign(privateKeyPem: string, bytes: Uint8Array): Uint8Array
  verify(publicKeyPem: string, bytes: Uint8Array, signature: Uint8Array): boolean
  /** A new key, and a PKCS#10 request by which a signer gives it a certificate. */
  requestCertificate(
    request: Omit<CertificateRequest, 'usage' | 'validDays'>,
  ): Promise<Readonly<{ requestPem: string; keyPem: string }>>
  /** A certificate for the key of somebody else's request. */
  signCertificate(template: CertificateTemplate, issuer: KeyPair): string
  /** Why what others signed is not to be trusted, in Go's words; undefined where it is theirs. */
  signatureFault(signed: Signed): string | undefined
  publicJwk(publicKeyPem: string): Jwk
  /**
   * A signature by somebody else's key. `algorithm` as JWTs name it: RS256, PS384, ES512 …; false, too, where the key is not for it or
   * is none.
   */
  verifyJwk(key: Jwk, algorithm: string, bytes: Uint8Array, signature: Uint8Array): boolean
  /** Bytes that only the key opens again. `about`: what they belong to, which aesgcm checks when it opens them. Each time other bytes. */
  seal(algorithm: SealAlgorithm, key: Uint8Array, plain: Uint8Array, about: Uint8Array): Uint8Array
  /** Undefined where the key does not fit, or the bytes were changed. */
  unseal(algorithm: SealAlgorithm, key: Uint8Array, sealed: Uint8Array, about: Uint8Array): Uint8Array | undefined
  sha256(bytes: Uint8Array): Uint8Array
}
