import { describe, expect, it } from 'vitest'
import { simHost } from '../../host/contract/sim-host.ts'
import type { HttpBody, IncomingResponse, OutgoingRequest } from '../../ports/http.ts'
import { signJwt } from '../authenticate/jwt.ts'
import { type TestWorld, testWorld } from '../test-world.ts'
import { parseAuthenticationConfig } from './authentication-config.ts'
import { parseAuthorizationConfig } from './authorization-config.ts'
import { celExpressions } from './cel-expression.ts'
import { loadSecurity, type SecurityFiles } from './security.ts'

const encoder = new TextEncoder()
const pods = '/api/v1/namespaces/default/pods'
const whoAmI = '/apis/authentication.k8s.io/v1/selfsubjectreviews'

type Answering = (request: OutgoingRequest) => Readonly<{ status: number; json: unknown }> | undefined

function httpOf(answer: Answering) {
  const request = async (outgoing: OutgoingRequest) => {
    const found = answer(outgoing)
    if (found === undefined)
      return { ok: false as const, error: { code: 'Refused' as const, message: 'connection refused' } }
    const bytes = encoder.encode(JSON.stringify(found.json))
    const body: HttpBody = {
      bytes: async () => ({ ok: true, value: bytes }),
      async *chunks() {
        yield bytes
      },
    }
    const response: IncomingResponse = { status: found.status, headers: {}, body }
    return { ok: true as const, value: response }
  }
  return { request }
}

async function world(
  texts: Readonly<Record<string, string>>,
  files: SecurityFiles,
  answer: Answering = () => undefined,
) {
  const host = simHost()
  const write = (path: string, text: string) => host.run(host.disk.writeFile(path, encoder.encode(text)))
  for (const [path, text] of Object.entries(texts)) await write(path, text)
  const parts = { ...host, http: httpOf(answer), expressions: celExpressions, ownIssuer: 'https://own' }
  const security = await host.run(loadSecurity(parts, files))
  const w: TestWorld = await testWorld(host, { security })
  const by = async (token: string): Promise<unknown> => {
    const { json, status } = await w.send(
      'POST',
      whoAmI,
      {},
      { user: '', headers: { authorization: `Bearer ${token}` } },
    )
    return (json as { status?: { userInfo?: unknown } }).status?.userInfo ?? status
  }
  return { ...w, host, write, by }
}

const authenticationHead = 'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n'
const authorizationHead = 'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthorizationConfiguration\n'
const kubeconfig = `current-context: c
contexts: [{name: c, context: {cluster: k, user: u}}]
clusters: [{name: k, cluster: {server: 'https://hook.example/ask'}}]
users: [{name: u, user: {token: t}}]
`

describe('who may enter', () => {
  it('is known by a fixed token', async () => {
    const w = await world({ '/tokens': 'abc,ann,7,"devs, ops"\n' }, { tokenAuthFile: '/tokens' })
    expect(await w.by('abc')).toEqual({ username: 'ann', uid: '7', groups: ['devs', 'ops', 'system:authenticated'] })
    expect(await w.by('abd')).toBe(401)
  })

  it('is known by a bootstrap token until it expires', async () => {
    const w = await world({}, {})
    const secret = (expiration?: string) => ({
      metadata: { name: 'bootstrap-token-abcdef' },
      type: 'bootstrap.kubernetes.io/token',
      stringData: {
        'token-id': 'abcdef',
        'token-secret': '0123456789abcdef',
        'usage-bootstrap-authentication': 'true',
        'auth-extra-groups': 'system:bootstrappers:workers',
        ...(expiration === undefined ? {} : { expiration }),
      },
    })
    const secrets = '/api/v1/namespaces/kube-system/secrets'
    await w.send('POST', secrets, secret())
    expect(await w.by('abcdef.0123456789abcdef')).toEqual({
      username: 'system:bootstrap:abcdef',
      groups: ['system:bootstrappers', 'system:bootstrappers:workers', 'system:authenticated'],
    })
    expect(await w.by('abcdef.0123456789abcdeg')).toBe(401)
    await w.send('PUT', `${secrets}/bootstrap-token-abcdef`, secret('1970-01-01T00:00:00Z'))
    expect(await w.by('abcdef.0123456789abcdef')).toBe(401)
  })

  it('is known by an issuer of tokens, whose keys are asked for when they are new', async () => {
    const issuer = 'https://issuer.example'
    const keys: unknown[] = []
    const asked: string[] = []
    const file = `${authenticationHead}jwt:
- issuer: {url: '${issuer}', audiences: [me]}
  claimValidationRules: [{claim: hd, requiredValue: example.com}]
  claimMappings:
    username: {claim: email, prefix: 'oidc:'}
    groups: {claim: groups, prefix: ''}
    uid: {claim: sub}
`
    const w = await world({ '/authn': file }, { authenticationConfig: '/authn' }, ({ url }) => {
      asked.push(url)
      if (url === `${issuer}/.well-known/openid-configuration`) {
        return { status: 200, json: { issuer, jwks_uri: `${issuer}/keys` } }
      }
      return { status: 200, json: { keys } }
    })
    const key = await w.host.run(w.host.keys.makeSigningKey())
    keys.push({ ...w.host.keys.publicJwk(key.publicKeyPem), kid: 'k1' })
    const nowSeconds = w.host.clock.nowMs() / 1000
    const claims = {
      iss: issuer,
      aud: 'me',
      exp: nowSeconds + 600,
      sub: '9',
      email: 'a@b',
      hd: 'example.com',
      groups: ['g'],
    }
    const token = (more: object, keyId = 'k1') => signJwt(w.host.keys, key.privateKeyPem, keyId, { ...claims, ...more })
    expect(await w.by(token({}))).toEqual({ username: 'oidc:a@b', uid: '9', groups: ['g', 'system:authenticated'] })
    for (const wrong of [
      { aud: 'other' },
      { exp: nowSeconds - 1 },
      { hd: 'x' },
      { email_verified: false },
      { email: 5 },
    ]) {
      expect(await w.by(token(wrong))).toBe(401)
    }
    expect(await w.by(`${token({}).slice(0, -4)}AAAA`)).toBe(401)
    expect(asked).toEqual([`${issuer}/.well-known/openid-configuration`, `${issuer}/keys`])
    const review = { spec: { token: token({ hd: 'x' }), audiences: ['me'] } }
    expect((await w.send('POST', '/apis/authentication.k8s.io/v1/tokenreviews', review)).json).toMatchObject({
      status: {
        error: '[invalid bearer token, oidc: required claim hd value does not match. Got = x, want = example.com]',
      },
    })
  })

  it('is known and judged by expressions', async () => {
    const issuer = 'https://issuer.example'
    const file = `${authenticationHead}jwt:
- issuer: {url: '${issuer}', audiences: [me]}
  claimValidationRules: [{expression: 'claims.exp - claims.nbf <= 600', message: too long}]
  claimMappings:
    username: {expression: '"ext:" + claims.sub'}
    groups: {expression: 'claims.roles.split(",")'}
    extra: [{key: example.com/team, valueExpression: 'has(claims.team) ? claims.team : ""'}]
  userValidationRules: [{expression: '!user.username.startsWith("ext:system:")', message: reserved}]
`
    const keys: unknown[] = []
    const w = await world({ '/authn': file }, { authenticationConfig: '/authn' }, ({ url }) =>
      url.endsWith('/keys')
        ? { status: 200, json: { keys } }
        : { status: 200, json: { issuer, jwks_uri: `${issuer}/keys` } },
    )
    const key = await w.host.run(w.host.keys.makeSigningKey())
    keys.push(w.host.keys.publicJwk(key.publicKeyPem))
    const now = Math.floor(w.host.clock.nowMs() / 1000)
    const by = (more: object) => {
      const claims = { iss: issuer, aud: ['me', 'x'], nbf: now, exp: now + 600, sub: 'a', roles: 'b,c', ...more }
      return w.by(signJwt(w.host.keys, key.privateKeyPem, 'k', claims))
    }
    expect(await by({ team: 't' })).toEqual({
      username: 'ext:a',
      groups: ['b', 'c', 'system:authenticated'],
      extra: { 'example.com/team': ['t'] },
    })
    expect(await by({})).toEqual({ username: 'ext:a', groups: ['b', 'c', 'system:authenticated'] })
    for (const wrong of [{ exp: now + 601 }, { sub: 'system:b' }, { roles: 5 }]) expect(await by(wrong)).toBe(401)
  })

  it('is anonymous only where that is allowed, as the file says now', async () => {
    const anonymous = (text: string) => `${authenticationHead}anonymous: ${text}\n`
    const file = anonymous('{enabled: true, conditions: [{path: /livez}]}')
    const w = await world({ '/authn': file }, { authenticationConfig: '/authn' })
    const status = async (path: string) => (await w.send('GET', path, undefined, { user: '' })).status
    expect([await status('/livez'), await status('/readyz')]).toEqual([200, 401])
    await w.write('/authn', anonymous('{enabled: false}'))
    await w.host.run(w.host.clock.sleep(11_000))
    expect([await status('/livez'), await status('/readyz')]).toEqual([401, 401])
    await w.write('/authn', 'nonsense: [')
    await w.host.run(w.host.clock.sleep(11_000))
    expect(await status('/livez')).toBe(401)
  })

  it('is known by a service that is asked, once in a while', async () => {
    const asked: unknown[] = []
    const w = await world({ '/hook': kubeconfig }, { authenticationTokenWebhookConfigFile: '/hook' }, (request) => {
      const { spec } = JSON.parse(new TextDecoder().decode(request.body as Uint8Array))
      asked.push([request.headers.authorization, spec.token])
      return {
        status: 201,
        json: { status: { authenticated: spec.token === 'good', user: { username: 'ann', groups: ['g'] } } },
      }
    })
    for (let at = 0; at < 3; at++) {
      expect(await w.by('good')).toEqual({ username: 'ann', groups: ['g', 'system:authenticated'] })
    }
    expect(await w.by('bad')).toBe(401)
    expect(asked).toEqual([
      ['Bearer t', 'good'],
      ['Bearer t', 'bad'],
    ])
  })
})

describe('who may do what', () => {
  const chain = (policy: string) => `${authorizationHead}authorizers:
- {type: RBAC, name: rbac}
- type: Webhook
  name: hook
  webhook:
    timeout: 3s
    authorizedTTL: 5m
    unauthorizedTTL: 30s
    subjectAccessReviewVersion: v1
    failurePolicy: ${policy}
    connectionInfo: {type: KubeConfigFile, kubeConfigFile: /hook}
`
  const ann = { user: 'ann', groups: ['devs'] }

  it('is asked of a service after RBAC, and kept for a while', async () => {
    const asked: unknown[] = []
    const files = { '/hook': kubeconfig, '/authz': chain('NoOpinion') }
    const w = await world(files, { authorizationConfig: '/authz' }, (request) => {
      const { spec } = JSON.parse(new TextDecoder().decode(request.body as Uint8Array))
      asked.push(spec)
      const { verb } = spec.resourceAttributes
      return {
        status: 200,
        json: { status: { allowed: verb === 'list', denied: verb === 'watch', reason: 'because' } },
      }
    })
    const target = `${pods}?fieldSelector=spec.nodeName%3Dn&labelSelector=a+in+(b)`
    for (let at = 0; at < 2; at++) expect((await w.send('GET', target, undefined, ann)).status).toBe(200)
    expect(asked).toEqual([
      {
        resourceAttributes: {
          namespace: 'default',
          verb: 'list',
          version: 'v1',
          resource: 'pods',
          fieldSelector: { requirements: [{ key: 'spec.nodeName', operator: 'In', values: ['n'] }] },
          labelSelector: { requirements: [{ key: 'a', operator: 'In', values: ['b'] }] },
        },
        user: 'ann',
        groups: ['devs', 'system:authenticated'],
      },
    ])
    expect((await w.send('GET', `${pods}?watch=1`, undefined, ann)).json).toMatchObject({
      message: expect.stringContaining('in the namespace "default": because'),
    })
    await w.host.run(w.host.clock.sleep(301_000))
    await w.send('GET', target, undefined, ann)
    expect(asked.length).toBe(3)
  })

  it('cannot be listed whole where a service decides, too', async () => {
    const w = await world({ '/hook': kubeconfig, '/authz': chain('Deny') }, { authorizationConfig: '/authz' })
    const review = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews'
    expect((await w.send('POST', review, { spec: { namespace: 'default' } })).json).toMatchObject({
      status: { incomplete: true, evaluationError: 'webhook authorizer does not support user rule resolution' },
    })
  })

  it('is asked of a service only where its conditions hold', async () => {
    const conditions = `    matchConditionSubjectAccessReviewVersion: v1
    matchConditions:
    - expression: has(request.resourceAttributes)
    - expression: request.resourceAttributes.namespace == 'default' && !('system:nodes' in request.groups)
`
    let asked = 0
    const files = { '/hook': kubeconfig, '/authz': chain('Deny') + conditions }
    const w = await world(files, { authorizationConfig: '/authz' }, () => {
      asked += 1
      return { status: 200, json: { status: { allowed: true } } }
    })
    const statuses = await Promise.all(
      [pods, '/api/v1/pods', '/metrics'].map((path) => w.send('GET', path, undefined, ann)),
    )
    expect([...statuses.map(({ status }) => status), asked]).toEqual([200, 403, 403, 1])
  })

  it.each(['NoOpinion', 'Deny'])(
    'cannot be told when the service does not answer (%s), but administrators may',
    async (policy) => {
      const w = await world({ '/hook': kubeconfig, '/authz': chain(policy) }, { authorizationConfig: '/authz' })
      expect((await w.send('GET', pods, undefined, ann)).status).toBe(500)
      expect((await w.send('GET', pods)).status).toBe(200)
    },
  )

  it('is no longer told by RBAC where the file leaves it out', async () => {
    const file = `${authorizationHead}authorizers: [{type: AlwaysAllow, name: all}]\n`
    const w = await world({ '/authz': file }, { authorizationConfig: '/authz' })
    expect((await w.send('GET', pods, undefined, ann)).status).toBe(200)
  })
})

describe('a file that is wrong', () => {
  it.each([
    ['jwt: 5\n', 'jwt: must be a list'],
    [
      'jwt: [{issuer: {url: "http://a"}}]\n',
      'jwt[0].issuer.url: "http://a" must be an https URL; jwt[0].issuer.audiences: at least one issuer.audiences is required; jwt[0].claimMappings.username: claim or expression is required',
    ],
    [
      'anonymous: {enabled: false, conditions: [{path: /a}]}\n',
      'anonymous.conditions: enabled should be set to true when conditions are defined',
    ],
    [
      'jwt: [{issuer: {url: "https://own", audiences: [a]}, claimMappings: {username: {claim: sub}}}]\n',
      'jwt[0].claimMappings.username.prefix: prefix is required when claim is set. It can be set to an empty string to disable prefixing',
    ],
  ])('of authentication: %j', (text, why) => {
    expect(parseAuthenticationConfig(authenticationHead + text, celExpressions, 'https://own')).toEqual({
      ok: false,
      error: why,
    })
  })

  it.each([
    ['authorizers: []\n', 'authorizers: at least one authorization mode must be defined'],
    [
      'authorizers: [{type: Node, name: a}, {type: Node, name: a}]\n',
      'authorizers[1].name: Duplicate value: "a"; authorizers[1].type: Duplicate value: "Node"',
    ],
    ['authorizers: [{type: Abc, name: a}]\n', 'authorizers[0].type: Unsupported value: "Abc"'],
    [
      'authorizers: [{type: Webhook, name: a, webhook: {timeout: 1m}}]\n',
      'authorizers[0].webhook.timeout: must be <= 30s; authorizers[0].webhook.subjectAccessReviewVersion: must be v1 or v1beta1; authorizers[0].webhook.failurePolicy: must be NoOpinion or Deny; authorizers[0].webhook.connectionInfo: must be of type KubeConfigFile with an absolute path as its kubeConfigFile',
    ],
  ])('of authorization: %j', (text, why) => {
    expect(parseAuthorizationConfig(authorizationHead + text, celExpressions)).toEqual({ ok: false, error: why })
  })

  it('ends the start with its path and one message', async () => {
    const { run, ...host } = simHost()
    const parts = { ...host, http: httpOf(() => undefined), expressions: celExpressions, ownIssuer: 'x' }
    await run(host.disk.writeFile('/a', encoder.encode('kind: Other\n')))
    await expect(run(loadSecurity(parts, { authorizationConfig: '/a' }))).rejects.toThrow(
      '/a: it is of no apiVersion Other, and must be apiserver.config.k8s.io/v1 AuthorizationConfiguration',
    )
    await expect(run(loadSecurity(parts, { authenticationConfig: '/none' }))).rejects.toThrow('/none cannot be read')
  })
})
