import { assert } from '../../api/assert.ts'
import type { APIService } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Store } from '../../store/store.ts'
import { kindPrefix } from '../resource.ts'

/** The stored APIServices that lead to a Service, by group and version. */
export interface ApiServiceIndex {
  of(group: string, version: string): APIService | undefined
  get(name: string): APIService | undefined
  all(): readonly APIService[]
  onChange(listener: (name: string) => void): void
  close(): void
}

export function apiServiceIndex(store: Store): ApiServiceIndex {
  const byName = new Map<string, APIService>()
  const listeners: ((name: string) => void)[] = []
  const prefix = kindPrefix(kinds.apiServices)
  const see = (object: APIService, isThere: boolean): void => {
    const name = object.metadata?.name ?? ''
    if (isThere && object.spec?.service !== undefined) byName.set(name, object)
    else if (!byName.delete(name)) return
    for (const listener of listeners) listener(name)
  }
  const now = store.range({ prefix })
  assert(now.ok, 'the newest state can always be read')
  for (const { object } of now.value.entries) see(object as APIService, true)
  const watch = store.watch(prefix, now.value.revision, (events) => {
    for (const { type, entry } of events) see(entry.object as APIService, type !== 'delete')
  })
  return {
    // An APIService is named after its version and group.
    of: (group, version) => byName.get(`${version}.${group}`),
    get: (name) => byName.get(name),
    all: () => [...byName.values()],
    onChange: (listener) => void listeners.push(listener),
    close: () => (watch.ok ? watch.value.cancel() : undefined),
  }
}
