import { decodeBase64 } from '../../api/base64.ts'
import type { APIService } from '../../api/kinds.generated.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { Http, HttpHeaders, IncomingResponse, OutgoingRequest, RequestError } from '../../ports/http.ts'
import type { KeyPair } from '../../ports/keys.ts'
import type { Random } from '../../ports/random.ts'
import type { Store } from '../../store/store.ts'
import type { User } from '../call.ts'
import { goWordOf } from '../services/go-word.ts'
import { serviceEndpoint } from '../services/service-endpoint.ts'

export type BackendParts = Readonly<{
  store: Store
  random: Random
  http?: Pick<Http, 'request' | 'upgrade'>
  /** By this certificate backends know that it is us who tell them who is asking. */
  frontProxy?: KeyPair
}>

type Asked = Pick<OutgoingRequest, 'method' | 'headers' | 'timeoutMs'> &
  Partial<Pick<OutgoingRequest, 'body' | 'closed'>> &
  Readonly<{ target: string }>

/** Asks the server behind an APIService that names a Service. The error is in Go's words. */
export async function askBackend(
  parts: BackendParts,
  service: APIService,
  user: User,
  asked: Asked,
): Promise<Result<IncomingResponse, string>> {
  const { http = noNetwork } = parts
  const outgoing = toBackend(parts, service, user, asked)
  if (!outgoing.ok) return outgoing
  const answer = await http.request(outgoing.value)
  return answer.ok ? answer : fail(goWordOf(answer.error))
}

const none = async (): Promise<Result<never, RequestError>> =>
  fail({ code: 'Unreachable', message: 'this server has no network' })
export const noNetwork: Pick<Http, 'request' | 'upgrade'> = { request: none, upgrade: none }

/** The request as it goes to one of the Service's endpoints; an error where it has none. */
export function toBackend(
  parts: BackendParts,
  { spec }: APIService,
  user: User,
  asked: Asked,
): Result<OutgoingRequest, string> {
  const { service = {}, caBundle = '', insecureSkipTLSVerify = false } = spec ?? {}
  const endpoint = serviceEndpoint(parts, service)
  if (!endpoint.ok) return endpoint
  const { target, ...rest } = asked
  return ok({
    ...rest,
    url: `https://${service.name}.${service.namespace}.svc:${service.port ?? 443}${target}`,
    connectTo: endpoint.value,
    headers: { ...withoutIdentity(asked.headers), ...nameHeaders(user) },
    repeatedHeaders: groupHeaders(user),
    ...(insecureSkipTLSVerify
      ? { verify: 'skip' }
      : caBundle === ''
        ? {}
        : { verify: { caPem: new TextDecoder().decode(decodeBase64(caBundle)) } }),
    ...(parts.frontProxy === undefined ? {} : { identity: parts.frontProxy }),
    maxRedirects: 0,
  })
}

/** What a client says of its own identity in these headers is not to be believed. */
function withoutIdentity(headers: HttpHeaders): HttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('x-remote-')))
}

/** As client-go's transport.SetAuthProxyHeaders. */
function nameHeaders({ name, uid = '' }: User): HttpHeaders {
  return { 'x-remote-user': name, ...(uid === '' ? {} : { 'x-remote-uid': uid }) }
}

function groupHeaders({ groups, extra = {} }: User): Readonly<Record<string, readonly string[]>> {
  const extras = Object.entries(extra).map(([key, values]) => [`x-remote-extra-${escapedKey(key)}`, values] as const)
  return { ...(groups.length === 0 ? {} : { 'x-remote-group': groups }), ...Object.fromEntries(extras) }
}

/** What cannot stand in a header's name is percent-encoded. */
function escapedKey(key: string): string {
  return key.replace(/[^!#$&'*+\-.^_`|~0-9A-Za-z]/g, (char) => encodeURIComponent(char))
}
