/** core/v1 Event, which is stored, and events.k8s.io/v1 Event: one object under two names. Kubernetes: pkg/apis/events/v1/conversion.go. */
import type { JsonObject } from '../json-value.ts'
import type { ApiObject } from '../object.ts'

/** [in core/v1, in events.k8s.io/v1] of every field whose name differs. */
const names: readonly (readonly [core: string, events: string])[] = [
  ['involvedObject', 'regarding'],
  ['reportingComponent', 'reportingController'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
]
const toCore = new Map(names.map(([core, events]) => [events, core]))
const toEvents = new Map(names.map(([core, events]) => [core, events]))

/** What events.k8s.io/v1 leaves out when empty and core/v1 always writes. */
const alwaysInCore: JsonObject = { reportingComponent: '', reportingInstance: '' }

export function coreEvent(event: ApiObject): ApiObject {
  const renamed = rename(event, toCore)
  return { ...renamed, ...alwaysInCore, ...present(renamed, Object.keys(alwaysInCore)), apiVersion: 'v1' } as ApiObject
}

export function eventsEvent(event: ApiObject): ApiObject {
  const renamed = rename(event, toEvents)
  const kept = Object.entries(renamed).filter(
    ([key, value]) => value !== '' || (key !== 'reportingController' && key !== 'reportingInstance'),
  )
  return { ...Object.fromEntries(kept), apiVersion: 'events.k8s.io/v1' } as ApiObject
}

function rename(object: JsonObject, to: ReadonlyMap<string, string>): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [to.get(key) ?? key, value]))
}

function present(object: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(keys.filter((key) => object[key] !== undefined).map((key) => [key, object[key]]))
}
