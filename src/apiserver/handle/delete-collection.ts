import type { Kind } from '../../api/kinds.ts'
import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { judgedKind } from '../../api/versioning.ts'
import type { Entry } from '../../store/store.ts'
import type { Attributes } from '../admit/admission.ts'
import type { Answer, Call } from '../call.ts'
import { scopePrefix } from '../resource.ts'
import { judgedForm } from '../versions/shown.ts'
import { type Deleted, deleteNewest, judgedDelete, warnOfDependents } from './delete.ts'
import { type DeleteOptions, deleteOptions } from './delete-options.ts'
import { listOptions } from './list-options.ts'
import { matches, selectionOf } from './selection.ts'
import { type WriteParts, writerOf } from './writing.ts'

/** So many are decided at once and become durable together. */
const batchSize = 256

/** Deletes what is selected, in order; not atomic, as the original. The answer lists what was there. */
export async function deleteCollection(parts: WriteParts, kind: Kind, call: Call): Promise<Result<Answer, Refusal>> {
  const listing = listOptions(call.query, false)
  if (!listing.ok) return listing
  const selection = selectionOf(kind, call.query)
  if (!selection.ok) return selection
  const options = await deleteOptions(call)
  if (!options.ok) return options
  warnOfDependents(kind, call, options.value)
  const answer = parts.store.range({ prefix: scopePrefix(kind, call.info.namespace) })
  if (!answer.ok) return fail({ reason: 'InternalError', message: 'the newest state is always there' })
  const shown = await judgedForm(kind, answer.value.entries)
  if (!shown.ok) return shown
  const selected = shown.value.filter((entry) => matches(selection.value, entry.object))
  const deleted: Entry[] = []
  for (let at = 0; at < selected.length; at += batchSize) {
    const batch = selected.slice(at, at + batchSize)
    const results = await Promise.all(batch.map((entry) => deleteOne(parts, kind, call, entry, options.value)))
    // Of one that is gone by now somebody else was quicker.
    const failed = results.find((result) => !result.ok && result.error.reason !== 'NotFound')
    if (failed !== undefined && !failed.ok) return failed
    deleted.push(...batch.filter((_, index) => results[index]?.ok))
  }
  const meta = { resourceVersion: String(answer.value.revision) }
  return ok({ type: 'list', kind, entries: () => deleted, meta })
}

function deleteOne(
  parts: WriteParts,
  kind: Kind,
  call: Call,
  { key, object }: Entry,
  options: DeleteOptions,
): Promise<Result<Deleted, Refusal>> {
  const writer = writerOf(call, judgedKind(kind), { ...options, fieldManager: '' })
  const { namespace = '' } = object.metadata
  const attributes: Attributes = { ...writer, requested: kind, namespace, operation: 'DELETE', name: '' }
  return deleteNewest(parts, attributes, key, options, judgedDelete(parts.admission, attributes))
}
