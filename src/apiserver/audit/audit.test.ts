import { describe, expect, it } from 'vitest'
import { simHost } from '../../host/contract/sim-host.ts'
import { plainSecurity } from '../configuration/security.ts'
import { testWorld } from '../test-world.ts'
import { auditLog } from './audit-log.ts'
import type { AuditEvent, AuditSink } from './event.ts'
import { type AuditPolicy, auditRuleFor, parseAuditPolicy } from './policy.ts'

const ns = '/api/v1/namespaces/default'

async function world(policy: AuditPolicy) {
  const host = simHost()
  const events: AuditEvent[] = []
  const sink: AuditSink = { write: (event) => void events.push(event), async close() {} }
  const w = await testWorld(host, { security: { ...plainSecurity, audit: { policy, sink, clock: host.clock } } })
  // What the server has asked itself while it started.
  events.length = 0
  return { ...w, events }
}

describe('the audit log', () => {
  it('tells of a write: who, what, with which objects, and why it was allowed', async () => {
    const w = await world({ rules: [{ level: 'RequestResponse', verbs: ['create'] }] })
    const map = { metadata: { name: 'one', labels: { a: 'b' } }, data: { k: 'v' } }
    const headers = { 'user-agent': 'test', 'audit-id': 'chosen' }
    const sent = await w.send('POST', `${ns}/configmaps`, map, { headers })
    expect(sent.headers['audit-id']).toBe('chosen')
    expect(w.events.map(({ stage }) => stage)).toEqual(['RequestReceived', 'ResponseComplete'])
    expect((await w.send('GET', '/metrics')).text).toMatch(/^apiserver_audit_event_total [1-9][0-9]*$/m)
    expect(w.events[1]).toMatchObject({
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'RequestResponse',
      auditID: 'chosen',
      requestURI: `${ns}/configmaps`,
      verb: 'create',
      user: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
      sourceIPs: ['127.0.0.1'],
      userAgent: 'test',
      objectRef: { resource: 'configmaps', namespace: 'default', name: 'one', apiVersion: 'v1' },
      responseStatus: { metadata: {}, code: 201 },
      requestObject: { kind: 'ConfigMap', data: { k: 'v' } },
      responseObject: { kind: 'ConfigMap', metadata: { uid: expect.any(String) }, data: { k: 'v' } },
      annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '' },
    })
  })

  it('tells of refusals, of those who are not known, and of whom somebody acted as', async () => {
    const w = await world({ omitStages: ['RequestReceived'], rules: [{ level: 'Metadata' }] })
    await w.send('GET', `${ns}/pods`, undefined, { user: 'bob', groups: [] })
    await w.send('GET', `${ns}/pods`, undefined, { user: '', headers: { authorization: 'Bearer x' } })
    await w.send('GET', `${ns}/pods`, undefined, { headers: { 'impersonate-user': 'ann' } })
    const [refused, unknown, acting] = w.events
    expect(refused).toMatchObject({
      responseStatus: { status: 'Failure', reason: 'Forbidden', code: 403 },
      annotations: { 'authorization.k8s.io/decision': 'forbid' },
    })
    expect(refused).not.toHaveProperty('requestObject')
    expect(unknown).toMatchObject({
      stage: 'ResponseStarted',
      user: {},
      responseStatus: { metadata: {}, message: 'Authentication failed, attempted: bearer', code: 401 },
    })
    expect(acting).toMatchObject({
      user: { username: 'admin' },
      impersonatedUser: { username: 'ann', groups: ['system:authenticated'] },
      authenticationMetadata: { impersonationConstraint: 'impersonate:user-info' },
    })
  })

  it('records patches as they were sent, and no managed fields where they are not wanted', async () => {
    const w = await world({ omitManagedFields: true, rules: [{ level: 'RequestResponse', verbs: ['patch', 'list'] }] })
    await w.send('POST', `${ns}/configmaps`, { metadata: { name: 'one' } })
    const headers = { 'content-type': 'application/merge-patch+json' }
    await w.send('PATCH', `${ns}/configmaps/one`, { data: { a: 'b' } }, { headers })
    await w.send('GET', `${ns}/configmaps`)
    const done = w.events.filter(({ stage }) => stage === 'ResponseComplete')
    expect(done).toMatchObject([
      { requestObject: { data: { a: 'b' } }, responseObject: { kind: 'ConfigMap', data: { a: 'b' } } },
      { responseObject: { kind: 'ConfigMapList', items: [{ metadata: { name: 'one' } }] } },
    ])
    expect(JSON.stringify(done)).not.toContain('managedFields')
  })

  it('names the credential that was issued', async () => {
    const w = await world({ rules: [{ level: 'Metadata', resources: [{ resources: ['serviceaccounts/token'] }] }] })
    await w.send('POST', `${ns}/serviceaccounts`, { metadata: { name: 'app' } })
    const { json } = await w.send('POST', `${ns}/serviceaccounts/app/token`, {})
    const [, payload = ''] = (json as { status: { token: string } }).status.token.split('.')
    const { jti } = JSON.parse(Buffer.from(payload, 'base64url').toString())
    expect(w.events.at(-1)?.annotations).toMatchObject({
      'authentication.kubernetes.io/issued-credential-id': `JTI=${jti}`,
    })
  })

  it('says when a watch begins', async () => {
    const w = await world({ rules: [{ level: 'Metadata', verbs: ['watch'] }] })
    const sent = await w.send('GET', `${ns}/pods?watch=1`)
    expect(w.events.map(({ stage }) => stage)).toEqual(['RequestReceived', 'ResponseStarted'])
    expect(sent.response.type).toBe('stream')
  })
})

describe('an audit policy', () => {
  const user = { name: 'ann', groups: ['devs'] }
  const wish = {
    isResource: true,
    verb: 'get',
    group: '',
    resource: 'pods',
    subresource: 'log',
    name: 'p',
    namespace: 'a',
    path: '',
  }
  it.each([
    [{}, true],
    [{ users: ['bob'] }, false],
    [{ userGroups: ['devs'] }, true],
    [{ verbs: ['list'] }, false],
    [{ namespaces: ['a'] }, true],
    [{ namespaces: ['b'] }, false],
    [{ resources: [{ group: '' }] }, true],
    [{ resources: [{ group: '*', resources: ['pods'] }] }, false],
    [{ resources: [{ resources: ['pods/log'] }] }, true],
    [{ resources: [{ resources: ['pods/*'] }] }, true],
    [{ resources: [{ resources: ['*/log'], resourceNames: ['q'] }] }, false],
    [{ nonResourceURLs: ['*'] }, false],
  ])('by %j is about a request: %s', (rule, isAbout) => {
    const { level } = auditRuleFor({ rules: [{ level: 'Request', ...rule }] }, user, wish)
    expect(level).toBe(isAbout ? 'Request' : 'None')
  })

  it.each([
    ['kind: Policy', 'it is of no apiVersion Policy, and must be audit.k8s.io/v1 Policy'],
    ['apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: []', 'loaded illegal policy with 0 rules'],
    [
      'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: All, nonResourceURLs: ["/a*b", c], omitStages: [Never]}]',
      "rules[0].level: must be one of None, Metadata, Request, RequestResponse; rules[0].nonResourceURLs[0]: non-resource URL wildcards '*' must be the final character of the rule; rules[0].nonResourceURLs[1]: non-resource URL rules must begin with a '/' character; rules[0].omitStages[0]: allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic",
    ],
    ['apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None, verb: [get]}]', 'unknown field "rules[0].verb"'],
  ])('that says %j is refused', (text, why) => {
    expect(parseAuditPolicy(text)).toEqual({ ok: false, error: why })
  })
})

describe('the file of the audit log', () => {
  it('is rotated by size, and keeps so many', async () => {
    const { disk, clock, log, run } = simHost()
    await run(disk.makeDirectory('/audit'))
    const sink = auditLog({ path: '/audit/audit.log', maxBytes: 300, maxAgeMs: 0, maxBackups: 2 }, { disk, clock, log })
    const event = { auditID: 'x'.repeat(100) } as AuditEvent
    for (let at = 0; at < 12; at++) {
      sink.write(event)
      await run(clock.sleep(1000))
    }
    await run(sink.close())
    const names = await run(disk.list('/audit'))
    expect(names).toEqual([
      expect.stringMatching(/^audit-2026-01-01T.*\.log$/),
      expect.stringMatching(/^audit-.*\.log$/),
      'audit.log',
    ])
    const lines = new TextDecoder()
      .decode(await run(disk.readFile('/audit/audit.log')))
      .trimEnd()
      .split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual(lines.map(() => event))
  })

  it('asks the disk once for all that has come meanwhile', async () => {
    const { disk, clock, log, run } = simHost()
    let appends = 0
    const counted = {
      ...disk,
      openAppend: async (path: string) => {
        const file = await disk.openAppend(path)
        const append: typeof file.append = (chunks) => {
          appends += 1
          return file.append(chunks)
        }
        return { ...file, append, sizeBytes: () => file.sizeBytes() }
      },
    }
    const parts = { disk: counted, clock, log }
    const sink = auditLog({ path: '/audit.log', maxBytes: 10_000, maxAgeMs: 0, maxBackups: 0 }, parts)
    for (let at = 0; at < 150; at++) sink.write({ auditID: String(at).padStart(80, '0') } as AuditEvent)
    await run(clock.sleep(5_000))
    await run(sink.close())
    expect(appends).toBe(2)
    const text = new TextDecoder().decode(await run(disk.readFile('/audit.log')))
    expect(text.trimEnd().split('\n').at(-1)).toBe(JSON.stringify({ auditID: '149'.padStart(80, '0') }))
  })

  it('loses what the disk does not take, and says so', async () => {
    const { disk, clock, log, run } = simHost()
    const lines: string[] = []
    const told = {
      ...log,
      error: (message: string) => void lines.push(message),
      warn: (message: string) => void lines.push(message),
    }
    const options = { path: '/missing/audit.log', maxBytes: 300, maxAgeMs: 0, maxBackups: 2 }
    const sink = auditLog(options, { disk, clock, log: told })
    sink.write({ auditID: 'x' } as AuditEvent)
    await run(clock.sleep(1000))
    await run(sink.close())
    expect(lines).toEqual(['audit events could not be written', 'audit events were lost'])
  })
})
