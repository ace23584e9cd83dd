import { makeEnder } from '../../api/ending.ts'
import { ok } from '../../api/result.ts'
import { bodyText } from '../../client/answer.ts'
import type { HttpHandler, HttpResponse } from '../../ports/http.ts'
import { chanceOf } from './chance.ts'
import { type FuzzRequest, fuzzRequest } from './fuzz-request.ts'

export type FuzzFault = Readonly<{ seed: number; request: string; why: string }>
/** `answers`: how many there were of each status. */
export type FuzzOutcome = Readonly<{
  faults: readonly FuzzFault[]
  answers: ReadonlyMap<number, number>
  /** What answers of 500 and more said, shortened: they are to be held against the original's. */
  unsorted: ReadonlySet<string>
}>

type Parts = Readonly<{
  handler: HttpHandler
  /** How many requests the server has met a bug of its own with, so far. */
  panics: () => number
}>

/**
 * Sends a request for each seed. What is no answer of an API server is a fault: a panic, an answer of 500 that tells of no more than
 * itself, a refusal that is not a Status.
 */
export async function fuzzServer({ handler, panics }: Parts, firstSeed: number, count: number): Promise<FuzzOutcome> {
  const faults: FuzzFault[] = []
  const answers = new Map<number, number>()
  const unsorted = new Set<string>()
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const request = fuzzRequest(chanceOf(seed))
    const before = panics()
    const note = (status: number, text: string): void => {
      answers.set(status, (answers.get(status) ?? 0) + 1)
      if (status >= 500) unsorted.add(`${status}: ${messageOf(text)}`)
    }
    const why = await judged(handler, request, note).catch((error: unknown) => `the handler threw: ${String(error)}`)
    const fault = panics() > before ? 'apiserver panic' : why
    if (fault !== undefined) faults.push({ seed, request: described(request), why: fault })
  }
  return { faults, answers, unsorted }
}

async function judged(
  handler: HttpHandler,
  request: FuzzRequest,
  note: (status: number, text: string) => void,
): Promise<string | undefined> {
  const gone = makeEnder()
  const response = await handler({
    ...request,
    body: {
      bytes: async (limitBytes) =>
        request.body.length > limitBytes ? { ok: false, error: 'TooLarge' } : ok(request.body),
      async *chunks() {
        yield request.body
      },
    },
    peer: { address: '127.0.0.1', certificate: { commonName: 'admin', organizations: ['system:masters'] } },
    closed: gone.signal,
  })
  gone.abort()
  const text = response.type === 'whole' ? await bodyText(response) : ''
  note('status' in response ? response.status : 101, text)
  return response.type === 'whole' ? faultOf(request, response, text) : undefined
}

/** Some answers of 500 are the original's own: they are words of an error that it could not sort. */
function faultOf(
  request: FuzzRequest,
  { status, headers }: Extract<HttpResponse, { type: 'whole' }>,
  text: string,
): string | undefined {
  if (status < 100 || status > 599) return `status ${status}`
  const isJson = (headers['content-type'] ?? '').startsWith('application/json')
  if (status < 400 || !isJson || request.method === 'HEAD') return undefined
  try {
    const { kind, code, message } = JSON.parse(text) as Readonly<{ kind?: string; code?: number; message?: string }>
    if (kind !== 'Status' || code !== status || (message ?? '') === '')
      return `${status} without a Status: ${text.slice(0, 200)}`
    return undefined
  } catch {
    return `${status} that is no JSON: ${text.slice(0, 200)}`
  }
}

function messageOf(text: string): string {
  return (/"message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? text).replace(/\d+/g, '0').slice(0, 160)
}

function described({ method, target, headers, body }: FuzzRequest): string {
  return `${method} ${target.slice(0, 300)} ${JSON.stringify(headers)} ${new TextDecoder().decode(body).slice(0, 400)}`
}
