import { expect, it } from 'vitest'
import { kinds } from '../../api/kinds.ts'
import { simClock } from '../../host/sim/clock.ts'
import type { HttpHandler } from '../../ports/http.ts'
import type { Store } from '../../store/store.ts'
import type { Call } from '../call.ts'
import { scopePrefix } from '../resource.ts'
import { metricsEndpoints } from './resource-metrics.ts'

const node = { metadata: { name: 'n', labels: { zone: 'a' } } }
const pod = (name: string) => ({ metadata: { name, namespace: 'x', uid: name }, spec: { nodeName: 'n' } })
const used = (usageNanoCores: number | undefined) => ({
  cpu: { time: '', ...(usageNanoCores === undefined ? {} : { usageNanoCores }) },
  memory: { workingSetBytes: 5 * 2 ** 20 + 7 },
})
const summary = {
  node: used(1_500_000_000),
  pods: [
    { podRef: { name: 'a', namespace: 'x', uid: 'a' }, containers: [{ name: 'c', ...used(1_000) }] },
    { podRef: { name: 'b', namespace: 'x', uid: 'b' }, containers: [{ name: 'c', ...used(undefined) }] },
  ],
}

async function ask(plural: 'nodes' | 'pods', name: string, query = ''): Promise<unknown> {
  const handler: HttpHandler = async () => {
    const body = new TextEncoder().encode(JSON.stringify(summary))
    return { type: 'whole', status: 200, headers: { 'x-window-ms': '1500' }, body }
  }
  const stored = new Map<string, readonly object[]>([
    [scopePrefix(kinds.nodes, ''), [node]],
    [scopePrefix(kinds.pods, 'x'), [pod('a'), pod('b'), pod('elsewhere')]],
  ])
  const range = ({ prefix }: { prefix: string }) => ({
    ok: true,
    value: { entries: (stored.get(prefix) ?? []).map((object) => ({ object })) },
  })
  const store = { range } as unknown as Store
  const nodeHandler = (wanted: string) => (wanted === 'n' ? handler : undefined)
  const endpoint = metricsEndpoints({ store, clock: simClock(), nodeHandler }).find((one) => one.plural === plural)
  const info = { name, namespace: plural === 'pods' ? 'x' : '' }
  const call = { info, query: new URLSearchParams(query), request: { headers: {} } } as unknown as Call
  const answer = await endpoint?.handles[name === '' ? 'list' : 'get']?.(call)
  if (answer === undefined || !answer.ok) return answer?.error
  if (answer.value.type !== 'response' || answer.value.response.type !== 'whole') throw new Error('no answer')
  return JSON.parse(new TextDecoder().decode(answer.value.response.body as Uint8Array))
}

const moment = { timestamp: '2026-01-01T00:00:00Z', window: '1.500s' }

it('tells what a node uses as its kubelet measures it', async () => {
  const usage = { cpu: '1500000000n', memory: '5Mi' }
  expect(await ask('nodes', 'n')).toMatchObject({ kind: 'NodeMetrics', metadata: { name: 'n' }, ...moment, usage })
  expect(await ask('nodes', '', 'labelSelector=zone%3Db')).toMatchObject({ kind: 'NodeMetricsList', items: [] })
})

it('leaves out pods of which nothing is known yet', async () => {
  const containers = [{ name: 'c', usage: { cpu: '1000n', memory: '5Mi' } }]
  expect(await ask('pods', '')).toMatchObject({
    kind: 'PodMetricsList',
    apiVersion: 'metrics.k8s.io/v1beta1',
    items: [{ metadata: { name: 'a', namespace: 'x' }, ...moment, containers }],
  })
  expect(await ask('pods', 'b')).toMatchObject({ reason: 'NotFound', resource: 'pods', name: 'b' })
})
