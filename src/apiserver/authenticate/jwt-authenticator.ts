import { fail, ok, type Result } from '../../api/result.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Http } from '../../ports/http.ts'
import type { Keys } from '../../ports/keys.ts'
import type { CompiledIssuer } from '../configuration/jwt-issuer.ts'
import { type Jwks, jwks } from './jwks.ts'
import { type Claims, readJwt } from './jwt.ts'
import { userOfClaims } from './jwt-user.ts'
import { type TokenAuthenticator, type TokenVerdict, unknownToken } from './token-authenticator.ts'

export type JwtParts = Readonly<{ http: Pick<Http, 'request'>; keys: Keys; clock: Clock }>

/** Tokens of an OpenID Connect issuer: apiserver's oidc authenticator. */
export function jwtAuthenticator(issuer: CompiledIssuer, parts: JwtParts): TokenAuthenticator {
  const source: Jwks = jwks(issuer.source, parts.http, parts.clock)
  return {
    async authenticate(token, audiences): Promise<TokenVerdict> {
      const read = readJwt(token)
      if (read?.claims.iss !== issuer.source.issuerUrl) return unknownToken
      const wrong = (why: string): TokenVerdict => ({ type: 'wrong', why: `oidc: ${why}` })
      if (!issuer.algorithms.includes(read.algorithm)) {
        return wrong(
          `verify token: oidc: id token signed with unsupported algorithm, expected ${goList(issuer.algorithms)} got "${read.algorithm}"`,
        )
      }
      const found = await source.keys(read.keyId)
      if (!found.ok) return wrong(`verify token: failed to verify signature: ${found.error}`)
      const isSigned = found.value.some((key) => parts.keys.verifyJwk(key, read.algorithm, read.signed, read.signature))
      if (!isSigned) return wrong('verify token: failed to verify signature: failed to verify id token signature')
      const meant = audiencesOf(read.claims).filter((audience) => issuer.audiences.includes(audience))
      const judged = judge(read.claims, issuer, meant, parts.clock.nowMs())
      if (!judged.ok) return wrong(judged.error)
      const user = userOfClaims(issuer, read.claims)
      if (!user.ok) return wrong(user.error)
      // The audiences of the cluster are not the issuer's: whoever asks for others gets none of them.
      const accepted = meant.filter((audience) => audiences.includes(audience))
      return { type: 'known', user: user.value, ...(accepted.length === 0 ? {} : { audiences: accepted }) }
    },
  }
}

function audiencesOf({ aud }: Claims): readonly string[] {
  return Array.isArray(aud) ? aud.map(String) : aud === undefined ? [] : [String(aud)]
}

function judge(claims: Claims, issuer: CompiledIssuer, meant: readonly string[], nowMs: number): Result<true, string> {
  if (meant.length === 0) {
    return fail(
      `verify token: oidc: expected audience in ${goList(issuer.audiences)} got ${goList(audiencesOf(claims))}`,
    )
  }
  const { exp, nbf } = claims
  if (typeof exp !== 'number' || nowMs >= exp * 1000) {
    const when = typeof exp === 'number' ? new Date(exp * 1000).toISOString() : '1970-01-01T00:00:00Z'
    return fail(`verify token: oidc: token is expired (Token Expiry: ${when})`)
  }
  // Five minutes: clocks differ.
  if (typeof nbf === 'number' && nowMs + 300_000 < nbf * 1000) return fail('verify token: oidc: token is not valid yet')
  for (const { claim, value } of issuer.requiredClaims) {
    const held = claims[claim]
    if (held === undefined) return fail(`required claim ${claim} not present in ID token`)
    if (held !== value)
      return fail(`required claim ${claim} value does not match. Got = ${String(held)}, want = ${value}`)
  }
  return ok(true)
}

function goList(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(' ')}]`
}
