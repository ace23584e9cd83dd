import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { HttpHeaders } from '../../ports/http.ts'
import { type Authorizer, forbiddenResource, type Wish } from '../authorize/authorizer.ts'
import type { User } from '../call.ts'

type Subject = Readonly<{ group: string; resource: string; subresource?: string; name: string; namespace?: string }>

const authentication = 'authentication.k8s.io'
const extraPrefix = 'impersonate-extra-'

/** The user whom the request wants to act as, if the sender may; the sender when there are no such headers. */
export function impersonate(user: User, headers: HttpHeaders, authorizer: Authorizer): Result<User, Refusal> {
  const name = headers['impersonate-user']
  const groups = listOf(headers['impersonate-group'])
  const uid = headers['impersonate-uid']
  const extraKeys = Object.keys(headers).filter((header) => header.startsWith(extraPrefix))
  if (name === undefined) {
    if (groups.length === 0 && uid === undefined && extraKeys.length === 0) return ok(user)
    return fail({ reason: 'BadRequest', message: withoutUser(uid ?? '', groups) })
  }
  const extra = Object.fromEntries(
    extraKeys.map((header) => [decoded(header.slice(extraPrefix.length)), listOf(headers[header])]),
  )
  for (const subject of subjects(name, groups, uid, extra)) {
    const refused = mayImpersonate(user, subject, authorizer)
    if (refused !== undefined) return fail(refused)
  }
  const withUid = uid === undefined ? {} : { uid }
  return ok({ name, groups: withImplied(name, groups), ...withUid, ...(extraKeys.length === 0 ? {} : { extra }) })
}

/** The original prints what it has parsed as Go does. */
function withoutUser(uid: string, groups: readonly string[]): string {
  const list =
    groups.length === 0 ? '[]string(nil)' : `[]string{${groups.map((one) => JSON.stringify(one)).join(', ')}}`
  const info = `Name:"", UID:${JSON.stringify(uid)}, Groups:${list}, Extra:map[string][]string(nil)`
  return `requested &user.DefaultInfo{${info}} without impersonating a user name`
}

function listOf(header: string | undefined): readonly string[] {
  return header === undefined ? [] : header.split(',').map((value) => value.trim())
}

function decoded(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}

const serviceAccount = /^system:serviceaccount:([^:]+):([^:]+)$/

function subjects(
  name: string,
  groups: readonly string[],
  uid: string | undefined,
  extra: Readonly<Record<string, readonly string[]>>,
): readonly Subject[] {
  const [, namespace, account] = serviceAccount.exec(name) ?? []
  const who: Subject =
    namespace !== undefined && account !== undefined
      ? { group: '', resource: 'serviceaccounts', name: account, namespace }
      : { group: '', resource: 'users', name }
  return [
    who,
    ...groups.map((group) => ({ group: '', resource: 'groups', name: group })),
    ...(uid === undefined ? [] : [{ group: authentication, resource: 'uids', name: uid }]),
    ...Object.entries(extra).flatMap(([key, values]) =>
      values.map((value) => ({ group: authentication, resource: 'userextras', subresource: key, name: value })),
    ),
  ]
}

function mayImpersonate(user: User, subject: Subject, authorizer: Authorizer): Refusal | undefined {
  const { group, resource, subresource = '', name, namespace = '' } = subject
  const wish: Wish = { isResource: true, verb: 'impersonate', group, resource, subresource, name, namespace, path: '' }
  return authorizer.allows(user, wish) ? undefined : forbiddenResource(user, wish)
}

/** A service account is in its groups; everybody impersonated is authenticated, but the anonymous. */
function withImplied(name: string, groups: readonly string[]): readonly string[] {
  const [, namespace] = serviceAccount.exec(name) ?? []
  const own =
    groups.length === 0 && namespace !== undefined
      ? ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]
      : groups
  const implied = name === 'system:anonymous' ? 'system:unauthenticated' : 'system:authenticated'
  return own.includes(implied) || own.includes('system:unauthenticated') ? own : [...own, implied]
}
