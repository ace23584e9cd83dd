import type { Event, ObjectReference, Status } from '../api/kinds.generated.ts'
import { kinds } from '../api/kinds.ts'
import { timestampOf } from '../api/wire-time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Random } from '../ports/random.ts'
import type { Client } from './client.ts'
import { type Correlated, countPatch, eventCorrelator } from './event-correlator.ts'

export type EventType = 'Normal' | 'Warning'

/** What an event is about: any stored object, or a reference with a fieldPath ('spec.containers{web}'). */
export type EventSubject =
  | ObjectReference
  | Readonly<{
      apiVersion?: string
      kind?: string
      metadata: Readonly<{ name?: string; namespace?: string; uid?: string; resourceVersion?: string }>
    }>

export type EventRecorder = Readonly<{
  /** Never waits: events are sent in order behind the caller's back, and dropped when too many wait. */
  event(
    subject: EventSubject,
    type: EventType,
    reason: string,
    message: string,
    annotations?: Readonly<Record<string, string>>,
  ): void
  stop(): void
}>

export type EventRecorderDeps = Readonly<{
  client: Client
  clock: Clock
  random: Random
  log: Log
  /** 'deployment-controller', 'kubelet', 'default-scheduler'. */
  component: string
  /** The node's name, for a kubelet. */
  host?: string
}>

/** client-go's bounds: 1000 events wait; one is tried 12 times, 10 s apart. */
const queueLimit = 1000
const tries = 12
const retryMs = 10_000
const nanosecondsOfMillisecond = 1_000_000

/** Records events as client-go does: the same event again raises its count, similar ones are combined. */
export function makeEventRecorder(deps: EventRecorderDeps): EventRecorder {
  const correlator = eventCorrelator()
  const queue: Event[] = []
  let sending = false
  let stopped = false

  const send = async (): Promise<void> => {
    for (let event = queue.shift(); event !== undefined && !stopped; event = queue.shift()) {
      await record(deps, correlator.correlate(event, deps.clock.nowMs()), () => stopped)
    }
    sending = false
  }
  return {
    event(subject, type, reason, message, annotations) {
      if (stopped) return
      if (queue.length >= queueLimit) {
        deps.log.warn('too many events are waiting: one was dropped', { reason, message })
        return
      }
      const event = newEvent(deps, subject, type, reason, message)
      queue.push(annotations === undefined ? event : { ...event, metadata: { ...event.metadata, annotations } })
      if (sending) return
      sending = true
      void Promise.resolve().then(send)
    },
    stop() {
      stopped = true
      queue.length = 0
    },
  }
}

function isExpected({ reason, details }: Status): boolean {
  return (
    reason === 'AlreadyExists' || (details?.causes?.some((cause) => cause.reason === 'NamespaceTerminating') ?? false)
  )
}

async function record(deps: EventRecorderDeps, correlated: Correlated, stopped: () => boolean): Promise<void> {
  if (correlated.type === 'drop') return
  for (let attempt = 0; attempt < tries && !stopped(); attempt++) {
    const refused = await write(deps.client, correlated)
    if (refused === undefined) return
    if ((refused.code ?? 500) < 500 && refused.code !== 429) {
      // The API's decision stands. That a namespace is going away with what it held is no news.
      if (!isExpected(refused))
        deps.log.warn('an event was refused', { reason: correlated.event.reason, message: refused.message })
      return
    }
    await deps.clock.sleep(attempt === 0 ? deps.random.below(retryMs) : retryMs)
  }
}

/** Undefined when it is written. An event that has expired meanwhile is made anew. */
async function write(
  client: Client,
  { type, event }: Exclude<Correlated, { type: 'drop' }>,
): Promise<Status | undefined> {
  const { name = '', namespace } = event.metadata
  if (type === 'patch') {
    const patched = await client.patch(kinds.events, name, namespace, { type: 'strategic', body: countPatch(event) })
    if (patched.ok) return undefined
    if (patched.error.code !== 404) return patched.error
  }
  const created = await client.create(kinds.events, { ...event, metadata: { ...event.metadata, name } })
  return created.ok ? undefined : created.error
}

function newEvent(
  deps: EventRecorderDeps,
  subject: EventSubject,
  type: EventType,
  reason: string,
  message: string,
): Event {
  const involvedObject = referenceTo(subject)
  const at = timestampOf(deps.clock.nowMs())
  const host = deps.host ?? ''
  return {
    metadata: { name: eventName(deps, involvedObject.name ?? ''), namespace: involvedObject.namespace || 'default' },
    involvedObject,
    reason,
    message,
    type,
    count: 1,
    firstTimestamp: at,
    lastTimestamp: at,
    source: { component: deps.component, ...(host === '' ? {} : { host }) },
    reportingComponent: deps.component,
    reportingInstance: host,
  }
}

/** 'name.<nanoseconds in hexadecimal>'; below the clock's millisecond the digits are random, so that names differ. */
function eventName({ clock, random }: EventRecorderDeps, name: string): string {
  const nanoseconds = BigInt(clock.nowMs()) * BigInt(nanosecondsOfMillisecond)
  return `${name}.${(nanoseconds + BigInt(random.below(nanosecondsOfMillisecond))).toString(16)}`
}

function referenceTo(subject: EventSubject): ObjectReference {
  if (!('metadata' in subject)) return subject
  const { name, namespace, uid, resourceVersion } = subject.metadata
  return {
    ...(subject.apiVersion === undefined ? {} : { apiVersion: subject.apiVersion }),
    ...(subject.kind === undefined ? {} : { kind: subject.kind }),
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  }
}
