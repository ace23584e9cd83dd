import { makeEnder } from '../api/ending.ts'
import { ok } from '../api/result.ts'
import { schema } from '../api/schema-reader.ts'
import { bodyText } from '../client/answer.ts'
import type { HttpHandler, HttpHeaders, HttpPeer, HttpResponse } from '../ports/http.ts'
import type { ByteSink } from '../ports/streams.ts'
import { type ApiServer, makeApiServer } from './api-server.ts'
import type { ApiServerConfig, ServerParts } from './server.ts'

/** For tests: a server over the parts of a simulated host, and exchanges with it as clients have them. */

export async function testServer(
  parts: Omit<ServerParts, 'schema' | 'config' | 'nodeHandler'> & Partial<Pick<ServerParts, 'nodeHandler'>>,
  config: Partial<ApiServerConfig> = {},
): Promise<ApiServer> {
  return makeApiServer({
    nodeHandler: () => undefined,
    ...parts,
    schema,
    config: {
      serviceAccountIssuer: 'https://kubernetes.default.svc.cluster.local',
      serviceAccountKey: await parts.keys.makeSigningKey(),
      serviceCidr: '10.96.0.0/16',
      nodePorts: { first: 30000, last: 32767 },
      advertiseAddress: '192.0.2.2',
      advertisePort: 6443,
      clusterName: 'test',
      ...config,
    },
  })
}

export type Sent = Readonly<{
  status: number
  headers: HttpHeaders
  text: string
  /** Parsed where it is JSON. Unknown on purpose: tests compare it, they do not compute with it. */
  json: unknown
  response: HttpResponse
}>

export type SendOptions = Readonly<{ user?: string; groups?: readonly string[]; headers?: HttpHeaders }>

export type Send = (method: string, target: string, body?: unknown, options?: SendOptions) => Promise<Sent>

/** A text body goes out as it is, anything else as JSON. Without a user the sender is an administrator; '' shows no certificate. */
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
      closed: makeEnder().signal,
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

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export type Watched = Readonly<{
  /** Lines so far, parsed. */
  events(): readonly Readonly<{ type: string; object: unknown }>[]
  isEnded(): boolean
  stop(): void
}>

/** Reads a watch's stream. `behindBytes`: how much the reader pretends not to have taken yet. */
export function watched({ response }: Sent, behindBytes: () => number = () => 0): Watched {
  const lines: string[] = []
  const gone = makeEnder()
  const decoder = new TextDecoder()
  const sink: ByteSink = {
    write(chunk) {
      if (!gone.signal.aborted)
        lines.push(
          ...decoder
            .decode(chunk)
            .split('\n')
            .filter((line) => line !== ''),
        )
      return true
    },
    bufferedBytes: behindBytes,
    drained: async () => {},
    end: () => gone.abort(),
    closed: gone.signal,
  }
  if (response.type === 'stream') response.start(sink)
  return {
    events: () => lines.map((line) => JSON.parse(line)),
    isEnded: () => gone.signal.aborted,
    stop: () => gone.abort(),
  }
}
