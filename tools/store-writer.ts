// The process that src/store/kill.test.ts kills: commits without end, and prints each revision once it is acknowledged.
import { linuxClock } from '../src/host/linux/clock.ts'
import { linuxDisk } from '../src/host/linux/disk.ts'
import { linuxLog } from '../src/host/linux/log.ts'
import { openStore } from '../src/store/store.ts'

const onFatal = (error: Error): never => {
  throw error
}
const store = await openStore({
  disk: linuxDisk(),
  clock: linuxClock(),
  log: { ...linuxLog(), warn: () => {} },
  directory: process.argv[2] ?? '',
  options: { snapshotBytes: 100_000 },
  onFatal,
})

async function writer(name: string): Promise<never> {
  for (;;) {
    const key = `/k/${name}`
    const head = store.head(key)
    const stamp = (revision: number) => ({
      apiVersion: 'v1',
      kind: 'T',
      metadata: { resourceVersion: String(revision) },
      number: revision,
      filler: 'x'.repeat(1000),
    })
    const result = store.commit(
      head === undefined ? { type: 'create', key, stamp } : { type: 'update', key, revision: head.revision, stamp },
    )
    if (!result.ok) throw new Error(result.error.reason)
    await result.value.durable
    process.stdout.write(`${result.value.entry.revision}\n`)
  }
}

await Promise.all(Array.from({ length: 8 }, (_, at) => writer(String(at))))
