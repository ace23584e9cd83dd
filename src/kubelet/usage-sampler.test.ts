import { expect, it } from 'vitest'
import { simClock } from '../host/sim/clock.ts'
import { scriptedRuntime } from './scripted-runtime.ts'
import { makeUsageSampler, type UsageSample } from './usage-sampler.ts'

it('tells how fast processors were used since it was last asked, and watches for a second where that is too long ago', async () => {
  const clock = simClock()
  const runtime = scriptedRuntime(clock)
  const sampler = makeUsageSampler(runtime, clock)
  const use = (container: number, machine: number): void => {
    const memory = { memoryUsageBytes: 3, memoryWorkingSetBytes: 2, memoryRssBytes: 1 }
    const stats = { containerId: 'c', cpuUsageNs: container, ...memory, pids: 1, atMs: clock.nowMs() }
    runtime.script.stats = [stats]
    runtime.script.machine = { ...runtime.script.machine, cpuUsageNs: machine }
  }
  const ask = async (meanwhile: () => void): Promise<UsageSample> => {
    let sample: UsageSample | undefined
    void sampler().then((found) => {
      sample = found
    })
    await clock.runUntil(clock.nowMs() + 500)
    meanwhile()
    await clock.runUntilTrue(() => sample !== undefined, clock.nowMs() + 10_000)
    if (sample === undefined) throw new Error('no sample')
    return sample
  }
  const rates = ({ windowMs, machineNanoCores, nanoCores }: UsageSample) => [windowMs, machineNanoCores, [...nanoCores]]
  use(1_000_000_000, 5_000_000_000)
  expect(rates(await ask(() => use(1_500_000_000, 7_000_000_000)))).toEqual([
    1_000,
    2_000_000_000,
    [['c', 500_000_000]],
  ])
  await clock.runUntil(clock.nowMs() + 20_000)
  use(3_500_000_000, 7_000_000_000)
  expect(rates(await ask(() => {}))).toEqual([20_000, 0, [['c', 100_000_000]]])
  runtime.script.stats = []
  await clock.runUntil(clock.nowMs() + 120_000)
  expect(rates(await ask(() => use(9, 7_000_000_000)))).toEqual([1_000, 0, []])
})
