import type { APIService } from '../../api/kinds.generated.ts'
import type { Result } from '../../api/result.ts'
import type { HttpRequest, HttpResponse, IncomingResponse, RequestError } from '../../ports/http.ts'
import type { User } from '../call.ts'
import { textResponse } from '../output/write-answer.ts'
import { goWordOf } from '../services/go-word.ts'
import { forwarded, hasBody, ofTheClient, pour } from '../subresource/forwarded.ts'
import { isUpgrade, upgraded } from '../subresource/upgraded.ts'
import { type BackendParts, noNetwork, toBackend } from './backend.ts'

const answerTimeoutMs = 60_000

/** Passes a request for an aggregated API on, and the answer back as it comes: watches and upgrades, too. */
export async function proxiedToBackend(
  parts: BackendParts,
  service: APIService,
  user: User,
  request: HttpRequest,
): Promise<HttpResponse> {
  if (!isAvailable(service)) return refused('service unavailable')
  const isLeaving = isUpgrade(request.headers)
  const outgoing = toBackend(parts, service, user, {
    method: request.method,
    target: request.target,
    headers: { ...forwarded(request.headers, ofTheClient), 'x-forwarded-for': request.peer.address },
    ...(hasBody(request.headers) ? { body: request.body.chunks() } : {}),
    timeoutMs: answerTimeoutMs,
    ...(isLeaving ? {} : { closed: request.closed }),
  })
  if (!outgoing.ok) return refused('service unavailable')
  const { http = noNetwork } = parts
  if (!isLeaving) return passedBack(await http.request(outgoing.value))
  const answer = await upgraded(http, outgoing.value, request.headers.upgrade ?? '')
  return answer.ok ? answer.value : refused(answer.error)
}

/** Where an aggregated API's server would send the client somewhere else, the client is not told. */
function passedBack(answer: Result<IncomingResponse, RequestError>): HttpResponse {
  if (!answer.ok) return refused(goWordOf(answer.error))
  const { status, headers, body } = answer.value
  if (status >= 300 && status < 400 && headers.location !== undefined) return textResponse(502, noRedirects)
  return { type: 'stream', status, headers: forwarded(headers, new Set()), start: (sink) => void pour(body, sink) }
}

const noRedirects = 'the backend attempted to redirect this request, which is not permitted'

export function isAvailable({ status }: APIService): boolean {
  return (status?.conditions ?? []).some((condition) => condition.type === 'Available' && condition.status === 'True')
}

function refused(why: string): HttpResponse {
  return textResponse(503, `${why}\n`, { 'x-content-type-options': 'nosniff' })
}
