import { expect, it } from 'vitest'
import type { Cgroups } from '../../ports/cgroups.ts'

export type CgroupsUnderTest = Readonly<{
  cgroups: Cgroups
  run: <T>(promise: Promise<T>) => Promise<T>
  /** A path that nobody else uses. */
  root: string
}>

export function cgroupsContract(make: () => CgroupsUnderTest): void {
  it('makes a path with limits, lists it, and removes it with all below', async () => {
    const { cgroups, run, root } = make()
    const limits = {
      cpuShares: 512,
      cpuQuotaUs: 50_000,
      cpuPeriodUs: 100_000,
      memoryLimitBytes: 64 << 20,
      pidsLimit: 100,
    }
    expect((await run(cgroups.ensure(`${root}/pods/a`, limits))).ok).toBe(true)
    expect((await run(cgroups.ensure(`${root}/pods/b`, {}))).ok).toBe(true)
    expect((await run(cgroups.ensure(`${root}/pods/a`, { memoryLimitBytes: -1, cpuQuotaUs: -1 }))).ok).toBe(true)
    expect(await run(cgroups.list(`${root}/pods`))).toEqual(['a', 'b'])
    const stats = await run(cgroups.stats(`${root}/pods/a`))
    expect(stats.ok && [stats.value.pids, stats.value.oomKills]).toEqual([0, 0])
    const detail = await run(cgroups.detail(`${root}/pods/a`))
    expect(detail).toMatchObject({ ok: true, value: { processes: 0, mostThreads: 100, openFiles: 0, interfaces: [] } })
    expect((await run(cgroups.remove(root))).ok).toBe(true)
    expect(await run(cgroups.list(root))).toEqual([])
  })

  it('tells what the machine as a whole has and uses', async () => {
    const { cgroups, run } = make()
    const told = await run(cgroups.machine())
    if (!told.ok) throw new Error(told.error.message)
    const { cpuUsageNs, memoryTotalBytes, memoryAvailableBytes, processes, mostProcesses } = told.value
    expect(cpuUsageNs).toBeGreaterThanOrEqual(0)
    expect(memoryTotalBytes).toBeGreaterThan(0)
    expect(memoryAvailableBytes).toBeLessThanOrEqual(memoryTotalBytes)
    expect(processes).toBeLessThan(mostProcesses)
  })

  it('takes no offence at removing or emptying what is not there, but has no figures of it', async () => {
    const { cgroups, run, root } = make()
    expect((await run(cgroups.remove(`${root}/none`))).ok).toBe(true)
    expect((await run(cgroups.killAll(`${root}/none`))).ok).toBe(true)
    const stats = await run(cgroups.stats(`${root}/none`))
    expect(!stats.ok && stats.error.code).toBe('NotFound')
    const detail = await run(cgroups.detail(`${root}/none`))
    expect(!detail.ok && detail.error.code).toBe('NotFound')
  })
}
