import { randomBytes, webcrypto } from 'node:crypto'
import type * as X509 from '@peculiar/x509'
import type { CertificateRequest, KeyPair } from '../../ports/keys.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const dayMs = 86_400_000

/** The X.509 library takes longer to load than a cluster to start, and is needed only when a certificate is made. */
async function loadX509(): Promise<typeof X509> {
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  x509.cryptoProvider.set(webcrypto as never)
  return x509
}

export async function issueCertificate(request: CertificateRequest, issuer?: KeyPair): Promise<KeyPair> {
  const x509 = await loadX509()
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair
  const subject = [
    ...request.organizations.map((organization) => ({ O: [organization] })),
    { CN: [request.commonName] },
  ]
  const now = Date.now()
  const signing = issuer === undefined ? undefined : await readIssuer(x509, issuer)
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: randomBytes(16)
      .toString('hex')
      .replace(/^[89a-f]/, '7'),
    subject,
    issuer: signing?.subject ?? subject,
    // A client whose clock is a little behind must be able to use it at once.
    notBefore: new Date(now - 300_000),
    notAfter: new Date(now + request.validDays * dayMs),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: signing?.key ?? keys.privateKey,
    extensions: extensionsOf(x509, request),
  })
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return {
    certificatePem: `${certificate.toString('pem')}\n`,
    keyPem: `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`,
  }
}

async function readIssuer(
  x509: typeof X509,
  issuer: KeyPair,
): Promise<Readonly<{ subject: string; key: webcrypto.CryptoKey }>> {
  const [pkcs8] = x509.PemConverter.decode(issuer.keyPem)
  if (pkcs8 === undefined) throw new Error('assertion failed: an issuer comes with its private key')
  const key = await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign'])
  return { subject: new x509.X509Certificate(issuer.certificatePem).subject, key }
}

function extensionsOf(x509: typeof X509, { usage, dnsNames, ipAddresses }: CertificateRequest): X509.Extension[] {
  const flags = x509.KeyUsageFlags
  if (usage === 'ca') {
    return [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(flags.keyCertSign | flags.cRLSign | flags.digitalSignature, true),
    ]
  }
  const { serverAuth, clientAuth } = x509.ExtendedKeyUsage
  const purposes = usage === 'server' ? [serverAuth] : usage === 'client' ? [clientAuth] : [serverAuth, clientAuth]
  const names = [
    ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
    ...ipAddresses.map((value) => ({ type: 'ip' as const, value })),
  ]
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(flags.digitalSignature | flags.keyEncipherment, true),
    new x509.ExtendedKeyUsageExtension(purposes),
    ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
  ]
}
