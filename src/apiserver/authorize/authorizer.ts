import type { Refusal } from '../../api/refusal.ts'
import type { User } from '../call.ts'
import type { Grant, RbacIndex } from './rbac-index.ts'
import { type PolicyRule, ruleAllows, type Wish } from './rule.ts'

export type { Wish } from './rule.ts'

export interface Authorizer {
  allows(user: User, wish: Wish): boolean
  /** Why, as access reviews tell it; undefined where nothing allows it. */
  explain(user: User, wish: Wish): string | undefined
  /** All rules that hold for the user in the namespace ('' for the cluster scope). */
  rules(user: User, namespace: string): readonly PolicyRule[]
}

export const masters = 'system:masters'

/** Rules of users by scope, kept until a role or binding changes. Bounded: the users of a cluster are few, of an attack many. */
const rememberedUsers = 2000

export function rbacAuthorizer(index: RbacIndex): Authorizer {
  const remembered = new Map<string, readonly PolicyRule[]>()
  index.onChange(() => remembered.clear())
  const rules = (user: User, namespace: string): readonly PolicyRule[] => {
    const key = JSON.stringify([namespace, user.name, user.groups])
    const known = remembered.get(key)
    if (known !== undefined) return known
    if (remembered.size >= rememberedUsers) remembered.clear()
    const found = index.grants(user, namespace).flatMap((grant) => grant.rules)
    remembered.set(key, found)
    return found
  }
  return {
    rules,
    allows: (user, wish) =>
      user.groups.includes(masters) || rules(user, wish.namespace).some((rule) => ruleAllows(rule, wish)),
    explain(user, wish) {
      if (user.groups.includes(masters)) return ''
      const grant = index
        .grants(user, wish.namespace)
        .find(({ rules: granted }) => granted.some((rule) => ruleAllows(rule, wish)))
      return grant === undefined ? undefined : reasonOf(grant)
    },
  }
}

function reasonOf({ binding, roleRef, subject }: Grant): string {
  const { name, namespace } = binding.metadata
  const isNamespaced = namespace !== undefined
  const bindingName = JSON.stringify(isNamespaced ? `${name}/${namespace}` : name)
  const bindingKind = isNamespaced ? 'RoleBinding' : 'ClusterRoleBinding'
  const account = `${subject.name}/${subject.namespace ?? ''}`
  const who = JSON.stringify(subject.kind === 'ServiceAccount' ? account : subject.name)
  return `RBAC: allowed by ${bindingKind} ${bindingName} of ${roleRef.kind} ${JSON.stringify(roleRef.name)} to ${subject.kind} ${who}`
}

/** 403 as apiserver's responsewriters word it. */
export function forbiddenResource(user: User, wish: Wish): Refusal {
  const who = `User ${JSON.stringify(user.name)} cannot ${wish.verb}`
  if (!wish.isResource) return { reason: 'Forbidden', message: `${who} path ${JSON.stringify(wish.path)}` }
  const { group, resource, subresource, namespace, name } = wish
  const full = subresource === '' ? resource : `${resource}/${subresource}`
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`
  const message = `${who} resource ${JSON.stringify(full)} in API group ${JSON.stringify(group)} ${where}`
  return { reason: 'Forbidden', resource: group === '' ? resource : `${resource}.${group}`, name, message }
}
