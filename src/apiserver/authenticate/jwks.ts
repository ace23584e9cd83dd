import { fail, ok, type Result } from '../../api/result.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Http, OutgoingRequest } from '../../ports/http.ts'
import type { Jwk } from '../../ports/keys.ts'

/** Where an issuer says what it signs with. */
export type JwksSource = Readonly<{ issuerUrl: string; discoveryUrl?: string; caPem?: string }>

export interface Jwks {
  /** The issuer's keys of that id, or all where the token names none. Asks the issuer where it has not told of such a key yet. */
  keys(keyId: string | undefined): Promise<Result<readonly Jwk[], string>>
}

const timeoutMs = 10_000
const limitBytes = 1024 * 1024
/** An unknown key id is a reason to ask again, but not for everybody who makes one up. */
const leastPauseMs = 10_000

type Fetched = Readonly<{ keys: readonly Jwk[]; atMs: number }>

export function jwks(source: JwksSource, http: Pick<Http, 'request'>, clock: Clock): Jwks {
  let last: Fetched | undefined
  let lastError = ''
  let failedAtMs = Number.NEGATIVE_INFINITY
  let underWay: Promise<void> | undefined

  const refresh = async (): Promise<void> => {
    const fetched = await fetchKeys(source, http)
    if (fetched.ok) last = { keys: fetched.value, atMs: clock.nowMs() }
    else [lastError, failedAtMs] = [fetched.error, clock.nowMs()]
  }
  const matching = (keyId: string | undefined): readonly Jwk[] =>
    (last?.keys ?? []).filter(({ kid }) => keyId === undefined || kid === undefined || kid === keyId)
  return {
    async keys(keyId) {
      const known = matching(keyId)
      if (known.length > 0) return ok(known)
      const askedAtMs = Math.max(last?.atMs ?? Number.NEGATIVE_INFINITY, failedAtMs)
      if (clock.nowMs() - askedAtMs >= leastPauseMs) {
        underWay ??= refresh().finally(() => {
          underWay = undefined
        })
        await underWay
      }
      const found = matching(keyId)
      if (found.length > 0) return ok(found)
      return fail(last === undefined ? lastError : 'failed to verify id token signature')
    },
  }
}

async function fetchKeys(source: JwksSource, http: Pick<Http, 'request'>): Promise<Result<readonly Jwk[], string>> {
  const at = source.discoveryUrl ?? `${source.issuerUrl.replace(/\/$/, '')}/.well-known/openid-configuration`
  const discovered = await getJson(at, source, http)
  if (!discovered.ok) return discovered
  const { issuer, jwks_uri: uri } = discovered.value as Readonly<{ issuer?: unknown; jwks_uri?: unknown }>
  if (issuer !== source.issuerUrl) {
    return fail(
      `oidc: issuer did not match the issuer returned by provider, expected "${source.issuerUrl}" got "${issuer}"`,
    )
  }
  if (typeof uri !== 'string') return fail('oidc: the provider names no jwks_uri')
  const found = await getJson(uri, source, http)
  if (!found.ok) return found
  const { keys } = found.value as Readonly<{ keys?: unknown }>
  if (!Array.isArray(keys)) return fail('oidc: the provider has no keys')
  return ok(keys.filter((key): key is Jwk => typeof key === 'object' && key !== null))
}

async function getJson(
  url: string,
  { caPem }: JwksSource,
  http: Pick<Http, 'request'>,
): Promise<Result<object, string>> {
  const verify: Pick<OutgoingRequest, 'verify'> = caPem === undefined ? {} : { verify: { caPem } }
  const answered = await http.request({ method: 'GET', url, headers: {}, timeoutMs, maxRedirects: 3, ...verify })
  if (!answered.ok) return fail(`Get ${JSON.stringify(url)}: ${answered.error.message}`)
  const body = await answered.value.body.bytes(limitBytes)
  if (!body.ok) return fail(`Get ${JSON.stringify(url)}: the answer is ${body.error}`)
  const text = new TextDecoder().decode(body.value)
  if (answered.value.status !== 200) return fail(`${answered.value.status}: ${text.slice(0, 200)}`)
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? ok(value) : fail(`${url} answers no JSON object`)
  } catch {
    return fail(`${url} answers no JSON`)
  }
}
