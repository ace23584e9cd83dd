import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { HttpRequest } from '../../ports/http.ts'
import type { Eventual } from '../admit/admission.ts'
import type { User } from '../call.ts'
import { isFromProxyAuthority, proxiedUser, type TrustedProxy } from './front-proxy.ts'
import type { TokenAuthenticator, TokenVerdict } from './token-authenticator.ts'

export type AuthenticationParts = Readonly<{
  tokens: TokenAuthenticator
  apiAudiences: readonly string[]
  /** Whether somebody who shows nothing may ask for the path as system:anonymous. */
  allowsAnonymous: (path: string) => boolean
  /** Absent: nobody speaks for others by headers. */
  proxy?: TrustedProxy
}>

export type Authenticated = Readonly<{ user: User; warnings: readonly string[] }>

const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] }
const unauthorized = fail<Refusal>({ reason: 'Unauthorized' })

/** Who sends the request: a client certificate, somebody's token, or nobody in particular. Only tokens may take time. */
export function authenticate(
  request: HttpRequest,
  path: string,
  { tokens, apiAudiences, allowsAnonymous, proxy }: AuthenticationParts,
): Eventual<Result<Authenticated, Refusal>> {
  const { certificate, certificateError } = request.peer
  const isProxy = isFromProxyAuthority(request.peer, proxy)
  const proxied = proxy && isProxy ? proxiedUser(request.peer, request.headers, proxy) : undefined
  if (proxied !== undefined) return ok({ user: proxied, warnings: [] })
  if (!isProxy && certificate !== undefined && certificate.commonName !== '') return certificateUser(certificate)
  if (certificateError !== undefined) return unauthorized
  const token = bearerToken(request)
  if (token === undefined)
    return allowsAnonymous(path) && !isProxy ? ok({ user: anonymous, warnings: [] }) : unauthorized
  const verdict = tokens.authenticate(token, apiAudiences)
  return verdict instanceof Promise ? verdict.then(known) : known(verdict)
}

function known(verdict: TokenVerdict): Result<Authenticated, Refusal> {
  return verdict.type === 'known' ? ok({ user: verdict.user, warnings: verdict.warnings ?? [] }) : unauthorized
}

type Certificate = NonNullable<HttpRequest['peer']['certificate']>

/** A connection shows the same certificate with each of its requests. */
const certificateUsers = new WeakMap<Certificate, Result<Authenticated, Refusal>>()

function certificateUser(certificate: Certificate): Result<Authenticated, Refusal> {
  const found = certificateUsers.get(certificate) ?? ok({ user: userOf(certificate), warnings: [] })
  certificateUsers.set(certificate, found)
  return found
}

function userOf({ commonName, organizations, userUid, fingerprint }: Certificate): User {
  return {
    name: commonName,
    ...(userUid === undefined ? {} : { uid: userUid }),
    groups: [...organizations, 'system:authenticated'],
    ...(fingerprint === undefined ? {} : { extra: { [credentialId]: [`X509SHA256=${fingerprint}`] } }),
  }
}

const credentialId = 'authentication.kubernetes.io/credential-id'

/** From the Authorization header or, as browsers must send it, from a WebSocket subprotocol. */
function bearerToken({ headers }: HttpRequest): string | undefined {
  const [scheme = '', token] = (headers.authorization ?? '').trim().split(/\s+/)
  if (scheme.toLowerCase() === 'bearer' && token !== undefined && token !== '') return token
  const prefix = 'base64url.bearer.authorization.k8s.io.'
  const protocols = (headers['sec-websocket-protocol'] ?? '').split(',').map((protocol) => protocol.trim())
  const encoded = protocols.find((protocol) => protocol.startsWith(prefix))?.slice(prefix.length)
  if (encoded === undefined) return undefined
  try {
    return atob(encoded.replaceAll('-', '+').replaceAll('_', '/'))
  } catch {
    return undefined
  }
}
