// How fast the store is: `node tools/run.mjs bench/store.ts [FOLDER]`. The folder should be on the disk to be measured.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { linuxClock } from '../src/host/linux/clock.ts'
import { linuxDisk } from '../src/host/linux/disk.ts'
import { linuxLog } from '../src/host/linux/log.ts'
import { openStore, type Stamp, type Store } from '../src/store/store.ts'

const filler = 'x'.repeat(40)
const containers = Array.from({ length: 8 }, (_, at) => ({
  name: `container-${at}`,
  image: filler,
  args: [filler, filler],
}))

/** About 1.5 kB of JSON. */
function stampFor(name: string): Stamp {
  return (revision) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'bench', resourceVersion: String(revision), uid: filler },
    spec: { containers },
  })
}

const keyOf = (at: number): string => `/pods/bench/pod-${String(at).padStart(7, '0')}`

async function writeAll(store: Store, from: number, count: number, writers: number): Promise<number> {
  let next = from
  const started = performance.now()
  const writer = async (): Promise<void> => {
    while (next < from + count) {
      const at = next++
      const result = store.commit({ type: 'create', key: keyOf(at), stamp: stampFor(`pod-${at}`) })
      if (!result.ok) throw new Error(`${keyOf(at)}: ${result.error.reason}`)
      await result.value.durable
    }
  }
  await Promise.all(Array.from({ length: writers }, writer))
  return count / ((performance.now() - started) / 1000)
}

function heapMb(): string {
  globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return `${(heapUsed / 1e6).toFixed(0)} MB heap + ${(arrayBuffers / 1e6).toFixed(0)} MB buffers`
}

const folder = await mkdtemp(path.join(process.argv[2] ?? tmpdir(), 'store-bench-'))
try {
  const onFatal = (error: Error): never => {
    throw error
  }
  const parts = { disk: linuxDisk(), clock: linuxClock(), log: linuxLog(), directory: folder, onFatal }
  const store = await openStore(parts)
  const bytes = JSON.stringify(stampFor('pod')(1)).length
  console.log(`objects of ${bytes} bytes`)
  console.log(`one at a time:    ${(await writeAll(store, 0, 2_000, 1)).toFixed(0)} commits/s`)
  console.log(`64 at a time:     ${(await writeAll(store, 2_000, 48_000, 64)).toFixed(0)} commits/s`)
  console.log(`1000 at a time:   ${(await writeAll(store, 50_000, 50_000, 1000)).toFixed(0)} commits/s`)
  console.log(`100,000 objects:  ${heapMb()}`)
  const listing = performance.now()
  const listed = store.range({ prefix: '/pods/' })
  console.log(`range of ${listed.ok ? listed.value.entries.length : 0}: ${(performance.now() - listing).toFixed(1)} ms`)
  await store.close()
  const opening = performance.now()
  const reopened = await openStore(parts)
  console.log(`opening ${reopened.count('')} objects: ${(performance.now() - opening).toFixed(0)} ms; ${heapMb()}`)
  await reopened.close()
} finally {
  await rm(folder, { recursive: true, force: true })
}
