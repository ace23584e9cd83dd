import { beforeAll, describe, expect, it } from 'vitest'
import { simRun } from '../host/contract/sim-run.ts'
import { simClock } from '../host/sim/clock.ts'
import { simDisk } from '../host/sim/disk.ts'
import { simKeys } from '../host/sim/keys.ts'
import { simLog } from '../host/sim/log.ts'
import { simRandom } from '../host/sim/random.ts'
import { openStore } from '../store/store.ts'
import { type Send, sender, testServer } from './test-exchange.ts'

async function world() {
  const clock = simClock()
  const random = simRandom(1)
  const log = simLog(clock)
  const run = simRun(clock)
  const disk = simDisk({ clock, random })
  const store = await run(openStore({ disk, clock, log, directory: '/store', onFatal() {} }))
  const forwarded: string[] = []
  const server = await testServer({
    store,
    clock,
    random,
    keys: simKeys(random),
    log,
    nodeHandler: (node) => async (request) => {
      forwarded.push(`${node} ${request.method} ${request.target}`)
      return { type: 'whole', status: 200, headers: { 'content-type': 'text/plain' }, body: new Uint8Array([111, 107]) }
    },
  })
  await run(server.start())
  const raw = sender(server.handler)
  const send: Send = (...request) => run(raw(...request))
  return { clock, send, forwarded }
}

const ns = '/api/v1/namespaces/default'
const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default'
const apiGroup = 'rbac.authorization.k8s.io'
const bob = { user: 'bob', groups: [] }
const bearer = (token: string) => ({ user: '', headers: { authorization: `Bearer ${token}` } })
const pod = {
  metadata: { name: 'p' },
  spec: {
    containers: [
      { name: 'c', image: 'i' },
      { name: 'd', image: 'i' },
    ],
  },
}

describe('access', () => {
  let w: Awaited<ReturnType<typeof world>>
  beforeAll(async () => {
    w = await world()
    await w.send('POST', `${ns}/serviceaccounts`, { metadata: { name: 'default' } })
    await w.send('POST', `${ns}/pods`, pod)
  })
  const token = async (spec: object = {}): Promise<string> => {
    const { json } = await w.send('POST', `${ns}/serviceaccounts/default/token`, { spec })
    return (json as { status: { token: string } }).status.token
  }
  const whoami = (value: string) =>
    w.send('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {}, bearer(value))

  it('follows roles and bindings from one request to the next', async () => {
    const read = () => w.send('GET', `${ns}/pods/p`, undefined, bob)
    expect((await read()).status).toBe(403)
    const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }]
    await w.send('POST', `${rbac}/roles`, { metadata: { name: 'reader' }, rules })
    const roleRef = { apiGroup, kind: 'Role', name: 'reader' }
    await w.send('POST', `${rbac}/rolebindings`, {
      metadata: { name: 'b' },
      roleRef,
      subjects: [{ apiGroup, kind: 'User', name: 'bob' }],
    })
    expect((await read()).status).toBe(200)
    expect((await w.send('GET', '/api/v1/namespaces/kube-system/pods/p', undefined, bob)).status).toBe(403)
    await w.send('PUT', `${rbac}/roles/reader`, { metadata: { name: 'reader' }, rules: [] })
    expect((await read()).status).toBe(403)
    await w.send('PUT', `${rbac}/roles/reader`, { metadata: { name: 'reader' }, rules })
    expect((await read()).status).toBe(200)
    await w.send('DELETE', `${rbac}/rolebindings/b`)
    expect((await read()).status).toBe(403)
  })

  it.each([
    ['/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { spec: { resourceAttributes: { verb: 'get' } } }],
    [`${ns}/serviceaccounts/default/token`, { spec: {} }],
  ])('%s has no table, but metadata', async (target, body) => {
    const as = (what: string) => ({ headers: { accept: `application/json;as=${what};v=v1;g=meta.k8s.io` } })
    expect(await w.send('POST', target, body, as('Table'))).toMatchObject({
      status: 406,
      json: {
        message:
          'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
      },
    })
    const partial = await w.send('POST', target, body, as('PartialObjectMetadata'))
    expect(partial).toMatchObject({ status: 201, json: { kind: 'PartialObjectMetadata' } })
    const orJson = { headers: { accept: `${as('Table').headers.accept}, application/json` } }
    expect(await w.send('POST', target, body, orJson)).toMatchObject({ status: 201, json: { spec: {} } })
  })

  it('lets nobody grant what they do not hold', async () => {
    const rules = [{ apiGroups: [apiGroup], resources: ['roles', 'rolebindings'], verbs: ['create'] }]
    await w.send('POST', `${rbac}/roles`, { metadata: { name: 'granter' }, rules })
    const bind = (name: string, role: string) => ({
      metadata: { name },
      roleRef: { apiGroup, kind: 'Role', name: role },
      subjects: [{ apiGroup, kind: 'User', name: 'eve' }],
    })
    await w.send('POST', `${rbac}/rolebindings`, bind('g', 'granter'))
    const eve = { user: 'eve', groups: [] }
    const secrets = [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list'] }]
    expect(await w.send('POST', `${rbac}/roles`, { metadata: { name: 'x' }, rules: secrets }, eve)).toMatchObject({
      status: 403,
      json: {
        message:
          'roles.rbac.authorization.k8s.io "x" is forbidden: user "eve" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}',
      },
    })
    expect((await w.send('POST', `${rbac}/roles`, { metadata: { name: 'x' }, rules }, eve)).status).toBe(201)
    await w.send('POST', `${rbac}/roles`, { metadata: { name: 'secret' }, rules: secrets })
    expect((await w.send('POST', `${rbac}/rolebindings`, bind('s', 'secret'), eve)).status).toBe(403)
    expect(await w.send('POST', `${rbac}/rolebindings`, bind('m', 'missing'), eve)).toMatchObject({
      status: 404,
      json: { message: 'rolebindings.rbac.authorization.k8s.io "missing" not found' },
    })
  })

  it('knows a service account by its token', async () => {
    expect((await whoami(await token())).json).toMatchObject({
      status: {
        userInfo: {
          username: 'system:serviceaccount:default:default',
          groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
          extra: { 'authentication.kubernetes.io/credential-id': [expect.stringMatching(/^JTI=/)] },
        },
      },
    })
  })

  it('takes no token that was tampered with, is for others, or has expired', async () => {
    const good = await token({ expirationSeconds: 600 })
    const [head = '', payload = '', signature = ''] = good.split('.')
    const forged = btoa(atob(payload).replace('"namespace":"default"', '"namespace":"kube-system"'))
    for (const bad of [`${head}.${forged}.${signature}`, `${head}.${payload}.`, `${good}x`, 'a.b.c']) {
      expect((await whoami(bad)).status).toBe(401)
    }
    expect((await whoami(await token({ audiences: ['vault'] }))).status).toBe(401)
    expect((await whoami(good)).status).toBe(201)
    await w.clock.runUntil(w.clock.nowMs() + 601_000)
    expect((await whoami(good)).status).toBe(401)
  })

  it('lets a token die with the pod it is bound to', async () => {
    const ref = { kind: 'Pod', apiVersion: 'v1', name: 'brief' }
    await w.send('POST', `${ns}/pods`, { ...pod, metadata: { name: 'brief' } })
    const bound = await token({ boundObjectRef: ref })
    expect((await whoami(bound)).json).toMatchObject({
      status: { userInfo: { extra: { 'authentication.kubernetes.io/pod-name': ['brief'] } } },
    })
    await w.send('DELETE', `${ns}/pods/brief`)
    await w.send('POST', `${ns}/pods`, { ...pod, metadata: { name: 'brief' } })
    expect((await whoami(bound)).status).toBe(401)
  })

  it('tells others who is behind a token', async () => {
    const review = (spec: object) => w.send('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { spec })
    const vault = await token({ audiences: ['vault'] })
    expect((await review({ token: vault, audiences: ['vault', 'x'] })).json).toMatchObject({
      status: {
        authenticated: true,
        audiences: ['vault'],
        user: { username: 'system:serviceaccount:default:default' },
      },
    })
    expect((await review({ token: vault })).json).not.toMatchObject({ status: { authenticated: true } })
    expect((await review({ token: 'abc' })).json).toMatchObject({ status: { user: {}, error: 'invalid bearer token' } })
  })

  it('lets those who may act as others', async () => {
    const as = (headers: Record<string, string>, sender = {}) =>
      w.send('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {}, { ...sender, headers })
    expect(
      (await as({ 'impersonate-user': 'ann', 'impersonate-group': 'dev', 'impersonate-extra-team': 'x' })).json,
    ).toMatchObject({
      status: { userInfo: { username: 'ann', groups: ['dev', 'system:authenticated'], extra: { team: ['x'] } } },
    })
    expect((await as({ 'impersonate-user': 'system:serviceaccount:a:b' })).json).toMatchObject({
      status: { userInfo: { groups: ['system:serviceaccounts', 'system:serviceaccounts:a', 'system:authenticated'] } },
    })
    expect(await as({ 'impersonate-user': 'ann' }, bob)).toMatchObject({
      status: 403,
      json: {
        message:
          'selfsubjectreviews.authentication.k8s.io is forbidden: User "bob" cannot impersonate-on:user-info:create resource "selfsubjectreviews" in API group "authentication.k8s.io" at the cluster scope',
      },
    })
  })

  it('asks the kubelet of the pod, and only for those who may', async () => {
    await w.send('POST', `${ns}/pods`, { ...pod, metadata: { name: 'far' } })
    await w.send('POST', `${ns}/pods/far/binding`, { metadata: { name: 'far' }, target: { name: 'n1' } })
    expect(await w.send('GET', `${ns}/pods/far/log`)).toMatchObject({
      status: 400,
      json: { message: 'a container name must be specified for pod far, choose one of: [c d]' },
    })
    expect(await w.send('GET', `${ns}/pods/far/log?container=d&follow=true`)).toMatchObject({ status: 200, text: 'ok' })
    await w.send('POST', `${ns}/pods/far/exec?container=c&command=a&command=b`)
    await w.send('POST', `${ns}/pods/far/portforward?ports=80`)
    expect(w.forwarded).toEqual([
      'n1 GET /containerLogs/default/far/d?follow=true',
      'n1 POST /exec/default/far/c?command=a&command=b',
      'n1 POST /portForward/default/far?ports=80',
    ])
    expect((await w.send('POST', `${ns}/pods/far/exec?container=c&command=a`, undefined, bob)).status).toBe(403)
    const rules = [{ apiGroups: [''], resources: ['pods/exec'], verbs: ['get'] }]
    await w.send('POST', `${rbac}/roles`, { metadata: { name: 'looker' }, rules })
    const subjects = [{ apiGroup, kind: 'User', name: 'bob' }]
    const roleRef = { apiGroup, kind: 'Role', name: 'looker' }
    await w.send('POST', `${rbac}/rolebindings`, { metadata: { name: 'looker' }, roleRef, subjects })
    expect(await w.send('GET', `${ns}/pods/far/exec?container=c&command=a`, undefined, bob)).toMatchObject({
      status: 403,
      json: { message: expect.stringContaining('User "bob" cannot create resource "pods/exec"') },
    })
  })

  it('gives pods what the original gives them', async () => {
    await w.send(
      'PATCH',
      `${ns}/serviceaccounts/default`,
      { imagePullSecrets: [{ name: 'ps' }] },
      { headers: { 'content-type': 'application/merge-patch+json' } },
    )
    const { json } = await w.send('POST', `${ns}/pods`, { ...pod, metadata: { name: 'given' } })
    expect(json).toMatchObject({
      metadata: { generation: 1 },
      spec: {
        serviceAccountName: 'default',
        serviceAccount: 'default',
        imagePullSecrets: [{ name: 'ps' }],
        priority: 0,
        preemptionPolicy: 'PreemptLowerPriority',
        tolerations: [
          { key: 'node.kubernetes.io/not-ready', tolerationSeconds: 300 },
          { key: 'node.kubernetes.io/unreachable' },
        ],
        volumes: [{ name: expect.stringMatching(/^kube-api-access-/), projected: { defaultMode: 420 } }],
        containers: [
          { volumeMounts: [{ mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true }] },
          { volumeMounts: [{ readOnly: true }] },
        ],
      },
      status: { phase: 'Pending', qosClass: 'BestEffort' },
    })
  })

  it('gives Services addresses and ports, each to one, and takes them back', async () => {
    const service = (name: string, spec: object) =>
      w.send('POST', `${ns}/services`, { metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } })
    const first = await service('s1', {
      type: 'NodePort',
      clusterIP: '10.96.7.7',
      ports: [{ port: 80, nodePort: 30100 }],
    })
    expect(first.json).toMatchObject({
      spec: { clusterIPs: ['10.96.7.7'], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' },
    })
    expect(await service('s2', { clusterIP: '10.96.7.7' })).toMatchObject({
      status: 422,
      json: {
        message:
          'Service "s2" is invalid: spec.clusterIPs: Invalid value: ["10.96.7.7"]: failed to allocate IP 10.96.7.7: provided IP is already allocated',
      },
    })
    const taken = { type: 'NodePort', ports: [{ port: 80, nodePort: 30100 }] }
    expect(await service('s2', taken)).toMatchObject({
      status: 422,
      json: {
        message:
          'Service "s2" is invalid: spec.ports[0].nodePort: Invalid value: 30100: provided port is already allocated',
      },
    })
    await w.send('DELETE', `${ns}/services/s1`)
    expect((await service('s2', { ...taken, clusterIP: '10.96.7.7' })).status).toBe(201)
    expect((await service('s3', { clusterIP: 'None' })).json).toMatchObject({ spec: { clusterIPs: ['None'] } })
    expect(
      (await w.send('PUT', `${ns}/services/s2`, { metadata: { name: 's2' }, spec: { ports: [{ port: 81 }] } })).json,
    ).toMatchObject({
      spec: { clusterIP: '10.96.7.7', ports: [{ port: 81, targetPort: 81 }] },
    })
  })
})
