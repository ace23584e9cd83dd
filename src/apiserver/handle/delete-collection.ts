import type { Kind } from '../../api/kinds.ts'
import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { Answer, Call } from '../call.ts'
import { notFound, scopePrefix } from '../resource.ts'
import { type Deleted, deleteStored } from './delete.ts'
import { type DeleteOptions, deleteOptions } from './delete-options.ts'
import { listOptions } from './list-options.ts'
import { matches, selectionOf } from './selection.ts'
import { writerOf } from './update.ts'
import type { WriteParts } from './writing.ts'

/** Deletes what is selected, one after the other; not atomic, as the original. The answer lists what was there. */
export async function deleteCollection(parts: WriteParts, kind: Kind, call: Call): Promise<Result<Answer, Refusal>> {
  const listing = listOptions(call.query, false)
  if (!listing.ok) return listing
  const selection = selectionOf(kind, call.query)
  if (!selection.ok) return selection
  const options = await deleteOptions(call)
  if (!options.ok) return options
  const answer = parts.store.range({ prefix: scopePrefix(kind, call.info.namespace) })
  if (!answer.ok) return fail({ reason: 'InternalError', message: 'the newest state is always there' })
  const selected = answer.value.entries.filter((entry) => matches(selection.value, entry.object))
  // All are decided at once and become durable together.
  const results = await Promise.all(selected.map(({ key }) => deleteOne(parts, kind, call, key, options.value)))
  const failed = results.find((result) => !result.ok && result.error.reason !== 'NotFound')
  if (failed !== undefined && !failed.ok) return failed
  const deleted = selected.filter((_, at) => results[at]?.ok)
  const meta = { resourceVersion: String(answer.value.revision) }
  return ok({ type: 'list', kind, entries: () => deleted, meta })
}

function deleteOne(
  parts: WriteParts,
  kind: Kind,
  call: Call,
  key: string,
  options: DeleteOptions,
): Promise<Result<Deleted, Refusal>> {
  const head = parts.store.head(key)
  // Somebody else was quicker.
  if (head === undefined) return Promise.resolve(fail(notFound(kind, '')))
  const namespace = head.object.metadata.namespace ?? ''
  const writer = { ...writerOf(call, kind, { fieldManager: '', dryRun: options.dryRun }), namespace }
  return deleteStored(parts, writer, head, options)
}
