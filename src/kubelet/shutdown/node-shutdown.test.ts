import { afterEach, describe, expect, it } from 'vitest'
import { kinds } from '../../api/kinds.ts'
import { simMachine } from '../../host/sim/machine.ts'
import { defaultConfiguration, type KubeletConfiguration } from '../configuration/kubelet-configuration.ts'
import type { Kubelet } from '../kubelet.ts'
import { kubeletWorld } from '../test-kubelet.ts'
import { testContainer, testPod } from '../test-pod.ts'
import { shutdownGroups, shutdownPeriods, shutdownSeconds } from './shutdown-groups.ts'

const running: Kubelet[] = []
afterEach(async () => {
  for (const kubelet of running.splice(0)) await kubelet.stop()
})

async function readyWorld(configuration: Partial<KubeletConfiguration>) {
  const simulated = simMachine()
  const made = kubeletWorld(simulated, running, configuration)
  const kubelet = await made.start()
  made.run('plain', { containers: [testContainer('p')] })
  made.run('quick', { containers: [testContainer('q')], terminationGracePeriodSeconds: 2 })
  made.run('vital', { containers: [testContainer('v')], priority: 2_000_001_000 })
  await made.until('all are ready', () => ['plain', 'quick', 'vital'].every(made.isReady))
  const down = async (): Promise<void> => {
    let done = false
    void kubelet.shutDown().then(() => {
      done = true
    })
    await made.until('it is down', () => done)
  }
  return { ...made, clock: simulated.clock, down }
}

describe('a node that goes down', () => {
  it('ends pods within their time, the vital ones last, says why, and takes no more', async () => {
    const { down, runtime, pod, api, run, until, events } = await readyWorld({
      shutdownGracePeriod: '30s',
      shutdownGracePeriodCriticalPods: '10s',
    })
    await down()
    expect(runtime.calls.filter((call) => call.startsWith('stop '))).toEqual(['stop p 20', 'stop q 2', 'stop v 10'])
    const message = 'Pod was terminated in response to imminent node shutdown.'
    for (const name of ['plain', 'quick', 'vital'])
      expect(pod(name)?.status).toMatchObject({ phase: 'Failed', reason: 'Terminated', message })
    expect(pod('plain')?.status.conditions?.find(({ type }) => type === 'DisruptionTarget')).toMatchObject({
      status: 'True',
      reason: 'TerminationByKubelet',
      message,
    })
    const ready = () => api.find(kinds.nodes, 'n1')?.status.conditions?.find(({ type }) => type === 'Ready')
    await until('the node says so', () => ready()?.status === 'False')
    expect(ready()?.message).toBe('node is shutting down')
    expect(events()).toContain('Shutdown: Shutdown manager detected shutdown event')
    run('late')
    await until('it is refused', () => pod('late')?.status.phase === 'Failed')
    expect(pod('late')?.status).toMatchObject({
      reason: 'NodeShutdown',
      message: 'Pod was rejected: Pod was rejected as the node is shutting down.',
    })
  })

  it('leaves pods alone where no time is set aside for it', async () => {
    const { down, runtime, pod } = await readyWorld({})
    await down()
    expect(runtime.calls.some((call) => call.startsWith('stop '))).toBe(false)
    expect(pod('plain')?.status.phase).toBe('Running')
  })
})

it('groups pods by the highest priority that they reach', () => {
  const periods = shutdownPeriods({
    ...defaultConfiguration,
    shutdownGracePeriodByPodPriority: [
      { priority: 1000, shutdownGracePeriodSeconds: 5 },
      { priority: 0, shutdownGracePeriodSeconds: 60 },
      { priority: 100_000, shutdownGracePeriodSeconds: 10 },
    ],
  })
  const pods = [-5, 0, 999, 1000, 2_000_000].map((priority) => testPod({ priority }, { name: `p${priority}` }))
  expect(
    shutdownGroups(periods, pods).map(({ seconds, pods: of }) => [seconds, of.map(({ metadata }) => metadata.name)]),
  ).toEqual([
    [60, ['p-5', 'p0', 'p999']],
    [5, ['p1000']],
    [10, ['p2000000']],
  ])
  expect(shutdownSeconds({ ...defaultConfiguration, shutdownGracePeriod: '1m30s' })).toBe(90)
})
