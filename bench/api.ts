import { type Connection, connect, type Target } from './connection.ts'
import { type ServerCpu, serverCpu } from './server-processes.ts'

export type Figure = Readonly<{
  phase: string
  perSecond: number
  p50Ms?: number
  p99Ms?: number
  /** Processor time of the server's processes for each request, or each event of a watch. */
  cpuMs: number
}>

const connections = 16
const creates = 2_000
const gets = 20_000
const lists = 100
const watchers = 100
const updates = 1_000
const watchLimitMs = 60_000

/** What is written and read: the objects of one kind. */
export type Load = Readonly<{
  /** Of a namespace. */
  base(namespace: string): string
  name(i: number): string
  /** As JSON; some field of it says the version. `resourceVersion`: of the object that it replaces. */
  object(i: number, version: number, resourceVersion?: string): string
  /** Replaces name the version that they replace. */
  needsVersion?: true
}>

const configMaps: Load = {
  base: (namespace) => `/api/v1/namespaces/${namespace}/configmaps`,
  name: (i) => `cm-${i}`,
  object: configMap,
}

/** Create, read, list, watch and delete objects over 16 connections: the phases that the figures of kube-apiserver were taken with. */
export async function benchApi(target: Target, round: number, load = configMaps): Promise<readonly Figure[]> {
  const pool = await Promise.all(Array.from({ length: connections }, () => connect(target)))
  const first = pool[0]
  if (first === undefined) throw new Error('there is at least one connection')
  // Of each round by itself: an API server without controllers is never done with deleting one.
  const namespace = `bench-${process.pid}-${round}`
  const base = load.base(namespace)
  const one = (i: number): string => `${base}/${load.name(i)}`
  const cpu = serverCpu(target.port)
  await must(first.request('POST', '/api/v1/namespaces', JSON.stringify({ metadata: { name: namespace } }), true))
  const figures = [
    await timed('create', creates, pool, cpu, (connection, i) => connection.request('POST', base, load.object(i, 0))),
    await timed('get', gets, pool, cpu, (connection, i) => connection.request('GET', one(i % creates))),
    await timed('get rv=0', gets, pool, cpu, (connection, i) =>
      connection.request('GET', `${one(i % creates)}?resourceVersion=0`),
    ),
    await timed('list 2000', lists, [first], cpu, (connection) => connection.request('GET', base)),
    await benchWatch(target, pool, namespace, load, cpu),
    await timed('delete', creates, pool, cpu, (connection, i) => connection.request('DELETE', one(i))),
  ]
  await must(first.request('DELETE', `/api/v1/namespaces/${namespace}`, undefined, true))
  for (const connection of pool) connection.close()
  return figures
}

export function configMap(i: number, version: number): string {
  const labels = { app: 'bench', shard: String(i % 10) }
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `cm-${i}`, labels },
    data: { version: String(version), payload: 'x'.repeat(200) },
  })
}

export async function must(answer: Promise<Readonly<{ status: number; body: string }>>): Promise<void> {
  const { status, body } = await answer
  if (status >= 300) throw new Error(`the API server answered ${status}: ${body.slice(0, 500)}`)
}

/** Runs `count` requests, one in flight a connection. */
export async function timed(
  phase: string,
  count: number,
  pool: readonly Connection[],
  cpu: ServerCpu,
  send: (connection: Connection, i: number) => Promise<Readonly<{ status: number }>>,
): Promise<Figure> {
  const latenciesMs: number[] = []
  let next = 0
  const cpuBeforeMs = cpu()
  const startedMs = performance.now()
  await Promise.all(
    pool.map(async (connection) => {
      for (let i = next++; i < count; i = next++) {
        const sentMs = performance.now()
        const { status } = await send(connection, i)
        if (status >= 300) throw new Error(`${phase}: the API server answered ${status}`)
        latenciesMs.push(performance.now() - sentMs)
      }
    }),
  )
  const perSecond = (count * 1_000) / (performance.now() - startedMs)
  return { phase, perSecond, ...percentiles(latenciesMs), cpuMs: (cpu() - cpuBeforeMs) / count }
}

async function benchWatch(
  target: Target,
  pool: readonly Connection[],
  namespace: string,
  load: Load,
  cpu: ServerCpu,
): Promise<Figure> {
  const base = load.base(namespace)
  const streams = await Promise.all(Array.from({ length: watchers }, () => connect(target)))
  const writer = pool[0]
  if (writer === undefined) throw new Error('there is at least one connection')
  const listed = JSON.parse((await writer.request('GET', `${base}?limit=1`, undefined, true)).body) as {
    metadata: { resourceVersion: string }
  }
  const versions = load.needsVersion ? await versionsOf(writer, base) : []
  const seenBy = streams.map(() => 0)
  let done = (): void => {}
  let fail = (_: Error): void => {}
  const all = new Promise<void>((resolve, reject) => {
    done = resolve
    fail = reject
  })
  let complete = 0
  for (const [watcher, stream] of streams.entries()) {
    stream.stream(`${base}?watch=1&resourceVersion=${listed.metadata.resourceVersion}`, (chunk) => {
      const before = seenBy[watcher] ?? 0
      let count = before
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) count += 1
      seenBy[watcher] = count
      if (before < updates && count >= updates) complete += 1
      if (complete === watchers) done()
    })
  }
  const cpuBeforeMs = cpu()
  const startedMs = performance.now()
  await timed('update', updates, pool, cpu, (connection, i) =>
    connection.request('PUT', `${base}/${load.name(i)}`, load.object(i, i + 1, versions[i])),
  )
  const stuck = setTimeout(() => fail(new Error(missedEvents(target, streams, seenBy))), watchLimitMs)
  await all
  clearTimeout(stuck)
  const seconds = (performance.now() - startedMs) / 1_000
  for (const stream of streams) stream.close()
  return {
    phase: 'watch, events',
    perSecond: (watchers * updates) / seconds,
    cpuMs: (cpu() - cpuBeforeMs) / (watchers * updates),
  }
}

/** Which server let whom wait, and whether it is that it ended their watches: kube-apiserver ends those that it finds too slow. */
function missedEvents({ host, port }: Target, streams: readonly Connection[], seenBy: readonly number[]): string {
  const seen = seenBy.reduce((sum, count) => sum + count, 0)
  const late = streams.flatMap((stream, at) => ((seenBy[at] ?? 0) < updates ? [stream] : []))
  const ended = late.filter((stream) => stream.isEnded()).length
  return `watch at ${host}:${port}: ${seen} of ${watchers * updates} events came within ${watchLimitMs / 1_000} s; ${late.length} of ${watchers} watchers lack some, the watches of ${ended} of them were ended`
}

/** Of the objects that are changed, in their order. */
async function versionsOf(connection: Connection, base: string): Promise<readonly string[]> {
  type List = Readonly<{ items: readonly Readonly<{ metadata: { name: string; resourceVersion: string } }>[] }>
  const { items } = JSON.parse((await connection.request('GET', base, undefined, true)).body) as List
  const numberOf = (name: string): number => Number(name.slice(name.lastIndexOf('-') + 1))
  return [...items]
    .sort((a, b) => numberOf(a.metadata.name) - numberOf(b.metadata.name))
    .map(({ metadata }) => metadata.resourceVersion)
}

export function percentiles(latenciesMs: number[]): Readonly<{ p50Ms: number; p99Ms: number }> {
  latenciesMs.sort((a, b) => a - b)
  const at = (share: number): number =>
    latenciesMs[Math.min(latenciesMs.length - 1, Math.floor(latenciesMs.length * share))] ?? 0
  return { p50Ms: at(0.5), p99Ms: at(0.99) }
}
