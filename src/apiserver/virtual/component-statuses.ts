import type { ComponentStatus } from '../../api/kinds.generated.ts'
import type { Kind } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { Entry, Store } from '../../store/store.ts'
import type { Answer, Call } from '../call.ts'
import { matches, selectionOf } from '../handle/selection.ts'
import { bodyTypes } from '../subresource/body-types.ts'

/** What a component answers when asked for its health: what is wrong, or undefined. */
export type ComponentHealth = ReadonlyMap<string, () => string | undefined>

/** Of the components that run beside the API server: absent where they do not. */
export type Components = Readonly<{ controllerManager: () => string | undefined; scheduler: () => string | undefined }>

export type ComponentParts = Readonly<{ components: ComponentHealth }>

/** Not stored: made when asked for. */
export const componentStatusKind: Kind<ComponentStatus> = {
  ...bodyTypes.componentStatus,
  plural: 'componentstatuses',
  singular: 'componentstatus',
  namespaced: false,
  shortNames: ['cs'],
  categories: [],
  status: false,
  generation: false,
}

/** The original asks each of them over its own port. */
export function componentHealth(store: Store, components: Components | undefined): ComponentHealth {
  const unreached = (port: number) => () =>
    `Get "https://127.0.0.1:${port}/healthz": dial tcp 127.0.0.1:${port}: connect: connection refused`
  return new Map([
    ['controller-manager', components?.controllerManager ?? unreached(10_257)],
    ['scheduler', components?.scheduler ?? unreached(10_259)],
    ['etcd-0', () => storeProblem(store)],
  ])
}

export function storeProblem(store: Store): string | undefined {
  return store.revision() > 0 ? undefined : 'the store is empty'
}

export function getComponentStatus({ components }: ComponentParts, { info }: Call): Result<Answer, Refusal> {
  const health = components.get(info.name)
  // The original names the singular here.
  if (health === undefined) return fail({ reason: 'NotFound', group: '', resource: 'componentstatus', name: info.name })
  return ok({ type: 'object', status: 200, object: statusOf(info.name, health()), kind: componentStatusKind })
}

export function listComponentStatuses({ components }: ComponentParts, call: Call): Result<Answer, Refusal> {
  const selection = selectionOf(componentStatusKind, call.query)
  if (!selection.ok) return selection
  const objects = [...components].map(([name, health]) => statusOf(name, health()))
  const entries = objects.filter((object) => matches(selection.value, object)).map(entryOf)
  return ok({ type: 'list', kind: componentStatusKind, entries: () => entries, meta: {} })
}

function statusOf(name: string, problem: string | undefined): ApiObject {
  const condition =
    problem === undefined
      ? { type: 'Healthy', status: 'True', message: 'ok' }
      : { type: 'Healthy', status: 'False', message: problem }
  return { kind: 'ComponentStatus', apiVersion: 'v1', metadata: { name }, conditions: [condition] }
}

/** As if it were stored, at no revision. */
function entryOf(object: ApiObject): Entry {
  const json = new TextEncoder().encode(JSON.stringify(object))
  return { key: `componentstatuses/${object.metadata.name ?? ''}`, object, json, revision: 0, createRevision: 0 }
}
