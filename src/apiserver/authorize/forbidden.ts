import type { Refusal } from '../../api/refusal.ts'
import type { User } from '../call.ts'
import type { Wish } from './decision.ts'

/** 403 as apiserver's responsewriters word it. The reason is whatever the authorizers said. */
export function forbiddenResource(user: User, wish: Wish, reason = ''): Refusal {
  const why = reason === '' ? '' : `: ${reason}`
  const who = `User ${JSON.stringify(user.name)} cannot ${wish.verb}`
  if (!wish.isResource) return { reason: 'Forbidden', message: `${who} path ${JSON.stringify(wish.path)}${why}` }
  const { group, resource, subresource, namespace, name } = wish
  const full = subresource === '' ? resource : `${resource}/${subresource}`
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`
  const message = `${who} resource ${JSON.stringify(full)} in API group ${JSON.stringify(group)} ${where}${why}`
  return { reason: 'Forbidden', resource: group === '' ? resource : `${resource}.${group}`, name, message }
}
