import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { HttpRequest } from '../../ports/http.ts'
import type { User } from '../call.ts'
import type { ServiceAccountTokens } from './service-account-token.ts'

const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] }
const unauthorized = fail<Refusal>({ reason: 'Unauthorized' })

/** Who sends the request: a client certificate, a service account's token, or nobody in particular. */
export function authenticate(
  request: HttpRequest,
  tokens: ServiceAccountTokens,
  apiAudiences: readonly string[],
): Result<User, Refusal> {
  const { certificate, certificateError } = request.peer
  if (certificate !== undefined) return ok(certificateUser(certificate.commonName, certificate.organizations))
  if (certificateError !== undefined) return unauthorized
  const token = bearerToken(request)
  if (token === undefined) return ok(anonymous)
  const verified = tokens.verify(token, apiAudiences)
  return verified.ok ? ok(verified.value.user) : unauthorized
}

function certificateUser(name: string, organizations: readonly string[]): User {
  return { name, groups: [...organizations, 'system:authenticated'] }
}

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
