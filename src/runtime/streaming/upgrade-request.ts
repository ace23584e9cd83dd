import type { HttpHeaders, HttpResponse } from '../../ports/http.ts'
import { textAnswer } from './plain-answer.ts'

/** What a client wants to make of its connection: the first of its protocols that we speak. */
export type Upgrade =
  | Readonly<{ type: 'websocket'; protocol: string }>
  | Readonly<{ type: 'spdy'; protocol: string }>
  /** None of the protocols it offers is spoken here. */
  | Readonly<{ type: 'unsupported'; transport: 'websocket' | 'spdy'; offered: readonly string[] }>
  | Readonly<{ type: 'none' }>

export function requestedUpgrade(
  headers: HttpHeaders,
  spoken: Readonly<{ websocket: readonly string[]; spdy: readonly string[] }>,
): Upgrade {
  const wanted = headers.upgrade?.toLowerCase() ?? ''
  const websocket = wanted === 'websocket'
  if (!websocket && !wanted.startsWith('spdy/3.1')) return { type: 'none' }
  const transport = websocket ? 'websocket' : 'spdy'
  const list = headers[websocket ? 'sec-websocket-protocol' : 'x-stream-protocol-version'] ?? ''
  const named = list.split(',').flatMap((name) => name.trim() || [])
  const offered = named.length === 0 ? [''] : named
  const protocol = offered.find((name) => spoken[transport].includes(name))
  return protocol === undefined ? { type: 'unsupported', transport, offered } : { type: transport, protocol }
}

/** As the original's handshake refuses: what there is stands in a header, so that a client can ask again. */
export function unsupported(offered: readonly string[], spoken: readonly string[]): HttpResponse {
  const answer = textAnswer(
    403,
    `unable to upgrade: unable to negotiate protocol: client supports [${offered.join(' ')}], server accepts [${spoken.join(' ').trim()}]\n`,
  )
  const headers = { ...answer.headers, 'x-accepted-stream-protocol-versions': spoken.join(', ') }
  return { ...answer, headers }
}

export function withoutUpgrade(): HttpResponse {
  return textAnswer(400, 'unable to upgrade: missing upgrade headers in request\n')
}
