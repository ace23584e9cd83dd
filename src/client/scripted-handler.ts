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
  /** The next `count` requests that match are answered with this code. */
  fail(match: 'list' | 'watch', code: number, count: number): void
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
  const objects = new Map<string, ScriptedObject>()
  const history: Change[] = []
  const sinks = new Set<ByteSink>()
  const faults: Fault[] = []
  const requests: string[] = []
  let revision = 1
  let oldest = 0
  let lives = 0

  const record = (type: string, object: ScriptedObject): void => {
    history.push({ type, revision, object })
    for (const sink of sinks) send(sink, { type, object })
  }
  const watch = (from: number): HttpResponse => {
    if (from < oldest) return failure(410, 'Expired')
    const start = (sink: ByteSink): void => {
      sinks.add(sink)
      sink.closed.addEventListener('abort', () => sinks.delete(sink))
      for (const { type, object, revision: at } of history) if (at > from) send(sink, { type, object })
    }
    return { type: 'stream', status: 200, headers: {}, start }
  }
  const answer = ({ target }: HttpRequest): HttpResponse => {
    const url = new URL(target, 'http://localhost')
    const match = url.searchParams.has('watch') ? 'watch' : 'list'
    const fault = faults.find((each) => each.match === match && each.count > 0)
    if (fault !== undefined) {
      fault.count -= 1
      return failure(fault.code, 'InternalError')
    }
    if (match === 'watch') return watch(Number(url.searchParams.get('resourceVersion')))
    return whole(200, { kind: 'List', metadata: { resourceVersion: String(revision) }, items: [...objects.values()] })
  }
  return {
    requests,
    handler: async (request) => {
      requests.push(`${request.method} ${request.target}`)
      return answer(request)
    },
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
      const metadata = { resourceVersion: String(revision) }
      for (const sink of sinks) send(sink, { type: 'BOOKMARK', object: { kind: 'ConfigMap', metadata } })
    },
    fail: (match, code, count) => void faults.push({ match, code, count }),
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

function whole(status: number, body: unknown): HttpResponse {
  return { type: 'whole', status, headers: {}, body: encoder.encode(JSON.stringify(body)) }
}

function failure(code: number, reason: string): HttpResponse {
  return whole(code, { kind: 'Status', status: 'Failure', code, reason, message: 'scripted' })
}
