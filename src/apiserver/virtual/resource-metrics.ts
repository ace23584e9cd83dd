import { type Kind, kinds } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import { canonicalQuantity, quantityOfUnits } from '../../api/quantity.ts'
import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { timestampOf } from '../../api/wire-time.ts'
import type { Clock } from '../../ports/clock.ts'
import type { HttpHandler } from '../../ports/http.ts'
import type { Store } from '../../store/store.ts'
import type { Answer, Call, Endpoint, Handle } from '../call.ts'
import { matches, selectionOf } from '../handle/selection.ts'
import { scopePrefix } from '../resource.ts'

/** What nodes and pods use now (metrics.k8s.io), asked of the kubelets: for `kubectl top` and autoscalers. Nothing is kept. */
export type MetricsParts = Readonly<{
  store: Store
  clock: Clock
  nodeHandler: (nodeName: string) => HttpHandler | undefined
}>

const groupVersion = { group: 'metrics.k8s.io', version: 'v1beta1' }
const apiVersion = `${groupVersion.group}/${groupVersion.version}`
const typePrefix = 'io.k8s.metrics.pkg.apis.metrics.v1beta1'

/** A kubelet says here over which time it has measured how fast processors are used. */
const windowHeader = 'x-window-ms'

export function metricsEndpoints(parts: MetricsParts): readonly Endpoint[] {
  const of = (stored: Kind, kind: string, show: (call: Call) => Promise<readonly Shown[]>): Endpoint => ({
    ...groupVersion,
    plural: stored.plural,
    namespaced: stored.namespaced,
    body: { ...groupVersion, kind, typeName: `${typePrefix}.${kind}` },
    handles: { get: getHandle(stored, kind, show), list: listHandle(stored, kind, show) },
  })
  return [
    of(kinds.nodes, 'NodeMetrics', (call) => nodeMetrics(parts, call)),
    of(kinds.pods, 'PodMetrics', (call) => podMetrics(parts, call)),
  ]
}

type Shown = Readonly<{ of: ApiObject; metrics: Readonly<Record<string, unknown>> }>
type Show = (call: Call) => Promise<readonly Shown[]>

function getHandle({ plural }: Kind, kind: string, show: Show): Handle {
  return async (call) => {
    const { name } = call.info
    const found = (await show(call)).find(({ of }) => of.metadata.name === name)
    if (found === undefined) return fail({ reason: 'NotFound', group: groupVersion.group, resource: plural, name })
    return json({ kind, apiVersion, ...found.metrics })
  }
}

function listHandle(stored: Kind, kind: string, show: Show): Handle {
  return async (call) => {
    const selection = selectionOf(stored, call.query)
    if (!selection.ok) return selection
    const shown = (await show(call)).filter(({ of }) => matches(selection.value, of))
    return json({ kind: `${kind}List`, apiVersion, metadata: {}, items: shown.map(({ metrics }) => metrics) })
  }
}

function json(value: unknown): Result<Answer, Refusal> {
  const body = new TextEncoder().encode(JSON.stringify(value))
  const headers = { 'content-type': 'application/json' }
  return ok({ type: 'response', response: { type: 'whole', status: 200, headers, body } })
}

type Used = Readonly<{
  cpu?: Readonly<{ time: string; usageNanoCores?: number }>
  memory?: Readonly<{ workingSetBytes?: number }>
}>
type Summary = Readonly<{
  node: Used
  pods: readonly Readonly<{
    podRef: Readonly<{ name: string; namespace: string; uid: string }>
    containers: readonly (Used & Readonly<{ name: string }>)[]
  }>[]
  windowMs: number
}>

async function nodeMetrics(parts: MetricsParts, call: Call): Promise<readonly Shown[]> {
  const nodes = objectsOf(parts.store, kinds.nodes, '')
  const all = await Promise.all(
    nodes.map(async (of): Promise<readonly Shown[]> => {
      const summary = await summaryOf(parts, call, of.metadata.name ?? '')
      const usage = summary && usageOf(summary.node)
      if (summary === undefined || usage === undefined) return []
      return [{ of, metrics: { metadata: metadataOf(parts, of), ...momentOf(parts, summary), usage } }]
    }),
  )
  return all.flat()
}

async function podMetrics(parts: MetricsParts, call: Call): Promise<readonly Shown[]> {
  const pods = objectsOf(parts.store, kinds.pods, call.info.namespace)
  const names = new Set(pods.flatMap(({ spec }) => (spec as Readonly<{ nodeName?: string }>)?.nodeName ?? []))
  const summaries = await Promise.all([...names].map((name) => summaryOf(parts, call, name)))
  const measured = new Map(
    summaries.flatMap((summary) => (summary?.pods ?? []).map((pod) => [pod.podRef.uid, { pod, summary }] as const)),
  )
  return pods.flatMap((of): readonly Shown[] => {
    const found = measured.get(of.metadata.uid ?? '')
    if (found?.summary === undefined) return []
    const containers = found.pod.containers.flatMap((container) => {
      const usage = usageOf(container)
      return usage === undefined ? [] : [{ name: container.name, usage }]
    })
    // A container that has no rate yet would make the pod look idle.
    if (containers.length < found.pod.containers.length) return []
    return [{ of, metrics: { metadata: metadataOf(parts, of), ...momentOf(parts, found.summary), containers } }]
  })
}

function objectsOf(store: Store, kind: Kind, namespace: string): readonly ApiObject[] {
  const found = store.range({ prefix: scopePrefix(kind, namespace) })
  return found.ok ? found.value.entries.map(({ object }) => object as ApiObject) : []
}

async function summaryOf({ nodeHandler }: MetricsParts, { request }: Call, node: string): Promise<Summary | undefined> {
  const answer = await nodeHandler(node)?.({
    ...request,
    method: 'GET',
    target: '/stats/summary?only_cpu_and_memory=true',
  })
  if (answer?.type !== 'whole' || answer.status !== 200) return undefined
  const text = new TextDecoder().decode(answer.body instanceof Uint8Array ? answer.body : answer.body[0])
  const windowMs = Number(answer.headers[windowHeader] ?? 0)
  return { ...(JSON.parse(text) as Omit<Summary, 'windowMs'>), windowMs }
}

function usageOf({ cpu, memory }: Used): Readonly<Record<string, string>> | undefined {
  if (cpu?.usageNanoCores === undefined || memory?.workingSetBytes === undefined) return undefined
  const kibibytes = Math.floor(memory.workingSetBytes / 1024) * 1024
  return { cpu: `${cpu.usageNanoCores}n`, memory: canonicalQuantity(quantityOfUnits(kibibytes, 'BinarySI')) }
}

function metadataOf({ clock }: MetricsParts, { metadata }: ApiObject): unknown {
  const { name, namespace, labels } = metadata
  const creationTimestamp = timestampOf(clock.nowMs())
  return { name, ...(namespace && { namespace }), creationTimestamp, ...(labels && { labels }) }
}

function momentOf({ clock }: MetricsParts, { windowMs }: Summary) {
  return { timestamp: timestampOf(clock.nowMs()), window: `${(windowMs / 1000).toFixed(3)}s` }
}
