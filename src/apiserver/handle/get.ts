import type { Kind } from '../../api/kinds.ts'
import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { Store } from '../../store/store.ts'
import type { Answer, Call } from '../call.ts'
import { notFound, storeKey } from '../resource.ts'
import { revisionOf, tooLargeVersion } from './list-options.ts'

/** The stored object. A resourceVersion is the oldest state that will do; ours is always the newest. */
export function getObject(store: Store, kind: Kind, call: Call): Result<Answer, Refusal> {
  const asked = call.query.get('resourceVersion')
  if (asked !== null && asked !== '0') {
    const revision = revisionOf(asked)
    if (!revision.ok) return fail(badVersion(asked))
    if (revision.value > store.revision()) return fail(tooLargeVersion(revision.value, store.revision()))
  }
  const { namespace, name } = call.info
  const entry = store.get(storeKey(kind, namespace, name))
  return entry === undefined ? fail(notFound(kind, name)) : ok({ type: 'entry', status: 200, kind, entry })
}

/** The storage layer's own error comes through here as it is, unlike for lists. */
function badVersion(asked: string): Refusal {
  const why = `strconv.ParseUint: parsing ${JSON.stringify(asked)}: invalid syntax`
  const message = `resourceVersion: Invalid value: ${JSON.stringify(asked)}: ${why}`
  const head = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message } as const
  return { reason: 'Passed', status: { ...head, code: 500 } }
}
