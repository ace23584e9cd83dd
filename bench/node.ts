import { readdirSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import type { BenchCluster } from './bench-cluster.ts'
import { bigImageMegabytes } from './big-image.ts'
import { type Connection, connect } from './connection.ts'
import { type PodWatch, watchPods } from './pod-watch.ts'
import { medianOf, type Single } from './table.ts'

export const alone = 20
export const together = 100
/** Heeds SIGTERM. */
export const podScript = ['/bin/busybox', 'sh', '-c', "trap 'exit 0' TERM; busybox sleep 100000 & wait"]
const pods = '/api/v1/namespaces/default/pods'

/** What pods cost on a node whose image is there: one after the other, and many at once, from bound to Running and to their last trace. */
export async function benchNode(
  cluster: BenchCluster,
  marks: readonly string[],
  loadImage: () => Promise<void>,
): Promise<readonly Single[]> {
  const connection = await connect(cluster.target())
  const watch = await watchPods(cluster.target())
  try {
    // The first pays for what is loaded when it is first needed.
    await oneByOne(connection, watch, 1)
    const times = await oneByOne(connection, watch, alone)
    const many = await allAtOnce(connection, watch, marks)
    return nodeFigures({ times, ...many, imageSeconds: await secondsOf(loadImage) })
  } finally {
    watch.close()
    connection.close()
  }
}

type Measured = Readonly<{
  /** Of each pod alone, ms. */
  times: readonly number[]
  readySeconds: number
  goneSeconds: number
  /** Of all pods that were there together. */
  memoryKib: number
  imageSeconds: number
}>

export function nodeFigures({
  times,
  readySeconds,
  goneSeconds,
  memoryKib,
  imageSeconds,
}: Measured): readonly Single[] {
  return [
    { what: 'pod, bound to Running, p50', value: medianOf(times), unit: 'ms' },
    { what: 'pod, bound to Running, p99', value: Math.max(...times), unit: 'ms' },
    { what: `${together} pods, created to all Ready`, value: readySeconds, unit: 's' },
    { what: `${together} pods, deleted to all gone`, value: goneSeconds, unit: 's' },
    { what: 'memory per idle pod, all processes', value: memoryKib / together / 1_024, unit: 'MiB' },
    { what: `image of ${Math.round(bigImageMegabytes)} MB, loaded and unpacked`, value: imageSeconds, unit: 's' },
  ]
}

export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now()
  await work()
  return (performance.now() - startMs) / 1_000
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
): Promise<Pick<Measured, 'readySeconds' | 'goneSeconds' | 'memoryKib'>> {
  const names = Array.from({ length: together }, (_, at) => `together-${at}`)
  const emptyKib = residentKib(marks)
  const readySeconds = await secondsOf(async () => {
    for (const name of names) await create(connection, name)
    await Promise.all(names.map(watch.ready))
  })
  const memoryKib = residentKib(marks) - emptyKib
  for (const name of names) await connection.request('DELETE', `${pods}/${name}`)
  const goneSeconds = await secondsOf(() => Promise.all(names.map(watch.gone)))
  return { readySeconds, goneSeconds, memoryKib }
}

/** Bound from the start: what a scheduler takes is not the node's. */
async function create(connection: Connection, name: string): Promise<void> {
  const spec = {
    nodeName: hostname().toLowerCase(),
    automountServiceAccountToken: false,
    containers: [{ name: 'c', image: 'busybox:1.36', command: podScript }],
  }
  const { status } = await connection.request('POST', pods, JSON.stringify({ metadata: { name }, spec }))
  if (status !== 201) throw new Error(`the pod ${name} was not created: ${status}`)
}

/** Of all processes that belong to the cluster or its runtime, by what stands in their command line or cgroup; shared pages by shares. */
export function residentKib(marks: readonly string[]): number {
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
