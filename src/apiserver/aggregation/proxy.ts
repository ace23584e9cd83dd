import type { APIService } from '../../api/kinds.generated.ts'
import type { HttpRequest, HttpResponse } from '../../ports/http.ts'
import type { User } from '../call.ts'
import { textResponse } from '../output/write-answer.ts'
import { forwarded, hasBody, ofTheClient, pour } from '../subresource/proxied.ts'
import { askBackend, type BackendParts } from './backend.ts'

const answerTimeoutMs = 60_000

/** Passes a request for an aggregated API on, and the answer back as it comes: watches, too. */
export async function proxiedToBackend(
  parts: BackendParts,
  service: APIService,
  user: User,
  request: HttpRequest,
): Promise<HttpResponse> {
  if (!isAvailable(service)) return refused('service unavailable')
  const answer = await askBackend(parts, service, user, {
    method: request.method,
    target: request.target,
    headers: {
      ...forwarded(request.headers, ofTheClient),
      'x-forwarded-uri': request.target.replace(/\?.*$/s, ''),
      'x-forwarded-for': request.peer.address,
    },
    ...(hasBody(request.headers) ? { body: request.body.chunks() } : {}),
    timeoutMs: answerTimeoutMs,
    closed: request.closed,
  })
  if (!answer.ok) return refused(`error trying to reach service: ${answer.error}`)
  const { status, headers, body } = answer.value
  return { type: 'stream', status, headers: forwarded(headers, new Set()), start: (sink) => void pour(body, sink) }
}

export function isAvailable({ status }: APIService): boolean {
  return (status?.conditions ?? []).some((condition) => condition.type === 'Available' && condition.status === 'True')
}

function refused(why: string): HttpResponse {
  return textResponse(503, `${why}\n`, { 'x-content-type-options': 'nosniff' })
}
