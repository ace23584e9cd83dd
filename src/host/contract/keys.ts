import { expect, it } from 'vitest'
import { parseCertificates } from '../../api/x509/certificate.ts'
import { parseCertificateRequest } from '../../api/x509/certificate-request.ts'
import type { Keys } from '../../ports/keys.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

export function keysContract(make: () => Keys): void {
  it('verifies what its own key signed, and nothing else', async () => {
    const keys = make()
    const [one, other] = [await keys.makeSigningKey(), await keys.makeSigningKey()]
    const signature = keys.sign(one.privateKeyPem, bytes('claims'))
    expect(signature.length).toBe(64)
    expect(keys.verify(one.publicKeyPem, bytes('claims'), signature)).toBe(true)
    expect(keys.verify(one.publicKeyPem, bytes('other claims'), signature)).toBe(false)
    expect(keys.verify(other.publicKeyPem, bytes('claims'), signature)).toBe(false)
    expect(keys.verify(one.publicKeyPem, bytes('claims'), signature.subarray(0, 10))).toBe(false)
  })

  it('issues certificates as PEM, each with a key of its own', async () => {
    const keys = make()
    const request = { organizations: [], dnsNames: [], ipAddresses: [], validDays: 10 }
    const ca = await keys.issueCertificate({ ...request, commonName: 'ca', usage: 'ca' })
    const leaf = await keys.issueCertificate(
      { ...request, commonName: 'leaf', usage: 'client', organizations: ['system:masters'] },
      ca,
    )
    expect(leaf.certificatePem).toMatch(/^-----BEGIN CERTIFICATE-----\n/)
    expect(leaf.keyPem).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
    expect(leaf.keyPem).not.toBe(ca.keyPem)
  })

  it('signs a certificate for the key of a request', async () => {
    const keys = make()
    const nameless = { organizations: [], dnsNames: [], ipAddresses: [] }
    const ca = await keys.issueCertificate({ ...nameless, commonName: 'ca', usage: 'ca', validDays: 10 })
    const subject = { commonName: 'system:node:n', organizations: ['system:nodes'] }
    const { requestPem } = await keys.requestCertificate({
      ...subject,
      dnsNames: ['n.test'],
      ipAddresses: ['10.0.0.9'],
    })
    const request = parseCertificateRequest(requestPem)
    if (!request.ok) throw new Error(request.error)
    expect(request.value).toMatchObject({ subject, dnsNames: ['n.test'], ipAddresses: ['10.0.0.9'] })
    const times = { notBeforeMs: Date.UTC(2026, 0, 1), notAfterMs: Date.UTC(2055, 0, 1) }
    const pem = keys.signCertificate(
      { ...request.value, ...times, subject: request.value.subject.der, keyUsages: [0, 2], extendedKeyUsages: [] },
      ca,
    )
    const certificates = parseCertificates(pem)
    if (!certificates.ok) throw new Error(certificates.error)
    expect(certificates.value).toMatchObject([{ subject, ...times, publicKey: request.value.publicKey }])
  })

  it('tells whether a request was signed by its own key', async () => {
    const keys = make()
    const nameless = { commonName: 'a', organizations: [], dnsNames: [], ipAddresses: [] }
    const [one, other] = [await keys.requestCertificate(nameless), await keys.requestCertificate(nameless)].map(
      ({ requestPem }) => parseCertificateRequest(requestPem),
    )
    if (!one?.ok || !other?.ok) throw new Error('no requests')
    expect(keys.signatureFault(one.value)).toBeUndefined()
    expect(keys.signatureFault({ ...one.value, publicKey: other.value.publicKey })).toMatch(/verification failure/)
    expect(keys.signatureFault({ ...one.value, signatureAlgorithm: '1.2.3' })).toMatch(/algorithm unimplemented/)
  })

  it('verifies by a key as JSON, for the algorithm that it is for', async () => {
    const keys = make()
    const [one, other] = [await keys.makeSigningKey(), await keys.makeSigningKey()]
    const signature = keys.sign(one.privateKeyPem, bytes('claims'))
    const jwk = keys.publicJwk(one.publicKeyPem)
    expect(keys.verifyJwk(jwk, 'ES256', bytes('claims'), signature)).toBe(true)
    expect(keys.verifyJwk(jwk, 'ES256', bytes('other claims'), signature)).toBe(false)
    expect(keys.verifyJwk(jwk, 'RS256', bytes('claims'), signature)).toBe(false)
    expect(keys.verifyJwk(jwk, 'none', bytes('claims'), signature)).toBe(false)
    expect(keys.verifyJwk(keys.publicJwk(other.publicKeyPem), 'ES256', bytes('claims'), signature)).toBe(false)
    expect(keys.verifyJwk({ kty: 'EC' }, 'ES256', bytes('claims'), signature)).toBe(false)
  })

  it.each(['aescbc', 'aesgcm', 'secretbox'] as const)(
    'opens what it sealed by %s, with the same key only',
    (algorithm) => {
      const keys = make()
      const [key, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
      for (const text of ['', 'a', 'x'.repeat(16), 'y'.repeat(1000)]) {
        const sealed = keys.seal(algorithm, key, bytes(text), bytes('about'))
        expect(keys.unseal(algorithm, key, sealed, bytes('about'))).toEqual(bytes(text))
        expect(keys.seal(algorithm, key, bytes(text), bytes('about'))).not.toEqual(sealed)
        expect(keys.unseal(algorithm, other, sealed, bytes('about'))).not.toEqual(bytes(text))
        expect(Buffer.from(sealed).includes('yyyy')).toBe(false)
      }
    },
  )

  it.each(['aesgcm', 'secretbox'] as const)('opens nothing that was changed after %s sealed it', (algorithm) => {
    const keys = make()
    const key = new Uint8Array(32).fill(1)
    const sealed = keys.seal(algorithm, key, bytes('text'), bytes('about'))
    const isBound = algorithm === 'aesgcm'
    expect(keys.unseal(algorithm, key, sealed, bytes('other')) === undefined).toBe(isBound)
    for (let at = 0; at < sealed.length; at++) {
      const changed = sealed.slice()
      changed[at] = (changed[at] ?? 0) ^ 4
      expect(keys.unseal(algorithm, key, changed, bytes('about'))).toBeUndefined()
    }
    expect(keys.unseal(algorithm, key, sealed.subarray(0, 5), bytes('about'))).toBeUndefined()
  })

  it('digests with SHA-256', () => {
    expect(Buffer.from(make().sha256(bytes('abc'))).toString('hex')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
  })
}
