import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Entry, Store } from '../../store/store.ts'
import { showEntry } from '../versions/shown.ts'
import type { Writer } from './writing.ts'

/** Somebody else wrote the object between the decision and the commit. No client is told: it is decided anew. */
export type Overtaken = Readonly<{ reason: 'Overtaken' }>

export type Decide<T> = (before: Entry | undefined) => Promise<Result<T, Refusal | Overtaken>>

/**
 * Decides on the newest version of an object, in the form of the kind that is written, and where another write came first, anew on what that left: apiserver's
 * GuaranteedUpdate. Only where admission has to wait can another come first, and every round means that another has succeeded.
 */
export async function onNewest<T>(
  { store, clock }: Readonly<{ store: Pick<Store, 'head'>; clock: Pick<Clock, 'nowMs'> }>,
  { kind, deadlineMs }: Pick<Writer, 'kind' | 'deadlineMs'>,
  key: string,
  decide: Decide<T>,
): Promise<Result<T, Refusal>> {
  for (;;) {
    const stored = store.head(key)
    const eventual = stored === undefined ? ok(undefined) : showEntry(kind, stored)
    const before = eventual instanceof Promise ? await eventual : eventual
    if (!before.ok) return before
    const decided = await decide(before.value)
    if (decided.ok) return decided
    const { error } = decided
    if (error.reason !== 'Overtaken') return fail(error)
    if (clock.nowMs() >= deadlineMs) return fail(outOfTime)
  }
}

/** As apiserver's finisher. */
export const outOfTime: Refusal = {
  reason: 'Timeout',
  message: 'Timeout: request did not complete within requested timeout - context deadline exceeded',
  retryAfterSeconds: 0,
}
