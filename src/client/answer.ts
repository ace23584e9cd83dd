import type { Status } from '../api/kinds.generated.ts'
import type { HttpResponse } from '../ports/http.ts'
import { byteQueue } from './byte-queue.ts'

const decoder = new TextDecoder()
const chunkHighWaterBytes = 1 << 20
/** No single answer of an API server comes near this: a list of 150,000 pods is half of it. */
const answerLimitBytes = 1 << 30

/** The text of an answer, however it is sent. Upgrades have none. */
export async function bodyText(response: HttpResponse): Promise<string> {
  if (response.type === 'whole') {
    return response.body instanceof Uint8Array ? decoder.decode(response.body) : joinedText(response.body)
  }
  if (response.type !== 'stream') return ''
  const queue = byteQueue(chunkHighWaterBytes)
  response.start(queue.sink)
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of queue.chunks) {
    sizeBytes += chunk.length
    if (sizeBytes > answerLimitBytes) break
    chunks.push(chunk)
  }
  return joinedText(chunks)
}

function joinedText(chunks: readonly Uint8Array[]): string {
  const streaming = new TextDecoder()
  let text = ''
  for (const chunk of chunks) text += streaming.decode(chunk, { stream: true })
  return text + streaming.decode()
}

/** JSON, or undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const reasons: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Gone',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
}

/** The Status a refusal carries, or one made from its HTTP code where the body is something else. */
export function statusOfAnswer(code: number, text: string): Status {
  const parsed = parseJson(text)
  if (isRecord(parsed) && parsed.kind === 'Status') return { code, ...parsed } as Status
  return failure(code, text.trim().slice(0, 1024) || `the server responded with the status code ${code}`)
}

/** A Status of our own making, shaped as the API server's. */
export function failure(code: number, message: string): Status {
  return { apiVersion: 'v1', kind: 'Status', status: 'Failure', message, reason: reasons[code] ?? '', code }
}
