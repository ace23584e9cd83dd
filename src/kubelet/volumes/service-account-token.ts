import type { ServiceAccountTokenProjection } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { timestampOf } from '../../api/wire-time.ts'
import { msOfTimestamp } from '../../client/timestamp.ts'
import type { KubeletDeps } from '../kubelet-config.ts'
import type { KubeletPod } from '../pod-containers.ts'

type Deps = Pick<KubeletDeps, 'client' | 'clock' | 'random'>
type Token = Readonly<{ token: string; issuedAtMs: number; expiresAtMs: number }>

/** Kubernetes: a token is renewed when four fifths of its life, or a day, have passed, with some seconds of chance. */
const renewAfterShare = 0.8
const renewAfterMs = 24 * 3_600_000
const jitterMs = 10_000
const defaultExpirationSeconds = 3600

export type TokenWish = Pick<ServiceAccountTokenProjection, 'audience' | 'expirationSeconds'>
export type IssuedToken = Readonly<{ token: string; expirationTimestamp: string }>

export interface TokenSource {
  /** The pod's token for the audience, renewed when it is time. A token that still holds stands in while renewal fails. */
  token(pod: KubeletPod, wish: TokenWish): Promise<Result<string, string>>
  /** As token, with the time when it ends. */
  issued(pod: KubeletPod, wish: TokenWish): Promise<Result<IssuedToken, string>>
  /** When the pod's next token is to be renewed. */
  renewalMs(uid: string): number | undefined
  release(uid: string): void
}

export function makeTokenSource(deps: Deps): TokenSource {
  const tokens = new Map<string, Map<string, Token & Readonly<{ renewMs: number }>>>()
  const issue = async (
    pod: KubeletPod,
    { audience = '', expirationSeconds = defaultExpirationSeconds }: TokenWish,
  ): Promise<Result<Token, string>> => {
    const { uid } = pod.metadata
    const own = tokens.get(uid) ?? new Map()
    tokens.set(uid, own)
    const key = `${audience} ${expirationSeconds}`
    const known = own.get(key)
    const nowMs = deps.clock.nowMs()
    if (known !== undefined && nowMs < known.renewMs) return ok(known)
    const fresh = await request(deps, pod, audience, expirationSeconds)
    if (!fresh.ok) return known !== undefined && nowMs < known.expiresAtMs ? ok(known) : fresh
    const { issuedAtMs, expiresAtMs } = fresh.value
    const lifeMs = Math.min((expiresAtMs - issuedAtMs) * renewAfterShare, renewAfterMs)
    own.set(key, { ...fresh.value, renewMs: issuedAtMs + lifeMs - deps.random.below(jitterMs) })
    return fresh
  }
  return {
    async token(pod, wish) {
      const token = await issue(pod, wish)
      return token.ok ? ok(token.value.token) : token
    },
    async issued(pod, wish) {
      const issued = await issue(pod, wish)
      if (!issued.ok) return issued
      const { token, expiresAtMs } = issued.value
      return ok({ token, expirationTimestamp: timestampOf(expiresAtMs) })
    },
    renewalMs(uid) {
      const times = [...(tokens.get(uid)?.values() ?? [])].map(({ renewMs }) => renewMs)
      return times.length === 0 ? undefined : Math.min(...times)
    },
    release: (uid) => void tokens.delete(uid),
  }
}

async function request(
  { client, clock }: Deps,
  pod: KubeletPod,
  audience: string,
  expirationSeconds: number,
): Promise<Result<Token, string>> {
  const { namespace = '', name, uid } = pod.metadata
  const account = pod.spec.serviceAccountName ?? 'default'
  const issuedAtMs = clock.nowMs()
  const answer = await client.createSubresource(kinds.serviceAccounts, account, namespace, 'token', {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    metadata: {},
    spec: {
      audiences: audience === '' ? [] : [audience],
      expirationSeconds,
      boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
    },
  })
  if (!answer.ok) return fail(`failed to fetch token: ${answer.error.message ?? 'refused'}`)
  const { token, expirationTimestamp } = (answer.value.status ?? {}) as { token?: string; expirationTimestamp?: string }
  if (token === undefined) return fail('failed to fetch token: the answer has none')
  const expiresAtMs = msOfTimestamp(expirationTimestamp) ?? issuedAtMs + expirationSeconds * 1000
  return ok({ token, issuedAtMs, expiresAtMs })
}
