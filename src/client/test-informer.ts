import type { ObjectMeta } from '../api/kinds.generated.ts'
import { objectKey, type Stored } from '../api/object.ts'
import type { Informer } from './informer.ts'

/** For tests that want an informer and no API server. */

type Named = Readonly<{ metadata?: ObjectMeta }>
export type TestInformer<T extends Named> = Informer<T> & Readonly<{ set(object: T): void; remove(key: string): void }>

/** An informer whose copy the test writes. Synced from the start. */
export function testInformer<T extends Named>(): TestInformer<T> {
  const objects = new Map<string, Stored<T>>()
  const listeners: ((before: Stored<T> | undefined, after: Stored<T> | undefined) => void)[] = []
  const keys = (): string[] => [...objects.keys()].sort()
  const put = (key: string, after: Stored<T> | undefined): void => {
    const before = objects.get(key)
    if (after === undefined) objects.delete(key)
    else objects.set(key, after)
    for (const listener of listeners) listener(before, after)
  }
  return {
    get: (key) => objects.get(key),
    list: () => keys().flatMap((key) => objects.get(key) ?? []),
    indexed: () => [],
    resourceVersion: () => '0',
    synced: () => true,
    whenSynced: () => Promise.resolve(),
    onChange: (listener) => {
      listeners.push(listener)
    },
    stop: () => {},
    set: (object) => put(objectKey({ metadata: object.metadata ?? {} }), object as unknown as Stored<T>),
    remove: (key) => put(key, undefined),
  }
}
