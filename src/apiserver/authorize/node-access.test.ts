import { beforeAll, describe, expect, it } from 'vitest'
import { simHost } from '../../host/contract/sim-host.ts'
import { type TestWorld, testWorld } from '../test-world.ts'

const ns = '/api/v1/namespaces/default'
const node = { user: 'system:node:n', groups: ['system:nodes'] }
const other = { user: 'system:node:m', groups: ['system:nodes'] }
const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'

const pod = {
  metadata: { name: 'p' },
  spec: {
    nodeName: 'n',
    containers: [{ name: 'c', image: 'i', envFrom: [{ configMapRef: { name: 'one' } }] }],
    volumes: [{ name: 's', secret: { secretName: 'one' } }],
  },
}

const forbiddenGet = (resource: string, why: string) =>
  `User "system:node:n" cannot get resource "${resource}" in API group "" in the namespace "default": ${why}`

describe('a node', () => {
  let w: TestWorld
  let uid = ''
  beforeAll(async () => {
    w = await testWorld(simHost())
    await w.send('POST', '/api/v1/nodes', { metadata: { name: 'n' } })
    await w.send('POST', `${ns}/serviceaccounts`, { metadata: { name: 'default' } })
    for (const name of ['one', 'two']) await w.send('POST', `${ns}/secrets`, { metadata: { name } })
    await w.send('POST', `${ns}/configmaps`, { metadata: { name: 'one' } })
    uid = ((await w.send('POST', `${ns}/pods`, pod)).json as { metadata: { uid: string } }).metadata.uid
  })
  const status = async (method: string, target: string, as: typeof node, body?: unknown): Promise<number> =>
    (await w.send(method, target, body, as)).status

  it('reads what its pods need, and nothing else', async () => {
    expect(await status('GET', `${ns}/secrets/one`, node)).toBe(200)
    expect(await status('GET', `${ns}/secrets/one`, other)).toBe(403)
    expect(await status('GET', `${ns}/configmaps/one`, node)).toBe(200)
    expect(await status('GET', `${ns}/secrets?fieldSelector=metadata.name%3Done`, node)).toBe(200)
    expect((await w.send('GET', `${ns}/secrets/two`, undefined, node)).json).toMatchObject({
      code: 403,
      message: `secrets "two" is forbidden: ${forbiddenGet('secrets', "no relationship found between node 'n' and this object")}`,
    })
  })

  it.each([
    ['GET', '/api/v1/pods?fieldSelector=spec.nodeName%3Dn', 200],
    ['GET', '/api/v1/pods?fieldSelector=spec.nodeName%3Dm', 403],
    ['GET', '/api/v1/pods?fieldSelector=spec.nodeName%21%3Dn', 403],
    ['GET', '/api/v1/pods', 403],
    ['GET', `${ns}/pods/p`, 200],
    ['GET', '/api/v1/nodes/n', 200],
    ['GET', '/api/v1/nodes/m', 403],
    ['GET', '/api/v1/nodes', 403],
    ['DELETE', '/api/v1/nodes/n', 403],
    ['GET', '/api/v1/services', 200],
    ['GET', leases, 403],
    ['GET', '/apis/apps/v1/deployments', 403],
  ])('%s %s is answered with %i', async (method, target, expected) => {
    expect(await status(method, target, node)).toBe(expected)
  })

  it.each([
    [{ metadata: { labels: { 'kubelet.kubernetes.io/x': 'y', own: 'a' } } }, undefined],
    [
      { metadata: { labels: { 'a.node-restriction.kubernetes.io/x': 'y', 'foo.k8s.io/x': 'y' } } },
      'is not allowed to modify labels: a.node-restriction.kubernetes.io/x, foo.k8s.io/x',
    ],
    [{ spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } }, 'node "n" is not allowed to modify taints'],
    [
      { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' }] } },
      'node "n" is not allowed to modify ownerReferences',
    ],
  ])('changes its node by %j', async (body, refusal) => {
    const headers = { 'content-type': 'application/merge-patch+json' }
    const { json } = await w.send('PATCH', '/api/v1/nodes/n', body, { ...node, headers })
    expect(json).toMatchObject(
      refusal === undefined ? { kind: 'Node' } : { message: `nodes "n" is forbidden: ${refusal}` },
    )
  })

  it('has a lease of its own name only', async () => {
    expect((await w.send('POST', leases, { metadata: { name: 'm' } }, node)).json).toMatchObject({
      message:
        'leases.coordination.k8s.io "m" is forbidden: can only access node lease with the same name as the requesting node',
    })
    expect(await status('POST', leases, node, { metadata: { name: 'n' } })).toBe(201)
    expect(await status('GET', `${leases}/n`, other)).toBe(403)
  })

  it.each([
    [{ name: 'p' }, {}, undefined],
    [{ name: '' }, {}, 'node requested token not bound to a pod'],
    [{ name: 'p', uid: '' }, {}, 'node requested token with a pod binding without a uid'],
    [
      { name: 'p', uid: 'x' },
      {},
      'the UID in the bound object reference (x) does not match the UID in record. The object might have been deleted and then recreated',
    ],
    [
      { name: 'p' },
      { audiences: ['vault'] },
      'audience "vault" not found in pod spec volume, system:node:n is not authorized to request tokens for this audience',
    ],
    [{ name: 'p' }, { audiences: ['a', 'b'] }, 'node may only request 0 or 1 audiences'],
  ])('asks for a token bound to %j, %j', async (ref, more, refusal) => {
    const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', uid, ...ref }
    const token = `${ns}/serviceaccounts/default/token`
    const { json } = await w.send('POST', token, { spec: { boundObjectRef, ...more } }, node)
    expect(json).toMatchObject(
      refusal === undefined
        ? { kind: 'TokenRequest' }
        : { message: `serviceaccounts "default" is forbidden: ${refusal}` },
    )
  })

  it('has no pods but its own to tell of, and no more once they are gone', async () => {
    const headers = { 'content-type': 'application/merge-patch+json' }
    const message = { status: { message: 'x' } }
    const told = (as: typeof node) => w.send('PATCH', `${ns}/pods/p/status`, message, { ...as, headers })
    expect((await told(node)).status).toBe(200)
    expect((await told(other)).json).toMatchObject({
      message: 'pods "p" is forbidden: node "m" can only update pod status for pods with spec.nodeName set to itself',
    })
    expect(await status('DELETE', `${ns}/pods/p`, node, { gracePeriodSeconds: 0 })).toBe(200)
    expect(await status('GET', `${ns}/secrets/one`, node)).toBe(403)
  })

  it('cannot list all that it may do', async () => {
    const review = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews'
    const as = { ...node, groups: [...node.groups, 'system:authenticated'] }
    expect((await w.send('POST', review, { spec: { namespace: 'default' } }, as)).json).toMatchObject({
      status: { incomplete: true, evaluationError: 'node authorizer does not support user rule resolution' },
    })
  })
})
