import { encodeBase64 } from '../../api/base64.ts'
import { type Kind, kinds } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Keys } from '../../ports/keys.ts'
import type { Random } from '../../ports/random.ts'
import type { Store } from '../../store/store.ts'
import type { User } from '../call.ts'
import { newUid } from '../object-meta.ts'
import { storeKey } from '../resource.ts'
import { type Claims, signJwt, verifyJwt } from './jwt.ts'
import { legacyIssuer, verifyLegacy } from './legacy-token.ts'
import { type TokenAuthenticator, type TokenVerdict, unknownToken } from './token-authenticator.ts'

export type TokenParts = Readonly<{
  store: Store
  clock: Clock
  random: Random
  keys: Keys
  issuer: string
  key: Readonly<{ privateKeyPem: string; publicKeyPem: string }>
}>

export type ObjectName = Readonly<{ name: string; uid: string }>
export type TokenRequest = Readonly<{
  namespace: string
  serviceAccount: ObjectName
  /** What the token dies with. */
  bound?: Readonly<{ type: 'pod' | 'secret' | 'node' }> & ObjectName
  /** The node of the pod that the token is bound to. */
  node?: Readonly<{ name: string; uid?: string }>
  audiences: readonly string[]
  expirationSeconds: number
}>

/** `id`: its jti. */
export type IssuedToken = Readonly<{ token: string; id: string; expiresAtMs: number }>

/** Tokens that pods ask for an hour live a year, until clients that do not read them again are gone: the original's rule. */
const extendedSeconds = 365 * 24 * 60 * 60
/** What the kubelet asks for in kube-api-access volumes: one hour and the marker's seven seconds. */
const podTokenSeconds = 3607

export interface ServiceAccountTokens {
  issue(request: TokenRequest): IssuedToken
  /** Who shows it, if it is one of ours, valid now, for one of the audiences, and what it is bound to is still there. */
  readonly authenticator: TokenAuthenticator
  /** The key's identity in issued tokens and in /openid/v1/jwks. */
  readonly keyId: string
}

export function serviceAccountTokens(parts: TokenParts): ServiceAccountTokens {
  const { keys, key, clock, random, issuer } = parts
  const keyId = keyIdOf(keys, key.publicKeyPem)
  return {
    keyId,
    issue(request) {
      const nowSeconds = Math.floor(clock.nowMs() / 1000)
      const id = newUid(random)
      const claims = claimsOf(request, issuer, nowSeconds, id)
      const token = signJwt(keys, key.privateKeyPem, keyId, claims)
      return { token, id, expiresAtMs: (nowSeconds + request.expirationSeconds) * 1000 }
    },
    authenticator: { authenticate: verifier(parts) },
  }
}

/** As the original derives it: base64url of the SHA-256 of the public key's DER. */
function keyIdOf(keys: Keys, publicKeyPem: string): string {
  const der = Uint8Array.from(atob(publicKeyPem.replace(/-----[A-Z ]+-----|\s/g, '')), (c) => c.charCodeAt(0))
  return encodeBase64(keys.sha256(der)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

function claimsOf(request: TokenRequest, issuer: string, nowSeconds: number, jti: string): Claims {
  const { namespace, serviceAccount, bound, node, audiences, expirationSeconds } = request
  const isForApi = audiences.every((audience) => audience === issuer)
  const isExtended = expirationSeconds === podTokenSeconds && bound?.type === 'pod' && isForApi
  const lifeSeconds = isExtended ? extendedSeconds : expirationSeconds
  return {
    aud: audiences,
    exp: nowSeconds + lifeSeconds,
    iat: nowSeconds,
    iss: issuer,
    jti,
    'kubernetes.io': {
      namespace,
      ...(node === undefined ? {} : { node }),
      ...(bound === undefined ? {} : { [bound.type]: { name: bound.name, uid: bound.uid } }),
      serviceaccount: serviceAccount,
      ...(isExtended ? { warnafter: nowSeconds + expirationSeconds } : {}),
    },
    nbf: nowSeconds,
    sub: `system:serviceaccount:${namespace}:${serviceAccount.name}`,
  }
}

type Private = Readonly<{
  namespace: string
  serviceaccount: ObjectName
  pod?: ObjectName
  secret?: ObjectName
  node?: ObjectName
}>

/** Signatures once found good are remembered: checking one costs more than everything else in a request. */
const rememberedTokens = 4096

function verifier({ store, clock, keys, key, issuer }: TokenParts) {
  const good = new Map<string, Claims>()
  const claimsOfToken = (token: string): Claims | undefined => {
    const known = good.get(token)
    if (known !== undefined) return known
    const claims = verifyJwt(keys, key.publicKeyPem, token)
    if (claims === undefined) return undefined
    if (good.size >= rememberedTokens) good.clear()
    good.set(token, claims)
    return claims
  }
  return (token: string, audiences: readonly string[]): TokenVerdict => {
    const claims = claimsOfToken(token)
    if (claims?.iss === legacyIssuer) return verifyLegacy({ store, clock }, token, claims)
    if (claims?.iss !== issuer) return unknownToken
    const nowSeconds = clock.nowMs() / 1000
    if (typeof claims.exp !== 'number' || nowSeconds >= claims.exp)
      return { type: 'wrong', why: 'service account token has expired' }
    if (typeof claims.nbf === 'number' && nowSeconds < claims.nbf)
      return { type: 'wrong', why: 'service account token is not valid yet' }
    const meant = Array.isArray(claims.aud) ? claims.aud.map(String) : []
    const accepted = audiences.filter((audience) => meant.includes(audience))
    if (accepted.length === 0) {
      const why = `token audiences ${JSON.stringify(meant)} is invalid for the target audiences ${JSON.stringify(audiences)}`
      return { type: 'wrong', why }
    }
    const user = userOf(store, claims['kubernetes.io'] as Private | undefined, claims.jti)
    return user.ok ? { type: 'known', user: user.value, audiences: accepted } : { type: 'wrong', why: user.error }
  }
}

function userOf(store: Store, claims: Private | undefined, jti: unknown): Result<User, string> {
  if (claims?.serviceaccount === undefined) return fail('token carries no service account')
  const { namespace, serviceaccount: account, pod, secret, node } = claims
  const isAlive = (kind: Kind, { name, uid }: ObjectName): boolean => isPresent(store, kind, namespace, name, uid)
  if (!isAlive(kinds.serviceAccounts, account)) return fail('service account has been deleted')
  if (secret !== undefined && !isAlive(kinds.secrets, secret)) return fail('service account token has been invalidated')
  if (pod !== undefined && !isAlive(kinds.pods, pod)) return fail('pod has been deleted')
  const isNodeToken = node !== undefined && pod === undefined
  if (isNodeToken && !isAlive(kinds.nodes, node)) return fail('node has been deleted')
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated']
  const extra = {
    'authentication.kubernetes.io/credential-id': [`JTI=${String(jti)}`],
    ...named('node', node),
    ...named('pod', pod),
  }
  return ok({ name: `system:serviceaccount:${namespace}:${account.name}`, uid: account.uid, groups, extra })
}

function named(type: string, object: Readonly<{ name: string; uid?: string }> | undefined): Record<string, string[]> {
  if (object === undefined) return {}
  const uid = object.uid === undefined ? {} : { [`authentication.kubernetes.io/${type}-uid`]: [object.uid] }
  return { [`authentication.kubernetes.io/${type}-name`]: [object.name], ...uid }
}

/** A name alone could be taken by a later object: the uid must be the same. An object that is being deleted may still act. */
function isPresent(store: Store, kind: Kind, namespace: string, name: string, uid: string): boolean {
  const object: ApiObject | undefined = store.get(storeKey(kind, namespace, name))?.object
  return object !== undefined && object.metadata.uid === uid
}
