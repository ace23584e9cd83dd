import { equalJson } from '../../api/json-value.ts'
import type { ApiObject } from '../../api/object.ts'
import { fail, ok } from '../../api/result.ts'
import { type Authorizer, aggregated, masters, type Wish } from '../authorize/decision.ts'
import { shortened, uncovered } from '../authorize/escalation.ts'
import type { RbacAuthorizer } from '../authorize/rbac-authorizer.ts'
import type { RbacIndex, RoleRef } from '../authorize/rbac-index.ts'
import type { PolicyRule } from '../authorize/rule.ts'
import { notFound } from '../resource.ts'
import type { Attributes, Mutate, Plugin } from './admission.ts'
import { forbidden } from './forbidden.ts'

const group = 'rbac.authorization.k8s.io'

/** Nobody grants what they do not hold themselves, unless they may 'escalate' roles or 'bind' this one. */
export function rbacEscalation(authorizer: Authorizer, rbac: RbacAuthorizer, index: RbacIndex): Plugin {
  const mutate: Mutate = async (attributes, object) => {
    const { kind, operation, user } = attributes
    if (kind.group !== group || operation === 'DELETE' || user.groups.includes(masters)) return ok(object)
    const isBinding = kind.kind.endsWith('Binding')
    const asked = isBinding
      ? await boundRules(attributes, object, authorizer, index)
      : await grantedRules(attributes, object, authorizer)
    if (asked === undefined) return ok(object)
    if (asked === 'missing role') return fail(notFound(kind, (object.roleRef as RoleRef).name))
    const held = rbac.rulesOf(user, attributes.namespace)
    const missing = uncovered(held.rules, asked)
    if (missing.length === 0) return ok(object)
    return fail(forbidden(attributes, refusalText(attributes, missing, held.errors), object))
  }
  return { mutate }
}

function refusalText({ user }: Attributes, missing: readonly PolicyRule[], errors: readonly string[]): string {
  const groups = `(groups=[${user.groups.map((name) => JSON.stringify(name)).join(' ')}])`
  const who = `user ${JSON.stringify(user.name)} ${groups}`
  const unresolved = errors.length === 0 ? '' : `; resolution errors: [${aggregated(errors)}]`
  return `${who} is attempting to grant RBAC permissions not currently held:\n${shortened(missing).join('\n')}${unresolved}`
}

/** Rules of a role that is written; undefined where there is nothing to check. */
async function grantedRules(
  attributes: Attributes,
  role: ApiObject,
  authorizer: Authorizer,
): Promise<readonly PolicyRule[] | undefined> {
  const { before, kind, user, namespace, name } = attributes
  const isSame =
    before !== undefined &&
    equalJson(before.rules, role.rules) &&
    equalJson(before.aggregationRule, role.aggregationRule)
  if (isSame) return undefined
  const wish = { isResource: true, group, resource: kind.plural, subresource: '', namespace, name, path: '' }
  if (await isAllowed(authorizer, user, { ...wish, version: '*', verb: 'escalate' })) return undefined
  const rules = (role.rules ?? []) as readonly PolicyRule[]
  if (role.aggregationRule === undefined || role.aggregationRule === null) return rules
  // What it will collect is not known yet: only those who hold everything may ask for it.
  return [...rules, { verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, { verbs: ['*'], nonResourceURLs: ['*'] }]
}

/** Rules of the role that a binding hands out, which must be there. */
async function boundRules(
  attributes: Attributes,
  binding: ApiObject,
  authorizer: Authorizer,
  index: RbacIndex,
): Promise<readonly PolicyRule[] | 'missing role' | undefined> {
  const { before, user, namespace } = attributes
  const isSame =
    before !== undefined && equalJson(before.roleRef, binding.roleRef) && equalJson(before.subjects, binding.subjects)
  if (isSame) return undefined
  const ref = binding.roleRef as RoleRef
  const resource = ref.kind === 'ClusterRole' ? 'clusterroles' : 'roles'
  const wish = { isResource: true, group, resource, subresource: '', namespace, name: ref.name, path: '' }
  if (await isAllowed(authorizer, user, { ...wish, version: '*', verb: 'bind' })) return undefined
  return index.roleRules(ref, namespace) ?? 'missing role'
}

async function isAllowed(authorizer: Authorizer, user: Attributes['user'], wish: Wish): Promise<boolean> {
  return (await authorizer.authorize(user, wish)).verdict === 'allow'
}
