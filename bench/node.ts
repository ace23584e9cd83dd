import { readdirSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import type { BenchCluster } from './bench-cluster.ts'
import { type Connection, connect } from './connection.ts'
import { type PodWatch, watchPods } from './pod-watch.ts'
import { medianOf, type Single } from './table.ts'

const alone = 20
const together = 100
const pods = '/api/v1/namespaces/default/pods'

/** What pods cost on a node whose image is there: one after the other, and many at once, from bound to Running and to their last trace. */
export async function benchNode(cluster: BenchCluster, marks: readonly string[]): Promise<readonly Single[]> {
  const connection = await connect(cluster.target())
  const watch = await watchPods(cluster.target())
  try {
    // The first pays for what is loaded when it is first needed.
    await oneByOne(connection, watch, 1)
    const times = (await oneByOne(connection, watch, alone)).sort((a, b) => a - b)
    return [
      { what: 'pod, bound to Running, p50', value: medianOf(times), unit: 'ms' },
      { what: 'pod, bound to Running, p99', value: times.at(-1) ?? Number.NaN, unit: 'ms' },
      ...(await allAtOnce(connection, watch, marks)),
    ]
  } finally {
    watch.close()
    connection.close()
  }
}

async function oneByOne(connection: Connection, watch: PodWatch, count: number): Promise<number[]> {
  const times: number[] = []
  for (let at = 0; at < count; at++) {
    const name = `alone-${at}`
    await create(connection, name)
    const boundMs = performance.now()
    await watch.running(name)
    times.push(performance.now() - boundMs)
    await connection.request('DELETE', `${pods}/${name}`)
    await watch.gone(name)
  }
  return times
}

async function allAtOnce(
  connection: Connection,
  watch: PodWatch,
  marks: readonly string[],
): Promise<readonly Single[]> {
  const names = Array.from({ length: together }, (_, at) => `together-${at}`)
  const emptyKib = residentKib(marks)
  const begunMs = performance.now()
  for (const name of names) await create(connection, name)
  await Promise.all(names.map(watch.ready))
  const readyMs = performance.now()
  const fullKib = residentKib(marks)
  for (const name of names) await connection.request('DELETE', `${pods}/${name}`)
  const deletedMs = performance.now()
  await Promise.all(names.map(watch.gone))
  return [
    { what: `${together} pods, created to all Ready`, value: (readyMs - begunMs) / 1_000, unit: 's' },
    { what: `${together} pods, deleted to all gone`, value: (performance.now() - deletedMs) / 1_000, unit: 's' },
    { what: 'memory per idle pod, all processes', value: (fullKib - emptyKib) / together / 1_024, unit: 'MiB' },
  ]
}

/** Bound from the start: what a scheduler takes is not the node's. Heeds SIGTERM. */
async function create(connection: Connection, name: string): Promise<void> {
  const command = ['/bin/busybox', 'sh', '-c', "trap 'exit 0' TERM; busybox sleep 100000 & wait"]
  const spec = {
    nodeName: hostname().toLowerCase(),
    automountServiceAccountToken: false,
    containers: [{ name: 'c', image: 'busybox:1.36', command }],
  }
  const { status } = await connection.request('POST', pods, JSON.stringify({ metadata: { name }, spec }))
  if (status !== 201) throw new Error(`the pod ${name} was not created: ${status}`)
}

/** Of all processes that belong to the cluster or its runtime, by what stands in their command line or cgroup; shared pages by shares. */
function residentKib(marks: readonly string[]): number {
  const read = (pid: string, file: string): string => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'utf8')
    } catch {
      return ''
    }
  }
  return readdirSync('/proc')
    .filter(
      (pid) =>
        /^\d+$/.test(pid) && marks.some((mark) => `${read(pid, 'cmdline')}${read(pid, 'cgroup')}`.includes(mark)),
    )
    .reduce((sum, pid) => sum + Number(/^Pss: +(\d+)/m.exec(read(pid, 'smaps_rollup'))?.[1] ?? 0), 0)
}
