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

/** Certificates and signatures (ECDSA P-256 throughout). */
export interface Keys {
  /** A new key and a certificate for it, signed by `issuer`, or by itself when there is none. */
  issueCertificate(request: CertificateRequest, issuer?: KeyPair): Promise<KeyPair>
  /** A new signing key, PKCS#8 and SPKI PEM. */
  makeSigningKey(): Promise<Readonly<{ privateKeyPem: string; publicKeyPem: string }>>
  /** ES256 signature over the bytes, in the fixed-length r‖s form that JWTs use. Synchronous: it stands in the request path. */
  sign(privateKeyPem: string, bytes: Uint8Array): Uint8Array
  verify(publicKeyPem: string, bytes: Uint8Array, signature: Uint8Array): boolean
  sha256(bytes: Uint8Array): Uint8Array
}
