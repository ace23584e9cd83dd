import { loadavg } from 'node:os'
import { hasContainerd, startContainerd, type TestContainerd } from '../e2e/containerd.ts'
import { benchCluster } from './bench-cluster.ts'
import { benchNode } from './node.ts'
import type { Single } from './table.ts'

/** `loadBefore`: processes that wanted a processor in the minute before, which were all others'. */
type Column = Readonly<{ name: string; figures: readonly Single[]; loadBefore: number }>

/** Our engine, then containerd, on the same machine in one run: the same kubelet, network and image. */
export async function benchNodes(asJson: boolean): Promise<void> {
  if (!hasContainerd()) throw new Error('containerd and runc are not installed: apt-get install containerd')
  const containerd = await startContainerd()
  try {
    const columns = [await column(containerd, 'engine', 1), await column(containerd, 'containerd', 2)]
    if (asJson) console.log(JSON.stringify(columns, null, 2))
    else print(columns)
  } finally {
    await containerd.stop()
  }
}

async function column(
  { endpoint, busyboxArchive }: TestContainerd,
  name: 'engine' | 'containerd',
  ordinal: number,
): Promise<Column> {
  const isContainerd = name === 'containerd'
  const cluster = benchCluster(ordinal, isContainerd ? ['--runtime', endpoint] : [])
  try {
    cluster.create()
    cluster.coracle('image', 'load', busyboxArchive)
    const state = endpoint.split('/').at(-2) ?? endpoint
    const loadBefore = loadavg()[0] ?? 0
    const figures = await benchNode(cluster, [cluster.name, ...(isContainerd ? [state] : [])])
    return { name, figures, loadBefore }
  } finally {
    cluster.remove()
  }
}

function print(columns: readonly Column[]): void {
  console.log(`| | ${columns.map(({ name, loadBefore }) => `${name} (load ${loadBefore.toFixed(0)})`).join(' | ')} |`)
  console.log(`|---|${columns.map(() => '---|').join('')}`)
  for (const [at, { what, unit }] of (columns[0]?.figures ?? []).entries()) {
    const cells = columns.map(({ figures }) => `${figures[at]?.value.toFixed(unit === 'ms' ? 0 : 1)} ${unit}`)
    console.log(`| ${what} | ${cells.join(' | ')} |`)
  }
}
