import { fail, ok, type Result } from '../../api/result.ts'
import type { Http, HttpHeaders, HttpResponse, OutgoingRequest } from '../../ports/http.ts'
import type { Duplex } from '../../ports/streams.ts'
import { goWordOf } from '../services/go-word.ts'
import { forwarded, pour } from './forwarded.ts'

/** Whether the client wants to leave HTTP, for a WebSocket or SPDY: apimachinery's httpstream.IsUpgradeRequest. */
export function isUpgrade({ connection = '', upgrade = '' }: HttpHeaders): boolean {
  return connection.toLowerCase().includes('upgrade') && upgrade !== ''
}

/**
 * Passes a request for an upgrade on. From then on the bytes of one side are those of the other, whatever they mean; an answer that
 * refuses is handed back, one that is neither is an error. As apimachinery's UpgradeAwareHandler.
 */
export async function upgraded(
  http: Pick<Http, 'upgrade'>,
  outgoing: OutgoingRequest,
  upgrade: string,
): Promise<Result<HttpResponse, string>> {
  const headers = { ...outgoing.headers, connection: 'Upgrade', upgrade }
  const answer = await http.upgrade({ ...outgoing, headers })
  if (!answer.ok) return fail(goWordOf(answer.error))
  if (answer.value.type === 'switched') return ok(coupled(answer.value.headers, answer.value.duplex))
  const { status, headers: answered, body } = answer.value.answer
  if (status < 400) return fail(`invalid upgrade response: status code ${status}`)
  return ok({ type: 'stream', status, headers: forwarded(answered, new Set()), start: (sink) => void pour(body, sink) })
}

function coupled(headers: HttpHeaders, backend: Duplex): HttpResponse {
  const { upgrade: protocol = '' } = headers
  return {
    type: 'upgrade',
    protocol,
    headers: forwarded(headers, new Set()),
    start: (client) => void couple(client, backend),
  }
}

/** Carries bytes both ways. The end of one direction, once what came before is through, is that of both. */
async function couple(client: Duplex, backend: Duplex): Promise<void> {
  await Promise.race([carry(client, backend), carry(backend, client)])
  client.destroy()
  backend.destroy()
}

async function carry(from: Duplex, to: Duplex): Promise<void> {
  for await (const chunk of from.readable) await to.write(chunk)
  await to.end()
}
