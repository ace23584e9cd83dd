import { describe, expect, it } from 'vitest'
import { simClock } from '../host/sim/clock.ts'
import type { Plugin } from './filters.ts'
import { podInfoOf } from './pod-info.ts'
import { makeSchedulingQueue } from './scheduling-queue.ts'
import { type PodParts, testPod } from './test-cluster.ts'

function world() {
  const clock = simClock()
  const joined: string[] = []
  const queue = makeSchedulingQueue(
    clock,
    () => {},
    (line, event) => joined.push(`${line} ${event}`),
  )
  const add = (name: string, parts: PodParts = {}) => {
    const info = podInfoOf(testPod(name, parts))
    queue.set(info, false)
    return info
  }
  const pop = (): string | undefined => queue.pop()?.pod.metadata.name
  const wait = (ms: number) => clock.runUntil(clock.nowMs() + ms)
  return { clock, queue, joined, add, pop, wait }
}

const fit: ReadonlySet<Plugin> = new Set<Plugin>(['NodeResourcesFit'])

describe('the scheduling queue', () => {
  it('gives the most important pod first, then the one that came first', () => {
    const { add, pop } = world()
    add('low')
    add('high', { priority: 10 })
    add('low-too')
    add('high-too', { priority: 10 })
    expect([pop(), pop(), pop(), pop(), pop()]).toEqual(['high', 'high-too', 'low', 'low-too', undefined])
  })

  it('keeps an unschedulable pod until something happens that may help', () => {
    const { queue, add, pop } = world()
    add('p')
    pop()
    queue.putBackUnschedulable('x/p', fit)
    expect(pop()).toBeUndefined()
    queue.moveOn('NodeLabel')
    expect(pop()).toBeUndefined()
    queue.moveOn('PodDelete')
    expect(pop()).toBe('p')
  })

  it("tells which line a pod joins and why, in kube-scheduler's words", async () => {
    const { queue, joined, add, pop, wait } = world()
    add('p')
    pop()
    queue.putBackUnschedulable('x/p', fit)
    queue.moveOn('PodDelete')
    pop()
    queue.putBackFailed('x/p')
    await wait(2000)
    expect(joined).toEqual([
      'active UnschedulablePodAdd',
      'unschedulable ScheduleAttemptFailure',
      'backoff AssignedPodDelete',
      'active PopFromBackoffQ',
      'backoff ScheduleAttemptFailure',
      'active BackoffComplete',
    ])
  })

  it('lets it go on before its back-off is over only when nothing else is to be done', () => {
    const { queue, add, pop } = world()
    add('p', { priority: 10 })
    pop()
    queue.putBackUnschedulable('x/p', fit)
    queue.moveOn('NodeAdd')
    expect(queue.lengths()).toEqual({ active: 0, backOff: 1, unschedulable: 0 })
    add('q')
    expect([pop(), pop()]).toEqual(['q', 'p'])
  })

  it('tries a pod whose binding failed again after 1, 2, 4, 8 and from then on 10 seconds', async () => {
    const { clock, queue, add, pop, wait } = world()
    add('p')
    pop()
    const delays: number[] = []
    for (let times = 0; times < 6; times++) {
      queue.putBackFailed('x/p')
      const startMs = clock.nowMs()
      while (pop() === undefined) await wait(100)
      delays.push(clock.nowMs() - startMs)
    }
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000])
  })

  it('tries a pod that nothing helped again after five minutes', async () => {
    const { queue, add, pop, wait } = world()
    add('p')
    pop()
    queue.putBackUnschedulable('x/p', fit)
    await wait(299_000)
    expect(pop()).toBeUndefined()
    await wait(32_000)
    expect(pop()).toBe('p')
  })

  it('gives the newest version of a pod, and tries again what has been changed', () => {
    const { queue, add } = world()
    const info = add('p')
    const changed = { ...info, priority: 5 }
    queue.pop()
    queue.putBackUnschedulable(info.key, fit)
    queue.set(changed, false)
    expect(queue.pop()).toBeUndefined()
    queue.set(changed, true)
    expect(queue.pop()).toBe(changed)
  })

  it('forgets what has been deleted, but not a pod that has come under its name', () => {
    const { queue, add, pop } = world()
    const old = add('p')
    add('p')
    queue.delete(old.key, old.uid)
    expect(pop()).toBe('p')
    const other = add('q')
    queue.delete(other.key, other.uid)
    expect(pop()).toBeUndefined()
  })
})
