import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { boundedMap } from '../../client/bounded-map.ts'
import type { HttpHeaders } from '../../ports/http.ts'
import type { Eventual } from '../admit/admission.ts'
import type { Authorizer, Wish } from '../authorize/decision.ts'
import type { User } from '../call.ts'
import { type Impersonated, impersonationModes } from './impersonation-modes.ts'
import { extraOf, headerList } from './user-headers.ts'

const extraPrefix = 'impersonate-extra-'

export interface Impersonation {
  /** Whom the request wants to act as, if the sender may; undefined, and at once, where it wants nothing of the kind. */
  wanted(user: User, headers: HttpHeaders, wish: Wish): Eventual<Result<Impersonated | undefined, Refusal>>
}

/** How many senders' last modes are kept: it is only the order of attempts that would change. */
const rememberedSenders = 1024

/** In the ways that Kubernetes 1.36 has of allowing it, the one that last succeeded for the sender first. */
export function impersonation(authorizer: Authorizer): Impersonation {
  const modes = impersonationModes(authorizer)
  const lastMode = boundedMap<number>(rememberedSenders)
  const attempt = async (sender: User, wanted: User, wish: Wish): Promise<Result<Impersonated, Refusal>> => {
    const first = lastMode.get(sender.name)
    const order = [...modes.keys()].filter((at) => at !== first)
    let refusal: Refusal | undefined
    for (const at of first === undefined ? order : [first, ...order]) {
      const result = await modes[at]?.(sender, wanted, wish)
      if (result === undefined) continue
      if (result.ok) {
        lastMode.set(sender.name, at)
        return result
      }
      refusal ??= result.error
    }
    return fail(refusal ?? { reason: 'InternalError', message: 'all impersonation modes failed' })
  }
  return {
    wanted(sender, headers, wish) {
      if (!Object.keys(headers).some((name) => name.startsWith('impersonate-'))) return nobody
      const read = wantedUser(headers)
      if (!read.ok) return read
      return read.value === undefined ? nobody : attempt(sender, read.value, wish)
    },
  }
}

const nobody = ok(undefined)

/** As the headers have it. */
function wantedUser(headers: HttpHeaders): Result<User | undefined, Refusal> {
  const name = headers['impersonate-user'] ?? ''
  const uid = headers['impersonate-uid'] ?? ''
  const groups = headerList(headers['impersonate-group'])
  const extra = extraOf(headers, extraPrefix)
  const hasExtra = Object.keys(extra).length > 0
  if (name === '') {
    if (groups.length === 0 && uid === '' && !hasExtra) return ok(undefined)
    return fail({ reason: 'BadRequest', message: withoutUser(uid, groups, extra) })
  }
  return ok({ name, groups, ...(uid === '' ? {} : { uid }), ...(hasExtra ? { extra } : {}) })
}

/** The original prints what it has parsed as Go does. */
function withoutUser(
  uid: string,
  groups: readonly string[],
  extra: Readonly<Record<string, readonly string[]>>,
): string {
  const keys = Object.keys(extra).sort()
  const extras =
    keys.length === 0
      ? 'map[string][]string(nil)'
      : `map[string][]string{${keys.map((key) => `${JSON.stringify(key)}:${goList(extra[key] ?? [])}`).join(', ')}}`
  const info = `Name:"", UID:${JSON.stringify(uid)}, Groups:${goList(groups)}, Extra:${extras}`
  return `requested &user.DefaultInfo{${info}} without impersonating a user name`
}

function goList(values: readonly string[]): string {
  if (values.length === 0) return '[]string(nil)'
  return `[]string{${values.map((one) => JSON.stringify(one)).join(', ')}}`
}
