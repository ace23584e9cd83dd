import type { HttpBody, HttpHeaders } from '../../ports/http.ts'
import type { ByteSink } from '../../ports/streams.ts'

/** Of one connection, not of what is asked and answered (RFC 9110 7.6.1). */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** What told the API server who is asking is not for whom it passes the request to. */
export const ofTheClient = new Set(['authorization', 'host'])

export function hasBody(headers: HttpHeaders): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/** Headers of one side for the other. */
export function forwarded(headers: HttpHeaders, without: ReadonlySet<string>): HttpHeaders {
  const named = new Set((headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase()))
  const kept = Object.entries(headers).filter(
    ([name]) => !name.startsWith(':') && !hopByHop.has(name) && !without.has(name) && !named.has(name),
  )
  return Object.fromEntries(kept)
}

export async function pour(body: HttpBody, sink: ByteSink): Promise<void> {
  try {
    for await (const chunk of body.chunks()) {
      if (sink.closed.aborted) return
      if (!sink.write(chunk)) await sink.drained()
    }
  } catch {
    // The destination broke off: so does the answer.
  }
  sink.end()
}
