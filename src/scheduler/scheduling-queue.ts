import type { Clock } from '../ports/clock.ts'
import { type ClusterEvent, eventLabels, mayHelp } from './cluster-event.ts'
import type { Plugin } from './filters.ts'
import type { PodInfo } from './pod-info.ts'
import {
  isMoreUrgent,
  makeBackOffLine,
  makeLine,
  makeUnschedulable,
  newEntry,
  noteTry,
  type Place,
  type QueueEntry,
} from './queue-entry.ts'

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
  /** Of a pod that is known: how often it was tried, and since when it is here. */
  history(key: string): Readonly<{ attempts: number; sinceMs: number }> | undefined
  /** How many unschedulable pods each plugin has refused. */
  rejections(): ReadonlyMap<Plugin, number>
  lengths(): Readonly<{ active: number; backOff: number; unschedulable: number }>
  stop(): void
}

/** A pod has joined a line, for a reason: kube-scheduler's event labels. */
export type Joined = (queue: 'active' | 'backoff' | 'unschedulable', event: string) => void

type Lines = Readonly<{ clock: Clock; onReady: () => void; joined: Joined }>

export function makeSchedulingQueue(clock: Clock, onReady: () => void, joined: Joined = () => {}): SchedulingQueue {
  const entries = new Map<string, QueueEntry>()
  const lines = makeLines({ clock, onReady, joined })
  let sequence = 0

  const inFlight = (key: string): QueueEntry | undefined => {
    const entry = entries.get(key)
    if (entry?.place !== 'in-flight') return undefined
    noteTry(entry, clock.monotonicMs())
    return entry
  }
  const count = (place: Place): number => [...entries.values()].filter((entry) => entry.place === place).length
  return {
    set(info, retry) {
      const known = entries.get(info.key)
      if (known !== undefined && known.info.uid === info.uid) {
        known.info = info
        if (retry && known.place === 'unschedulable') lines.tryAgain(known, 'UnschedulablePodUpdate')
        return
      }
      if (known !== undefined) lines.leave(known)
      const entry = newEntry(info, sequence++, clock.monotonicMs())
      entries.set(info.key, entry)
      lines.tryAgain(entry, 'UnschedulablePodAdd')
    },
    delete(key, uid) {
      const entry = entries.get(key)
      if (entry?.info.uid !== uid) return
      lines.leave(entry)
      entries.delete(key)
    },
    pop: () => lines.pop()?.info,
    putBackUnschedulable(key, plugins) {
      const entry = inFlight(key)
      if (entry !== undefined) lines.park(entry, plugins)
    },
    putBackFailed(key) {
      const entry = inFlight(key)
      if (entry === undefined) return
      entry.failed = true
      lines.tryAgain(entry, 'ScheduleAttemptFailure')
    },
    moveOn: (event) => lines.moveOn(event),
    history(key) {
      const entry = entries.get(key)
      return entry && { attempts: entry.attempts, sinceMs: entry.addedAtMs }
    },
    rejections() {
      const counts = new Map<Plugin, number>()
      for (const { place, plugins } of entries.values())
        if (place === 'unschedulable') for (const plugin of plugins) counts.set(plugin, (counts.get(plugin) ?? 0) + 1)
      return counts
    },
    lengths: () => ({ active: count('active'), backOff: count('back-off'), unschedulable: count('unschedulable') }),
    stop: lines.stop,
  }
}

/** The three lines, and how entries go from one to another. */
function makeLines({ clock, onReady, joined }: Lines) {
  const activate = (entry: QueueEntry, event: string): void => {
    entry.place = 'active'
    active.push(entry)
    joined('active', event)
    onReady()
  }
  const active = makeLine('active', isMoreUrgent)
  const backOff = makeBackOffLine(clock, (entry) => activate(entry, 'BackoffComplete'))
  const wait = (entry: QueueEntry, event: string): void => {
    entry.place = 'back-off'
    backOff.push(entry)
    joined('backoff', event)
    // With nothing more urgent to do, waiting would help nobody (SchedulerPopFromBackoffQ).
    if (!entry.failed) onReady()
  }
  const tryAgain = (entry: QueueEntry, event: string): void => {
    unschedulable.delete(entry)
    if (entry.readyAtMs <= clock.monotonicMs()) activate(entry, event)
    else wait(entry, event)
  }
  const unschedulable = makeUnschedulable(clock, (entry) => tryAgain(entry, 'UnschedulableTimeout'))
  return {
    tryAgain,
    leave(entry: QueueEntry): void {
      unschedulable.delete(entry)
      entry.place = 'gone'
    },
    park(entry: QueueEntry, plugins: ReadonlySet<Plugin>): void {
      entry.place = 'unschedulable'
      entry.failed = false
      entry.plugins = plugins
      unschedulable.add(entry)
      joined('unschedulable', 'ScheduleAttemptFailure')
    },
    pop(): QueueEntry | undefined {
      const first = active.pop()
      const entry = first ?? backOff.pop(({ failed }) => !failed)
      if (entry === undefined) return undefined
      if (first === undefined) joined('active', 'PopFromBackoffQ')
      entry.place = 'in-flight'
      entry.attempts++
      return entry
    },
    moveOn(event: ClusterEvent): void {
      for (const entry of unschedulable.list()) if (mayHelp(event, entry.plugins)) tryAgain(entry, eventLabels[event])
    },
    stop(): void {
      backOff.stop()
      unschedulable.stop()
    },
  }
}
