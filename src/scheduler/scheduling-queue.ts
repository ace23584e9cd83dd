import { assert } from '../api/assert.ts'
import type { Clock, Timer } from '../ports/clock.ts'
import { type ClusterEvent, mayHelp } from './cluster-event.ts'
import type { Plugin } from './filters.ts'
import { makeHeap } from './heap.ts'
import type { PodInfo } from './pod-info.ts'

/**
 * Pods that wait for a node: active (next in line), in back-off, or unschedulable until something happens that may help. Higher
 * priority first, then who has waited longest. One entry a pod.
 */
export interface SchedulingQueue {
  /** A new pod, or a new version of one that waits. retry: the change may make it schedulable. */
  set(info: PodInfo, retry: boolean): void
  /** uid: of the pod that has gone; another one under its name stays. */
  delete(key: string, uid: string): void
  /** The next pod to try. It stays known, as in flight, until it is put back or deleted. */
  pop(): PodInfo | undefined
  /** After a try that found no node: waits for a helpful event. */
  putBackUnschedulable(key: string, plugins: ReadonlySet<Plugin>): void
  /** After a try that failed by itself: tried again after its back-off. */
  putBackFailed(key: string): void
  moveOn(event: ClusterEvent): void
  lengths(): Readonly<{ active: number; backOff: number; unschedulable: number }>
  stop(): void
}

/** kube-scheduler's podInitialBackoffSeconds, podMaxBackoffSeconds and podMaxInUnschedulablePodsDuration. */
const [firstBackOffMs, longestBackOffMs, longestUnschedulableMs] = [1_000, 10_000, 300_000]
const flushEveryMs = 30_000

type Place = 'active' | 'back-off' | 'unschedulable' | 'in-flight'
type Entry = {
  info: PodInfo
  readonly sequence: number
  place: Place
  attempts: number
  failed: boolean
  plugins: ReadonlySet<Plugin>
  readyAtMs: number
  triedAtMs: number
}
/** An entry leaves a heap by being somewhere else by the time it comes up. */
type Ticket = Readonly<{ entry: Entry; readyAtMs: number }>

export function makeSchedulingQueue(clock: Clock, onReady: () => void): SchedulingQueue {
  const entries = new Map<string, Entry>()
  const unschedulable = new Set<Entry>()
  const active = makeHeap<Ticket>((a, b) => isMoreUrgent(a.entry, b.entry))
  const backOff = makeHeap<Ticket>(
    (a, b) => a.readyAtMs < b.readyAtMs || (a.readyAtMs === b.readyAtMs && isMoreUrgent(a.entry, b.entry)),
  )
  let sequence = 0
  let timer: Timer | undefined
  let flush: Timer | undefined
  let stopped = false

  const activate = (entry: Entry): void => {
    unschedulable.delete(entry)
    entry.place = 'active'
    active.push({ entry, readyAtMs: 0 })
    onReady()
  }
  const wait = (entry: Entry): void => {
    unschedulable.delete(entry)
    entry.place = 'back-off'
    backOff.push({ entry, readyAtMs: entry.readyAtMs })
    arm()
    // With nothing more urgent to do, waiting would help nobody (SchedulerPopFromBackoffQ).
    if (!entry.failed) onReady()
  }
  const activateOrWait = (entry: Entry): void =>
    entry.readyAtMs <= clock.monotonicMs() ? activate(entry) : wait(entry)
  const arm = (): void => {
    const next = backOff.peek()
    if (next === undefined || timer !== undefined || stopped) return
    timer = clock.after(Math.max(0, next.readyAtMs - clock.monotonicMs()), () => {
      timer = undefined
      for (let due = backOff.peek(); due !== undefined && due.readyAtMs <= clock.monotonicMs(); due = backOff.peek()) {
        backOff.pop()
        if (isCurrent(due, 'back-off')) activate(due.entry)
      }
      arm()
    })
  }
  const isCurrent = ({ entry, readyAtMs }: Ticket, place: Place): boolean =>
    entries.get(entry.info.key) === entry &&
    entry.place === place &&
    (place === 'active' || entry.readyAtMs === readyAtMs)
  const popFrom = (heap: typeof active, place: Place, wanted: (entry: Entry) => boolean): Entry | undefined => {
    for (let ticket = heap.peek(); ticket !== undefined; ticket = heap.peek()) {
      if (isCurrent(ticket, place) && !wanted(ticket.entry)) return undefined
      heap.pop()
      if (isCurrent(ticket, place)) return ticket.entry
    }
    return undefined
  }
  const flushLeftovers = (): void => {
    flush = undefined
    const before = clock.monotonicMs() - longestUnschedulableMs
    for (const entry of [...unschedulable]) if (entry.triedAtMs <= before) activateOrWait(entry)
    armFlush()
  }
  const armFlush = (): void => {
    if (flush === undefined && unschedulable.size > 0 && !stopped) flush = clock.after(flushEveryMs, flushLeftovers)
  }
  const putBack = (key: string): Entry | undefined => {
    const entry = entries.get(key)
    if (entry?.place !== 'in-flight') return undefined
    entry.triedAtMs = clock.monotonicMs()
    entry.readyAtMs = entry.triedAtMs + Math.min(firstBackOffMs * 2 ** (entry.attempts - 1), longestBackOffMs)
    return entry
  }
  return {
    set(info, retry) {
      const known = entries.get(info.key)
      if (known !== undefined && known.info.uid === info.uid) {
        known.info = info
        if (retry && known.place === 'unschedulable') activateOrWait(known)
        return
      }
      if (known !== undefined) unschedulable.delete(known)
      const entry: Entry = {
        info,
        sequence: sequence++,
        place: 'active',
        attempts: 0,
        failed: false,
        plugins: new Set(),
        readyAtMs: 0,
        triedAtMs: 0,
      }
      entries.set(info.key, entry)
      activate(entry)
    },
    delete(key, uid) {
      const entry = entries.get(key)
      if (entry?.info.uid !== uid) return
      unschedulable.delete(entry)
      entries.delete(key)
    },
    pop() {
      const entry = popFrom(active, 'active', () => true) ?? popFrom(backOff, 'back-off', ({ failed }) => !failed)
      if (entry === undefined) return undefined
      assert(entry.place !== 'in-flight', `${entry.info.key} is being scheduled twice`)
      entry.place = 'in-flight'
      entry.attempts++
      return entry.info
    },
    putBackUnschedulable(key, plugins) {
      const entry = putBack(key)
      if (entry === undefined) return
      entry.place = 'unschedulable'
      entry.failed = false
      entry.plugins = plugins
      unschedulable.add(entry)
      armFlush()
    },
    putBackFailed(key) {
      const entry = putBack(key)
      if (entry === undefined) return
      entry.failed = true
      wait(entry)
    },
    moveOn(event) {
      for (const entry of [...unschedulable]) if (mayHelp(event, entry.plugins)) activateOrWait(entry)
    },
    lengths() {
      let [inBackOff, inActive] = [0, 0]
      for (const { place } of entries.values()) {
        if (place === 'active') inActive++
        if (place === 'back-off') inBackOff++
      }
      return { active: inActive, backOff: inBackOff, unschedulable: unschedulable.size }
    },
    stop() {
      stopped = true
      timer?.cancel()
      flush?.cancel()
    },
  }
}

function isMoreUrgent(a: Entry, b: Entry): boolean {
  if (a.info.priority !== b.info.priority) return a.info.priority > b.info.priority
  return a.sequence < b.sequence
}
