import { describe, expect, it } from 'vitest'
import type { SecurityFiles } from '../apiserver/configuration/security.ts'
import { chooseSecurity, type SecurityOptions } from './security-options.ts'

const oidc = { issuerUrl: 'https://a', clientId: 'me' }

describe('the security options of up', () => {
  it.each<readonly [SecurityFiles, SecurityOptions, SecurityFiles]>([
    [{}, {}, {}],
    [{}, { tokenAuthFile: 'tokens' }, { tokenAuthFile: '/here/tokens' }],
    [{ tokenAuthFile: '/a' }, {}, { tokenAuthFile: '/a' }],
    [{ tokenAuthFile: '/a' }, { tokenAuthFile: '' }, {}],
    [
      {},
      { auditPolicy: '/p', auditLog: 'log', auditLogMaxsize: '5' },
      { auditPolicy: '/p', auditLog: '/here/log', auditLogMaxSizeMb: 5 },
    ],
    [{}, { oidcIssuerUrl: 'https://a', oidcClientId: 'me' }, { oidc }],
    [{ oidc }, { oidcCaFile: 'ca.pem' }, { oidc: { ...oidc, caFile: '/here/ca.pem' } }],
    [{ oidc }, { oidcIssuerUrl: '' }, {}],
  ])('kept %j, asked %j', (kept, asked, expected) => {
    expect(chooseSecurity(kept, asked, '/here')).toEqual(expected)
  })

  it.each<readonly [SecurityOptions, string]>([
    [{ oidcClientId: 'me' }, '--oidc-issuer-url and --oidc-client-id must be specified together'],
    [{ auditLog: 'a' }, 'an audit log needs an --audit-policy that says what is recorded'],
    [{ auditPolicy: 'a' }, '--audit-policy needs an --audit-log or --audit-webhook-config-file that events go to'],
    [{ auditPolicy: 'a', auditLog: 'b', auditLogMaxage: 'x' }, '--audit-log-maxage must be a whole number, not x'],
    [
      { authenticationConfig: 'a', oidcIssuerUrl: 'https://a', oidcClientId: 'me' },
      '--authentication-config and the --oidc-… options exclude each other: put the issuer into the file',
    ],
  ])('that do not fit together are refused: %j', (asked, why) => {
    expect(() => chooseSecurity({}, asked, '/here')).toThrow(why)
  })
})
