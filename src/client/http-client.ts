import { assert } from '../api/assert.ts'
import { makeEnder } from '../api/ending.ts'
import type { ObjectMeta, Status } from '../api/kinds.generated.ts'
import { apiVersionOf, type Kind } from '../api/kinds.ts'
import type { ApiObject, Stored } from '../api/object.ts'
import { fail, ok, type Result } from '../api/result.ts'
import { withFields } from '../api/with-fields.ts'
import { failure, isRecord } from './answer.ts'
import type { Client, Listed, ListOptions, Patch, WatchEvent, WatchOptions } from './client.ts'
import { type Exchange, type HttpClientDeps, httpExchange } from './http-exchange.ts'
import { collectionPath, listQuery, objectPath, query, watchQuery } from './request-path.ts'
import { watchEvents, watchQueue } from './watch-stream.ts'

/** A watch whose reader is this far behind stops its writer. */
const watchHighWaterBytes = 1 << 20

const patchTypes: Readonly<Record<Patch['type'], string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  // JSON is YAML.
  apply: 'application/apply-patch+yaml',
}

/** A Client that speaks HTTP exchanges with the handler: in process, or through one that passes them over the wire. */
export function makeClient(deps: HttpClientDeps): Client {
  const exchange = httpExchange(deps)
  return {
    read: (path) => exchange.send({ method: 'GET', target: path }),
    get: (kind, name, namespace, subresource) =>
      stored(exchange.send({ method: 'GET', target: objectPath(kind, name, namespace, subresource) })),
    list: (kind, options = {}) => listPages(exchange, kind, options),
    watch: (kind, options) => openWatch(exchange, kind, options),
    create: (kind, object) =>
      stored(exchange.send({ method: 'POST', target: creationPath(kind, object.metadata), body: typed(kind, object) })),
    update: (kind, object, subresource) =>
      stored(
        exchange.send({
          method: 'PUT',
          target: pathOfObject(kind, object, subresource),
          // A Scale says itself what it is.
          body: subresource === 'scale' ? object : typed(kind, object),
        }),
      ),
    patch: (kind, name, namespace, patch, subresource) =>
      stored(
        exchange.send({
          method: 'PATCH',
          target: objectPath(kind, name, namespace, subresource) + patchQuery(patch),
          body: patch.body,
          contentType: patchTypes[patch.type],
        }),
      ),
    delete: async (kind, name, namespace, options = {}) => {
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', ...options }
      const answer = await exchange.send({ method: 'DELETE', target: objectPath(kind, name, namespace), body })
      return answer.ok ? ok(undefined) : answer
    },
    deleteCollection: async (kind, options) => {
      const target = collectionPath(kind, options.namespace) + listQuery(options)
      const answer = await exchange.send({ method: 'DELETE', target })
      return answer.ok ? ok(undefined) : answer
    },
    createSubresource: async (kind, name, namespace, subresource, body) => {
      const answer = await exchange.send({
        method: 'POST',
        target: objectPath(kind, name, namespace, subresource),
        body,
      })
      return answer.ok ? ok(answer.value as ApiObject) : answer
    },
  }
}

async function stored<T>(answer: Promise<Result<unknown, Status>>): Promise<Result<Stored<T>, Status>> {
  const result = await answer
  if (!result.ok) return result
  return isRecord(result.value)
    ? ok(result.value as unknown as Stored<T>)
    : fail(failure(500, 'the answer is no object'))
}

function creationPath(kind: Kind, meta: ObjectMeta): string {
  assert(!kind.namespaced || (meta.namespace ?? '') !== '', `a namespace is needed to create one of ${kind.plural}`)
  return collectionPath(kind, meta.namespace)
}

function pathOfObject(kind: Kind, object: unknown, subresource: string | undefined): string {
  const meta: ObjectMeta = isRecord(object) && isRecord(object.metadata) ? object.metadata : {}
  return objectPath(kind, meta.name ?? '', meta.namespace, subresource)
}

function typed(kind: Kind, object: unknown): unknown {
  return withFields(object as object, { apiVersion: apiVersionOf(kind), kind: kind.kind })
}

function patchQuery({ fieldManager, force }: Patch): string {
  return query({ fieldManager, force: force === undefined ? undefined : String(force) })
}

/** One answer, or all pages of one snapshot. A page that has expired ends in its 410. */
async function listPages<T>(
  exchange: Exchange,
  kind: Kind<T>,
  options: ListOptions,
): Promise<Result<Listed<T>, Status>> {
  const items: Stored<T>[] = []
  let resume: string | undefined
  for (;;) {
    const target = collectionPath(kind, options.namespace) + listQuery(options, resume)
    const answer = await exchange.send({ method: 'GET', target })
    if (!answer.ok) return answer
    const page = parsePage(kind, answer.value)
    if (page === undefined) return fail(failure(500, `the answer to GET ${target} is not a list`))
    for (const item of page.items) items.push(item)
    resume = page.resume
    if (resume === undefined) return ok({ items, resourceVersion: page.resourceVersion })
  }
}

type Page<T> = Readonly<{ items: readonly Stored<T>[]; resourceVersion: string; resume?: string }>

function parsePage<T>(kind: Kind<T>, answer: unknown): Page<T> | undefined {
  if (!isRecord(answer) || !isRecord(answer.metadata)) return undefined
  // What is measured has no version.
  const { resourceVersion = '', continue: resume } = answer.metadata
  if (typeof resourceVersion !== 'string') return undefined
  const apiVersion = apiVersionOf(kind)
  const raw: readonly unknown[] = Array.isArray(answer.items) ? answer.items : []
  // Items of a list do not carry their type on the wire; those that a server in this process passes do.
  const typedItem = (item: unknown): unknown =>
    isRecord(item) && item.kind !== undefined ? item : { apiVersion, kind: kind.kind, ...(item as object) }
  const items = raw.map((item) => typedItem(item) as Stored<T>)
  return typeof resume === 'string' && resume !== '' ? { items, resourceVersion, resume } : { items, resourceVersion }
}

async function openWatch<T>(
  exchange: Exchange,
  kind: Kind<T>,
  options: WatchOptions,
): Promise<Result<AsyncIterable<WatchEvent<T>>, Status>> {
  const gone = makeEnder()
  const queue = watchQueue(watchHighWaterBytes)
  const stop = (): void => {
    gone.abort()
    queue.close()
  }
  const finish = (): void => {
    options.closed?.removeEventListener('abort', stop)
    stop()
  }
  if (options.closed?.aborted) stop()
  options.closed?.addEventListener('abort', stop)
  const target = collectionPath(kind, options.namespace) + watchQuery(options)
  const response = await exchange.open({ method: 'GET', target }, gone)
  if (!response.ok || response.value.type !== 'stream') {
    finish()
    return response.ok ? fail(failure(500, `the answer to GET ${target} is not a stream`)) : response
  }
  response.value.start(queue.sink)
  return ok(watchEvents(kind, queue.items, finish))
}
