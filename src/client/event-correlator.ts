import type { Event } from '../api/kinds.generated.ts'
import { boundedMap } from './bounded-map.ts'

/** What to do with an event: make it, or raise the count of the one that is there. Too many about one object: nothing. */
export type Correlated =
  | Readonly<{ type: 'create'; event: Event }>
  | Readonly<{ type: 'patch'; event: Event }>
  | Readonly<{ type: 'drop' }>

export type EventCorrelator = Readonly<{ correlate(event: Event, nowMs: number): Correlated }>

/** The bounds of client-go's event correlator. */
const cacheLimit = 4096
const similarLimit = 10
const similarWithinMs = 600_000
const burst = 25
const refillMs = 300_000

type Similar = { messages: Set<string>; lastMs: number }
type Bucket = { tokens: number; atMs: number }
type Seen = Readonly<{ name: string; count: number; firstTimestamp: string | undefined }>

/**
 * client-go's three steps. Events that differ in nothing but their message become one, '(combined from similar events)', from the tenth
 * message within ten minutes on. An event seen before raises its count. A source may send 25 events about one object in a burst, then
 * one every five minutes.
 */
export function eventCorrelator(): EventCorrelator {
  const similar = boundedMap<Similar>(cacheLimit)
  const seen = boundedMap<Seen>(cacheLimit)
  const buckets = boundedMap<Bucket>(cacheLimit)

  const aggregate = (event: Event, nowMs: number): Readonly<{ event: Event; key: string }> => {
    const key = keyOf(event, event.reason, event.reportingComponent, event.reportingInstance)
    const known = similar.get(key)
    const record = known === undefined || nowMs - known.lastMs > similarWithinMs ? fresh() : known
    const message = event.message ?? ''
    record.messages.add(message)
    record.lastMs = nowMs
    similar.set(key, record)
    if (record.messages.size < similarLimit)
      return { event, key: keyOf(event, event.involvedObject.fieldPath, event.reason, message) }
    record.messages.delete(message)
    return { event: { ...event, message: `(combined from similar events): ${message}` }, key }
  }
  const count = (event: Event, key: string): Correlated => {
    const known = seen.get(key)
    const next = known === undefined ? event : raised(event, known)
    const { name = '' } = next.metadata
    seen.set(key, { name, count: next.count ?? 1, firstTimestamp: next.firstTimestamp })
    return { type: known === undefined ? 'create' : 'patch', event: next }
  }
  return {
    correlate(event, nowMs) {
      const { event: aggregated, key } = aggregate(event, nowMs)
      const counted = count(aggregated, key)
      return take(buckets, keyOf(event), nowMs) ? counted : { type: 'drop' }
    },
  }
}

function fresh(): Similar {
  return { messages: new Set(), lastMs: 0 }
}

function raised(event: Event, known: Seen): Event {
  return {
    ...event,
    metadata: { ...event.metadata, name: known.name },
    count: known.count + 1,
    ...(known.firstTimestamp === undefined ? {} : { firstTimestamp: known.firstTimestamp }),
  }
}

/** Source, object and type, which all keys begin with. */
function keyOf(event: Event, ...more: readonly (string | undefined)[]): string {
  const { source, involvedObject: o } = event
  const parts = [source?.component, source?.host, o.kind, o.namespace, o.name, o.uid, o.apiVersion]
  return JSON.stringify([...parts, event.type, ...more])
}

function take(buckets: ReturnType<typeof boundedMap<Bucket>>, key: string, nowMs: number): boolean {
  const bucket = buckets.get(key) ?? { tokens: burst, atMs: nowMs }
  bucket.tokens = Math.min(burst, bucket.tokens + (nowMs - bucket.atMs) / refillMs)
  bucket.atMs = nowMs
  buckets.set(key, bucket)
  if (bucket.tokens < 1) return false
  bucket.tokens -= 1
  return true
}

/** The fields that change when an event happens again. */
export function countPatch(event: Event): unknown {
  const { count, lastTimestamp, message } = event
  return { count, lastTimestamp, message }
}
