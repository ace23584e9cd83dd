import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it } from 'vitest'
import { linuxDisk } from '../linux/disk.ts'
import { simClock } from '../sim/clock.ts'
import { simDisk } from '../sim/disk.ts'
import { simRandom } from '../sim/random.ts'
import { diskContract } from './disk.ts'
import { simRun } from './sim-run.ts'

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'coracle-disk-'))
  try {
    await body(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

diskContract('linux', (body) => () => {
  const run = <T>(doing: Promise<T>): Promise<T> => doing
  return inFolder((folder) => body({ disk: linuxDisk(), folder, run, privileged: process.getuid?.() === 0 }))
})

diskContract('sim', (body) => async () => {
  const clock = simClock()
  const disk = simDisk({ clock, random: simRandom(1) })
  const run = simRun(clock)
  await run(disk.makeDirectory('/test'))
  await body({ disk, folder: '/test', run, privileged: true })
})

it('takes over a lock on linux whose holder was killed, or never ran since the machine started', () =>
  inFolder(async (folder) => {
    const child = spawn('sleep', ['60'])
    await once(child, 'spawn')
    const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8')
    const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
    const lock = `${folder}/lock`
    await writeFile(lock, `${child.pid} ${start} ${boot}\n`)
    const disk = linuxDisk()
    expect(await disk.lock(lock)).toEqual({ ok: false, holderPid: child.pid })
    child.kill('SIGKILL')
    await once(child, 'exit')
    const taken = await disk.lock(lock)
    expect(taken.ok).toBe(true)
    if (taken.ok) await taken.release()
    await writeFile(lock, `${process.pid} 1 another-boot\n`)
    expect((await disk.lock(lock)).ok).toBe(true)
  }))

it.runIf(process.getuid?.() === 0)('never removes what is mounted in a tree on linux', () =>
  inFolder(async (folder) => {
    const disk = linuxDisk()
    await disk.makeDirectory(`${folder}/tree/volume`)
    await disk.makeDirectory(`${folder}/source`)
    await writeFile(`${folder}/source/data`, 'precious')
    if (spawnSync('mount', ['--bind', `${folder}/source`, `${folder}/tree/volume`]).status !== 0) return
    try {
      await expect(disk.remove(`${folder}/tree`)).rejects.toThrow('is a mount point')
    } finally {
      spawnSync('umount', [`${folder}/tree/volume`])
    }
    expect(await readFile(`${folder}/source/data`, 'utf8')).toBe('precious')
    await disk.remove(`${folder}/tree`)
    expect(await disk.list(folder)).toEqual(['source'])
  }),
)
