import { equalJson } from '../../api/json-value.ts'
import type { ApiObject } from '../../api/object.ts'
import { fail, ok } from '../../api/result.ts'
import { type Authorizer, masters } from '../authorize/authorizer.ts'
import { shortened, uncovered } from '../authorize/escalation.ts'
import type { RbacIndex, RoleRef } from '../authorize/rbac-index.ts'
import type { PolicyRule } from '../authorize/rule.ts'
import { notFound } from '../resource.ts'
import type { Attributes, Mutate, Plugin } from './admission.ts'
import { forbidden } from './forbidden.ts'

const group = 'rbac.authorization.k8s.io'

/** Nobody grants what they do not hold themselves, unless they may 'escalate' roles or 'bind' this one. */
export function rbacEscalation(authorizer: Authorizer, index: RbacIndex): Plugin {
  const mutate: Mutate = (attributes, object) => {
    const { kind, operation, user } = attributes
    if (kind.group !== group || operation === 'DELETE' || user.groups.includes(masters)) return ok(object)
    const isBinding = kind.kind.endsWith('Binding')
    const asked = isBinding
      ? boundRules(attributes, object, authorizer, index)
      : grantedRules(attributes, object, authorizer)
    if (asked === undefined) return ok(object)
    if (asked === 'missing role') return fail(notFound(kind, (object.roleRef as RoleRef).name))
    const missing = uncovered(authorizer.rules(user, attributes.namespace), asked)
    return missing.length === 0 ? ok(object) : fail(forbidden(attributes, refusalText(attributes, missing), object))
  }
  return { mutate }
}

function refusalText({ user }: Attributes, missing: readonly PolicyRule[]): string {
  const groups = `(groups=[${user.groups.map((name) => JSON.stringify(name)).join(' ')}])`
  const who = `user ${JSON.stringify(user.name)} ${groups}`
  return `${who} is attempting to grant RBAC permissions not currently held:\n${shortened(missing).join('\n')}`
}

/** Rules of a role that is written; undefined where there is nothing to check. */
function grantedRules(
  attributes: Attributes,
  role: ApiObject,
  authorizer: Authorizer,
): readonly PolicyRule[] | undefined {
  const { before, kind, user, namespace, name } = attributes
  const isSame =
    before !== undefined &&
    equalJson(before.rules, role.rules) &&
    equalJson(before.aggregationRule, role.aggregationRule)
  if (isSame) return undefined
  const wish = { isResource: true, group, resource: kind.plural, subresource: '', namespace, name, path: '' }
  if (authorizer.allows(user, { ...wish, verb: 'escalate' })) return undefined
  const rules = (role.rules ?? []) as readonly PolicyRule[]
  if (role.aggregationRule === undefined || role.aggregationRule === null) return rules
  // What it will collect is not known yet: only those who hold everything may ask for it.
  return [...rules, { verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, { verbs: ['*'], nonResourceURLs: ['*'] }]
}

/** Rules of the role that a binding hands out, which must be there. */
function boundRules(
  attributes: Attributes,
  binding: ApiObject,
  authorizer: Authorizer,
  index: RbacIndex,
): readonly PolicyRule[] | 'missing role' | undefined {
  const { before, user, namespace } = attributes
  const isSame =
    before !== undefined && equalJson(before.roleRef, binding.roleRef) && equalJson(before.subjects, binding.subjects)
  if (isSame) return undefined
  const ref = binding.roleRef as RoleRef
  const resource = ref.kind === 'ClusterRole' ? 'clusterroles' : 'roles'
  const wish = { isResource: true, group, resource, subresource: '', namespace, name: ref.name, path: '' }
  if (authorizer.allows(user, { ...wish, verb: 'bind' })) return undefined
  return index.roleRules(ref, namespace) ?? 'missing role'
}
