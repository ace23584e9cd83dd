import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'
import { expect, it } from 'vitest'
import { linuxClock } from '../host/linux/clock.ts'
import { linuxDisk } from '../host/linux/disk.ts'
import { linuxLog } from '../host/linux/log.ts'
import { openStore, type Store } from './store.ts'

const quiet = { ...linuxLog(), warn: () => {} }

function open(directory: string): Promise<Store> {
  const onFatal = (error: Error): never => {
    throw error
  }
  return openStore({ disk: linuxDisk(), clock: linuxClock(), log: quiet, directory, onFatal })
}

/** Starts a process that commits without end and says which revisions were acknowledged; kills it after `lines` of them. */
async function writeAndKill(program: string, directory: string, lines: number): Promise<number> {
  const child = spawn(process.execPath, [program, directory], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  let acknowledged = 0
  let seen = 0
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged = Number(line)
    if (++seen === lines) child.kill('SIGKILL')
  }
  await exited
  return acknowledged
}

it('a process killed with SIGKILL loses nothing that it acknowledged, and its lock is taken over', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'coracle-kill-'))
  try {
    const program = path.join(folder, 'writer.mjs')
    const entry = path.resolve(import.meta.dirname, '../../tools/store-writer.ts')
    await build({ entryPoints: [entry], outfile: program, bundle: true, platform: 'node', format: 'esm' })
    let before = 0
    for (const lines of [1, 50, 400]) {
      const acknowledged = await writeAndKill(program, `${folder}/store`, lines)
      expect(acknowledged).toBeGreaterThan(before)
      const store = await open(`${folder}/store`)
      expect(store.revision()).toBeGreaterThanOrEqual(acknowledged)
      before = store.revision()
      // Each commit but deletions leaves its own number behind.
      const listed = store.range({ prefix: '/k/' })
      if (!listed.ok) throw new Error(listed.error.reason)
      for (const { object, revision } of listed.value.entries) expect(object.number).toBe(revision)
      expect(Math.max(...listed.value.entries.map((each) => each.revision))).toBe(before)
      await store.close()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
