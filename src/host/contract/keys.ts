import { expect, it } from 'vitest'
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

  it('digests with SHA-256', () => {
    expect(Buffer.from(make().sha256(bytes('abc'))).toString('hex')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
  })
}
