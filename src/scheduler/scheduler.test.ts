import { describe, expect, it } from 'vitest'
import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  DeviceClass,
  Event,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodCondition,
  ReplicaSet,
  ResourceSlice,
  ResourceV1ResourceClaim,
  Service,
  Status,
  StorageClass,
  VolumeAttachment,
} from '../api/kinds.generated.ts'
import type { Stored } from '../api/object.ts'
import { fail, ok } from '../api/result.ts'
import type { Client } from '../client/client.ts'
import { metricRegistry } from '../client/metric-registry.ts'
import { testInformer } from '../client/test-informer.ts'
import { simClock } from '../host/sim/clock.ts'
import { simLog } from '../host/sim/log.ts'
import { simRandom } from '../host/sim/random.ts'
import { startScheduler } from './scheduler.ts'
import { testNode, testPod } from './test-cluster.ts'

type Writes = {
  refuse?: (podName: string) => Status | undefined
  events: string[]
  deleted: string[]
  latencyMs: number
}

/** A cluster in memory: what the scheduler writes, its informers show. */
function world() {
  const clock = simClock()
  const pods = testInformer<Pod>()
  const nodes = testInformer<Node>()
  const informers = {
    pods,
    nodes,
    services: testInformer<Service>(),
    replicaSets: testInformer<ReplicaSet>(),
    namespaces: testInformer<Namespace>(),
    claims: testInformer<PersistentVolumeClaim>(),
    volumes: testInformer<PersistentVolume>(),
    storageClasses: testInformer<StorageClass>(),
    csiDrivers: testInformer<CSIDriver>(),
    csiNodes: testInformer<CSINode>(),
    capacities: testInformer<CSIStorageCapacity>(),
    attachments: testInformer<VolumeAttachment>(),
    resourceClaims: testInformer<ResourceV1ResourceClaim>(),
    deviceClasses: testInformer<DeviceClass>(),
    slices: testInformer<ResourceSlice>(),
  }
  const writes: Writes = { events: [], deleted: [], latencyMs: 5 }
  const client = scriptedClient(clock, pods, writes)
  const metrics = metricRegistry()
  const start = () => startScheduler({ client, informers, clock, random: simRandom(1), log: simLog(clock), metrics })
  const nodeOf = (name: string): string | undefined => pods.get(`x/${name}`)?.spec.nodeName
  const conditionOf = (name: string): PodCondition | undefined =>
    pods.get(`x/${name}`)?.status.conditions?.find(({ type }) => type === 'PodScheduled')
  return {
    clock,
    pods,
    nodes,
    resourceClaims: informers.resourceClaims,
    writes,
    start,
    nodeOf,
    conditionOf,
    wait: (ms: number) => clock.runUntil(clock.nowMs() + ms),
    told: (line: string): boolean => metrics.text().includes(`scheduler_${line}\n`),
  }
}

function scriptedClient(
  clock: ReturnType<typeof simClock>,
  pods: ReturnType<typeof testInformer<Pod>>,
  writes: Writes,
): Client {
  const change = (name: string, edit: (pod: Stored<Pod>) => Stored<Pod>): void => {
    const pod = pods.get(`x/${name}`)
    if (pod !== undefined) pods.set(edit(pod))
  }
  const part: Partial<Client> = {
    async createSubresource(_, name, __, ___, body) {
      await clock.sleep(writes.latencyMs)
      const refused = writes.refuse?.(name)
      if (refused !== undefined) return fail(refused)
      const { target } = body as { target: { name: string } }
      change(name, (pod) => ({ ...pod, spec: { ...pod.spec, nodeName: target.name } }))
      return ok({ apiVersion: 'v1', kind: 'Status', metadata: {} })
    },
    async patch(_, name, __, { body }) {
      await clock.sleep(writes.latencyMs)
      const { status } = body as { status: Pod['status'] }
      change(name, (pod) => ({ ...pod, status: { ...pod.status, ...status } }))
      return ok(pods.get(`x/${name}`) as never)
    },
    async create(_, object) {
      const { reason = '', message = '', type = '' } = object as unknown as Event
      writes.events.push(`${type} ${reason}: ${message}`)
      return ok(object as never)
    },
    async delete(_, name) {
      await clock.sleep(writes.latencyMs)
      writes.deleted.push(name)
      pods.remove(`x/${name}`)
      return ok(undefined)
    },
  }
  return part as Client
}

describe('the scheduler', () => {
  it('counts its tries, how they ended and what waits', async () => {
    const { pods, nodes, start, wait, told } = world()
    nodes.set(testNode('n1', { allocatable: { cpu: '1' } }))
    pods.set(testPod('fits', { cpu: '1' }))
    pods.set(testPod('large', { cpu: '2' }))
    pods.set({ ...testPod('gated'), spec: { ...testPod('gated').spec, schedulingGates: [{ name: 'g' }] } })
    start()
    await wait(100)
    const profile = 'profile="default-scheduler"'
    expect(told(`schedule_attempts_total{${profile},result="scheduled"} 1`)).toBe(true)
    expect(told(`schedule_attempts_total{${profile},result="unschedulable"} 1`)).toBe(true)
    expect(told(`scheduling_attempt_duration_seconds_count{${profile},result="scheduled"} 1`)).toBe(true)
    expect(told('pod_scheduling_attempts_bucket{le="1"} 1')).toBe(true)
    expect(told('pod_scheduling_sli_duration_seconds_bucket{attempts="1",le="0.01"} 1')).toBe(true)
    for (const [queue, count] of Object.entries({ active: 0, backoff: 0, gated: 1, unschedulable: 1 }))
      expect(told(`pending_pods{queue="${queue}"} ${count}`), queue).toBe(true)
    expect(told(`unschedulable_pods{plugin="NodeResourcesFit",${profile}} 1`)).toBe(true)
    expect(told('preemption_attempts_total 1')).toBe(true)
    expect(told('cache_size{type="nodes"} 1')).toBe(true)
  })

  it('binds a pod and tells of it', async () => {
    const { pods, nodes, writes, start, nodeOf, wait } = world()
    nodes.set(testNode('n1'))
    pods.set(testPod('p', { cpu: '1' }))
    start()
    await wait(100)
    expect(nodeOf('p')).toBe('n1')
    expect(writes.events).toEqual(['Normal Scheduled: Successfully assigned x/p to n1'])
  })

  it('says why a pod finds no node, and binds it as soon as one will do', async () => {
    const { pods, nodes, writes, start, nodeOf, conditionOf, wait } = world()
    nodes.set(testNode('n1', { allocatable: { cpu: '1' } }))
    pods.set(testPod('p', { cpu: '2', meta: { generation: 3 } }))
    start()
    await wait(100)
    const message =
      '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.'
    expect(conditionOf('p')).toEqual({
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message,
      observedGeneration: 3,
      lastTransitionTime: '2026-01-01T00:00:00Z',
    })
    expect(writes.events).toEqual([`Warning FailedScheduling: ${message}`])
    nodes.set(testNode('n2'))
    await wait(100)
    expect(nodeOf('p')).toBe('n2')
  })

  it('tries again when the claims of a pod have been made', async () => {
    const { pods, nodes, resourceClaims, start, conditionOf, wait } = world()
    nodes.set(testNode('n1'))
    const spec = { resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 'gpus' }] }
    const waiting = testPod('p', { spec })
    pods.set(waiting)
    start()
    await wait(100)
    expect(conditionOf('p')?.message).toContain('ResourceClaim not created yet')
    resourceClaims.set({
      apiVersion: 'resource.k8s.io/v1',
      kind: 'ResourceClaim',
      metadata: { ...waiting.metadata, name: 'p-gpu-1', ownerReferences: [] },
      spec: {},
      status: {},
    })
    const known = pods.get('x/p') ?? waiting
    pods.set({
      ...known,
      status: { ...known.status, resourceClaimStatuses: [{ name: 'gpu', resourceClaimName: 'p-gpu-1' }] },
    })
    await wait(11_000)
    expect(conditionOf('p')?.message).toContain('was not created for pod')
  })

  it('never counts on room that a pod on its way to a node will take', async () => {
    const { pods, nodes, writes, start, nodeOf, wait } = world()
    writes.latencyMs = 1_000
    nodes.set(testNode('n1', { allocatable: { cpu: '3' } }))
    for (let at = 0; at < 5; at++) pods.set(testPod(`p${at}`, { cpu: '1' }))
    start()
    await wait(10_000)
    const bound = [0, 1, 2, 3, 4].filter((at) => nodeOf(`p${at}`) === 'n1')
    expect(bound).toHaveLength(3)
    pods.remove(`x/p${bound[0]}`)
    await wait(10_000)
    expect([0, 1, 2, 3, 4].filter((at) => nodeOf(`p${at}`) === 'n1')).toHaveLength(3)
  })

  it('gives the room back when a binding is refused, and tries again', async () => {
    const { pods, nodes, writes, start, nodeOf, conditionOf, wait } = world()
    let refusals = 2
    writes.refuse = () => (refusals-- > 0 ? { code: 500, message: 'no' } : undefined)
    nodes.set(testNode('n1', { allocatable: { cpu: '1' } }))
    pods.set(testPod('p', { cpu: '1' }))
    start()
    await wait(500)
    expect(nodeOf('p')).toBeUndefined()
    expect(conditionOf('p')).toMatchObject({
      reason: 'SchedulerError',
      message: 'binding rejected: running Bind plugin "DefaultBinder": no',
    })
    await wait(10_000)
    expect(nodeOf('p')).toBe('n1')
  })

  it('leaves alone what is gated, ending, bound, done or another scheduler’s', async () => {
    const { pods, nodes, writes, start, nodeOf, wait } = world()
    nodes.set(testNode('n1'))
    pods.set(testPod('gated', { spec: { schedulingGates: [{ name: 'g' }] } }))
    pods.set(testPod('ending', { meta: { deletionTimestamp: '2026-01-01T00:00:00Z' } }))
    pods.set(testPod('done', { status: { phase: 'Failed' } }))
    pods.set(testPod('other', { spec: { schedulerName: 'mine' } }))
    pods.set(testPod('bound', { nodeName: 'n9' }))
    start()
    await wait(1_000)
    expect(['gated', 'ending', 'done', 'other'].map(nodeOf)).toEqual([undefined, undefined, undefined, undefined])
    expect(writes.events).toEqual([])
    const gated = pods.get('x/gated')
    if (gated !== undefined) pods.set({ ...gated, spec: { ...gated.spec, schedulingGates: [] } })
    await wait(1_000)
    expect(nodeOf('gated')).toBe('n1')
  })

  it('makes room for a more important pod, and keeps it for that pod', async () => {
    const { pods, nodes, writes, start, nodeOf, wait } = world()
    nodes.set(testNode('n1', { allocatable: { cpu: '1' } }))
    pods.set(testPod('victim', { cpu: '1', nodeName: 'n1' }))
    start()
    await wait(100)
    pods.set(testPod('important', { cpu: '1', priority: 100 }))
    pods.set(testPod('rival', { cpu: '1', priority: 50 }))
    await wait(5_000)
    expect(writes.deleted).toEqual(['victim'])
    expect([nodeOf('important'), nodeOf('rival')]).toEqual(['n1', undefined])
    expect(writes.events.some((event) => event.startsWith('Normal Preempted: Preempted by pod '))).toBe(true)
  })

  it('stops', async () => {
    const { pods, nodes, start, nodeOf, wait } = world()
    nodes.set(testNode('n1'))
    const scheduler = start()
    await wait(100)
    scheduler.stop()
    pods.set(testPod('p'))
    await wait(1_000)
    expect(nodeOf('p')).toBeUndefined()
  })
})
