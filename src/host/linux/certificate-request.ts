import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'
import {
  type CertificateTemplate,
  certificateBody,
  derSubject,
  ecdsaWithSha256,
  requestBody,
  signedDer,
} from '../../api/x509/build.ts'
import { parseCertificates } from '../../api/x509/certificate.ts'
import { pemOf } from '../../api/x509/pem.ts'
import type { KeyPair, Keys, Signed } from '../../ports/keys.ts'

type Subject = Parameters<Keys['requestCertificate']>[0]

/** The key and the request are made together: PKCS#8 and PKCS#10. */
export function requestCertificate(subject: Subject): Readonly<{ requestPem: string; keyPem: string }> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { commonName, organizations, dnsNames, ipAddresses } = subject
  const names = { dnsNames, ipAddresses, emailAddresses: [], uris: [] }
  const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }))
  const body = requestBody(derSubject(commonName, organizations), spki, names)
  const whole = signedDer(body, ecdsaWithSha256, new Uint8Array(sign('sha256', body, privateKey)))
  return {
    requestPem: pemOf('CERTIFICATE REQUEST', whole),
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  }
}

const serialBytes = 16

export function signCertificate(template: CertificateTemplate, issuer: KeyPair): string {
  const parsed = parseCertificates(issuer.certificatePem)
  const [certificate] = parsed.ok ? parsed.value : []
  if (certificate === undefined) throw new Error('assertion failed: an issuer comes with its certificate')
  const body = certificateBody(template, certificate, new Uint8Array(randomBytes(serialBytes)), ecdsaWithSha256)
  const signature = new Uint8Array(sign('sha256', body, createPrivateKey(issuer.keyPem)))
  return pemOf('CERTIFICATE', signedDer(body, ecdsaWithSha256, signature))
}

type Algorithm = Readonly<{ digest: string | null; fault: string }>
const ecdsaFault = 'x509: ECDSA verification failure'
const rsaFault = 'crypto/rsa: verification error'

const algorithms: Readonly<Record<string, Algorithm>> = {
  '1.2.840.10045.4.3.2': { digest: 'sha256', fault: ecdsaFault },
  '1.2.840.10045.4.3.3': { digest: 'sha384', fault: ecdsaFault },
  '1.2.840.10045.4.3.4': { digest: 'sha512', fault: ecdsaFault },
  '1.2.840.113549.1.1.11': { digest: 'sha256', fault: rsaFault },
  '1.2.840.113549.1.1.12': { digest: 'sha384', fault: rsaFault },
  '1.2.840.113549.1.1.13': { digest: 'sha512', fault: rsaFault },
  '1.3.101.112': { digest: null, fault: 'x509: Ed25519 verification failure' },
}

export function signatureFault({ publicKey, signed, signatureAlgorithm, signature }: Signed): string | undefined {
  const algorithm = algorithms[signatureAlgorithm]
  if (algorithm === undefined) return 'x509: cannot verify signature: algorithm unimplemented'
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' })
    return verify(algorithm.digest, signed, key, signature) ? undefined : algorithm.fault
  } catch {
    // A key that is none, or none of the algorithm's.
    return algorithm.fault
  }
}
