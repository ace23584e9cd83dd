import { setValue } from './json-value.ts'
import { fail, ok, type Result } from './result.ts'

type Container = Record<string, unknown> | unknown[]

/** Where an operation works: a key or index of one object or list. */
export type Place = Readonly<{ container: Container; key: string }>

/**
 * A JSON document under edit: copies a container the first time it is touched, so that the original stays as it was and unchanged
 * parts are shared. Errors are worded as evanphx/json-patch's.
 */
export type JsonEditor = Readonly<{
  root(): unknown
  replaceRoot(value: unknown): void
  /** The place a JSON pointer names; undefined when what should hold it is missing or no container. */
  find(path: string): Place | undefined
  /** Forgets that parts of a value may be edited in place: it is about to stand at a second place. */
  share(value: unknown): unknown
}>

export function editJson(document: unknown): JsonEditor {
  let root = document
  const owned = new Set<object>()

  function own(value: unknown): Container | undefined {
    if (typeof value !== 'object' || value === null) return undefined
    if (owned.has(value)) return value as Container
    const copy = Array.isArray(value) ? [...value] : { ...value }
    owned.add(copy)
    return copy
  }

  function find(path: string): Place | undefined {
    const parts = path.split('/').slice(1).map(decodeToken)
    const key = parts.pop()
    let container = key === undefined ? undefined : own(root)
    if (key === undefined || container === undefined) return undefined
    root = container
    for (const part of parts) {
      const place: Place = { container, key: part }
      const value = getPlace(place)
      const inner = value.ok ? own(value.value) : undefined
      if (inner === undefined) return undefined
      setPlace(place, inner)
      container = inner
    }
    return { container, key }
  }

  function share(value: unknown): unknown {
    // Only what is reached through owned containers can be owned.
    if (typeof value === 'object' && value !== null && owned.delete(value)) Object.values(value).forEach(share)
    return value
  }

  return {
    root: () => root,
    replaceRoot: (value) => {
      root = value
    },
    find,
    share,
  }
}

/** A missing key of an object is undefined; a missing index is an error. */
export function getPlace({ container, key }: Place): Result<unknown, string> {
  if (!Array.isArray(container)) return ok(Object.hasOwn(container, key) ? container[key] : undefined)
  const index = indexOf(key, container.length)
  if (!index.ok) return index
  return index.value < container.length ? ok(container[index.value]) : fail(badIndex(index.value))
}

/** The place must exist, or be a key of an object. */
export function setPlace({ container, key }: Place, value: unknown): void {
  if (!Array.isArray(container)) {
    setValue(container, key, value)
    return
  }
  const index = indexOf(key, container.length)
  if (index.ok) container[index.value] = value
}

/** Adds or replaces a key; inserts before an index, '-' being the end. */
export function addAtPlace(place: Place, value: unknown): Result<void, string> {
  const { container, key } = place
  if (!Array.isArray(container)) {
    setPlace(place, value)
    return ok(undefined)
  }
  if (key === '-') {
    container.push(value)
    return ok(undefined)
  }
  if (!isInteger(key)) return fail(`value was not a proper array index: '${key}': ${notInteger(key)}`)
  const index = indexOf(key, container.length + 1)
  if (!index.ok) return index
  if (index.value > container.length) return fail(badIndex(index.value))
  container.splice(index.value, 0, value)
  return ok(undefined)
}

export function removePlace({ container, key }: Place): Result<void, string> {
  if (!Array.isArray(container)) {
    if (!Object.hasOwn(container, key)) return fail(`Unable to remove nonexistent key: ${key}: missing value`)
    delete container[key]
    return ok(undefined)
  }
  const index = indexOf(key, container.length)
  if (!index.ok) return index
  if (index.value >= container.length) return fail(badIndex(index.value))
  container.splice(index.value, 1)
  return ok(undefined)
}

function decodeToken(token: string): string {
  return token.replace(/~[01]/g, (code) => (code === '~1' ? '/' : '~'))
}

function isInteger(key: string): boolean {
  return /^[-+]?[0-9]{1,15}$/.test(key)
}

function notInteger(key: string): string {
  return `strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`
}

function badIndex(index: number): string {
  return `Unable to access invalid index: ${index}: invalid index referenced`
}

/** Negative indexes count from the end of the length. The upper bound is the caller's. */
function indexOf(key: string, length: number): Result<number, string> {
  if (!isInteger(key)) return fail(notInteger(key))
  const index = Number(key)
  if (index < -length) return fail(badIndex(index))
  return ok(index < 0 ? index + length : index)
}
