import type { Kind } from '../api/kinds.ts'
import type { Informer } from '../client/informer.ts'
import type { Clock } from '../ports/clock.ts'
import type { Written } from './perform.ts'

/**
 * What a controller has written and must see in its informers before it decides about the same key again: otherwise it would, for
 * instance, create once more the pods that it has just created. Bounded by what one reconcile writes, for each key.
 */
export type Expectations = Readonly<{
  expect(key: string, written: readonly Written[]): void
  /** True when everything that was expected for the key has been seen, or five minutes have passed (client-go's bound). */
  satisfied(key: string): boolean
  forget(key: string): void
}>

const timeoutMs = 300_000

type Pending = Readonly<{ written: readonly Written[]; untilMs: number }>

/** `informerOf` gives undefined for kinds that the controller does not watch: nothing is expected of them. */
export function makeExpectations(
  clock: Clock,
  informerOf: (kind: Kind) => Informer<unknown> | undefined,
): Expectations {
  const pending = new Map<string, Pending>()
  return {
    expect(key, written) {
      const watched = written.filter(({ kind }) => informerOf(kind) !== undefined)
      if (watched.length > 0) pending.set(key, { written: watched, untilMs: clock.monotonicMs() + timeoutMs })
    },
    satisfied(key) {
      const expected = pending.get(key)
      if (expected === undefined) return true
      const timedOut = clock.monotonicMs() >= expected.untilMs
      if (!timedOut && !expected.written.every((written) => isSeen(informerOf(written.kind), written))) return false
      pending.delete(key)
      return true
    },
    forget: (key) => void pending.delete(key),
  }
}

function isSeen(informer: Informer<unknown> | undefined, { key, uid, resourceVersion }: Written): boolean {
  if (informer === undefined) return true
  if (resourceVersion !== undefined) return isAtLeast(informer.resourceVersion(), resourceVersion)
  const known = informer.get(key)
  return known === undefined || known.metadata.uid !== uid || known.metadata.deletionTimestamp !== undefined
}

/** Resource versions of one kind are numbers that grow (Kubernetes 1.35: comparable resource versions). */
function isAtLeast(version: string, wanted: string): boolean {
  return version.length === wanted.length ? version >= wanted : version.length > wanted.length
}
