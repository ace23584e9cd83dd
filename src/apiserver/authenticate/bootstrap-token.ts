import { decodeBase64 } from '../../api/base64.ts'
import type { Secret } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Store } from '../../store/store.ts'
import { storeKey } from '../resource.ts'
import { type TokenAuthenticator, unknownToken } from './token-authenticator.ts'

const form = /^([a-z0-9]{6})\.([a-z0-9]{16})$/
const groupForm = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/
const decoder = new TextDecoder()

/** Tokens by which new nodes first join, kept as Secrets of kube-system: plugin/pkg/auth/authenticator/token/bootstrap. */
export function bootstrapTokens(store: Store, clock: Clock): TokenAuthenticator {
  return {
    authenticate(token) {
      const [, id, secretPart] = form.exec(token) ?? []
      if (id === undefined) return unknownToken
      const secret = store.get(storeKey(kinds.secrets, 'kube-system', `bootstrap-token-${id}`))?.object as
        | Secret
        | undefined
      const isToken = secret?.type === 'bootstrap.kubernetes.io/token' && !secret.metadata?.deletionTimestamp
      if (secret === undefined || !isToken) return unknownToken
      const read = (key: string): string => decoder.decode(decodeBase64(secret.data?.[key] ?? ''))
      if (read('token-id') !== id || read('token-secret') !== secretPart) return unknownToken
      if (isExpired(read('expiration'), clock.nowMs())) return unknownToken
      if (read('usage-bootstrap-authentication') !== 'true') return unknownToken
      const extra = read('auth-extra-groups')
        .split(',')
        .flatMap((group) => group || [])
      if (extra.some((group) => !groupForm.test(group))) return unknownToken
      const groups = [...new Set([...extra, 'system:bootstrappers'])].sort()
      return { type: 'known', user: { name: `system:bootstrap:${id}`, groups: [...groups, 'system:authenticated'] } }
    },
  }
}

/** What is no time is taken as past: a token with an end must not live on for a mistake in it. */
function isExpired(expiration: string, nowMs: number): boolean {
  if (expiration === '') return false
  const endMs = Date.parse(expiration)
  return Number.isNaN(endMs) || nowMs >= endMs
}
