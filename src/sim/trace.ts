import type { ApiObject } from '../api/object.ts'
import type { Keys } from '../ports/keys.ts'
import type { Entry, Store, StoreEvent } from '../store/store.ts'

/** Follows the whole history of a cluster, through restarts of its store. */
export type Trace = Readonly<{
  /**
   * Follows the store from what has been seen so far, after a restart the one that was opened again. All that was ever visible must be in
   * it: what is not, in words.
   */
  follow(store: Store): readonly string[]
  /** What is there, as far as it is visible. */
  objects<T>(kind: string): readonly T[]
  /** Of everything that has become visible so far: two runs with equal digests saw the same history, byte for byte. */
  digest(): string
  events(): number
}>

const encoder = new TextEncoder()

/** Folds the history into one digest, event by event, and calls back with each. */
export function makeTrace(
  keys: Pick<Keys, 'sha256'>,
  onEvent: (object: ApiObject, before: ApiObject | undefined) => void,
): Trace {
  const visible = new Map<string, Entry>()
  const byKind = new Map<string, Map<string, ApiObject>>()
  let digest: Uint8Array = new Uint8Array(32)
  let revision = 0
  let events = 0
  const see = ({ type, revision: seen, entry }: StoreEvent): void => {
    const before = visible.get(entry.key)
    events += 1
    revision = seen
    digest = keys.sha256(joined(digest, encoder.encode(`${type} ${seen} ${entry.key} `), entry.json))
    const { object } = entry
    const ofKind = byKind.get(object.kind) ?? new Map<string, ApiObject>()
    byKind.set(object.kind, ofKind)
    if (type === 'put') visible.set(entry.key, entry)
    else visible.delete(entry.key)
    if (type === 'put') ofKind.set(entry.key, object)
    else ofKind.delete(entry.key)
    onEvent(object, before?.object)
  }
  return {
    follow(store) {
      const watch = store.watch('', revision, (seen) => {
        for (const event of seen) see(event)
      })
      return watch.ok
        ? differences(visible, store)
        : [`revision ${revision} was visible: ${JSON.stringify(watch.error)}`]
    },
    objects: <T>(kind: string) => [...(byKind.get(kind)?.values() ?? [])] as unknown as readonly T[],
    digest: () => [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
    events: () => events,
  }
}

/** Between what the history comes to and what the store holds. */
function differences(visible: ReadonlyMap<string, Entry>, store: Store): readonly string[] {
  const range = store.range({ prefix: '' })
  if (!range.ok) return ['the store cannot be read']
  const held = new Map(range.value.entries.map(({ key, revision }) => [key, revision]))
  const keys = new Set([...visible.keys(), ...held.keys()])
  return [...keys].flatMap((key) => {
    const [seen, has] = [visible.get(key)?.revision, held.get(key)]
    return seen === has ? [] : [`${key} was at revision ${seen}; the store opened again has ${has}`]
  })
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
