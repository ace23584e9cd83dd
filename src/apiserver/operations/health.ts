import type { Counter, MetricRegistry } from '../../client/metric-registry.ts'
import type { HttpResponse } from '../../ports/http.ts'
import { textResponse } from '../output/write-answer.ts'

export type HealthPath = 'healthz' | 'livez' | 'readyz'
const healthPaths: readonly HealthPath[] = ['healthz', 'livez', 'readyz']

export type HealthCheck = Readonly<{
  name: string
  /** Absent: on all of them. */
  only?: readonly HealthPath[]
  /** What is wrong; undefined where nothing is. */
  problem(): string | undefined
}>

export interface Health {
  /** Undefined for what is no health path, and for checks that there are none of. */
  answer(path: string, query: URLSearchParams): HttpResponse | undefined
  /** '/livez', '/livez/ping' … */
  readonly paths: readonly string[]
}

/** kube-apiserver's hooks after its start. Here one thing is done after the other, and all are done when the last one is. */
const hooks = [
  'start-apiserver-admission-initializer',
  'generic-apiserver-start-informers',
  'priority-and-fairness-config-consumer',
  'priority-and-fairness-filter',
  'storage-object-count-tracker-hook',
  'start-apiextensions-informers',
  'start-apiextensions-controllers',
  'crd-informer-synced',
  'start-system-namespaces-controller',
  'start-cluster-authentication-info-controller',
  'storage-readiness',
  'start-legacy-token-tracking-controller',
  'start-service-ip-repair-controllers',
  'rbac/bootstrap-roles',
  'scheduling/bootstrap-system-priority-classes',
  'priority-and-fairness-config-producer',
  'bootstrap-controller',
  'start-kubernetes-service-cidr-controller',
  'start-kube-aggregator-informers',
  'apiservice-status-local-available-controller',
  'apiservice-status-remote-available-controller',
  'apiservice-registration-controller',
  'apiservice-discovery-controller',
  'kube-apiserver-autoregistration',
]

/** Named and ordered as kube-apiserver's; its etcd is our store. */
export function apiServerChecks(
  isStarted: () => boolean,
  storeProblem: () => string | undefined,
  /** Absent: nothing is encrypted at rest. */
  kmsProblem?: () => string | undefined,
): readonly HealthCheck[] {
  const fine = (): undefined => undefined
  const started = (): string | undefined => (isStarted() ? undefined : 'not finished')
  return [
    { name: 'ping', problem: fine },
    { name: 'log', problem: fine },
    { name: 'etcd', problem: storeProblem },
    { name: 'etcd-readiness', only: ['readyz'], problem: storeProblem },
    ...(kmsProblem === undefined ? [] : [{ name: 'kms-providers', problem: kmsProblem }]),
    { name: 'informer-sync', only: ['readyz'], problem: started },
    ...hooks.map((hook) => ({ name: `poststarthook/${hook}`, problem: started })),
    { name: 'autoregister-completion', problem: started },
    { name: 'poststarthook/apiservice-openapi-controller', problem: started },
    { name: 'poststarthook/apiservice-openapiv3-controller', problem: started },
    { name: 'shutdown', only: ['readyz'], problem: fine },
  ]
}

export function health(checks: readonly HealthCheck[], metrics: MetricRegistry): Health {
  const of = (kind: HealthPath): readonly HealthCheck[] => checks.filter(({ only }) => only?.includes(kind) ?? true)
  const total = metrics.counter(
    'kubernetes_healthchecks_total',
    '[STABLE] This metric records the results of all healthcheck.',
    ['name', 'status', 'type'],
  )
  metrics.gauge(
    'kubernetes_healthcheck',
    '[STABLE] This metric records the result of a single healthcheck.',
    ['name', 'type'],
    () =>
      healthPaths.flatMap((kind) =>
        of(kind).map(({ name, problem }) => [[name, kind], problem() === undefined ? 1 : 0] as const),
      ),
  )
  return {
    paths: healthPaths.flatMap((kind) => [`/${kind}`, ...of(kind).map(({ name }) => `/${kind}/${name}`)]),
    answer(path, query) {
      const kind = healthPaths.find((one) => path === `/${one}` || path.startsWith(`/${one}/`))
      if (kind === undefined) return undefined
      const single = path.slice(kind.length + 2)
      if (single === '') return overall(kind, of(kind), query, total)
      const check = of(kind).find(({ name }) => name === single)
      return check && singleAnswer(check)
    },
  }
}

const headers = { 'cache-control': 'no-cache, private', 'x-content-type-options': 'nosniff' }

function singleAnswer({ problem }: HealthCheck): HttpResponse {
  const found = problem()
  return found === undefined
    ? textResponse(200, 'ok', { 'cache-control': 'no-cache, private' })
    : textResponse(500, `internal server error: ${found}\n`, headers)
}

/** As apiserver's healthz: 'ok', or with ?verbose or a failure a line for each check. */
function overall(
  kind: HealthPath,
  checks: readonly HealthCheck[],
  query: URLSearchParams,
  total: Counter,
): HttpResponse {
  const excluded = new Set(query.getAll('exclude').filter((name) => name !== ''))
  const results = checks.map(({ name, problem }) => {
    if (excluded.has(name)) return { isWell: true, line: `[+]${name} excluded: ok\n` }
    const isWell = problem() === undefined
    total.add([name, isWell ? 'success' : 'error', kind])
    return { isWell, line: isWell ? `[+]${name} ok\n` : `[-]${name} failed: reason withheld\n` }
  })
  const unknown = [...excluded].filter((name) => !checks.some((check) => check.name === name))
  const quoted = unknown.map((name) => JSON.stringify(name)).join(', ')
  const warning = unknown.length === 0 ? '' : `warn: some health checks cannot be excluded: no matches for ${quoted}\n`
  const lines = `${results.map(({ line }) => line).join('')}${warning}`
  if (results.some(({ isWell }) => !isWell)) return textResponse(500, `${lines}${kind} check failed\n`, headers)
  return textResponse(200, query.has('verbose') ? `${lines}${kind} check passed\n` : 'ok', headers)
}
