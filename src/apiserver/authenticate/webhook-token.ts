import type { Clock } from '../../ports/clock.ts'
import type { Http } from '../../ports/http.ts'
import type { User } from '../call.ts'
import { timedCache } from '../configuration/timed-cache.ts'
import { callWebhook, type WebhookEndpoint } from '../configuration/webhook-endpoint.ts'
import { type TokenAuthenticator, type TokenVerdict, unknownToken } from './token-authenticator.ts'

const timeoutMs = 30_000
const cacheMs = 120_000
const cachedTokens = 4096

type Review = Readonly<{
  status?: Readonly<{
    authenticated?: boolean
    audiences?: readonly string[]
    error?: string
    user?: Readonly<{
      username?: string
      uid?: string
      groups?: readonly string[]
      extra?: Readonly<Record<string, readonly string[]>>
    }>
  }>
}>

/** Asks a service by TokenReview; what it says holds for two minutes. */
export function webhookTokens(
  endpoint: WebhookEndpoint,
  { http, clock }: Readonly<{ http: Pick<Http, 'request'>; clock: Clock }>,
): TokenAuthenticator {
  const known = timedCache<TokenVerdict>(clock, cachedTokens)
  return {
    async authenticate(token, audiences) {
      const key = JSON.stringify([token, audiences])
      const cached = known.get(key)
      if (cached !== undefined) return cached
      const body = { kind: 'TokenReview', apiVersion: 'authentication.k8s.io/v1', spec: { token, audiences } }
      const answered = await callWebhook(http, endpoint, body, timeoutMs)
      if (!answered.ok) return { type: 'wrong', why: answered.error }
      const verdict = verdictOf(answered.value as Review, audiences)
      if (verdict.type !== 'wrong') known.set(key, verdict, cacheMs)
      return verdict
    },
  }
}

function verdictOf({ status = {} }: Review, asked: readonly string[]): TokenVerdict {
  if (status.authenticated !== true) {
    return status.error ? { type: 'wrong', why: status.error } : unknownToken
  }
  // Who says for nobody in particular means the API server itself.
  const audiences = (status.audiences ?? asked).filter((audience) => asked.includes(audience))
  if (audiences.length === 0) return unknownToken
  const { username = '', uid, groups = [], extra } = status.user ?? {}
  const user: User = {
    name: username,
    ...(uid ? { uid } : {}),
    groups: groups.includes('system:authenticated') ? groups : [...groups, 'system:authenticated'],
    ...(extra && Object.keys(extra).length > 0 ? { extra } : {}),
  }
  return { type: 'known', user, audiences }
}
