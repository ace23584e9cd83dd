import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { linuxClock } from '../../host/linux/clock.ts'
import { linuxHttp } from '../../host/linux/http.ts'
import { linuxKeys } from '../../host/linux/keys.ts'
import type { HttpListener } from '../../ports/http.ts'
import { parseAuthenticationConfig } from '../configuration/authentication-config.ts'
import { celExpressions } from '../configuration/cel-expression.ts'
import { jwtAuthenticator } from './jwt-authenticator.ts'
import type { TokenAuthenticator } from './token-authenticator.ts'

/** A real issuer: RSA, over TLS on loopback, with a certificate of an authority that the file names. */
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const asked: string[] = []
let listener: HttpListener
let issuer = ''
let authenticator: TokenAuthenticator

beforeAll(async () => {
  const keys = linuxKeys()
  const plain = { organizations: [], dnsNames: [], ipAddresses: ['127.0.0.1'], validDays: 1 }
  const ca = await keys.issueCertificate({ ...plain, commonName: 'issuer-ca', usage: 'ca' })
  const server = await keys.issueCertificate({ ...plain, commonName: 'issuer', usage: 'server' }, ca)
  const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'rsa', use: 'sig', alg: 'RS256' }] }
  const listening = await linuxHttp().listen(
    { type: 'tcp', address: '127.0.0.1', port: 0, tls: { ...server, clientCaPem: ca.certificatePem } },
    async ({ target }) => {
      asked.push(target)
      const document = target === '/keys' ? jwks : { issuer, jwks_uri: `${issuer}/keys` }
      const body = new TextEncoder().encode(JSON.stringify(document))
      return { type: 'whole', status: 200, headers: { 'content-type': 'application/json' }, body }
    },
  )
  if (!listening.ok) throw new Error(listening.error.message)
  listener = listening.value
  issuer = `https://127.0.0.1:${listener.port}`
  const file = {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AuthenticationConfiguration',
    jwt: [
      {
        issuer: { url: issuer, audiences: ['me'], certificateAuthority: ca.certificatePem },
        claimMappings: { username: { claim: 'sub', prefix: '' } },
      },
    ],
  }
  const config = parseAuthenticationConfig(JSON.stringify(file), celExpressions, 'own')
  if (!config.ok) throw new Error(config.error)
  const [first] = config.value.issuers
  if (first === undefined) throw new Error('no issuer')
  authenticator = jwtAuthenticator(first, { http: linuxHttp(), keys, clock: linuxClock() })
})
afterAll(() => listener.close(100))

function token(more: object, header: object = {}): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const nowSeconds = Math.floor(Date.now() / 1000)
  const claims = { iss: issuer, aud: 'me', sub: 'ann', exp: nowSeconds + 60, ...more }
  const signed = `${part({ alg: 'RS256', kid: 'rsa', ...header })}.${part(claims)}`
  return `${signed}.${sign('sha256', Buffer.from(signed), createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }))).toString('base64url')}`
}

it('takes tokens of an issuer on the network, whose keys are fetched once', async () => {
  const known = { type: 'known', user: { name: 'ann', groups: ['system:authenticated'] } }
  expect(await authenticator.authenticate(token({}), ['api'])).toEqual(known)
  expect(await authenticator.authenticate(token({ jti: '2' }), ['api'])).toEqual(known)
  expect(asked).toEqual(['/.well-known/openid-configuration', '/keys'])
})

it.each([
  [{ exp: 1 }, {}, 'oidc: verify token: oidc: token is expired (Token Expiry: 1970-01-01T00:00:01.000Z)'],
  [{ aud: 'you' }, {}, 'oidc: verify token: oidc: expected audience in ["me"] got ["you"]'],
  [{}, { alg: 'RS384' }, 'oidc: verify token: failed to verify signature: failed to verify id token signature'],
  [{}, { kid: 'other' }, 'oidc: verify token: failed to verify signature: failed to verify id token signature'],
])('refuses %j %j', async (claims, header, why) => {
  expect(await authenticator.authenticate(token(claims, header), ['api'])).toEqual({ type: 'wrong', why })
})

it('knows nothing of what other issuers say', async () => {
  expect(await authenticator.authenticate(token({ iss: 'https://other' }), ['api'])).toEqual({ type: 'unknown' })
  expect(await authenticator.authenticate('opaque', ['api'])).toEqual({ type: 'unknown' })
})
