import { ok } from '../../api/result.ts'
import type { metric, podSandboxMetrics, runtimeService } from '../../api/rpc/cri.generated.ts'
import type { Sent } from '../../api/rpc/message.ts'
import type { RpcHandlers } from '../../client/rpc.ts'
import type { ContainerRecord, SandboxRecord } from '../engine/engine-record.ts'
import { type CriContext, nanoseconds } from './cri-context.ts'
import { containersOf, sandboxes } from './lookup.ts'
import { containerMetrics, type Metric, type Observed, sandboxMetrics } from './metric-table.ts'

type Methods = (typeof runtimeService)['methods']

/** What every metric is told apart by. */
const commonLabels = ['id', 'name']

export function metricMethods(context: CriContext): RpcHandlers<Methods> {
  return {
    async ListMetricDescriptors() {
      const descriptors = [...containerMetrics, ...sandboxMetrics].map(({ name, help, labels = [] }) => ({
        ...{ name, help, labelKeys: [...commonLabels, ...labels] },
      }))
      return ok({ descriptors })
    },
    async ListPodSandboxMetrics() {
      return ok({ podMetrics: await allMetrics(context) })
    },
    async *StreamPodSandboxMetrics() {
      yield ok({ podSandboxMetrics: await allMetrics(context) })
    },
  }
}

function allMetrics(context: CriContext): Promise<readonly Sent<typeof podSandboxMetrics>[]> {
  const ready = sandboxes(context).filter(({ state }) => state === 'ready')
  return Promise.all(ready.map((sandbox) => metricsOf(context, sandbox)))
}

async function metricsOf(
  context: CriContext,
  { id, spec: { hostNetwork, pod } }: SandboxRecord,
): Promise<Sent<typeof podSandboxMetrics>> {
  const own = containersOf(context, id)
  const observed = (await Promise.all(own.map((record) => observe(context, record)))).flat()
  const [first] = hostNetwork ? [] : observed
  return {
    podSandboxId: id,
    // The machine's own traffic is no pod's.
    metrics: first === undefined ? [] : sandboxMetrics.flatMap((one) => valuesOf(one, first, [id, pod.name])),
    containerMetrics: observed.map((one) => ({
      containerId: one.record.id,
      metrics: containerMetrics.flatMap((each) => valuesOf(each, one, [one.record.id, one.record.spec.name])),
    })),
  }
}

/** Nothing of one that does not run. */
async function observe({ engine, clock, settings }: CriContext, record: ContainerRecord): Promise<readonly Observed[]> {
  const [usage, layer, space] = await Promise.all([
    engine.usageDetail(record.id),
    engine.writableLayer(record.id),
    engine.imageFileSystem(),
  ])
  if (usage === undefined || layer === undefined) return []
  return [{ record, usage, layer, space, device: settings.imageDirectory, nowMs: clock.nowMs() }]
}

function valuesOf(
  { name, type, values }: Metric,
  observed: Observed,
  common: readonly string[],
): readonly Sent<typeof metric>[] {
  return values(observed).map(({ labels = [], value }) => ({
    ...{ name, metricType: type, timestamp: nanoseconds(observed.nowMs) },
    labelValues: [...common, ...labels],
    value: { value },
  }))
}
