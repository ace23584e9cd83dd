import { expect, it } from 'vitest'
import { simClock } from '../host/sim/clock.ts'
import { simLog } from '../host/sim/log.ts'
import { makeQosCgroups, qosTiers } from './qos-cgroups.ts'
import { scriptedRuntime } from './scripted-runtime.ts'
import { testContainer, testPod } from './test-pod.ts'

const limits = { cpuShares: 2048, memoryLimitBytes: 2 ** 32, pidsLimit: 1000 }
const burstable = (cpu: string) => testPod({ containers: [testContainer('a', { resources: { requests: { cpu } } })] })
const guaranteed = testPod({
  containers: [testContainer('a', { resources: { limits: { cpu: '1', memory: '1Gi' } } })],
})

it('weighs a class of pods by what they ask for together', () => {
  expect([...qosTiers([burstable('250m'), burstable('250m'), guaranteed, testPod()], limits)]).toEqual([
    ['kubepods', limits],
    ['kubepods/burstable', { cpuShares: 512 }],
    ['kubepods/besteffort', { cpuShares: 2 }],
  ])
})

it('writes what has changed, and nothing else', async () => {
  const clock = simClock()
  const runtime = scriptedRuntime(clock)
  const told: (string | undefined)[] = []
  const tiers = makeQosCgroups(runtime, limits, simLog(clock), (failure) => told.push(failure))
  tiers.update([burstable('250m')])
  tiers.update([burstable('250m')])
  tiers.update([])
  await clock.runUntil(clock.nowMs() + 1000)
  expect(told).toEqual([undefined])
  expect(runtime.calls).toEqual([
    `cgroup kubepods 2048 - ${2 ** 32}`,
    'cgroup kubepods/burstable 256 - -',
    'cgroup kubepods/besteffort 2 - -',
    'cgroup kubepods/burstable 2 - -',
  ])
})
