import { objectKey, type Stored } from '../api/object.ts'
import { type SortedMap, sortedMap } from './sorted-map.ts'

/** The index values of an object: any number, as with owners. */
export type IndexFunction<T> = (object: Stored<T>) => readonly string[]
export type Indexes<T> = Readonly<Record<string, IndexFunction<T>>>

export type Change<T> = Readonly<{ before: Stored<T> | undefined; after: Stored<T> | undefined }>

/** Objects of one kind by key, with indexes. Each change is returned, so that whoever made it can tell listeners. */
export type Cache<T> = Readonly<{
  get(key: string): Stored<T> | undefined
  list(): readonly Stored<T>[]
  indexed(index: string, value: string): readonly Stored<T>[]
  /** Undefined when this very version is there already. */
  put(object: Stored<T>): Change<T> | undefined
  remove(key: string): Change<T> | undefined
  /** Makes the content exactly this: removals first, in key order, then what is new or changed. */
  replace(objects: readonly Stored<T>[]): readonly Change<T>[]
}>

type Index<T> = Readonly<{ of: IndexFunction<T>; byValue: Map<string, SortedMap<Stored<T>>> }>

export function makeCache<T>(indexFunctions: Indexes<T>): Cache<T> {
  const objects = sortedMap<Stored<T>>()
  const indexes = new Map<string, Index<T>>(
    Object.entries(indexFunctions).map(([name, of]) => [name, { of, byValue: new Map() }]),
  )
  const put = (object: Stored<T>): Change<T> | undefined => {
    const key = objectKey(object)
    const known = objects.get(key)
    if (known !== undefined && isSameVersion(known, object)) return undefined
    objects.set(key, object)
    for (const index of indexes.values()) moveInIndex(index, key, known, object)
    return { before: known, after: object }
  }
  const remove = (key: string): Change<T> | undefined => {
    const known = objects.delete(key)
    if (known === undefined) return undefined
    for (const index of indexes.values()) moveInIndex(index, key, known, undefined)
    return { before: known, after: undefined }
  }
  const replace = (next: readonly Stored<T>[]): readonly Change<T>[] => {
    const kept = new Set(next.map(objectKey))
    const gone = objects.values().filter((object) => !kept.has(objectKey(object)))
    return [...gone.map((object) => remove(objectKey(object))), ...next.map(put)].filter(
      (change) => change !== undefined,
    )
  }
  return {
    get: (key) => objects.get(key),
    list: () => objects.values(),
    indexed(name, value) {
      const index = indexes.get(name)
      if (index === undefined) throw new Error(`assertion failed: there is no index ${name}`)
      return index.byValue.get(value)?.values() ?? []
    },
    put,
    remove,
    replace,
  }
}

function isSameVersion<T>(a: Stored<T>, b: Stored<T>): boolean {
  return a.metadata.resourceVersion === b.metadata.resourceVersion && a.metadata.uid === b.metadata.uid
}

function moveInIndex<T>(
  { of, byValue }: Index<T>,
  key: string,
  before: Stored<T> | undefined,
  after: Stored<T> | undefined,
): void {
  const values = after === undefined ? [] : of(after)
  for (const value of before === undefined ? [] : of(before)) {
    if (values.includes(value)) continue
    const bucket = byValue.get(value)
    bucket?.delete(key)
    if (bucket?.size() === 0) byValue.delete(value)
  }
  if (after === undefined) return
  for (const value of values) {
    let bucket = byValue.get(value)
    if (bucket === undefined) {
      bucket = sortedMap()
      byValue.set(value, bucket)
    }
    bucket.set(key, after)
  }
}
