import type { HttpHandler, HttpRequest, HttpResponse } from '../ports/http.ts'
import type { ByteSink } from '../ports/streams.ts'

type Named = { name: string; namespace: string; uid: string; resourceVersion: string; labels?: Record<string, string> }
export type ScriptedObject = { apiVersion: string; kind: string; metadata: Named }

/** One collection behind an HTTP handler that fails, forgets and hangs up when told to: what tests of informers stand on. */
export type ScriptedHandler = Readonly<{
  handler: HttpHandler
  /** Method and target of every request so far. */
  requests: readonly string[]
  put(name: string, labels?: Record<string, string>): void
  drop(name: string): void
  bookmark(): void
  /** The next `count` requests that match are answered with this code. A streaming list is a list. */
  fail(match: 'list' | 'watch', code: number, count: number): void
  /** What it does when asked for a streaming list; at first it sends one. */
  streamingLists(does: 'send' | 'refuse' | 'never end'): void
  /** Ends all streams, cleanly or in the middle of a line. */
  hangUp(tornLine?: string): void
  /** Forgets history: watches from an older version get 410. */
  compact(): void
  watchers(): number
}>

type Fault = { match: 'list' | 'watch'; code: number; count: number }
type Change = Readonly<{ type: string; revision: number; object: ScriptedObject }>

const encoder = new TextEncoder()

export function scriptedHandler(): ScriptedHandler {
  const { answers, ...collection } = scriptedCollection()
  const faults: Fault[] = []
  const requests: string[] = []
  let streamingLists: Parameters<ScriptedHandler['streamingLists']>[0] = 'send'

  const answer = ({ target }: HttpRequest): HttpResponse => {
    const query = new URL(target, 'http://localhost').searchParams
    const isStreamed = query.has('sendInitialEvents')
    const match = query.has('watch') && !isStreamed ? 'watch' : 'list'
    const fault = faults.find((each) => each.match === match && each.count > 0)
    if (fault !== undefined) {
      fault.count -= 1
      return failure(fault.code, 'InternalError')
    }
    if (isStreamed)
      return streamingLists === 'refuse' ? failure(422, 'Invalid') : answers.stream(streamingLists === 'send')
    return match === 'watch' ? answers.watch(Number(query.get('resourceVersion'))) : answers.list()
  }
  return {
    ...collection,
    requests,
    handler: async (request) => {
      requests.push(`${request.method} ${request.target}`)
      return answer(request)
    },
    fail: (match, code, count) => void faults.push({ match, code, count }),
    streamingLists(does) {
      streamingLists = does
    },
  }
}

type Answers = Readonly<{
  list(): HttpResponse
  /** What there is, its end where that is said, and what changes. */
  stream(withEnd: boolean): HttpResponse
  watch(from: number): HttpResponse
}>
type Changes = Pick<ScriptedHandler, 'put' | 'drop' | 'bookmark' | 'hangUp' | 'compact' | 'watchers'>

function scriptedCollection(): Changes & Readonly<{ answers: Answers }> {
  const objects = new Map<string, ScriptedObject>()
  const history: Change[] = []
  const sinks = new Set<ByteSink>()
  let revision = 1
  let oldest = 0
  let lives = 0

  const record = (type: string, object: ScriptedObject): void => {
    history.push({ type, revision, object })
    for (const sink of sinks) send(sink, { type, object })
  }
  const stream = (begin: (sink: ByteSink) => void): HttpResponse => {
    const start = (sink: ByteSink): void => {
      sinks.add(sink)
      sink.closed.addEventListener('abort', () => sinks.delete(sink))
      begin(sink)
    }
    return { type: 'stream', status: 200, headers: {}, start }
  }
  const answers: Answers = {
    list: () =>
      whole(200, { kind: 'List', metadata: { resourceVersion: String(revision) }, items: [...objects.values()] }),
    stream: (withEnd) =>
      stream((sink) => {
        for (const object of objects.values()) send(sink, { type: 'ADDED', object })
        if (withEnd) sendBookmark(sink, revision, { 'k8s.io/initial-events-end': 'true' })
      }),
    watch(from) {
      if (from < oldest) return failure(410, 'Expired')
      return stream((sink) => {
        for (const { type, object, revision: at } of history) if (at > from) send(sink, { type, object })
      })
    },
  }
  return {
    answers,
    put(name, labels = {}) {
      revision += 1
      const known = objects.get(name)
      const uid = known?.metadata.uid ?? `${name}-${++lives}`
      const metadata = { name, namespace: 'default', uid, resourceVersion: String(revision), labels }
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata }
      objects.set(name, object)
      record(known === undefined ? 'ADDED' : 'MODIFIED', object)
    },
    drop(name) {
      const known = objects.get(name)
      if (known === undefined) return
      revision += 1
      objects.delete(name)
      record('DELETED', { ...known, metadata: { ...known.metadata, resourceVersion: String(revision) } })
    },
    bookmark() {
      for (const sink of sinks) sendBookmark(sink, revision)
    },
    hangUp: (tornLine = '') => hangUp([...sinks], tornLine),
    compact() {
      oldest = revision
      history.length = 0
    },
    watchers: () => sinks.size,
  }
}

function hangUp(sinks: readonly ByteSink[], tornLine: string): void {
  for (const sink of sinks) {
    sink.write(encoder.encode(tornLine))
    sink.end()
  }
}

function send(sink: ByteSink, event: unknown): void {
  sink.write(encoder.encode(`${JSON.stringify(event)}\n`))
}

function sendBookmark(sink: ByteSink, revision: number, annotations?: Readonly<Record<string, string>>): void {
  send(sink, {
    type: 'BOOKMARK',
    object: { kind: 'ConfigMap', metadata: { resourceVersion: String(revision), annotations } },
  })
}

function whole(status: number, body: unknown): HttpResponse {
  return { type: 'whole', status, headers: {}, body: encoder.encode(JSON.stringify(body)) }
}

function failure(code: number, reason: string): HttpResponse {
  return whole(code, { kind: 'Status', status: 'Failure', code, reason, message: 'scripted' })
}
