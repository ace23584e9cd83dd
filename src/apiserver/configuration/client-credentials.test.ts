import { describe, expect, it } from 'vitest'
import type { Http, OutgoingRequest } from '../../ports/http.ts'
import { readAdmissionConfig, userFor } from './admission-config.ts'
import { credentialsOf, type KubeconfigUser } from './client-credentials.ts'
import { readWebhookEndpoint } from './kubeconfig.ts'
import { callWebhook } from './webhook-endpoint.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')

function partsOf(files: Record<string, string> = {}) {
  const clock = { now: 0, nowMs: () => clock.now }
  const read = async (path: string): Promise<string> => {
    const text = files[path]
    if (text === undefined) throw new Error(`open ${path}: no such file or directory`)
    return text
  }
  return { read, clock }
}

const cert = { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') }

const shown: readonly (readonly [string, KubeconfigUser, object])[] = [
  ['a certificate', cert, { identity: { certificatePem: 'CERT', keyPem: 'KEY' }, headers: {} }],
  [
    'a certificate out of files',
    { 'client-certificate': 'c', 'client-key': 'k' },
    { identity: { certificatePem: 'in c', keyPem: 'in k' }, headers: {} },
  ],
  ['a token', { token: 't', tokenFile: 'f' }, { headers: { authorization: 'Bearer t' } }],
  ['a token out of a file', { tokenFile: 'f' }, { headers: { authorization: 'Bearer in f' } }],
  ['a password', { username: 'u', password: 'p:q' }, { headers: { authorization: `Basic ${base64('u:p:q')}` } }],
  ['a certificate and a token', { ...cert, token: 't' }, { headers: { authorization: 'Bearer t' } }],
  [
    'somebody else',
    { as: 'a', 'as-uid': '1', 'as-groups': ['g', 'h'] },
    {
      headers: { 'impersonate-user': 'a', 'impersonate-uid': '1' },
      repeatedHeaders: { 'impersonate-group': ['g', 'h'] },
    },
  ],
]

const wrong: readonly (readonly [KubeconfigUser, string])[] = [
  [
    { 'client-certificate': 'c' },
    'client-key-data or client-key must be specified for u to use the clientCert authentication method.',
  ],
  [
    { ...cert, 'client-certificate': 'c' },
    'client-cert-data and client-cert are both specified for u. client-cert-data will override.',
  ],
  [
    { ...cert, 'client-key': 'k' },
    'client-key-data and client-key are both specified for u; client-key-data will override',
  ],
  [
    { token: 't', username: 'n' },
    'more than one authentication method found for u; found [token basicAuth], only one is allowed',
  ],
  [{ exec: {} }, 'user u runs a program for its credentials: use a certificate, a token or a password'],
]

describe('a user of a kubeconfig', () => {
  const files = { c: 'in c', k: 'in k', f: 'in f\n' }

  it.each(shown)('shows %s', async (_, user, expected) => {
    const found = await credentialsOf('u', user, partsOf(files))
    if (!found.ok) throw new Error(found.error)
    expect({ ...found.value, headers: await found.value.headers?.() }).toMatchObject(expected)
  })

  it.each(wrong)('shows nothing that does not fit together', async (user, why) => {
    expect(await credentialsOf('u', user, partsOf(files))).toEqual({ ok: false, error: why })
  })

  it('has a token whose file is read again after a minute, and kept while it is not there', async () => {
    const changing: Record<string, string> = { f: 'one' }
    const parts = partsOf(changing)
    const found = await credentialsOf('u', { tokenFile: 'f' }, parts)
    const now = async () => (found.ok ? (await found.value.headers?.())?.authorization : '')
    changing.f = 'two'
    expect(await now()).toBe('Bearer one')
    parts.clock.now = 61_000
    expect(await now()).toBe('Bearer two')
    delete changing.f
    parts.clock.now = 130_000
    expect(await now()).toBe('Bearer two')
  })
})

const kubeconfig = (cluster: object, user: object = { token: 't' }): string =>
  JSON.stringify({
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
    clusters: [{ name: 'k', cluster }],
    users: [{ name: 'u', user }],
  })

async function asked(text: string): Promise<OutgoingRequest | string> {
  const endpoint = await readWebhookEndpoint(text, partsOf())
  if (!endpoint.ok) return endpoint.error
  const requests: OutgoingRequest[] = []
  const http: Pick<Http, 'request'> = {
    async request(request) {
      requests.push(request)
      return { ok: false, error: { code: 'Other', message: 'no' } }
    },
  }
  await callWebhook(http, endpoint.value, {}, 1000)
  return requests[0] ?? ''
}

describe('a webhook of a kubeconfig', () => {
  it('is shown nothing over a connection that is not secure', async () => {
    const request = await asked(kubeconfig({ server: 'http://a/b' }))
    expect(request).not.toHaveProperty('headers.authorization')
  })

  it('may bear another name than its address', async () => {
    const server = {
      server: 'https://10.0.0.1:8443/b',
      'tls-server-name': 'hook.test',
      'insecure-skip-tls-verify': true,
    }
    expect(await asked(kubeconfig(server, cert))).toMatchObject({
      url: 'https://hook.test:8443/b',
      connectTo: { host: '10.0.0.1', port: 8443 },
      headers: { host: '10.0.0.1:8443' },
      verify: 'skip',
      identity: { certificatePem: 'CERT', keyPem: 'KEY' },
    })
  })

  it('says what is not supported', async () => {
    const why = 'its cluster is reached through a proxy (proxy-url), which is not supported'
    expect(await asked(kubeconfig({ server: 'https://a', 'proxy-url': 'http://p' }))).toBe(why)
  })
})

describe('admission webhooks', () => {
  const users = ['a.b.svc', '*.c.svc:8443', '*.test', '*'].map((name) => ({ name, user: { token: name } }))

  it.each([
    ['a.b.svc:443', 'a.b.svc'],
    ['a.b.svc:444', '*'],
    ['x.c.svc:8443', '*.c.svc:8443'],
    ['one.two.test', '*.test'],
    ['test', '*'],
  ])('at %s meet %s', (hostPort, name) => {
    expect(userFor({ users }, hostPort)).toBe(name)
  })

  const config = (plugins: readonly object[]): string =>
    JSON.stringify({ kind: 'AdmissionConfiguration', apiVersion: 'apiserver.config.k8s.io/v1', plugins })
  const hooks = { kind: 'WebhookAdmissionConfiguration', apiVersion: 'apiserver.config.k8s.io/v1' }

  it('are shown what the kubeconfig of their plugin says', async () => {
    const files = { '/k/config': JSON.stringify({ users }) }
    const configuration = { ...hooks, kubeConfigFile: '/k/config' }
    const text = config([{ name: 'ValidatingAdmissionWebhook', configuration }])
    const found = await readAdmissionConfig(text, partsOf(files))
    if (!found.ok) throw new Error(found.error)
    expect(found.value.mutating).toBeUndefined()
    const credentials = await found.value.validating?.('a.b.svc:443')
    expect(credentials?.ok && (await credentials.value.headers?.())).toEqual({ authorization: 'Bearer a.b.svc' })
  })

  it.each([
    [[{ name: 'EventRateLimit' }], 'plugin "EventRateLimit" takes no configuration here'],
    [
      [{ name: 'MutatingAdmissionWebhook', configuration: { ...hooks, kubeConfigFile: 'k' } }],
      'plugin MutatingAdmissionWebhook: kubeConfigFile: must be an absolute file path',
    ],
  ])('have a configuration that is checked', async (plugins, why) => {
    expect(await readAdmissionConfig(config(plugins), partsOf())).toEqual({ ok: false, error: why })
  })
})
