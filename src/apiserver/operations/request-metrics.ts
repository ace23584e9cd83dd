import type { MetricRegistry } from '../../client/metric-registry.ts'
import type { HttpRequest, HttpResponse } from '../../ports/http.ts'
import type { RequestInfo } from '../request-info.ts'

/** Counts requests as kube-apiserver does, under its names. */
export interface RequestMetrics {
  /** The request has come; the answer is told of by what this returns. */
  begin(request: HttpRequest, info: RequestInfo, query: URLSearchParams): (response: HttpResponse, way: Way) => void
}

/** How far a request has come. */
export type Way = Readonly<{
  /** How long it has waited for others. */
  outsideMs: number
  /** It was not let in, since too many others were there. */
  isDropped: boolean
  /** What serves the resource has been asked: others are not counted, as anybody can make up the name of a resource. */
  isServed: boolean
}>

// apiserver's buckets, in seconds.
const durationBounds = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
]
const sliBounds = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60]
const lastingLabels = ['component', 'group', 'resource', 'scope', 'subresource', 'verb', 'version'] as const
const labels = ['component', 'dry_run', 'group', 'resource', 'scope', 'subresource', 'verb', 'version'] as const

export function requestMetrics(metrics: MetricRegistry, monotonicMs: () => number): RequestMetrics {
  const inFlight = { mutating: 0, readOnly: 0 }
  const lasting = new Set<Answered>()
  const { answeredBy, dropped } = registerSeries(metrics)
  metrics.gauge(
    'apiserver_current_inflight_requests',
    '[STABLE] Requests at work, watches not counted, by request kind.',
    ['request_kind'],
    () => Object.entries(inFlight).map(([kind, count]) => [[kind], count] as const),
  )
  metrics.gauge(
    'apiserver_longrunning_requests',
    '[STABLE] Gauge of all active long-running apiserver requests broken out by verb, group, version, resource, scope and component. Not all requests are tracked this way.',
    lastingLabels,
    () => [...lasting].map(({ labels, open }) => [labels, open] as const),
  )
  return {
    begin(request, info, query) {
      const startedMs = monotonicMs()
      const isWatch = info.verb === 'watch'
      const kind = readOnlyVerbs.has(info.verb) ? 'readOnly' : 'mutating'
      if (!isWatch) inFlight[kind] += 1
      return (response, { outsideMs, isDropped, isServed }) => {
        if (!isWatch) inFlight[kind] -= 1
        if (isDropped) return dropped(request, info, query)
        if (info.isResource && !isServed) return
        const answered = answeredBy(valuesOf(request, info, query))
        const ended = (): void => answered.took(monotonicMs() - startedMs, outsideMs)
        answered.count('status' in response ? response.status : 101)
        if (response.type === 'whole' && info.isResource && kind === 'readOnly') answered.sized(sizeOf(response.body))
        if (!isWatch || response.type !== 'stream') return ended()
        lasting.add(answered)
        answered.open += 1
        request.closed.addEventListener('abort', () => {
          answered.open -= 1
          ended()
        })
      }
    },
  }
}

/** What is counted of requests that are alike. */
type Answered = {
  /** Without the dry run. */
  readonly labels: readonly string[]
  /** Watches that go on. */
  open: number
  count(code: number): void
  took(ms: number, outsideMs: number): void
  sized(bytes: number): void
}

/** Each combination of values has its series found once: there are several, and every request asks. */
function registerSeries(metrics: MetricRegistry): Readonly<{
  answeredBy(values: readonly string[]): Answered
  dropped(request: HttpRequest, info: RequestInfo, query: URLSearchParams): void
}> {
  const total = metrics.counter(
    'apiserver_request_total',
    '[STABLE] Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, scope, component, and HTTP response code.',
    ['code', ...labels],
  )
  const terminations = metrics.counter(
    'apiserver_request_terminations_total',
    '[ALPHA] Number of requests which apiserver terminated in self-defense.',
    ['code', ...lastingLabels],
  )
  const duration = metrics.histogram(
    'apiserver_request_duration_seconds',
    '[STABLE] Response latency distribution in seconds for each verb, dry run value, group, version, resource, subresource, scope and component.',
    labels,
    durationBounds,
  )
  const sli = metrics.histogram(
    'apiserver_request_sli_duration_seconds',
    '[ALPHA] Response latency distribution (not counting webhook duration and priority & fairness queue wait times) in seconds for each verb, group, version, resource, subresource, scope and component.',
    lastingLabels,
    sliBounds,
  )
  const sizes = metrics.histogram(
    'apiserver_response_sizes',
    '[STABLE] Response size distribution in bytes for each group, version, verb, resource, subresource, scope and component.',
    lastingLabels,
    [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9],
  )
  const known = new Map<string, Answered>()
  const make = (values: readonly string[]): Answered => {
    const short = withoutDryRun(values)
    const [took, waited] = [duration.of(values), sli.of(short)]
    const codes = new Map<number, ReturnType<typeof total.of>>()
    let size: ReturnType<typeof sizes.of> | undefined
    return {
      labels: short,
      open: 0,
      count(code) {
        const own = codes.get(code) ?? total.of([String(code), ...values])
        codes.set(code, own)
        own.add()
      },
      took(ms, outsideMs) {
        took.observe(ms / 1000)
        waited.observe((ms - outsideMs) / 1000)
      },
      sized(bytes) {
        size ??= sizes.of(short)
        size.observe(bytes)
      },
    }
  }
  return {
    answeredBy(values) {
      const key = values.join('\n')
      const answered = known.get(key) ?? make(values)
      known.set(key, answered)
      return answered
    },
    // As apiserver's RecordDroppedRequest and RecordRequestTermination.
    dropped(request, info, query) {
      const values = valuesOf(request, info, query)
      total.add(['429', ...values])
      terminations.add(['429', ...withoutDryRun(values)])
    },
  }
}

function withoutDryRun([component = '', , ...rest]: readonly string[]): readonly string[] {
  return [component, ...rest]
}

function sizeOf(body: Uint8Array | readonly Uint8Array[]): number {
  return body instanceof Uint8Array ? body.length : body.reduce((sum, chunk) => sum + chunk.length, 0)
}

const readOnlyVerbs: ReadonlySet<string> = new Set(['get', 'list', 'watch'])
const verbs: Readonly<Record<string, string>> = { create: 'POST', update: 'PUT' }

/** In the order of the labels. Paths that are no resources count as one, but for those of health: anybody can make up a path. */
function valuesOf(request: HttpRequest, info: RequestInfo, query: URLSearchParams): readonly string[] {
  const { group, resource, subresource, version, isResource, verb, path } = info
  if (!isResource)
    return ['', '', '', '', '', /^\/(healthz|livez|readyz|metrics)$/.test(path) ? path : '', request.method, '']
  const isApply = verb === 'patch' && (request.headers['content-type'] ?? '').startsWith('application/apply-patch')
  const shown = isApply ? 'APPLY' : (verbs[verb] ?? verb.toUpperCase())
  // Those that go on are told of without it.
  const dryRun = verb !== 'watch' && query.get('dryRun') === 'All' ? 'All' : ''
  return ['apiserver', dryRun, group, resource, scopeOf(info), subresource, shown, version]
}

function scopeOf({ name, verb, namespace }: RequestInfo): string {
  if (name !== '' || verb === 'create') return 'resource'
  return namespace === '' ? 'cluster' : 'namespace'
}
