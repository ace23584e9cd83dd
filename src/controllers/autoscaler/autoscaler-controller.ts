import { parseGoDuration } from '../../api/go-duration.ts'
import type { V2HorizontalPodAutoscaler as Autoscaler, Scale } from '../../api/kinds.generated.ts'
import { type Kind, kinds } from '../../api/kinds.ts'
import { matchesLabels, parseLabelSelector, type Selector } from '../../api/label-selector.ts'
import { objectKey, type Stored } from '../../api/object.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { Client } from '../../client/client.ts'
import type { ServedKinds } from '../../client/served-kinds.ts'
import { msOfTimestamp } from '../../client/timestamp.ts'
import { type Controller, type ControllerDeps, changes, source } from '../run-controller.ts'
import { autoscale, type ObservedAutoscaler, rescaleFailed } from './autoscaler.ts'
import { askedMetric, groupOf, type MetricSource, refusedText } from './metric-apis.ts'
import type { ResourceMetrics } from './metric-proposal.ts'
import { milliOf, type PodMetric } from './replica-proposal.ts'
import { type Memory, noMemory } from './scaling-limits.ts'

type MeasuredPod = Readonly<{
  timestamp?: string
  window?: string
  containers?: readonly Readonly<{ name: string; usage?: Readonly<Record<string, string>> }>[]
}>

/** Served by whoever measures, under aggregation. */
const podMetrics: Kind<MeasuredPod> = {
  ...{ group: 'metrics.k8s.io', version: 'v1beta1', kind: 'PodMetrics', plural: 'pods', singular: 'pod' },
  ...{ namespaced: true, shortNames: [], categories: [], typeName: '', status: false, generation: false },
}

type Deps = ControllerDeps & Readonly<{ served: Pick<ServedKinds, 'all'> }>

export function autoscalerController({ client, informers, clock, served }: Deps): Controller<ObservedAutoscaler> {
  const kindOf = (group: string, name: string): Kind | undefined =>
    served.all().find((kind) => kind.group === group && kind.kind === name)
  const autoscalers = informers.of(kinds.horizontalPodAutoscalers)
  const pods = informers.of(kinds.pods)
  const memories = new Map<string, Memory>()
  const selectors = new Map<string, string>()
  return {
    name: 'horizontal-pod-autoscaler',
    concurrency: 5,
    sources: [
      changes(kinds.horizontalPodAutoscalers, (before, after) => {
        const [now, had] = [after, before].map((each) => JSON.stringify(each?.spec))
        return after === undefined || now === had ? [] : [objectKey(after)]
      }),
      source(kinds.pods, () => []),
    ],
    async observe(key) {
      const autoscaler = autoscalers.get(key)
      if (autoscaler?.spec === undefined) {
        memories.delete(key)
        selectors.delete(key)
        return undefined
      }
      const { namespace = '' } = autoscaler.metadata
      const target = await targetOf(client, kindOf, autoscaler)
      const selector = target.ok ? (target.value.scale.status?.selector ?? '') : ''
      selectors.set(key, selector)
      const inNamespace = pods.indexed('namespace', namespace)
      const chosen = selected(inNamespace, selector)
      const rivals = [...selectors].filter(
        ([other, text]) => other !== key && other.startsWith(`${namespace}/`) && selected(chosen, text).length > 0,
      )
      const wanted = selector === '' ? [] : (autoscaler.spec.metrics ?? [])
      const needsPods = wanted.some(({ type }) => type === 'Resource' || type === 'ContainerResource')
      return {
        nowMs: clock.nowMs(),
        autoscaler: { ...autoscaler, spec: autoscaler.spec },
        target,
        pods: chosen,
        metrics: needsPods ? await measuredPods(client, namespace, selector) : ok(() => new Map()),
        asked: await Promise.all(wanted.map((metric) => askedMetric({ client, kindOf, namespace, selector }, metric))),
        rivals: rivals.map(([other]) => other),
        memory: memories.get(key) ?? noMemory,
      }
    },
    reconcile(observed) {
      const { actions, memory } = autoscale(observed)
      memories.set(objectKey(observed.autoscaler), memory)
      return actions
    },
    afterFailure(observed, { action, status }) {
      if (action.type !== 'scale') return []
      const key = objectKey(observed.autoscaler)
      const { ups, downs } = observed.memory
      memories.set(key, { ...(memories.get(key) ?? noMemory), ups, downs })
      return rescaleFailed(observed, status.message ?? '')
    },
  }
}

function selected<T extends Readonly<{ metadata: Readonly<{ labels?: Readonly<Record<string, string>> }> }>>(
  objects: readonly T[],
  text: string,
): readonly T[] {
  const selector: Result<Selector, string> = text === '' ? fail('') : parseLabelSelector(text)
  return selector.ok ? objects.filter(({ metadata }) => matchesLabels(selector.value, metadata.labels)) : []
}

async function targetOf(
  client: Client,
  kindOf: MetricSource['kindOf'],
  { metadata, spec }: Stored<Autoscaler>,
): Promise<Result<Readonly<{ kind: Kind; scale: Scale }>, string>> {
  const { apiVersion = '', kind: kindName = '', name = '' } = spec?.scaleTargetRef ?? {}
  const group = groupOf(apiVersion)
  const kind = kindOf(group, kindName)
  if (kind === undefined)
    return fail(`no matches for kind ${JSON.stringify(kindName)} in group ${JSON.stringify(group)}`)
  const answer = await client.get<unknown>(kind, name, metadata.namespace, 'scale')
  return answer.ok ? ok({ kind, scale: answer.value as unknown as Scale }) : fail(answer.error.message ?? '')
}

async function measuredPods(
  client: Client,
  namespace: string,
  labelSelector: string,
): Promise<Result<ResourceMetrics, string>> {
  const answer = await client.list(podMetrics, { namespace, labelSelector })
  if (!answer.ok) {
    const why = refusedText(answer.error, 'pods.metrics.k8s.io')
    return fail(`unable to fetch metrics from resource metrics API: ${why}`)
  }
  const { items } = answer.value
  if (items.length === 0) return fail('no metrics returned from resource metrics API')
  return ok((resource, container) => new Map(items.flatMap((item) => metricOf(item, resource, container))))
}

/** Of all its containers, which all must tell; or of the one that is named. */
function metricOf(
  item: Stored<MeasuredPod>,
  resource: string,
  container: string,
): readonly (readonly [name: string, metric: PodMetric])[] {
  const { containers = [], timestamp, window = '' } = item
  const counted = container === '' ? containers : containers.filter(({ name }) => name === container)
  const amounts = counted.map(({ usage }) => usage?.[resource])
  if (amounts.length === 0 || amounts.includes(undefined)) return []
  const milli = amounts.reduce((sum, text) => sum + milliOf(text ?? ''), 0)
  const duration = parseGoDuration(window)
  const metric = { milli, atMs: msOfTimestamp(timestamp) ?? 0, windowMs: duration.ok ? duration.value : 0 }
  return [[item.metadata.name, metric]]
}
