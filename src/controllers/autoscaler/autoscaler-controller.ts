import { parseGoDuration } from '../../api/go-duration.ts'
import type { V2HorizontalPodAutoscaler as Autoscaler, Scale } from '../../api/kinds.generated.ts'
import { type Kind, kinds, storedKinds } from '../../api/kinds.ts'
import { matchesLabels, parseLabelSelector, type Selector } from '../../api/label-selector.ts'
import { objectKey, type Stored } from '../../api/object.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { Client } from '../../client/client.ts'
import { msOfTimestamp } from '../../client/timestamp.ts'
import { type Controller, type ControllerDeps, changes, source } from '../run-controller.ts'
import { autoscale, type ObservedAutoscaler } from './autoscaler.ts'
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

export function autoscalerController({ client, informers, clock }: ControllerDeps): Controller<ObservedAutoscaler> {
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
      const target = await targetOf(client, autoscaler)
      const selector = target.ok ? (target.value.scale.status?.selector ?? '') : ''
      selectors.set(key, selector)
      const inNamespace = pods.indexed('namespace', namespace)
      const chosen = selected(inNamespace, selector)
      const rivals = [...selectors].filter(
        ([other, text]) => other !== key && other.startsWith(`${namespace}/`) && selected(chosen, text).length > 0,
      )
      return {
        nowMs: clock.nowMs(),
        autoscaler: { ...autoscaler, spec: autoscaler.spec },
        target,
        pods: chosen,
        metrics: selector === '' ? ok(() => new Map()) : await measuredPods(client, namespace, selector),
        rivals: rivals.map(([other]) => other),
        memory: memories.get(key) ?? noMemory,
      }
    },
    reconcile(observed) {
      const { actions, memory } = autoscale(observed)
      memories.set(objectKey(observed.autoscaler), memory)
      return actions
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
  { metadata, spec }: Stored<Autoscaler>,
): Promise<Result<Readonly<{ kind: Kind; scale: Scale }>, string>> {
  const { apiVersion = '', kind: kindName = '', name = '' } = spec?.scaleTargetRef ?? {}
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  const kind = storedKinds.find((one) => one.kind === kindName && one.group === group)
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
    const isUnserved = answer.error.code === 404
    const why = isUnserved
      ? 'the server could not find the requested resource (get pods.metrics.k8s.io)'
      : (answer.error.message ?? '')
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
