import { expect, it } from 'vitest'
import type { HttpHeaders, HttpRequest } from '../../ports/http.ts'
import { type AuthenticationParts, authenticate } from './authenticate.ts'

const parts: AuthenticationParts = {
  tokens: { authenticate: () => ({ type: 'unknown' }) },
  apiAudiences: [],
  allowsAnonymous: () => true,
  proxy: { issuer: 'front-proxy-ca', commonName: 'front-proxy-client' },
}

async function who(issuer: string, commonName: string, headers: HttpHeaders): Promise<unknown> {
  const peer = { address: '', certificate: { commonName, organizations: ['o'], issuer } }
  const known = await authenticate({ headers, peer } as unknown as HttpRequest, '/', parts)
  return known.ok ? known.value.user : known.error.reason
}

const headers = {
  'x-remote-user': 'ann',
  'x-remote-group': 'devs, ops',
  'x-remote-uid': '7',
  'x-remote-extra-example.com%2fteam': 't',
}
const ann = {
  name: 'ann',
  uid: '7',
  groups: ['devs', 'ops', 'system:authenticated'],
  extra: { 'example.com/team': ['t'] },
}

it.each([
  ['the proxy says who asks', 'front-proxy-ca', 'front-proxy-client', headers, ann],
  ['another client of its authority says nothing', 'front-proxy-ca', 'other', headers, 'Unauthorized'],
  ['the proxy itself is nobody', 'front-proxy-ca', 'front-proxy-client', {}, 'Unauthorized'],
  [
    'nobody else is believed',
    'coracle-ca',
    'front-proxy-client',
    headers,
    { name: 'front-proxy-client', groups: ['o', 'system:authenticated'] },
  ],
])('%s', async (_, issuer, commonName, given: HttpHeaders, expected) => {
  expect(await who(issuer, commonName, given)).toEqual(expected)
})
