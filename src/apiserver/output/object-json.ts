import { apiVersionOf, type Kind, listKindOf } from '../../api/kinds.ts'
import type { Entry } from '../../store/store.ts'
import type { ListMeta } from '../call.ts'
import { typeMetaJson } from '../resource.ts'

const encoder = new TextEncoder()
const comma = 0x2c
const openBrace = 0x7b

/** Items of a list as JSON, joined by commas: stored chunks without their type, which the list's own says. */
export function itemsJson(kind: Kind, entries: readonly Entry[]): Uint8Array {
  // Items of custom resources keep their type.
  const headBytes = kind.custom === undefined ? encoder.encode(typeMetaJson(kind)).length : 1
  let sizeBytes = 0
  for (const { json } of entries) sizeBytes += json.length - headBytes + 2
  const joined = new Uint8Array(Math.max(0, sizeBytes - 1))
  let at = 0
  for (const { json } of entries) {
    if (at > 0) joined[at++] = comma
    joined[at++] = openBrace
    joined.set(headBytes === 0 ? json : json.subarray(headBytes), at)
    at += json.length - headBytes
  }
  return joined
}

/** Lists of custom resources say it where nothing follows. */
export function listMeta({ custom }: Pick<Kind, 'custom'>, meta: ListMeta): ListMeta {
  return custom === undefined ? meta : { continue: '', ...meta }
}

/** What stands around the items. */
export function listFrame(
  kind: Pick<Kind, 'group' | 'version' | 'kind' | 'custom'>,
  meta: ListMeta,
): readonly [Uint8Array, Uint8Array] {
  const type = `"kind":${JSON.stringify(listKindOf(kind))},"apiVersion":${JSON.stringify(apiVersionOf(kind))}`
  return [
    encoder.encode(`{${type},"metadata":${JSON.stringify(listMeta(kind, meta))},"items":[`),
    encoder.encode(']}\n'),
  ]
}

/** Items of a list, and the same as JSON. */
export type ListItems = Readonly<{ entries: readonly Entry[]; json: Uint8Array }>

/** Keeps the joined items of whole lists, in each form that they are shown in, until something below their prefix changes. */
export interface ListCache {
  items(form: string, prefix: string, make: () => ListItems): ListItems
}

const cachedBytesLimit = 64 * 1024 * 1024

type Changes = Readonly<{ watch(prefix: string, onChange: () => void): () => void }>

export function listCache(changes: Changes): ListCache {
  const cached = new Map<string, Readonly<{ items: ListItems; forget: () => void }>>()
  let cachedBytes = 0
  const forget = (key: string): void => {
    const found = cached.get(key)
    if (found === undefined) return
    cachedBytes -= found.items.json.length
    cached.delete(key)
    found.forget()
  }
  return {
    items(form, prefix, make) {
      const key = `${form} ${prefix}`
      const found = cached.get(key)
      if (found !== undefined) return found.items
      const items = make()
      if (items.json.length > cachedBytesLimit) return items
      for (const oldest of cached.keys()) {
        if (cachedBytes + items.json.length <= cachedBytesLimit) break
        forget(oldest)
      }
      cached.set(key, { items, forget: changes.watch(prefix, () => forget(key)) })
      cachedBytes += items.json.length
      return items
    },
  }
}
