import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { cgroupFolders, readCgroupLayout } from '../linux/cgroup-layout.ts'
import { linuxCgroups } from '../linux/cgroups.ts'
import { simCgroups } from '../sim/cgroups.ts'
import { simClock } from '../sim/clock.ts'
import { cgroupsContract } from './cgroups.ts'
import { simRun } from './sim-run.ts'

function able(): boolean {
  if (process.getuid?.() !== 0 || !existsSync('/sys/fs/cgroup')) return false
  const layout = readCgroupLayout()
  return layout.type === 'unified' || layout.roots.memory !== undefined
}

describe.runIf(able())('the cgroups of Linux', () => {
  const layout = readCgroupLayout()
  const cgroups = linuxCgroups(layout)
  const root = `/coratest-${process.pid}`
  const file = (path: string, unified: string, split: readonly [string, string]): string =>
    layout.type === 'unified' ? `${layout.root}${path}/${unified}` : `${layout.roots[split[0]]}${path}/${split[1]}`
  afterAll(async () => {
    await cgroups.killAll(root)
    await cgroups.remove(root)
  })
  cgroupsContract(() => ({ cgroups, run: (promise) => promise, root }))

  it('set the limits that the kernel enforces', async () => {
    await cgroups.ensure(`${root}/limited`, { memoryLimitBytes: 64 << 20, pidsLimit: 7 })
    const read = (path: string): string => readFileSync(path, 'utf8').trim()
    const memory = file(`${root}/limited`, 'memory.max', ['memory', 'memory.limit_in_bytes'])
    expect(read(memory)).toBe(String(64 << 20))
    expect(read(file(`${root}/limited`, 'pids.max', ['pids', 'pids.max']))).toBe('7')
    await cgroups.ensure(`${root}/limited`, { pidsLimit: -1 })
    expect(read(file(`${root}/limited`, 'pids.max', ['pids', 'pids.max']))).toBe('max')
    await cgroups.remove(`${root}/limited`)
  })

  it('count and kill the processes inside, and can be removed after that', async () => {
    const path = `${root}/busy`
    await cgroups.ensure(path, {})
    const child = spawn('sleep', ['60'])
    const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)))
    for (const folder of cgroupFolders(layout, path))
      if (existsSync(`${folder}/cgroup.procs`)) writeFileSync(`${folder}/cgroup.procs`, String(child.pid))
    const stats = await cgroups.stats(path)
    expect(stats.ok && stats.value.pids).toBe(1)
    expect(stats.ok && stats.value.memoryWorkingSetBytes).toBeGreaterThanOrEqual(0)
    const busy = await cgroups.remove(path)
    expect(!busy.ok && busy.error.code).toBe('Busy')
    expect((await cgroups.killAll(path)).ok).toBe(true)
    expect(await ended).toBe('SIGKILL')
    expect((await cgroups.remove(path)).ok).toBe(true)
    expect(cgroupFolders(layout, path).filter((folder) => existsSync(folder))).toEqual([])
  })

  it('refuse paths that could lead elsewhere', async () => {
    await expect(async () => cgroups.remove('/../..')).rejects.toThrow(/no cgroup path/)
  })
})

describe('the simulated cgroups', () =>
  cgroupsContract(() => {
    const clock = simClock()
    return { cgroups: simCgroups({ clock }), run: simRun(clock), root: '/sim' }
  }))
