import type { Kind } from '../api/kinds.ts'
import { objectKey, type Stored } from '../api/object.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Random } from '../ports/random.ts'
import { type Change, type Indexes, makeCache } from './cache.ts'
import type { Client, ListOptions } from './client.ts'
import type { Informer } from './informer.ts'
import { startReflector, type Target } from './reflector.ts'

export type InformerDeps<T> = Readonly<{
  client: Client
  kind: Kind<T>
  clock: Clock
  random: Random
  log: Log
  /** Only what is listed and watched with these is kept. */
  options?: ListOptions
  indexes?: Indexes<T>
}>

type Listener<T> = (before: Stored<T> | undefined, after: Stored<T> | undefined) => void

/** Starts to keep a copy of a kind. A listener that throws is a bug of the listener's, and is not caught. */
export function startInformer<T>(deps: InformerDeps<T>): Informer<T> {
  const cache = makeCache<T>(deps.indexes ?? {})
  const listeners: Listener<T>[] = []
  let version = ''
  let announceSynced: () => void = () => {}
  const whenSynced = new Promise<void>((resolve) => {
    announceSynced = resolve
  })
  const tell = (change: Change<T> | undefined, resourceVersion: string): void => {
    // First, so that a listener finds the copy at least as new as the change it is told of.
    version = resourceVersion
    for (const { before, after } of change === undefined ? [] : split(change)) {
      for (const listener of listeners) listener(before, after)
    }
  }
  const target: Target<T> = {
    replace(objects, resourceVersion) {
      const changes = cache.replace(objects.map(asKept))
      version = resourceVersion
      for (const change of changes) tell(change, resourceVersion)
      announceSynced()
    },
    put: (object, resourceVersion) => tell(cache.put(asKept(object)), resourceVersion),
    remove: (object, resourceVersion) => tell(removed(cache.remove(objectKey(object)), object), resourceVersion),
    bookmark(resourceVersion) {
      version = resourceVersion
    },
  }
  const reflector = startReflector({ options: {}, ...deps, target })
  return {
    get: cache.get,
    list: cache.list,
    indexed: cache.indexed,
    resourceVersion: () => version,
    synced: () => version !== '',
    whenSynced: () => whenSynced,
    onChange: (listener) => void listeners.push(listener),
    stop: reflector.stop,
  }
}

/** An object that was deleted and made anew unseen is a deletion and a creation, never an update. */
function split<T>(change: Change<T>): readonly Change<T>[] {
  const { before, after } = change
  if (before === undefined || after === undefined || before.metadata.uid === after.metadata.uid) return [change]
  return [
    { before, after: undefined },
    { before: undefined, after },
  ]
}

/** The DELETED event carries the last state, which may be newer than the copy. */
function removed<T>(change: Change<T> | undefined, last: Stored<T>): Change<T> | undefined {
  return change === undefined ? undefined : { before: asKept(last), after: undefined }
}

/**
 * managedFields are half of a small object's size, and nobody reads them here. Empty lists that Go always writes (rules of a role,
 * endpoints of a slice) come as null, where the declared types have them absent.
 */
function asKept<T>(object: Stored<T>): Stored<T> {
  const { managedFields: _, ...metadata } = object.metadata
  const kept: Record<string, unknown> = {}
  for (const key of Object.keys(object)) {
    const value = object[key as keyof typeof object]
    if (value !== null) kept[key] = key === 'metadata' ? metadata : value
  }
  return kept as unknown as Stored<T>
}
