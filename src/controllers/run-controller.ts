import { groupResource, type Kind } from '../api/kinds.ts'
import type { Stored } from '../api/object.ts'
import type { Client } from '../client/client.ts'
import { type EventRecorder, makeEventRecorder } from '../client/event-recorder.ts'
import type { Informers } from '../client/informers.ts'
import { makeWorkQueue, type WorkOutcome } from '../client/work-queue.ts'
import type { WorkQueueMetrics } from '../client/work-queue-metrics.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Random } from '../ports/random.ts'
import type { Action } from './action.ts'
import { makeExpectations } from './expectations.ts'
import { type Failure, perform } from './perform.ts'
import { queueName } from './queue-name.ts'
import { isLostRace } from './refused.ts'

export type ControllerDeps = Readonly<{
  client: Client
  informers: Informers
  clock: Clock
  random: Random
  log: Log
  queues?: WorkQueueMetrics
}>

/** A kind that is watched, and the keys that want a look when an object of it changes: (undefined, object) is one that is new. */
export type Source = Readonly<{
  kind: Kind
  keysOf: (before: unknown, after: unknown) => readonly string[]
}>

/** Keys by what the object is and by what it was. */
export function source<T>(kind: Kind<T>, keysOf: (object: Stored<T>) => readonly string[]): Source {
  return changes(kind, (before, after) => [...(before ? keysOf(before) : []), ...(after ? keysOf(after) : [])])
}

/** Keys by how the object changed. */
export function changes<T>(
  kind: Kind<T>,
  keysOf: (before: Stored<T> | undefined, after: Stored<T> | undefined) => readonly string[],
): Source {
  return { kind, keysOf: (before, after) => keysOf(before as Stored<T> | undefined, after as Stored<T> | undefined) }
}

export type Controller<Observed> = Readonly<{
  /** The component that its events name: 'replicaset-controller'. */
  name: string
  /** Keys under way at once. */
  concurrency: number
  sources: readonly Source[]
  /** Sources that come and go while the controller runs: kinds that definitions make. */
  moreSources?(follow: (source: Source) => void, forget: (kind: Kind) => void): void
  /**
   * Everything a decision about the key needs, undefined when there is nothing to decide. From the informers; a promise where only the
   * API itself can tell.
   */
  observe(key: string): Observed | undefined | Promise<Observed | undefined>
  reconcile(observed: Observed): readonly Action[]
  /** What a failed action calls for besides the retry: a condition that tells of it. */
  afterFailure?(observed: Observed, failure: Failure): readonly Action[]
}>

export type Running = Readonly<{ stop(): void }>

/** How soon to look again for a write of our own that no informer has shown yet; their events come long before. */
const unseenRetryMs = 1000

/** Informers → keys → observe → reconcile → perform. Begins when the informers are complete. */
export function runController<Observed>(deps: ControllerDeps, controller: Controller<Observed>): Running {
  const { client, clock, random, log } = deps
  const events = makeEventRecorder({ client, clock, random, log, component: controller.name })
  const watched = new Map(controller.sources.map(({ kind }) => [groupResource(kind), deps.informers.of(kind)]))
  const expectations = makeExpectations(clock, (kind) => watched.get(groupResource(kind)))

  const process = async (key: string): Promise<WorkOutcome> => {
    if (!expectations.satisfied(key)) return { type: 'again', afterMs: unseenRetryMs }
    const observed = await controller.observe(key)
    if (observed === undefined) {
      expectations.forget(key)
      return { type: 'done' }
    }
    const performed = await perform({ client, events }, controller.reconcile(observed))
    expectations.expect(key, performed.written)
    if (performed.failure === undefined) {
      return performed.requeueAfterMs === undefined
        ? { type: 'done' }
        : { type: 'again', afterMs: performed.requeueAfterMs }
    }
    await answerFailure({ client, events, log }, controller, key, observed, performed.failure)
    return { type: 'retry' }
  }
  const metrics = deps.queues?.of(queueName(controller.name))
  const queue = makeWorkQueue({ clock, concurrency: controller.concurrency, process, ...(metrics && { metrics }) })
  const running = { stopped: false }
  void enqueueAll(controller.sources, watched, queue.add, running)
  controller.moreSources?.(
    (source) => void follow(source, deps.informers, watched, queue.add, running),
    (kind) => void watched.delete(groupResource(kind)),
  )
  return {
    stop() {
      running.stopped = true
      queue.stop()
      events.stop()
    },
  }
}

type Watched = Map<string, ReturnType<Informers['of']>>

async function follow(
  source: Source,
  informers: Informers,
  watched: Watched,
  add: (key: string) => void,
  running: Readonly<{ stopped: boolean }>,
): Promise<void> {
  const informer = informers.of(source.kind)
  watched.set(groupResource(source.kind), informer)
  await informer.whenSynced()
  await enqueueAll([source], new Map([[groupResource(source.kind), informer]]), add, running)
}

/** Every key there is at first, then those that changes name. */
async function enqueueAll(
  sources: readonly Source[],
  watched: Watched,
  add: (key: string) => void,
  running: Readonly<{ stopped: boolean }>,
): Promise<void> {
  for (const informer of [...watched.values()]) await informer.whenSynced()
  for (const { kind, keysOf } of sources) {
    const informer = watched.get(groupResource(kind))
    const addAll = (before: unknown, after: unknown): void => {
      if (!running.stopped) for (const key of keysOf(before, after)) add(key)
    }
    for (const object of informer?.list() ?? []) addAll(undefined, object)
    informer?.onChange(addAll)
  }
}

async function answerFailure<Observed>(
  deps: Readonly<{ client: Client; events: EventRecorder; log: Log }>,
  controller: Controller<Observed>,
  key: string,
  observed: Observed,
  failure: Failure,
): Promise<void> {
  if (isLostRace(failure.status)) return
  deps.log.warn(`${controller.name}: ${failure.action.type} failed`, { key, message: failure.status.message })
  const more = controller.afterFailure?.(observed, failure) ?? []
  await perform(deps, more)
}
