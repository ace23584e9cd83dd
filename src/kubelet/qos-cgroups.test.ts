import { expect, it } from 'vitest'
import { simClock } from '../host/sim/clock.ts'
import { simLog } from '../host/sim/log.ts'
import { makeQosCgroups, qosTiers } from './qos-cgroups.ts'
import { scriptedRuntime } from './scripted-runtime.ts'
import { testContainer, testPod } from './test-pod.ts'

const capacity = { cpus: 2, memoryBytes: 2 ** 32, ephemeralStorageBytes: 0, pods: 110 }
const burstable = (cpu: string) => testPod({ containers: [testContainer('a', { resources: { requests: { cpu } } })] })
const guaranteed = testPod({
  containers: [testContainer('a', { resources: { limits: { cpu: '1', memory: '1Gi' } } })],
})

it('weighs a class of pods by what they ask for together', () => {
  expect([...qosTiers([burstable('250m'), burstable('250m'), guaranteed, testPod()], capacity)]).toEqual([
    ['kubepods', { cpuShares: 2048, memoryLimitBytes: 2 ** 32 }],
    ['kubepods/burstable', { cpuShares: 512 }],
    ['kubepods/besteffort', { cpuShares: 2 }],
  ])
})

it('writes what has changed, and nothing else', async () => {
  const clock = simClock()
  const runtime = scriptedRuntime(clock)
  const tiers = makeQosCgroups(runtime, capacity, simLog(clock))
  tiers.update([burstable('250m')])
  tiers.update([burstable('250m')])
  tiers.update([])
  await clock.runUntil(clock.nowMs() + 1000)
  expect(runtime.calls).toEqual([
    `cgroup kubepods 2048 - ${2 ** 32}`,
    'cgroup kubepods/burstable 256 - -',
    'cgroup kubepods/besteffort 2 - -',
    'cgroup kubepods/burstable 2 - -',
  ])
})
