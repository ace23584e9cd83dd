import { constants, generateKeyPairSync, sign, X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Jwk } from '../../ports/keys.ts'
import { linuxKeys } from '../linux/keys.ts'
import { simKeys } from '../sim/keys.ts'
import { simRandom } from '../sim/random.ts'
import { keysContract } from './keys.ts'

describe('the keys of Linux', () => {
  keysContract(linuxKeys)

  it.each([
    ['RS256', 'sha256', constants.RSA_PKCS1_PADDING],
    ['RS512', 'sha512', constants.RSA_PKCS1_PADDING],
    ['PS384', 'sha384', constants.RSA_PKCS1_PSS_PADDING],
  ])('verify RSA signatures, too: %s', (algorithm, hash, padding) => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const jwk = publicKey.export({ format: 'jwk' }) as Jwk
    const signed = Buffer.from('claims')
    const saltLength = constants.RSA_PSS_SALTLEN_DIGEST
    const signature = sign(hash, signed, { key: privateKey, padding, saltLength })
    const keys = linuxKeys()
    expect(keys.verifyJwk(jwk, algorithm, signed, signature)).toBe(true)
    expect(keys.verifyJwk(jwk, algorithm === 'RS256' ? 'RS512' : 'RS256', signed, signature)).toBe(false)
    expect(keys.verifyJwk({ ...jwk, use: 'enc' }, algorithm, signed, signature)).toBe(false)
  })

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
