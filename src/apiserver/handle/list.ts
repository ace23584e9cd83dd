import type { Kind } from '../../api/kinds.ts'
import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { Entry, RevisionError, Store } from '../../store/store.ts'
import type { Answer, Call, ListMeta } from '../call.ts'
import { scopePrefix, storeKey } from '../resource.ts'
import { judgedForm } from '../versions/shown.ts'
import { continueToken, readContinueToken } from './continue-token.ts'
import { type ListOptions, listOptions, revisionOf, tooLargeVersion } from './list-options.ts'
import { matches, type Selection, selectionOf } from './selection.ts'

type Page = Readonly<{ entries: readonly Entry[]; meta: ListMeta }>

/** One consistent state, whole or in pages: as kube-apiserver answers from its watch cache and etcd. */
export async function listObjects(store: Store, kind: Kind, call: Call): Promise<Result<Answer, Refusal>> {
  const options = listOptions(call.query, false)
  if (!options.ok) return options
  const selection = selectionOf(kind, call.query)
  if (!selection.ok) return selection
  const start = startOf(store, options.value)
  if (!start.ok) return start
  const prefix = scopePrefix(kind, call.info.namespace)
  // A list "from the cache" (resourceVersion 0) is whole whatever the limit.
  const limit = options.value.resourceVersion === '0' ? 0 : options.value.limit
  const whole =
    limit === 0 && selection.value.all && start.value.revision === undefined && start.value.after === undefined
  if (whole) {
    const meta = { resourceVersion: String(store.revision()) }
    return ok({ type: 'list', kind, entries: () => allEntries(store, prefix), meta, prefix })
  }
  const page = await readPage(store, prefix, selection.value, { ...start.value, limit }, call.info.namespace)
  if (!page.ok) return page
  return ok({ type: 'list', kind, entries: () => page.value.entries, meta: page.value.meta })
}

function allEntries(store: Store, prefix: string): readonly Entry[] {
  const answer = store.range({ prefix })
  return answer.ok ? answer.value.entries : []
}

type Start = Readonly<{ revision?: number; after?: string; isContinued?: boolean }>

/** Which state is asked for, and where in it to begin; no revision: the newest. */
function startOf(store: Store, options: ListOptions): Result<Start, Refusal> {
  if (options.continue !== '') return continuedStart(options)
  const revision = revisionOf(options.resourceVersion)
  if (!revision.ok) return revision
  if (revision.value === 0) return ok({})
  const exact = options.match === 'Exact' || (options.match === '' && options.limit > 0)
  if (exact) return ok({ revision: revision.value })
  return revision.value > store.revision() ? fail(tooLargeVersion(revision.value, store.revision())) : ok({})
}

function continuedStart(options: ListOptions): Result<Start, Refusal> {
  const position = readContinueToken(options.continue)
  if (!position.ok) return position
  const version = options.resourceVersion
  if (version !== '' && version !== '0') {
    return fail({ reason: 'BadRequest', message: 'specifying resource version is not allowed when using continue' })
  }
  const { revision, after } = position.value
  return ok(revision < 0 ? { after, isContinued: true } : { revision, after, isContinued: true })
}

type PageQuery = Start & Readonly<{ limit: number }>

async function readPage(
  store: Store,
  scope: string,
  selection: Selection,
  query: PageQuery,
  namespace: string,
): Promise<Result<Page, Refusal>> {
  const { kind, name } = selection
  const one = name !== undefined && (!kind.namespaced || namespace !== '')
  const prefix = one ? storeKey(kind, namespace, name) : scope
  const found: Entry[] = []
  let after = query.after
  let revision = query.revision
  for (;;) {
    const answer = store.range({
      prefix,
      ...(after === undefined ? {} : { after }),
      ...(revision === undefined ? {} : { revision }),
      ...(query.limit === 0 ? {} : { limit: query.limit }),
    })
    if (!answer.ok) return fail(refusalOf(answer.error, query))
    revision = answer.value.revision
    const { remaining } = answer.value
    const eventual = judgedForm(kind, answer.value.entries)
    const shown = eventual instanceof Promise ? await eventual : eventual
    if (!shown.ok) return shown
    const entries = shown.value
    for (const [at, entry] of entries.entries()) {
      after = entry.key
      if (one && entry.key !== prefix) continue
      if (!matches(selection, entry.object)) continue
      found.push(entry)
      const left = remaining + entries.length - at - 1
      if (found.length === query.limit && left > 0) return ok(page(found, revision, entry.key, selection.all, left))
    }
    if (remaining === 0) return ok({ entries: found, meta: { resourceVersion: String(revision) } })
  }
}

function page(entries: readonly Entry[], revision: number, after: string, counted: boolean, remaining: number): Page {
  const resourceVersion = String(revision)
  const meta = { resourceVersion, continue: continueToken({ revision, after }) }
  return { entries, meta: counted ? { ...meta, remainingItemCount: remaining } : meta }
}

const tooOldToContinue =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
  'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
  'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
  'deleted between the time the first chunk was returned and now may show up in the list.'

function refusalOf(error: RevisionError, query: PageQuery): Refusal {
  if (error.reason === 'Future') return tooLargeVersion(query.revision ?? 0, error.newest)
  if (query.isContinued !== true) {
    return { reason: 'Expired', message: 'The resourceVersion for the provided list is too old.' }
  }
  const metadata = { continue: continueToken({ revision: -1, after: query.after ?? '' }) }
  const head = { kind: 'Status', apiVersion: 'v1', metadata, status: 'Failure', message: tooOldToContinue } as const
  return { reason: 'Passed', status: { ...head, reason: 'Expired', code: 410 } }
}
