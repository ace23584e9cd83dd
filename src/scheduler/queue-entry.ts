import type { Clock, Timer } from '../ports/clock.ts'
import type { Plugin } from './filters.ts'
import { makeHeap } from './heap.ts'
import type { PodInfo } from './pod-info.ts'

/** kube-scheduler's podInitialBackoffSeconds, podMaxBackoffSeconds and podMaxInUnschedulablePodsDuration. */
const [firstBackOffMs, longestBackOffMs, longestUnschedulableMs] = [1_000, 10_000, 300_000]
const flushEveryMs = 30_000

export type Place = 'active' | 'back-off' | 'unschedulable' | 'in-flight' | 'gone'

/** A pod that waits for a node, and how it has fared. */
export type QueueEntry = {
  info: PodInfo
  readonly sequence: number
  readonly addedAtMs: number
  place: Place
  attempts: number
  failed: boolean
  plugins: ReadonlySet<Plugin>
  /** When its back-off ends. */
  readyAtMs: number
  triedAtMs: number
}

export function newEntry(info: PodInfo, sequence: number, addedAtMs: number): QueueEntry {
  const fresh = { attempts: 0, failed: false, plugins: new Set<Plugin>(), readyAtMs: 0, triedAtMs: 0 }
  return { info, sequence, addedAtMs, place: 'active', ...fresh }
}

export function noteTry(entry: QueueEntry, nowMs: number): void {
  entry.triedAtMs = nowMs
  entry.readyAtMs = nowMs + Math.min(firstBackOffMs * 2 ** (entry.attempts - 1), longestBackOffMs)
}

/** Entries in line. One leaves it by being somewhere else by the time it comes up. */
export interface Line {
  push(entry: QueueEntry): void
  /** The first, if it is wanted. */
  pop(wanted?: (entry: QueueEntry) => boolean): QueueEntry | undefined
  peek(): QueueEntry | undefined
}

/** What an entry was like when it joined a line: one that left and came back has another ticket. */
export type Ticket = Readonly<{ entry: QueueEntry; sequence: number; priority: number; readyAtMs: number }>

export function isMoreUrgent(a: Ticket, b: Ticket): boolean {
  return a.priority === b.priority ? a.sequence < b.sequence : a.priority > b.priority
}

function isReadyEarlier(a: Ticket, b: Ticket): boolean {
  return a.readyAtMs === b.readyAtMs ? isMoreUrgent(a, b) : a.readyAtMs < b.readyAtMs
}

export function makeLine(place: Place, comesBefore: (a: Ticket, b: Ticket) => boolean): Line {
  const heap = makeHeap<Ticket>(comesBefore)
  const isCurrent = ({ entry, readyAtMs }: Ticket): boolean => entry.place === place && entry.readyAtMs === readyAtMs
  const peek = (): QueueEntry | undefined => {
    for (let ticket = heap.peek(); ticket !== undefined; ticket = heap.peek()) {
      if (isCurrent(ticket)) return ticket.entry
      heap.pop()
    }
    return undefined
  }
  return {
    push: (entry) =>
      heap.push({ entry, sequence: entry.sequence, priority: entry.info.priority, readyAtMs: entry.readyAtMs }),
    peek,
    pop(wanted = () => true) {
      const entry = peek()
      return entry !== undefined && wanted(entry) ? heap.pop()?.entry : undefined
    },
  }
}

export interface BackOffLine extends Line {
  stop(): void
}

/** A line whose entries come out by themselves when their back-off ends. */
export function makeBackOffLine(clock: Clock, onReady: (entry: QueueEntry) => void): BackOffLine {
  const line = makeLine('back-off', isReadyEarlier)
  let timer: Timer | undefined
  let stopped = false
  const isDue = ({ readyAtMs }: QueueEntry): boolean => readyAtMs <= clock.monotonicMs()
  const arm = (): void => {
    const next = line.peek()
    if (next === undefined || stopped) return
    timer?.cancel()
    timer = clock.after(Math.max(0, next.readyAtMs - clock.monotonicMs()), () => {
      for (let due = line.pop(isDue); due !== undefined; due = line.pop(isDue)) onReady(due)
      arm()
    })
  }
  return {
    ...line,
    push(entry) {
      line.push(entry)
      if (line.peek() === entry || timer === undefined) arm()
    },
    stop() {
      stopped = true
      timer?.cancel()
    },
  }
}

export interface Unschedulable {
  add(entry: QueueEntry): void
  delete(entry: QueueEntry): void
  list(): readonly QueueEntry[]
  stop(): void
}

/** Entries that wait for an event; those that have waited too long come out by themselves, in case one was missed. */
export function makeUnschedulable(clock: Clock, onLeftOver: (entry: QueueEntry) => void): Unschedulable {
  const entries = new Set<QueueEntry>()
  let timer: Timer | undefined
  let stopped = false
  const arm = (): void => {
    if (timer !== undefined || entries.size === 0 || stopped) return
    timer = clock.after(flushEveryMs, () => {
      timer = undefined
      const before = clock.monotonicMs() - longestUnschedulableMs
      for (const entry of [...entries]) if (entry.triedAtMs <= before) onLeftOver(entry)
      arm()
    })
  }
  return {
    add(entry) {
      entries.add(entry)
      arm()
    },
    delete: (entry) => void entries.delete(entry),
    list: () => [...entries],
    stop() {
      stopped = true
      timer?.cancel()
    },
  }
}
