import { assert } from '../api/assert.ts'

/** True for the keys that stand before a point, false for those after: must never turn from false to true in key order. */
export type IsBefore = (key: string) => boolean

/** A set of keys in order (by UTF-16 code unit, as JavaScript compares). All but `scan` takes time by the logarithm, nearly. */
export interface KeyIndex {
  readonly size: number
  add(key: string): void
  delete(key: string): void
  /** How many keys stand before the point. */
  rank(isBefore: IsBefore): number
  /** Visits the keys after the point, in order, until `visit` returns false. The index must not change meanwhile. */
  scan(isBefore: IsBefore, visit: (key: string) => boolean): void
}

/** A point right before the first key with the prefix. */
export function startOfPrefix(prefix: string): IsBefore {
  return (key) => key < prefix
}

/** A point right after the last key with the prefix. */
export function endOfPrefix(prefix: string): IsBefore {
  return (key) => key < prefix || key.startsWith(prefix)
}

/** A point right after the key. */
export function afterKey(after: string): IsBefore {
  return (key) => key <= after
}

const fullChunk = 512

/** Sorted chunks of up to 512 keys: inserting moves few, and the chunks themselves are few enough to search and to move. */
export function keyIndex(): KeyIndex {
  const chunks: string[][] = []
  let size = 0

  /** First chunk whose last key is not before the point. */
  const chunkAt = (isBefore: IsBefore): number =>
    partition(chunks.length, (at) => {
      const chunk = chunks[at]
      return chunk !== undefined && isBefore(chunk[chunk.length - 1] as string)
    })
  const positionIn = (chunk: readonly string[], isBefore: IsBefore): number =>
    partition(chunk.length, (at) => isBefore(chunk[at] as string))

  return {
    get size() {
      return size
    },
    add(key) {
      const isBefore = startOfPrefix(key)
      const at = Math.min(chunkAt(isBefore), Math.max(0, chunks.length - 1))
      const chunk = chunks[at]
      size += 1
      if (chunk === undefined) {
        chunks.push([key])
        return
      }
      const position = positionIn(chunk, isBefore)
      assert(chunk[position] !== key, `key ${key} is in the index already`)
      chunk.splice(position, 0, key)
      if (chunk.length > fullChunk) chunks.splice(at + 1, 0, chunk.splice(splitPoint(chunk, position)))
    },
    delete(key) {
      const isBefore = startOfPrefix(key)
      const at = chunkAt(isBefore)
      const chunk = chunks[at] ?? []
      const position = positionIn(chunk, isBefore)
      assert(chunk[position] === key, `key ${key} is not in the index`)
      size -= 1
      chunk.splice(position, 1)
      if (chunk.length === 0) chunks.splice(at, 1)
      else mergeWithNext(chunks, at)
    },
    rank(isBefore) {
      const at = chunkAt(isBefore)
      let rank = 0
      for (let i = 0; i < at; i++) rank += chunks[i]?.length ?? 0
      const chunk = chunks[at]
      return chunk === undefined ? rank : rank + positionIn(chunk, isBefore)
    },
    scan(isBefore, visit) {
      const first = chunkAt(isBefore)
      for (let at = first; at < chunks.length; at++) {
        const chunk = chunks[at] ?? []
        for (let i = at === first ? positionIn(chunk, isBefore) : 0; i < chunk.length; i++) {
          if (!visit(chunk[i] as string)) return
        }
      }
    },
  }
}

/** Keys often come in rising order: then the left chunk stays full. */
function splitPoint(chunk: readonly string[], position: number): number {
  return position === chunk.length - 1 ? chunk.length - 1 : chunk.length >> 1
}

function mergeWithNext(chunks: string[][], at: number): void {
  const chunk = chunks[at]
  const next = chunks[at + 1]
  if (chunk === undefined || next === undefined || chunk.length + next.length > fullChunk / 2) return
  chunks.splice(at, 2, chunk.concat(next))
}

/** The first position in [0, length) for which isBefore is false; length when there is none. */
function partition(length: number, isBefore: (at: number) => boolean): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >> 1
    if (isBefore(middle)) low = middle + 1
    else high = middle
  }
  return low
}
