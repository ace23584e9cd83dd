import type { ApiObject } from '../api/object.ts'
import type { Entry } from './store.ts'

type LazyEntry = {
  key: string
  json: Uint8Array
  revision: number
  createRevision: number
  parsed: ApiObject | undefined
}

/**
 * Makes entries that hold their JSON for good and the parsed object for a while: an object takes five times the memory of its JSON.
 * The objects parsed last stay, as many as have `parsedBytes` of JSON; others are parsed again when asked for.
 */
export interface EntryMaker {
  make(key: string, json: Uint8Array, revision: number, createRevision: number, object?: ApiObject): Entry
}

const decoder = new TextDecoder()

export function entryMaker(parsedBytes: number): EntryMaker {
  // Those with a parsed object, oldest first, from `first` on.
  let held: (LazyEntry | undefined)[] = []
  let first = 0
  let heldBytes = 0

  const hold = (entry: LazyEntry): void => {
    held.push(entry)
    heldBytes += entry.json.length
    for (; heldBytes > parsedBytes && first < held.length - 1; first++) {
      const oldest = held[first]
      if (oldest === undefined) continue
      heldBytes -= oldest.json.length
      oldest.parsed = undefined
      held[first] = undefined
    }
    if (first > 1024 && first * 2 > held.length) {
      held = held.slice(first)
      first = 0
    }
  }
  // One getter for all entries, on the prototype: a closure for each would cost more than the entry.
  const prototype = Object.defineProperty({}, 'object', {
    enumerable: true,
    get(this: LazyEntry): ApiObject {
      if (this.parsed !== undefined) return this.parsed
      const object = JSON.parse(decoder.decode(this.json)) as ApiObject
      this.parsed = object
      hold(this)
      return object
    },
  }) as Pick<Entry, 'object'>

  return {
    make(key, json, revision, createRevision, object) {
      const entry = Object.create(prototype) as LazyEntry & Entry
      entry.key = key
      entry.json = json
      entry.revision = revision
      entry.createRevision = createRevision
      entry.parsed = object
      if (object !== undefined) hold(entry)
      return entry
    },
  }
}
