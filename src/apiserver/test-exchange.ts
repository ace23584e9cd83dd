import { ok } from '../api/result.ts'
import { bodyText } from '../client/answer.ts'
import type { HttpHandler, HttpHeaders, HttpPeer, HttpResponse } from '../ports/http.ts'

/** For tests: exchanges with a handler as a client would have them, answers parsed. */

export type Sent = Readonly<{ status: number; headers: HttpHeaders; text: string; json: Json; response: HttpResponse }>
export type Json = unknown

export type SendOptions = Readonly<{ user?: string; groups?: readonly string[]; headers?: HttpHeaders }>

export type Send = (method: string, target: string, body?: unknown, options?: SendOptions) => Promise<Sent>

/** A text body goes out as it is, anything else as JSON. Without a user the sender is an administrator; '' sends no certificate. */
export function sender(handler: HttpHandler): Send {
  return async (method, target, body, { user = 'admin', groups = ['system:masters'], headers = {} } = {}) => {
    const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
    const bytes = new TextEncoder().encode(text)
    const certificate = { commonName: user, organizations: groups }
    const peer: HttpPeer = user === '' ? { address: '127.0.0.1' } : { address: '127.0.0.1', certificate }
    const response = await handler({
      method,
      target,
      headers: bytes.length === 0 ? headers : { 'content-type': 'application/json', ...headers },
      body: {
        bytes: async () => ok(bytes),
        async *chunks() {
          yield bytes
        },
      },
      peer,
      closed: new AbortController().signal,
    })
    const answer = response.type === 'whole' ? await bodyText(response) : ''
    return {
      status: 'status' in response ? response.status : 101,
      headers: 'headers' in response ? response.headers : {},
      text: answer,
      json: parsed(answer),
      response,
    }
  }
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
