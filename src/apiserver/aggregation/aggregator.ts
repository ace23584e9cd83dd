import { equalJson } from '../../api/json-value.ts'
import type { APIService, EndpointSlice, Service } from '../../api/kinds.generated.ts'
import { type Kind, kinds } from '../../api/kinds.ts'
import { timestampOf } from '../../api/wire-time.ts'
import type { Counter, MetricRegistry } from '../../client/metric-registry.ts'
import type { WorkOutcome, WorkQueue } from '../../client/work-queue.ts'
import { makeWorkQueue } from '../../client/work-queue.ts'
import type { HttpRequest, HttpResponse } from '../../ports/http.ts'
import { self } from '../bootstrap/bootstrap.ts'
import type { User } from '../call.ts'
import { onNewest } from '../handle/newest.ts'
import { statusSubresource, storeChanged, trackedChange } from '../handle/update.ts'
import type { WriteParts, Writer } from '../handle/writing.ts'
import { kindPrefix, scopePrefix, storeKey } from '../resource.ts'
import type { RemoteVersion, Served } from '../served.ts'
import { type ApiServiceIndex, apiServiceIndex } from './api-service-index.ts'
import { failedCheck, passed, unavailability, withVerdict } from './availability.ts'
import { askBackend, type BackendParts } from './backend.ts'
import { isAvailable, proxiedToBackend } from './proxy.ts'
import { aggregatorUser, fetchResources } from './remote-discovery.ts'
import { fetchOpenApi, type ReadOpenApi } from './remote-open-api.ts'

/** Other servers' part of the API: proxied, watched over, and told of in discovery. */
export interface Aggregator {
  /** The answer of the server that the path belongs to; undefined where it belongs to none but this. */
  answer(path: string, user: User, request: HttpRequest): Promise<HttpResponse> | undefined
  start(): void
  close(): void
}

export type AggregatorParts = BackendParts &
  Readonly<{
    writes: WriteParts
    served: Pick<Served, 'set'>
    metrics: MetricRegistry
  }>

/** A backend is looked at again after this time, though nothing may have happened. */
const resyncMs = 30_000
const checkTimeoutMs = 5000

export function makeAggregator(parts: AggregatorParts): Aggregator {
  const index = apiServiceIndex(parts.store)
  const known = new Map<string, Known>()
  const losses = registerMetrics(parts.metrics, index)
  let published: readonly RemoteVersion[] = []
  const publish = (): void => {
    const versions = index.all().map((service) => remoteVersion(service, known.get(nameOf(service))))
    // Discovery and OpenAPI are made anew for whatever is set.
    if (equalJson(versions, published)) return
    published = versions
    parts.served.set(
      'aggregated APIs',
      versions.length === 0 ? undefined : { kinds: [], endpoints: [], remote: versions },
    )
  }
  const learn = (name: string, found: Known): void => {
    if (index.get(name) === undefined) return
    known.set(name, found)
    publish()
  }
  const queue = makeWorkQueue({
    clock: parts.writes.clock,
    concurrency: 5,
    process: (name) => check(parts, losses, index.get(name), known.get(name), (found) => learn(name, found)),
  })
  const watches = followBackends(parts, index, queue)
  index.onChange((name) => {
    if (index.get(name) === undefined) known.delete(name)
    publish()
    queue.add(name)
  })
  return {
    answer(path, user, request) {
      const service = ownerOf(index, known, path)
      return service && proxiedToBackend(parts, service, user, request)
    },
    start() {
      publish()
      for (const service of index.all()) queue.add(nameOf(service))
    },
    close() {
      queue.stop()
      index.close()
      for (const cancel of watches) cancel()
    },
  }
}

/** kube-aggregator's pkg/controllers/status/metrics. */
function registerMetrics(metrics: MetricRegistry, index: ApiServiceIndex): Counter {
  metrics.gauge(
    'aggregator_unavailable_apiservice',
    '[ALPHA] Gauge of APIServices which are marked as unavailable broken down by APIService name.',
    ['name'],
    () => index.all().map((service) => [[nameOf(service)], isAvailable(service) ? 0 : 1] as const),
  )
  return metrics.counter(
    'aggregator_unavailable_apiservice_total',
    '[ALPHA] Counter of APIServices which are marked as unavailable broken down by APIService name and reason.',
    ['name', 'reason'],
  )
}

function nameOf({ metadata }: APIService): string {
  return metadata?.name ?? ''
}

/** /apis/GROUP/VERSION and all below it; the documents under /openapi/v3 that the backend has. */
function ownerOf(index: ApiServiceIndex, known: ReadonlyMap<string, Known>, path: string): APIService | undefined {
  const [, group, version] = /^\/apis\/([^/]+)\/([^/]+)/.exec(path) ?? []
  if (group !== undefined && version !== undefined) return index.of(group, version)
  if (!path.startsWith(documentsPath)) return undefined
  const name = path.slice(documentsPath.length)
  return index.all().find((service) => known.get(nameOf(service))?.openApi.documents.addresses[name] !== undefined)
}

const documentsPath = '/openapi/v3/'

/** What was learned of a backend. */
type Known = Readonly<{ resources: readonly object[]; openApi: ReadOpenApi }>

/** What is known of the backend's resources stays told when it is not there, as something that may have changed. */
function remoteVersion(service: APIService, known: Known | undefined): RemoteVersion {
  const { group = '', version = '', groupPriorityMinimum = 0, versionPriority = 0 } = service.spec ?? {}
  return {
    ...{ group, version, groupPriorityMinimum, versionPriority, resources: known?.resources ?? [] },
    isStale: !isAvailable(service) || known === undefined,
    ...(known === undefined ? {} : { openApi: known.openApi.documents }),
  }
}

/** Endpoints and Services that come and go are looked at at once. */
function followBackends({ store }: AggregatorParts, index: ApiServiceIndex, queue: WorkQueue): readonly (() => void)[] {
  const follow = (kind: Kind, serviceOf: (object: Service & EndpointSlice) => string): (() => void) => {
    const watch = store.watch(kindPrefix(kind), store.revision(), (events) => {
      if (index.all().length === 0) return
      for (const { entry } of events) {
        const object = entry.object as unknown as Service & EndpointSlice
        const { namespace = '' } = object.metadata ?? {}
        for (const service of index.all()) {
          const { service: place } = service.spec ?? {}
          if (place?.name === serviceOf(object) && place.namespace === namespace) queue.add(nameOf(service))
        }
      }
    })
    return () => (watch.ok ? watch.value.cancel() : undefined)
  }
  return [
    follow(kinds.services, ({ metadata }) => metadata?.name ?? ''),
    follow(kinds.endpointSlices, ({ metadata }) => metadata?.labels?.['kubernetes.io/service-name'] ?? ''),
  ]
}

async function check(
  parts: AggregatorParts,
  losses: Counter,
  service: APIService | undefined,
  known: Known | undefined,
  onFound: (found: Known) => void,
): Promise<WorkOutcome> {
  if (service === undefined) return { type: 'done' }
  const verdict = unavailability(service, backendState(parts, service)) ?? (await askedVerdict(parts, service))
  if (verdict.status !== 'True' && isAvailable(service)) losses.add([nameOf(service), verdict.reason ?? ''])
  await writeVerdict(parts, nameOf(service), verdict)
  if (verdict.status !== 'True') return verdict.reason === 'FailedDiscoveryCheck' ? { type: 'retry' } : { type: 'done' }
  const resources = await fetchResources(parts, service)
  if (resources !== undefined) onFound({ resources, openApi: await fetchOpenApi(parts, service, known?.openApi) })
  return { type: 'again', afterMs: resyncMs }
}

function backendState({ store }: AggregatorParts, { spec }: APIService): Parameters<typeof unavailability>[1] {
  const { name = '', namespace = '' } = spec?.service ?? {}
  const service = store.get(storeKey(kinds.services, namespace, name))?.object as Service | undefined
  const slices = store.range({ prefix: scopePrefix(kinds.endpointSlices, namespace) })
  const own = (slices.ok ? slices.value.entries : [])
    .map(({ object }) => object as EndpointSlice)
    .filter(({ metadata }) => metadata?.labels?.['kubernetes.io/service-name'] === name)
  return { service, slices: own }
}

async function askedVerdict(parts: AggregatorParts, service: APIService): Promise<typeof passed> {
  const { group = '', version = '', service: place } = service.spec ?? {}
  const target = `/apis/${group}/${version}`
  const address = addressOf(parts, service)
  const url = `https://${address}:${place?.port ?? 443}${target}`
  const headers = { accept: 'application/json' }
  const answer = await askBackend(parts, service, aggregatorUser, {
    ...{ method: 'GET', target, headers, timeoutMs: checkTimeoutMs },
  })
  if (!answer.ok)
    return failedCheck(`failing or missing response from ${url}: Get ${JSON.stringify(url)}: ${answer.error}`)
  const { status } = answer.value
  await answer.value.body.bytes(1 << 20)
  if (status >= 200 && status < 300) return passed
  return failedCheck(`failing or missing response from ${url}: bad status from ${url}: ${status}`)
}

function addressOf({ store }: AggregatorParts, { spec }: APIService): string {
  const { name = '', namespace = '' } = spec?.service ?? {}
  const service = store.get(storeKey(kinds.services, namespace, name))?.object as Service | undefined
  return service?.spec?.clusterIP ?? ''
}

async function writeVerdict({ writes }: AggregatorParts, name: string, verdict: typeof passed): Promise<void> {
  const kind = kinds.apiServices
  const writer: Writer = {
    ...{ user: self, fieldManager: 'kube-apiserver', warn() {}, annotate() {}, outside() {}, kind, namespace: '' },
    ...{ dryRun: false, options: {}, deadlineMs: Number.POSITIVE_INFINITY, subresource: statusSubresource.name },
  }
  const written = await onNewest<unknown>(writes, writer, storeKey(kind, '', name), async (before) => {
    if (before === undefined) return { ok: true, value: undefined }
    const object = before.object as APIService
    const conditions = withVerdict(object, verdict, timestampOf(writes.clock.nowMs()))
    if (conditions === object.status?.conditions) return { ok: true, value: undefined }
    const after = trackedChange(writes, writer, before, { ...before.object, status: { ...object.status, conditions } })
    return storeChanged(writes, writer, before, after, statusSubresource)
  })
  if (!written.ok) writes.log.warn('an APIService could not be told available or not', { name })
}
