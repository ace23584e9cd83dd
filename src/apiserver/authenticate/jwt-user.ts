import { fail, ok, type Result } from '../../api/result.ts'
import type { User } from '../call.ts'
import type { CompiledIssuer, Mapping } from '../configuration/jwt-issuer.ts'
import type { Claims } from './jwt.ts'

/** Who the claims are about, by the issuer's mappings and rules; the rules of claims come first, those of users last. */
export function userOfClaims(issuer: CompiledIssuer, claims: Claims): Result<User, string> {
  for (const { expression, text, message } of issuer.claimRules) {
    const refused = ruleRefusal(expression({ claims }), text, message)
    if (refused !== undefined) return fail(refused)
  }
  const name = userName(issuer, claims)
  if (!name.ok) return name
  const groups = groupsOf(issuer, claims)
  if (!groups.ok) return groups
  const uid = issuer.uid === undefined ? ok('') : textOf(issuer.uid, claims, 'uid')
  if (!uid.ok) return uid
  const extra = extraOf(issuer, claims)
  if (!extra.ok) return extra
  const mapped = { username: name.value, groups: groups.value, uid: uid.value, extra: extra.value }
  for (const { expression, text, message } of issuer.userRules) {
    const refused = ruleRefusal(expression({ user: mapped }), text, message)
    if (refused !== undefined) return fail(refused)
  }
  return ok({
    name: name.value,
    ...(uid.value === '' ? {} : { uid: uid.value }),
    groups: [...groups.value, 'system:authenticated'],
    ...(Object.keys(extra.value).length === 0 ? {} : { extra: extra.value }),
  })
}

function ruleRefusal(outcome: Result<unknown, string>, text: string, message: string): string | undefined {
  if (!outcome.ok) return `error evaluating claim validation expression: ${outcome.error}`
  if (outcome.value === true) return undefined
  return message === ''
    ? `validation expression '${text}' failed`
    : `validation expression '${text}' failed: ${message}`
}

function userName({ username }: CompiledIssuer, claims: Claims): Result<string, string> {
  const read = textOf(username, claims, 'username')
  if (!read.ok) return read
  if (username.type === 'claim' && username.claim === 'email') {
    const { email_verified: verified } = claims
    if (verified !== undefined && typeof verified !== 'boolean') {
      return fail("parse 'email_verified' claim: json: cannot unmarshal into Go value of type bool")
    }
    if (verified === false) return fail('email not verified')
  }
  const prefix = username.type === 'claim' ? username.prefix : ''
  return read.value === '' ? fail('username claim is empty') : ok(`${prefix}${read.value}`)
}

function textOf(mapping: Mapping, claims: Claims, what: string): Result<string, string> {
  if (mapping.type === 'expression') {
    const outcome = mapping.expression({ claims })
    if (!outcome.ok) return fail(`error evaluating ${what} claim expression: ${outcome.error}`)
    return typeof outcome.value === 'string' ? ok(outcome.value) : fail(`${what} claim expression must return a string`)
  }
  const value = claims[mapping.claim]
  if (value === undefined) return fail(`could not find a claim: ${mapping.claim}`)
  return typeof value === 'string' ? ok(value) : fail(`parse ${what} claims "${mapping.claim}": it is no string`)
}

function groupsOf({ groups }: CompiledIssuer, claims: Claims): Result<readonly string[], string> {
  if (groups === undefined) return ok([])
  const prefix = groups.type === 'claim' ? groups.prefix : ''
  const outcome = groups.type === 'claim' ? ok<unknown>(claims[groups.claim]) : groups.expression({ claims })
  if (!outcome.ok) return fail(`error evaluating group claim expression: ${outcome.error}`)
  // A claim that is not there, or null, is no group.
  if (outcome.value === undefined || outcome.value === null || outcome.value === '') return ok([])
  const values: readonly unknown[] = Array.isArray(outcome.value) ? outcome.value : [outcome.value]
  const named = values.filter((value): value is string => typeof value === 'string')
  if (named.length < values.length) return fail('parse groups claim: expected a string or a list of strings')
  return ok(named.map((group) => `${prefix}${group}`))
}

function extraOf(issuer: CompiledIssuer, claims: Claims): Result<Readonly<Record<string, readonly string[]>>, string> {
  const extra: Record<string, readonly string[]> = {}
  for (const { key, expression } of issuer.extra) {
    const outcome = expression({ claims })
    if (!outcome.ok) return fail(`error evaluating extra claim expression: ${outcome.error}`)
    const { value } = outcome
    const values = Array.isArray(value) ? value : value === '' || value === null || value === undefined ? [] : [value]
    if (values.some((one) => typeof one !== 'string')) return fail('extra claim expression must return strings')
    if (values.length > 0) extra[key] = values as readonly string[]
  }
  return ok(extra)
}
