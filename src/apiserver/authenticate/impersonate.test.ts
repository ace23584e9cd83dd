import { beforeEach, describe, expect, it } from 'vitest'
import { simHost } from '../../host/contract/sim-host.ts'
import { type TestWorld, testWorld } from '../test-world.ts'

const rbac = '/apis/rbac.authorization.k8s.io/v1'
const group = 'authentication.k8s.io'
const bob = { user: 'bob', groups: [] }
const ann = 'ann'

describe('acting as somebody else', () => {
  let w: TestWorld
  beforeEach(async () => {
    w = await testWorld(simHost())
  })
  const grant = async (...rules: readonly object[]): Promise<void> => {
    await w.send('POST', `${rbac}/clusterroles`, { metadata: { name: 'r' }, rules })
    await w.send('POST', `${rbac}/clusterrolebindings`, {
      metadata: { name: 'b' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'r' },
      subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'bob' }],
    })
  }
  const rule = (verb: string, ...resources: readonly string[]) => ({ apiGroups: [group], resources, verbs: [verb] })
  const who = async (name: string, more: Readonly<Record<string, string>> = {}): Promise<unknown> => {
    const headers = { 'impersonate-user': name, ...more }
    const { json } = await w.send('POST', `/apis/${group}/v1/selfsubjectreviews`, {}, { ...bob, headers })
    const answer = json as { status?: { userInfo?: unknown }; message?: string }
    return answer.status?.userInfo ?? answer.message
  }
  const onReview = 'resource "selfsubjectreviews" in API group "authentication.k8s.io" at the cluster scope'

  it('is allowed for one purpose by two rules: whom, and what for', async () => {
    await grant(rule('impersonate-on:user-info:create', 'selfsubjectreviews'), rule('impersonate:user-info', 'users'))
    expect(await who(ann)).toEqual({ username: 'ann', groups: ['system:authenticated'] })
    const { json } = await w.send('GET', '/api/v1/pods', undefined, { ...bob, headers: { 'impersonate-user': ann } })
    expect(json).toMatchObject({
      message: expect.stringContaining('cannot impersonate-on:user-info:list resource "pods"'),
    })
    expect(await who(ann, { 'impersonate-group': 'g' })).toContain('cannot impersonate:user-info resource "groups"')
    expect(await who('system:node:n')).toContain('cannot impersonate-on:arbitrary-node:create resource')
  })

  it('never makes an administrator of those who are limited', async () => {
    await grant(
      rule('impersonate-on:user-info:create', 'selfsubjectreviews'),
      rule('impersonate:user-info', 'users', 'groups'),
    )
    expect(await who(ann, { 'impersonate-group': 'g' })).toMatchObject({ groups: ['g', 'system:authenticated'] })
    expect(await who(ann, { 'impersonate-group': 'system:masters' })).toContain(
      'impersonating the system:masters group is not allowed',
    )
    expect(await who(ann, { 'impersonate-extra-b': 'c' })).toContain(
      'impersonating an invalid key in extra is not allowed: extra.key: Invalid value: "b": must be a domain-prefixed path',
    )
  })

  it('puts nodes and service accounts in their groups', async () => {
    await grant(
      rule('impersonate-on:arbitrary-node:create', 'selfsubjectreviews'),
      rule('impersonate:arbitrary-node', 'nodes'),
      rule('impersonate-on:serviceaccount:create', 'selfsubjectreviews'),
      rule('impersonate:serviceaccount', 'serviceaccounts'),
    )
    expect(await who('system:node:n')).toMatchObject({ groups: ['system:nodes', 'system:authenticated'] })
    expect(await who('system:serviceaccount:a:b')).toMatchObject({
      groups: ['system:serviceaccounts', 'system:serviceaccounts:a', 'system:authenticated'],
    })
  })

  it('is still allowed for everything by the plain verb', async () => {
    await grant({ apiGroups: [''], resources: ['users', 'groups'], verbs: ['impersonate'] })
    expect(await who(ann, { 'impersonate-group': 'system:masters' })).toMatchObject({
      username: 'ann',
      groups: ['system:masters', 'system:authenticated'],
    })
  })

  it('is refused in the words of the first way that is for such a user', async () => {
    expect(await who(ann)).toBe(
      `selfsubjectreviews.${group} is forbidden: User "bob" cannot impersonate-on:user-info:create ${onReview}`,
    )
    expect(await who('system:serviceaccount:a:b', { 'impersonate-group': 'g' })).toBe(
      'serviceaccounts "b" is forbidden: User "bob" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "a"',
    )
  })
})
