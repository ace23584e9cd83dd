import { afterEach, describe, expect, it } from 'vitest'
import type { PodSpec, ResourceRequirements } from '../api/kinds.generated.ts'
import { kinds } from '../api/kinds.ts'
import { simMachine } from '../host/sim/machine.ts'
import type { Kubelet } from './kubelet.ts'
import { kubeletWorld } from './test-kubelet.ts'
import { testContainer } from './test-pod.ts'

const running: Kubelet[] = []
afterEach(async () => {
  for (const kubelet of running.splice(0)) await kubelet.stop()
})

const equal = (cpu: string, memory: string): ResourceRequirements => ({
  limits: { cpu, memory },
  requests: { cpu, memory },
})
const one = (resources: ResourceRequirements): Partial<PodSpec> => ({ containers: [testContainer('a', { resources })] })

function resizable() {
  const simulated = simMachine()
  const world = { ...kubeletWorld(simulated, running), clock: simulated.clock }
  const { api, pod, until, isReady, run } = world
  const condition = (name: string, type: string) =>
    pod(name)?.status.conditions?.find((candidate) => candidate.type === type)
  const resources = (name: string) => pod(name)?.status.containerStatuses?.[0]?.resources
  return {
    ...world,
    condition,
    resources,
    async runReady(name: string, spec: Partial<PodSpec>) {
      run(name, spec)
      await until(`${name} is ready`, () => isReady(name))
    },
    resize(name: string, spec: Partial<PodSpec>) {
      const known = pod(name)
      if (known === undefined) throw new Error(name)
      const generation = (known.metadata.generation ?? 1) + 1
      api.put(kinds.pods, {
        ...known,
        metadata: { ...known.metadata, generation },
        spec: { ...known.spec, ...spec },
      })
    },
  }
}

describe('a pod that is resized', () => {
  it('has its running container changed, its cgroup around it, and its status telling so', async () => {
    const { start, runReady, resize, resources, until, runtime, pod, events } = resizable()
    await start()
    await runReady('web', one(equal('100m', '20Mi')))
    resize('web', one(equal('200m', '40Mi')))
    await until('it is resized', () => events().some((event) => event.startsWith('ResizeCompleted')))
    await until('the status tells', () => resources('web')?.limits?.memory === '40Mi')
    expect(runtime.calls.filter((call) => call.startsWith('resize'))).toEqual([
      `resize a 102 10000 ${40 * 2 ** 20}`,
      `resize a 204 20000 ${40 * 2 ** 20}`,
    ])
    expect(runtime.calls.filter((call) => call.startsWith('cgroup kubepods/pod')).at(-1)).toContain(
      `204 20000 ${40 * 2 ** 20}`,
    )
    expect(pod('web')?.status.containerStatuses?.[0]?.allocatedResources).toEqual({ cpu: '200m', memory: '40Mi' })
    expect(pod('web')?.status.resources).toEqual(equal('200m', '40Mi'))
    expect(pod('web')?.status.containerStatuses?.[0]?.restartCount).toBe(0)
    const said =
      '{"containers":[{"name":"a","resources":{"limits":{"cpu":"200m","memory":"40Mi"},"requests":{"cpu":"200m","memory":"40Mi"}}}],"generation":2}'
    expect(events().filter((event) => event.startsWith('Resize'))).toEqual([
      `ResizeStarted: Pod resize started: ${said}`,
      `ResizeCompleted: Pod resize completed: ${said}`,
    ])
  })

  it('waits while the node has no room, and is granted when another ends', async () => {
    const { start, runReady, resize, condition, resources, until, remove, runtime, events } = resizable()
    await start()
    await runReady('big', one(equal('1', '1Gi')))
    await runReady('web', one(equal('500m', '20Mi')))
    resize('web', one(equal('1500m', '20Mi')))
    await until('it is told', () => condition('web', 'PodResizePending') !== undefined)
    const message = "Node didn't have enough resource: cpu, requested: 1500, used: 1000, capacity: 2000"
    expect(condition('web', 'PodResizePending')).toMatchObject({
      status: 'True',
      reason: 'Deferred',
      message,
      observedGeneration: 2,
    })
    expect(resources('web')?.limits?.cpu).toBe('500m')
    expect(runtime.calls.some((call) => call.startsWith('resize'))).toBe(false)
    remove('big', 1)
    await until('it has what it wants', () => resources('web')?.limits?.cpu === '1500m')
    await until('nothing is pending', () => condition('web', 'PodResizePending') === undefined)
    expect(events().filter((event) => event.startsWith('ResizeDeferred'))).toHaveLength(1)
  })

  it('is remembered by a kubelet that starts again: what was not granted is not taken to be', async () => {
    const { start, runReady, resize, condition, resources, until, runtime, clock } = resizable()
    const first = await start()
    await runReady('big', one(equal('1', '1Gi')))
    await runReady('web', one(equal('500m', '20Mi')))
    resize('web', one(equal('1500m', '20Mi')))
    await until('it is told', () => condition('web', 'PodResizePending') !== undefined)
    await first.stop()
    await start()
    await clock.runUntil(clock.nowMs() + 60_000)
    expect(condition('web', 'PodResizePending')?.reason).toBe('Deferred')
    expect(resources('web')?.limits?.cpu).toBe('500m')
    expect(runtime.calls.some((call) => call.startsWith('resize'))).toBe(false)
  })

  it('has a container started again whose resize policy says so', async () => {
    const { start, runReady, resize, pod, resources, until, events } = resizable()
    const policy = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }]
    const spec = (memory: string): Partial<PodSpec> => ({
      containers: [testContainer('a', { resources: equal('100m', memory), resizePolicy: policy })],
    })
    await start()
    await runReady('web', spec('20Mi'))
    resize('web', spec('30Mi'))
    await until('it runs again', () => pod('web')?.status.containerStatuses?.[0]?.restartCount === 1)
    await until('with more', () => resources('web')?.limits?.memory === '30Mi')
    await until('it is done', () => events().some((event) => event.startsWith('ResizeCompleted')))
    expect(events()).toContain('Killing: Container a resize requires restart')
  })
})
