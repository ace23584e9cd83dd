import type { Status } from '../api/kinds.generated.ts'
import { apiVersionOf, type Kind } from '../api/kinds.ts'
import { objectKey, type Stored } from '../api/object.ts'
import { fail, ok, type Result } from '../api/result.ts'
import { schema } from '../api/schema-reader.ts'
import { applyStrategicMergePatch } from '../api/strategic-merge-patch.ts'
import type { Client, ListOptions, WatchEvent } from '../client/client.ts'

type Any = Stored<unknown> & Readonly<{ spec?: { nodeName?: string }; status?: unknown }>
type Watcher = Readonly<{ kind: Kind; options: ListOptions; send: (event: WatchEvent<unknown>) => void }>

/** An API server's store behind the client's interface, without its rules: what tests of the kubelet stand on. */
export type ScriptedApi = Client &
  Readonly<{
    put<T>(kind: Kind<T>, object: unknown): Stored<T>
    find<T>(kind: Kind<T>, key: string): Stored<T> | undefined
    all<T>(kind: Kind<T>): readonly Stored<T>[]
    drop(kind: Kind, key: string): void
    /** Every version of every object of the kind, oldest first. */
    history<T>(kind: Kind<T>): readonly Stored<T>[]
    /** Writes of each kind so far: 'patch pods/status'. */
    writes: readonly string[]
  }>

type World = Readonly<{
  stores: Map<string, Map<string, Any>>
  watchers: Set<Watcher>
  writes: string[]
  history: Any[]
  revision: { now: number }
}>

export function scriptedApi(): ScriptedApi {
  const world: World = { stores: new Map(), watchers: new Set(), writes: [], history: [], revision: { now: 1 } }
  const { writes, history } = world
  return {
    writes,
    history: <T>(kind: Kind<T>) =>
      history.filter((object) => object.kind === kind.kind) as unknown as readonly Stored<T>[],
    put: <T>(kind: Kind<T>, object: unknown) => put(world, kind, object) as unknown as Stored<T>,
    find: <T>(kind: Kind<T>, key: string) => storeOf(world, kind).get(key) as unknown as Stored<T> | undefined,
    all: <T>(kind: Kind<T>) => [...storeOf(world, kind).values()] as unknown as readonly Stored<T>[],
    drop: (kind, key) => drop(world, kind, key),
    ...reads(world),
    ...changes(world),
  }
}

function storeOf({ stores }: World, { plural }: Kind): Map<string, Any> {
  const store = stores.get(plural) ?? new Map<string, Any>()
  stores.set(plural, store)
  return store
}

function tell({ watchers }: World, kind: Kind, type: 'ADDED' | 'MODIFIED' | 'DELETED', object: Any): void {
  for (const watcher of watchers)
    if (watcher.kind.plural === kind.plural && selects(watcher.options, object)) watcher.send({ type, object })
}

function put(world: World, kind: Kind, object: unknown): Any {
  const given = object as Any
  const key = objectKey(given)
  const known = storeOf(world, kind).get(key)
  world.revision.now += 1
  const filled = {
    creationTimestamp: '2026-01-01T00:00:00Z',
    uid: known?.metadata.uid ?? `${kind.plural}-${key}-${world.revision.now}`,
    generation: 1,
  }
  const metadata = { ...filled, ...(given.metadata as object), resourceVersion: String(world.revision.now) }
  const stored = { spec: {}, status: {}, ...given, apiVersion: apiVersionOf(kind), kind: kind.kind, metadata } as Any
  storeOf(world, kind).set(key, stored)
  world.history.push(stored)
  tell(world, kind, known === undefined ? 'ADDED' : 'MODIFIED', stored)
  return stored
}

function drop(world: World, kind: Kind, key: string): void {
  const known = storeOf(world, kind).get(key)
  storeOf(world, kind).delete(key)
  if (known !== undefined) tell(world, kind, 'DELETED', known)
}

function keyOf(name: string, namespace?: string): string {
  return namespace ? `${namespace}/${name}` : name
}

function found<T>(world: World, kind: Kind<T>, key: string): Result<Stored<T>, Status> {
  const object = storeOf(world, kind).get(key)
  return object === undefined ? fail(missing(kind, key)) : ok(object as unknown as Stored<T>)
}

function selected(world: World, kind: Kind, options: ListOptions): readonly Any[] {
  return [...storeOf(world, kind).values()].filter((object) => selects(options, object))
}

function reads(world: World): Pick<Client, 'read' | 'get' | 'list' | 'watch'> {
  return {
    read: async () => fail({ code: 404, reason: 'NotFound', message: '404 page not found' }),
    get: async (kind, name, namespace) => found(world, kind, keyOf(name, namespace)),
    async list<T>(kind: Kind<T>, options: ListOptions = {}) {
      const items = selected(world, kind, options)
      return ok({ items: items as unknown as readonly Stored<T>[], resourceVersion: String(world.revision.now) })
    },
    async watch<T>(kind: Kind<T>, options: Parameters<Client['watch']>[1]) {
      // Without a version to follow from, a streaming list.
      const waiting: WatchEvent<unknown>[] =
        options.resourceVersion === undefined
          ? [
              ...selected(world, kind, options).map((object) => ({ type: 'ADDED', object }) as const),
              { type: 'BOOKMARK', resourceVersion: String(world.revision.now), endsInitial: true },
            ]
          : []
      let wake = (): void => {}
      const send = (event: WatchEvent<unknown>): void => {
        waiting.push(event)
        wake()
      }
      const watcher: Watcher = { kind, options, send }
      world.watchers.add(watcher)
      options.closed?.addEventListener('abort', () => {
        world.watchers.delete(watcher)
        wake()
      })
      return ok(events() as AsyncIterable<WatchEvent<T>>)

      async function* events() {
        while (!options.closed?.aborted) {
          const next = waiting.shift()
          if (next === undefined)
            await new Promise<void>((resolve) => {
              wake = resolve
            })
          else yield next
        }
      }
    },
  }
}

function changes(
  world: World,
): Pick<Client, 'create' | 'update' | 'patch' | 'delete' | 'deleteCollection' | 'createSubresource'> {
  const { writes } = world
  return {
    async create<T>(kind: Kind<T>, object: unknown) {
      writes.push(`create ${kind.plural}`)
      if (storeOf(world, kind).has(objectKey(object as Any)))
        return fail({ code: 409, reason: 'AlreadyExists', message: 'exists' })
      return ok(put(world, kind, object) as unknown as Stored<T>)
    },
    async update<T>(kind: Kind<T>, object: T) {
      writes.push(`update ${kind.plural}`)
      return ok(put(world, kind, object) as unknown as Stored<T>)
    },
    async patch(kind, name, namespace, patch, subresource) {
      writes.push(`patch ${kind.plural}/${subresource ?? ''}`)
      const known = found(world, kind, keyOf(name, namespace))
      if (!known.ok) return known
      const body = JSON.parse(JSON.stringify(patch.body)) as Record<string, unknown>
      const { uid } = (body.metadata ?? {}) as { uid?: string }
      if (uid !== undefined && uid !== known.value.metadata.uid) return fail({ code: 409, reason: 'Conflict' })
      const current = known.value as unknown as Record<string, unknown>
      const patched = applyStrategicMergePatch(schema, kind.typeName, current, body)
      if (!patched.ok) throw new Error(JSON.stringify(patched.error))
      put(world, kind, patched.value)
      return found(world, kind, keyOf(name, namespace))
    },
    async delete(kind, name, namespace, options) {
      writes.push(`delete ${kind.plural} ${options?.gracePeriodSeconds ?? ''}`)
      const known = found(world, kind, keyOf(name, namespace))
      if (!known.ok) return known
      const { uid } = options?.preconditions ?? {}
      if (uid !== undefined && uid !== known.value.metadata.uid) return fail({ code: 409, reason: 'Conflict' })
      drop(world, kind, keyOf(name, namespace))
      return ok(undefined)
    },
    async deleteCollection(kind, options) {
      writes.push(`deletecollection ${kind.plural}`)
      for (const object of [...storeOf(world, kind).values()])
        if (selects(options, object)) drop(world, kind, objectKey(object))
      return ok(undefined)
    },
    async createSubresource(_kind, name) {
      const status = { token: `token-of-${name}`, expirationTimestamp: '2026-01-01T01:00:00Z' }
      return ok({ apiVersion: 'v1', kind: 'TokenRequest', metadata: {}, status })
    },
  }
}

function missing(kind: Kind, key: string): Status {
  return { code: 404, reason: 'NotFound', message: `${kind.plural} ${JSON.stringify(key)} not found` }
}

/** Field selectors of the shape 'metadata.name=x,spec.nodeName=y'. */
function selects({ namespace, fieldSelector = '' }: ListOptions, object: Any): boolean {
  if (namespace !== undefined && object.metadata.namespace !== namespace) return false
  const terms = fieldSelector.split(',').filter((term) => term !== '')
  return terms.every((term) => {
    const [path = '', wanted] = term.split('=')
    const value = path.split('.').reduce<unknown>((part, name) => (part as Record<string, unknown>)?.[name], object)
    return value === wanted
  })
}
