import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import path from 'node:path'
import { hasContainerd, startContainerd, type TestContainerd } from '../e2e/containerd.ts'
import { type BenchCluster, benchCluster } from './bench-cluster.ts'
import { writeBigImage } from './big-image.ts'
import { benchNode } from './node.ts'
import { benchPodman, hasPodman } from './podman.ts'
import type { Single } from './table.ts'

/** `loadBefore`: processes that wanted a processor in the minute before, which were all others'. */
type Column = Readonly<{ name: string; figures: readonly Single[]; loadBefore: number }>

/** Our engine, then containerd under the same kubelet and network, then, where it is installed, podman by itself: on one machine in one run. */
export async function benchNodes(asJson: boolean): Promise<void> {
  if (!hasContainerd()) throw new Error('containerd and runc are not installed: apt-get install containerd')
  const folder = mkdtempSync(path.join(tmpdir(), 'coracle-bench-'))
  const containerd = await startContainerd()
  try {
    const bigArchive = `${folder}/big.tar`
    await writeBigImage(bigArchive)
    const columns = [await ofEngine(containerd, bigArchive), await ofContainerd(containerd, bigArchive)]
    if (hasPodman()) columns.push(await column('podman', () => benchPodman(containerd.busyboxArchive, bigArchive)))
    if (asJson) console.log(JSON.stringify(columns, null, 2))
    else print(columns)
  } finally {
    await containerd.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function column(name: string, measure: () => Promise<readonly Single[]>): Promise<Column> {
  const loadBefore = loadavg()[0] ?? 0
  return { name, figures: await measure(), loadBefore }
}

function ofEngine({ busyboxArchive }: TestContainerd, bigArchive: string): Promise<Column> {
  return inCluster(benchCluster(1), busyboxArchive, (cluster) =>
    column('engine', () =>
      benchNode(cluster, [cluster.name], async () => void cluster.coracle('image', 'load', bigArchive)),
    ),
  )
}

function ofContainerd({ endpoint, busyboxArchive, ctr }: TestContainerd, bigArchive: string): Promise<Column> {
  const state = endpoint.split('/').at(-2) ?? endpoint
  return inCluster(benchCluster(2, ['--runtime', endpoint]), busyboxArchive, (cluster) =>
    column('containerd', () =>
      benchNode(cluster, [cluster.name, state], async () => {
        const { code, stderr } = await ctr('images', 'import', bigArchive)
        if (code !== 0) throw new Error(stderr)
      }),
    ),
  )
}

async function inCluster<T>(
  cluster: BenchCluster,
  busyboxArchive: string,
  use: (cluster: BenchCluster) => Promise<T>,
): Promise<T> {
  try {
    cluster.create()
    cluster.coracle('image', 'load', busyboxArchive)
    return await use(cluster)
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
