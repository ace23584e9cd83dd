import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { linuxKeys } from '../linux/keys.ts'
import { simKeys } from '../sim/keys.ts'
import { simRandom } from '../sim/random.ts'
import { keysContract } from './keys.ts'

describe('the keys of Linux', () => {
  keysContract(linuxKeys)

  it('chains certificates to their issuer, with names, addresses and purposes', async () => {
    const keys = linuxKeys()
    const ca = await keys.issueCertificate({
      commonName: 'coracle-ca',
      organizations: [],
      dnsNames: [],
      ipAddresses: [],
      usage: 'ca',
      validDays: 10,
    })
    const leaf = await keys.issueCertificate(
      {
        commonName: 'api',
        organizations: ['a', 'b'],
        dnsNames: ['localhost'],
        ipAddresses: ['10.96.0.1'],
        usage: 'server-and-client',
        validDays: 10,
      },
      ca,
    )
    const [issuer, issued] = [new X509Certificate(ca.certificatePem), new X509Certificate(leaf.certificatePem)]
    expect(issued.verify(issuer.publicKey)).toBe(true)
    expect(issued.checkIssued(issuer)).toBe(true)
    expect(issuer.ca).toBe(true)
    expect(issued.subject).toBe('O=a\nO=b\nCN=api')
    expect(issued.checkHost('localhost')).toBe('localhost')
    expect(issued.checkIP('10.96.0.1')).toBe('10.96.0.1')
    expect(issued.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'])
  })
})

describe('the simulated keys', () => keysContract(() => simKeys(simRandom(1))))
