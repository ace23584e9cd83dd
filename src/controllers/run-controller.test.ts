import { describe, expect, it } from 'vitest'
import type { ReplicaSet } from '../api/kinds.generated.ts'
import { kinds } from '../api/kinds.ts'
import type { Stored } from '../api/object.ts'
import { makeClient } from '../client/http-client.ts'
import { makeInformers } from '../client/informers.ts'
import { simClock } from '../host/sim/clock.ts'
import { simLog } from '../host/sim/log.ts'
import { simRandom } from '../host/sim/random.ts'
import type { HttpResponse } from '../ports/http.ts'
import type { ByteSink } from '../ports/streams.ts'
import { replicaSetController } from './replica-set/replica-set-controller.ts'
import { runController } from './run-controller.ts'
import { ownedBy, sampleMeta, samplePod, sampleReplicaSet } from './sample-objects.ts'

const encoder = new TextEncoder()
const whole = (status: number, body: unknown): HttpResponse => ({
  type: 'whole',
  status,
  headers: {},
  body: encoder.encode(JSON.stringify(body)),
})

const send = (sink: ByteSink, type: string, object: unknown): boolean =>
  sink.write(encoder.encode(`${JSON.stringify({ type, object })}\n`))
/** The bookmark that ends a streaming list. */
const allSent = { metadata: { resourceVersion: '10', annotations: { 'k8s.io/initial-events-end': 'true' } } }

/** The ReplicaSet controller before an API whose answers come at once, but whose watches only tell what the test lets them. */
function world(initial: Stored<ReplicaSet>, refuse: (method: string) => number | undefined = () => undefined) {
  const clock = simClock()
  const log = simLog(clock)
  const sinks = new Map<string, ByteSink>()
  const writes: string[] = []
  let version = 10
  const client = makeClient({
    clock,
    identity: { commonName: 'c', organizations: [] },
    userAgent: 't',
    handler: async ({ method, target }) => {
      const resource = /\/([a-z]+)(?:\/web[^?]*)?(?:\?|$)/.exec(target)?.[1] ?? ''
      if (method === 'GET') {
        const items = resource === 'replicasets' ? [initial] : []
        const start = (sink: ByteSink): void => {
          sinks.set(resource, sink)
          for (const object of items) send(sink, 'ADDED', object)
          send(sink, 'BOOKMARK', allSent)
        }
        return { type: 'stream', status: 200, headers: {}, start }
      }
      if (resource === 'events') return whole(201, {})
      writes.push(`${method} ${target.replace(/^.*namespaces\/default\//, '')}`)
      const code = refuse(method)
      if (code !== undefined) return whole(code, { kind: 'Status', code, message: 'refused' })
      version += 1
      return whole(201, { metadata: { ...sampleMeta(`web-${version}`), resourceVersion: String(version) } })
    },
  })
  const random = simRandom(1)
  const informers = makeInformers({ client, clock, random, log })
  const deps = { client, informers, clock, random, log }
  const running = runController(deps, replicaSetController(deps))
  const tell = (resource: string, type: string, object: unknown): void => {
    const sink = sinks.get(resource)
    if (sink !== undefined) send(sink, type, object)
  }
  const pass = (ms: number) => clock.runUntil(clock.nowMs() + ms)
  return { writes, tell, pass, running, informers, log, nextVersion: () => ++version }
}

const wanted = sampleReplicaSet('web', { spec: { replicas: 2 } })
const seen = (version: number) => ({
  ...wanted,
  metadata: { ...wanted.metadata, resourceVersion: String(version) },
  status: { replicas: 0, observedGeneration: 1, terminatingReplicas: 0 },
})
const pod = (version: number) =>
  samplePod(`web-${version}`, {
    metadata: { labels: { app: 'web' }, resourceVersion: String(version), ...ownedBy(kinds.replicaSets, wanted) },
  })
const posts = (writes: readonly string[]) => writes.filter((write) => write === 'POST pods').length

describe('a running controller', () => {
  it('makes nothing twice, however late its informers are', async () => {
    const { writes, tell, pass } = world(wanted)
    await pass(100)
    expect(writes).toEqual(['POST pods', 'POST pods', 'PUT replicasets/web/status'])
    tell('replicasets', 'MODIFIED', seen(13))
    await pass(10_000)
    tell('pods', 'ADDED', pod(11))
    await pass(10_000)
    expect(posts(writes)).toBe(2)
    tell('pods', 'ADDED', pod(12))
    await pass(10_000)
    expect([posts(writes), writes.at(-1)]).toEqual([2, 'PUT replicasets/web/status'])
  })

  it('replaces a pod that goes, once', async () => {
    const { writes, tell, pass, nextVersion } = world(wanted)
    await pass(100)
    tell('replicasets', 'MODIFIED', seen(13))
    for (const version of [11, 12]) tell('pods', 'ADDED', pod(version))
    await pass(1500)
    const metadata = { ...pod(12).metadata, resourceVersion: String(nextVersion()) }
    tell('pods', 'DELETED', { ...pod(12), metadata })
    tell('replicasets', 'MODIFIED', seen(nextVersion()))
    await pass(3000)
    expect(posts(writes)).toBe(3)
  })

  it('trusts its informers again after five minutes without what it waits for', async () => {
    const { writes, tell, pass } = world(wanted)
    await pass(100)
    tell('replicasets', 'MODIFIED', seen(13))
    await pass(290_000)
    expect(posts(writes)).toBe(2)
    await pass(20_000)
    expect(posts(writes)).toBe(4)
  })

  it('tries what failed again, ever more slowly, and tells of it in the status', async () => {
    const { writes, pass, log } = world(wanted, (method) => (method === 'POST' ? 403 : undefined))
    await pass(20_000)
    const tries = posts(writes)
    expect(tries).toBeGreaterThan(5)
    expect(tries).toBeLessThan(20)
    expect(writes[1]).toBe('PUT replicasets/web/status')
    expect(log.lines[0]?.message).toBe('replicaset-controller: create failed')
  })

  it('does nothing when nothing happens, and nothing after it is stopped', async () => {
    const settled = { ...seen(10), spec: { ...wanted.spec, replicas: 0 } }
    const { writes, tell, pass, running, informers } = world(settled)
    await pass(3_600_000)
    expect(writes).toEqual([])
    running.stop()
    tell('replicasets', 'MODIFIED', { ...wanted, metadata: { ...wanted.metadata, resourceVersion: '99' } })
    await pass(60_000)
    expect(writes).toEqual([])
    informers.stop()
  })
})
