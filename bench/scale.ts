import { configMap, must } from './api.ts'
import { type BenchCluster, secondsOf } from './bench-cluster.ts'
import { type Connection, connect, type Target } from './connection.ts'
import { serverCpu } from './server-processes.ts'
import type { Single } from './table.ts'

const namespace = 'bench-scale'
const maps = `/api/v1/namespaces/${namespace}/configmaps`
const stuckMs = 60_000
const pageObjects = 500

async function admin(target: Target): Promise<Connection> {
  const connection = await connect(target)
  await connection.request('POST', '/api/v1/namespaces', JSON.stringify({ metadata: { name: namespace } }))
  return connection
}

/** Watchers of one namespace: what each takes of memory, and how long until the last of them has heard of a write. */
export async function benchWatchers(cluster: BenchCluster, count: number): Promise<readonly Single[]> {
  const target = cluster.target()
  const writer = await admin(target)
  const version = await listVersion(writer)
  const beforeMiB = cluster.residentMiB()
  const heard = { count: 0, all: (): void => {} }
  const watchers: Connection[] = []
  while (watchers.length < count) {
    const some = await Promise.all(
      Array.from({ length: Math.min(100, count - watchers.length) }, () => connect(target)),
    )
    for (const watcher of some) {
      watcher.stream(`${maps}?watch=1&resourceVersion=${version}`, (chunk) => {
        for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) heard.count += 1
        if (heard.count >= count) heard.all()
      })
    }
    watchers.push(...some)
  }
  const perWatcherKib = ((cluster.residentMiB() - beforeMiB) * 1024) / count
  const all = new Promise<void>((resolve, reject) => {
    heard.all = resolve
    setTimeout(() => reject(new Error(`${heard.count} of ${count} watchers heard of the write`)), stuckMs).unref()
  })
  const startedMs = performance.now()
  await must(writer.request('POST', maps, configMap(0, 0), true))
  await all
  const toldMs = performance.now() - startedMs
  for (const watcher of [...watchers, writer]) watcher.close()
  return [
    { what: `memory of each of ${count} watchers, its connection with it`, value: perWatcherKib, unit: 'KiB' },
    { what: `until the last of ${count} watchers has heard of a write`, value: toldMs, unit: 'ms' },
  ]
}

/** Objects: what each takes of memory, how fast a start reads them, how fast they are listed by pages. */
export async function benchObjects(cluster: BenchCluster, count: number): Promise<readonly Single[]> {
  const target = cluster.target()
  const pool = await Promise.all(Array.from({ length: 16 }, () => admin(target)))
  const beforeMiB = cluster.residentMiB()
  let next = 1
  await Promise.all(
    pool.map(async (connection) => {
      for (let at = next++; at <= count; at = next++)
        await must(connection.request('POST', maps, configMap(at, 0), true))
    }),
  )
  const perObjectKib = ((cluster.residentMiB() - beforeMiB) * 1024) / count
  for (const connection of pool) connection.close()
  cluster.stop()
  const startSeconds = secondsOf(cluster.start)
  const reader = await connect(cluster.target())
  const cpu = serverCpu(target.port)
  const cpuBeforeMs = cpu()
  const startedMs = performance.now()
  const listed = await listPages(reader)
  const perSecond = (listed * 1000) / (performance.now() - startedMs)
  const cpuMs = cpu() - cpuBeforeMs
  reader.close()
  return [
    { what: `memory of each of ${count} objects`, value: perObjectKib, unit: 'KiB' },
    { what: `up to Ready with ${count} objects on disk`, value: startSeconds, unit: 's' },
    { what: `objects listed in pages of ${pageObjects}`, value: perSecond, unit: '/s' },
    { what: `processor time of that list, in all`, value: cpuMs, unit: 'ms' },
  ]
}

async function listVersion(connection: Connection): Promise<string> {
  const { body } = await connection.request('GET', `${maps}?limit=1`, undefined, true)
  return (JSON.parse(body) as { metadata: { resourceVersion: string } }).metadata.resourceVersion
}

async function listPages(connection: Connection): Promise<number> {
  let resume = ''
  let listed = 0
  do {
    const { body } = await connection.request('GET', `${maps}?limit=${pageObjects}&continue=${resume}`, undefined, true)
    const page = JSON.parse(body) as { metadata: { continue?: string }; items: readonly unknown[] }
    listed += page.items.length
    resume = encodeURIComponent(page.metadata.continue ?? '')
  } while (resume !== '')
  return listed
}
