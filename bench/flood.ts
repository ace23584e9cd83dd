import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { configMap, must, percentiles } from './api.ts'
import { type Connection, connect, type Target } from './connection.ts'
import type { FloodOrder } from './flood-client.ts'
import type { Single } from './table.ts'

const objects = 2_000
const floodConnections = 64
const probeSeconds = 8
const namespace = 'bench-flood'
const maps = `/api/v1/namespaces/${namespace}/configmaps`
/** Of none: the work is all the server's, so that the flood is not held up by whoever has to take the answers in. */
const selector = 'labelSelector=app%21%3Dbench'
const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'

/** How long small writes and a kubelet's leases take while one client asks for lists that go through 2,000 objects, over 64 connections. */
export async function benchFlood(target: Target): Promise<readonly Single[]> {
  const as = (user: string, group = 'system:authenticated'): Target => ({ ...target, actAs: { user, group } })
  const admin = await connect(target)
  await must(admin.request('POST', '/api/v1/namespaces', JSON.stringify({ metadata: { name: namespace } }), true))
  for (const user of ['flood', 'bystander', 'kubelet']) await must(admin.request('POST', bindings, binding(user), true))
  for (let at = 0; at < objects; at++) await admin.request('POST', maps, configMap(at, 0))
  await must(admin.request('POST', leases, JSON.stringify({ metadata: { name: 'bench' } }), true))
  const writer = await connect(as('bystander'))
  const kubelet = await connect(as('kubelet', 'system:nodes'))
  const probe = (what: string) => probed(what, writer, kubelet)
  const alone = await probe('without a flood')
  const governed = await during(await flooding(as('flood')), () => probe('beside the flood'))
  // What is exempt from flow control is served as it comes: as all would be without it.
  const ungoverned = await during(await flooding(target), () => probe('beside a flood that is exempt'))
  await admin.request('DELETE', `/api/v1/namespaces/${namespace}`)
  for (const one of [admin, writer, kubelet]) one.close()
  return [...alone, ...governed, ...ungoverned]
}

const bindings = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings'

function binding(user: string): string {
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' }
  return JSON.stringify({ metadata: { name: `bench-${user}` }, roleRef, subjects: [{ kind: 'User', name: user }] })
}

type Flood = Readonly<{ stop(): Promise<void> }>

/** In a process of its own, so that the figures are not those of the one who measures. */
async function flooding(target: Target): Promise<Flood> {
  const child = spawn(process.execPath, ['tools/run.mjs', 'bench/flood-client.ts'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  const order: FloodOrder = { target, path: `${maps}?${selector}`, connections: floodConnections }
  child.stdin.write(`${JSON.stringify(order)}\n`)
  await once(child.stdout, 'data')
  return {
    async stop() {
      child.stdin.end()
      await ended
    },
  }
}

async function during<T>(flood: Flood, work: () => Promise<T>): Promise<T> {
  const done = await work()
  await flood.stop()
  return done
}

async function probed(what: string, writer: Connection, kubelet: Connection): Promise<readonly Single[]> {
  const patch = JSON.stringify({ metadata: { name: 'bench' }, spec: { holderIdentity: 'bench' } })
  const untilMs = performance.now() + probeSeconds * 1000
  const [writes, renewals] = await Promise.all([
    repeated(untilMs, (at) => writer.request('PUT', `${maps}/cm-0`, configMap(0, at))),
    repeated(untilMs, (at) => renew(kubelet, patch, at)),
  ])
  return [
    { what: `p99 of small writes ${what}`, value: percentiles(writes).p99Ms, unit: 'ms' },
    { what: `p99 of a kubelet's lease ${what}`, value: percentiles(renewals).p99Ms, unit: 'ms' },
  ]
}

/** A renewal names the version that it renews: that is asked for first. */
async function renew(kubelet: Connection, lease: string, at: number): Promise<Readonly<{ status: number }>> {
  const { body } = await kubelet.request('GET', `${leases}/bench`, undefined, true)
  const { resourceVersion } = (JSON.parse(body) as { metadata: { resourceVersion: string } }).metadata
  const next = JSON.parse(lease) as { metadata: object; spec: object }
  const renewed = {
    ...next,
    metadata: { ...next.metadata, resourceVersion },
    spec: { ...next.spec, leaseTransitions: at },
  }
  return kubelet.request('PUT', `${leases}/bench`, JSON.stringify(renewed))
}

async function repeated(
  untilMs: number,
  send: (at: number) => Promise<Readonly<{ status: number }>>,
): Promise<number[]> {
  const latenciesMs: number[] = []
  for (let at = 1; performance.now() < untilMs; at++) {
    const sentMs = performance.now()
    const { status } = await send(at)
    if (status >= 300) throw new Error(`the API server answered ${status}`)
    latenciesMs.push(performance.now() - sentMs)
  }
  return latenciesMs
}
