import { assert } from '../../api/assert.ts'
import type { RbacV1Subject as Subject } from '../../api/kinds.generated.ts'
import { type Kind, kinds } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Store, StoreEvent } from '../../store/store.ts'
import type { User } from '../call.ts'
import { kindPrefix, storeKey } from '../resource.ts'
import type { PolicyRule } from './rule.ts'

export type RoleRef = Readonly<{ kind: string; name: string }>

/** A binding that applies to a user, with the rules of its role. */
export type Grant = Readonly<{
  binding: ApiObject
  roleRef: RoleRef
  /** The subject through which it applies. */
  subject: Subject
  /** Absent where there is no such role. */
  rules: readonly PolicyRule[] | undefined
}>

/** Roles and bindings as the store has them now, found by who they are for. */
export interface RbacIndex {
  /** Bindings for the user: of the whole cluster, and of the namespace unless it is ''. */
  grants(user: User, namespace: string): readonly Grant[]
  roleRules(ref: RoleRef, namespace: string): readonly PolicyRule[] | undefined
  /** Called after every change of a role or binding. */
  onChange(listener: () => void): void
  close(): void
}

const clusterScope = ''

type Bound = Readonly<{ binding: ApiObject; subject: Subject }>

/** Must be made before requests are answered; it follows the store synchronously, so a write is seen by the request after it. */
export function rbacIndex(store: Store): RbacIndex {
  const bySubject = new Map<string, Map<string, Bound>>()
  const listeners: (() => void)[] = []

  const forget = (binding: ApiObject, key: string): void => {
    for (const subject of subjectsOf(binding)) bySubject.get(indexKey(binding, subject))?.delete(key)
  }
  const remember = (binding: ApiObject, key: string): void => {
    for (const subject of subjectsOf(binding)) {
      const at = indexKey(binding, subject)
      const bound = bySubject.get(at) ?? new Map<string, Bound>()
      bySubject.set(at, bound.set(key, { binding, subject }))
    }
  }
  const followBindings = (events: readonly StoreEvent[]): void => {
    for (const { type, entry, previous } of events) {
      if (previous !== undefined) forget(previous.object, entry.key)
      if (type === 'put') remember(entry.object, entry.key)
    }
    for (const listener of listeners) listener()
  }
  const followRoles = (): void => {
    for (const listener of listeners) listener()
  }
  const watches = [
    follow(store, kinds.roleBindings, remember, followBindings),
    follow(store, kinds.clusterRoleBindings, remember, followBindings),
    follow(store, kinds.roles, () => {}, followRoles),
    follow(store, kinds.clusterRoles, () => {}, followRoles),
  ]
  const roleRules: RbacIndex['roleRules'] = (ref, namespace) => {
    const kind = ref.kind === 'ClusterRole' ? kinds.clusterRoles : kinds.roles
    const role = store.get(storeKey(kind, namespace, ref.name))?.object
    return role === undefined ? undefined : ((role.rules ?? []) as readonly PolicyRule[])
  }
  return {
    roleRules,
    grants(user, namespace) {
      const scopes = namespace === clusterScope ? [clusterScope] : [clusterScope, namespace]
      return scopes.flatMap((scope) =>
        subjectKeys(user).flatMap((subject) =>
          [...(bySubject.get(`${scope} ${subject}`)?.values() ?? [])].map((bound) => grantOf(bound, scope, roleRules)),
        ),
      )
    },
    onChange: (listener) => void listeners.push(listener),
    close() {
      for (const watch of watches) watch.cancel()
    },
  }
}

function follow(
  store: Store,
  kind: Kind,
  remember: (object: ApiObject, key: string) => void,
  onEvents: (events: readonly StoreEvent[]) => void,
) {
  const now = store.range({ prefix: kindPrefix(kind) })
  assert(now.ok, 'the newest state can always be read')
  for (const { object, key } of now.value.entries) remember(object, key)
  const watch = store.watch(kindPrefix(kind), now.value.revision, onEvents)
  assert(watch.ok, 'the newest state can always be followed')
  return watch.value
}

function grantOf({ binding, subject }: Bound, scope: string, roleRules: RbacIndex['roleRules']): Grant {
  const roleRef = binding.roleRef as RoleRef
  return { binding, subject, roleRef, rules: roleRules(roleRef, scope) }
}

function subjectsOf(binding: ApiObject): readonly Subject[] {
  return (binding.subjects as readonly Subject[] | null | undefined) ?? []
}

function indexKey({ metadata }: ApiObject, subject: Subject): string {
  const scope = metadata.namespace ?? clusterScope
  if (subject.kind !== 'ServiceAccount') return `${scope} ${subject.kind} ${subject.name}`
  const namespace = subject.namespace === undefined || subject.namespace === '' ? scope : subject.namespace
  return `${scope} User system:serviceaccount:${namespace}:${subject.name}`
}

function subjectKeys({ name, groups }: User): readonly string[] {
  return [`User ${name}`, ...groups.map((group) => `Group ${group}`)]
}
