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
