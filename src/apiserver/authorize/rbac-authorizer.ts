import type { User } from '../call.ts'
import { aggregated, type LocalAuthorizer, noOpinion } from './decision.ts'
import type { Grant, RbacIndex } from './rbac-index.ts'
import { type PolicyRule, ruleAllows } from './rule.ts'

export type UserRules = Readonly<{
  rules: readonly PolicyRule[]
  /** Roles that a binding names and that are not there. */
  errors: readonly string[]
}>

export interface RbacAuthorizer extends LocalAuthorizer {
  /** All rules that hold for the user in the namespace ('' for the cluster scope). */
  rulesOf(user: User, namespace: string): UserRules
}

/** Rules of users by scope, kept until a role or binding changes. Bounded: the users of a cluster are few, of an attack many. */
const rememberedUsers = 2000

type Held = Readonly<{ reason: string; rules: readonly PolicyRule[] | undefined; error: string }>

export function rbacAuthorizer(index: RbacIndex): RbacAuthorizer {
  const remembered = new Map<string, readonly Held[]>()
  index.onChange(() => remembered.clear())
  const held = (user: User, namespace: string): readonly Held[] => {
    const key = JSON.stringify([namespace, user.name, user.groups])
    const known = remembered.get(key)
    if (known !== undefined) return known
    if (remembered.size >= rememberedUsers) remembered.clear()
    const found = index.grants(user, namespace).map(heldOf)
    remembered.set(key, found)
    return found
  }
  return {
    rulesOf(user, namespace) {
      const all = held(user, namespace)
      return { rules: all.flatMap(({ rules }) => rules ?? []), errors: errorsOf(all) }
    },
    authorize(user, wish) {
      const all = held(user, wish.namespace)
      const allowing = all.find(({ rules }) => rules?.some((rule) => ruleAllows(rule, wish)))
      if (allowing !== undefined) return { verdict: 'allow', reason: allowing.reason }
      const errors = errorsOf(all)
      return noOpinion(errors.length === 0 ? '' : `RBAC: ${aggregated(errors)}`)
    },
  }
}

function heldOf(grant: Grant): Held {
  const { kind, name } = grant.roleRef
  const error = `${kind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(name)} not found`
  return { reason: reasonOf(grant), rules: grant.rules, error }
}

function errorsOf(all: readonly Held[]): readonly string[] {
  return all.flatMap(({ rules, error }) => (rules === undefined ? [error] : []))
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
