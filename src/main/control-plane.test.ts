import { expect, it } from 'vitest'
import { decodeBase64 } from '../api/base64.ts'
import type { Secret } from '../api/kinds.generated.ts'
import { kinds } from '../api/kinds.ts'
import type { Stored } from '../api/object.ts'
import { sender } from '../apiserver/test-exchange.ts'
import { makeClient } from '../client/http-client.ts'
import { simHost } from '../host/contract/sim-host.ts'
import { makeSimControlPlane } from './sim-control-plane.ts'

it('fills the Secret of a service account with a token that says who shows it, and notes its use', async () => {
  const host = simHost()
  const onError = (error: unknown): void => {
    throw error
  }
  const { handler, ...control } = makeSimControlPlane({ ...host, kubelet: () => undefined, onError })
  const controlPlane = await host.run(control.start())
  const identity = { commonName: 'admin', organizations: ['system:masters'] }
  const client = makeClient({ handler, identity, userAgent: 'test', clock: host.clock })
  const annotations = { 'kubernetes.io/service-account.name': 'app' }
  const read = async (): Promise<Stored<Secret>> => {
    const found = await host.run(client.get(kinds.secrets, 'app-token', 'default'))
    if (!found.ok) throw new Error(found.error.message)
    return found.value
  }
  await host.run(client.create(kinds.serviceAccounts, { metadata: { name: 'app', namespace: 'default' } }))
  const type = 'kubernetes.io/service-account-token'
  await host.run(
    client.create(kinds.secrets, { metadata: { name: 'app-token', namespace: 'default', annotations }, type }),
  )
  await host.run(host.clock.sleep(2_000))
  const secret = await read()
  const token = new TextDecoder().decode(decodeBase64(secret.data?.token ?? ''))
  const send = sender(handler)
  const review = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
  const as = { user: '', headers: { authorization: `Bearer ${token}` } }
  expect((await host.run(send('POST', review, {}, as))).json).toMatchObject({
    status: { userInfo: { username: 'system:serviceaccount:default:app' } },
  })
  await host.run(host.clock.sleep(2_000))
  expect((await read()).metadata.labels).toEqual({ 'kubernetes.io/legacy-token-last-used': '2026-01-01' })
  const gone = await host.run(client.delete(kinds.serviceAccounts, 'app', 'default'))
  expect(gone.ok).toBe(true)
  await host.run(host.clock.sleep(2_000))
  expect((await host.run(send('POST', review, {}, as))).status).toBe(401)
  await host.run(controlPlane.stop())
})

it('lets cluster DNS read namespaces, also where no Service leads to it', async () => {
  const host = simHost()
  const onError = (error: unknown): void => {
    throw error
  }
  const { handler, ...control } = makeSimControlPlane({ ...host, kubelet: () => undefined, onError })
  const controlPlane = await host.run(control.start())
  const as = { user: 'system:serviceaccount:kube-system:coredns', groups: ['system:serviceaccounts'] }
  const listed = await host.run(sender(handler)('GET', '/api/v1/namespaces', undefined, as))
  expect(listed.status).toBe(200)
  await host.run(controlPlane.stop())
})

it('counts custom resources and device claims for quotas, and gives back what is deleted', async () => {
  const host = simHost()
  const onError = (error: unknown): void => {
    throw error
  }
  const { handler, ...control } = makeSimControlPlane({ ...host, kubelet: () => undefined, onError })
  const controlPlane = await host.run(control.start())
  const send = sender(handler)
  const ask = async (method: string, path: string, body?: unknown) => (await host.run(send(method, path, body))).json
  const settle = (): Promise<void> => host.run(host.clock.sleep(3_000))
  const ns = 'namespaces/default'
  const hard = { 'count/widgets.example.com': '1', 'gpu.deviceclass.resource.k8s.io/devices': '2' }
  await ask('POST', `/api/v1/${ns}/resourcequotas`, { metadata: { name: 'q' }, spec: { hard } })
  const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }
  const names = { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' }
  await ask('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    metadata: { name: 'widgets.example.com' },
    spec: { group: 'example.com', scope: 'Namespaced', names, versions: [version] },
  })
  await settle()
  const used = async () =>
    ((await ask('GET', `/api/v1/${ns}/resourcequotas/q`)) as { status: { used?: object } }).status.used
  expect(await used()).toEqual({ 'count/widgets.example.com': '0', 'gpu.deviceclass.resource.k8s.io/devices': '0' })
  const widgets = `/apis/example.com/v1/${ns}/widgets`
  const widget = (name: string) => ({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name } })
  expect(await ask('POST', widgets, widget('one'))).toMatchObject({ kind: 'Widget' })
  expect(await ask('POST', widgets, widget('two'))).toMatchObject({
    code: 403,
    message: expect.stringContaining('exceeded quota: q, requested: count/widgets.example.com=1, used: count/widgets'),
  })
  const claims = `/apis/resource.k8s.io/v1/${ns}/resourceclaims`
  const claim = (name: string) => ({
    metadata: { name },
    spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu', count: 2 } }] } },
  })
  expect(await ask('POST', claims, claim('one'))).toMatchObject({ kind: 'ResourceClaim' })
  expect(await ask('POST', claims, claim('two'))).toMatchObject({ code: 403 })
  expect(await used()).toEqual({ 'count/widgets.example.com': '1', 'gpu.deviceclass.resource.k8s.io/devices': '2' })
  await ask('DELETE', `${widgets}/one`)
  await ask('DELETE', `${claims}/one`)
  await settle()
  expect(await used()).toEqual({ 'count/widgets.example.com': '0', 'gpu.deviceclass.resource.k8s.io/devices': '0' })
  await host.run(controlPlane.stop())
})
