import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type QueueSet, queueSet, type Ticket } from './queue-set.ts'
import { oneSeat } from './work-estimate.ts'

const config = { queues: 8, handSize: 2, queueLengthLimit: 5 }

function world(limit: number, isOpen: () => boolean = () => true, queues = config) {
  let ms = 0
  const set = queueSet(queues, { nowMs: () => ms, mayStart: isOpen }, limit)
  return { set, pass: (byMs: number) => (ms += byMs) }
}

/** Enters a request of the flow, and starts what may start. */
function enter(set: QueueSet, flow: number, started: string[], name = `${flow}`, work = oneSeat) {
  const entered = set.enter(work, flow, () => started.push(name))
  while (set.dispatch());
  return entered
}

function done(set: QueueSet, ticket: Ticket | string | undefined): void {
  if (ticket === undefined || typeof ticket === 'string') throw new Error('this request was let in')
  set.finish(ticket)
  set.release(ticket)
  while (set.dispatch());
}

describe('a queue set', () => {
  it('starts requests at once while there are seats, and the next as each gives its seat back', () => {
    const { set } = world(2)
    const started: string[] = []
    const tickets = ['a', 'b', 'c'].map((name) => enter(set, 1, started, name))
    expect(started).toEqual(['a', 'b'])
    expect(set.state()).toMatchObject({ executing: 2, waiting: 1, seatsInUse: 2 })
    done(set, tickets[0])
    expect(started).toEqual(['a', 'b', 'c'])
  })

  it('lets a quiet flow past one that has filled its queues', () => {
    const { set, pass } = world(1)
    const order: string[] = []
    const running: Ticket[] = []
    const ask = (flow: number, name: string) =>
      set.enter(oneSeat, flow, (ticket) => {
        order.push(name)
        running.push(ticket)
      })
    for (let at = 0; at < 9; at++) ask(1, 'flood')
    ask(30, 'quiet')
    while (set.dispatch());
    while (running.length > 0) {
      pass(3)
      done(set, running.shift())
    }
    expect(order).toHaveLength(10)
    // The flood has a hand of two queues, and each of them its turn.
    expect(order.indexOf('quiet')).toBeLessThanOrEqual(2)
  })

  it('refuses what its hand of queues has no room for', () => {
    const { set } = world(1)
    const started: string[] = []
    const entered = Array.from({ length: 12 }, () => enter(set, 1, started))
    expect(entered.filter((one) => one === 'queue-full')).toHaveLength(1)
    expect(set.state()).toMatchObject({ executing: 1, waiting: 10 })
  })

  it('lets nobody wait where there are no queues', () => {
    const { set } = world(1, undefined, { queues: 0, handSize: 0, queueLengthLimit: 0 })
    const started: string[] = []
    enter(set, 1, started)
    expect(enter(set, 1, started)).toBe('concurrency-limit')
  })

  it('runs a request that is wider than all its seats, alone', () => {
    const { set } = world(4)
    const started: string[] = []
    const narrow = enter(set, 1, started, 'narrow')
    enter(set, 2, started, 'wide', { seats: 10, finalSeats: 0, lingerMs: 0 })
    expect(started).toEqual(['narrow'])
    done(set, narrow)
    expect(started).toEqual(['narrow', 'wide'])
    expect(set.state().seatsInUse).toBe(10)
  })

  it('starts nothing while the thread has no time left', () => {
    let isOpen = false
    const { set } = world(4, () => isOpen)
    const started: string[] = []
    enter(set, 1, started)
    expect(started).toEqual([])
    isOpen = true
    while (set.dispatch());
    expect(started).toEqual(['1'])
  })

  it('forgets who has left while he waited', () => {
    const { set } = world(1)
    const started: string[] = []
    const first = enter(set, 1, started, 'first')
    const second = enter(set, 1, started, 'second')
    if (typeof second === 'string') throw new Error('this request was let in')
    expect(set.leave(second)).toBe(true)
    expect(set.leave(second)).toBe(false)
    done(set, first)
    expect(started).toEqual(['first'])
    expect(set.state()).toMatchObject({ waiting: 0, executing: 0, seatsInUse: 0, activeQueues: 0 })
  })

  it('gives two flows that always want more about as many seats, whatever one of them offers', () => {
    const { set, pass } = world(2, undefined, { queues: 64, handSize: 1, queueLengthLimit: 1000 })
    const served = { greedy: 0, modest: 0 }
    const running: (() => void)[] = []
    const offer = (flow: 'greedy' | 'modest', hash: number): void => {
      set.enter(oneSeat, hash, (ticket) => {
        served[flow] += 1
        running.push(() => {
          set.finish(ticket)
          set.release(ticket)
        })
      })
    }
    for (let at = 0; at < 500; at++) offer('greedy', 1)
    for (let at = 0; at < 100; at++) offer('modest', 2)
    for (let round = 0; round < 60; round++) {
      while (set.dispatch());
      pass(3)
      for (const end of running.splice(0)) end()
    }
    expect(Math.abs(served.greedy - served.modest)).toBeLessThanOrEqual(2)
  })

  it('never uses more seats than there are, and is idle again when all have gone', () => {
    const step = fc.record({
      flow: fc.nat(1000),
      seats: fc.integer({ min: 1, max: 5 }),
      ends: fc.nat(4),
      ms: fc.nat(9),
    })
    fc.assert(
      fc.property(fc.array(step), fc.integer({ min: 5, max: 12 }), (steps, limit) => {
        const { set, pass } = world(limit)
        const running: Ticket[] = []
        for (const { flow, seats, ends, ms } of steps) {
          set.enter({ seats, finalSeats: 0, lingerMs: 0 }, flow, (ticket) => running.push(ticket))
          while (set.dispatch());
          expect(set.state().seatsInUse).toBeLessThanOrEqual(limit)
          pass(ms)
          for (const ticket of running.splice(0, ends)) done(set, ticket)
        }
        while (running.length > 0) done(set, running.shift())
        expect(set.state()).toMatchObject({ waiting: 0, executing: 0, seatsInUse: 0, activeQueues: 0, waitingSeats: 0 })
      }),
    )
  })
})
