import { unreachable } from '../api/assert.ts'
import type { Namespace, Node, Pod, ReplicaSet, Service } from '../api/kinds.generated.ts'
import { objectKey, type Stored } from '../api/object.ts'
import type { Client } from '../client/client.ts'
import { makeEventRecorder } from '../client/event-recorder.ts'
import type { Informer } from '../client/informer.ts'
import { type MetricRegistry, metricRegistry } from '../client/metric-registry.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Random } from '../ports/random.ts'
import { type ClusterCache, makeClusterCache } from './cluster-cache.ts'
import { differ, nodeEvents } from './cluster-event.ts'
import { type Decision, scheduleOne } from './decide.ts'
import { type ClaimBinder, type DeviceInformers, makeClaimBinder } from './devices/claim-binder.ts'
import { type PodInfo, podInfoOf } from './pod-info.ts'
import { makePodWriter, type PodWriter } from './pod-writer.ts'
import { queueMetrics, type SchedulerMetrics, schedulerMetrics } from './scheduler-metrics.ts'
import { makeSchedulingQueue, type SchedulingQueue } from './scheduling-queue.ts'
import { siblingSelectors } from './siblings.ts'
import { makeVolumeBinder, type VolumeBinder } from './volume-binder.ts'
import { makeVolumeReservations, type VolumeInformers, type VolumeReservations } from './volume-reservations.ts'

export type SchedulerInformers = Readonly<{
  pods: Informer<Pod>
  nodes: Informer<Node>
  services: Informer<Service>
  replicaSets: Informer<ReplicaSet>
  namespaces: Informer<Namespace>
}> &
  VolumeInformers &
  DeviceInformers

export type SchedulerParts = Readonly<{
  client: Client
  informers: SchedulerInformers
  clock: Clock
  random: Random
  log: Log
  metrics?: MetricRegistry
}>

const schedulerName = 'default-scheduler'
/** Pods decided on before others get their turn on the processor. */
const batchSize = 64
/** Bindings under way; more decisions wait until one is through. */
const maxBindings = 128

/** Finds a node for every pod that names this scheduler, and binds it. */
export function startScheduler(parts: SchedulerParts): Readonly<{ stop(): void }> {
  const { client, informers, clock, random, log, metrics = metricRegistry() } = parts
  const events = makeEventRecorder({ client, clock, random, log, component: schedulerName })
  const writer = makePodWriter({ client, events, clock, log })
  const reservations = makeVolumeReservations(informers)
  const volumes = makeVolumeBinder({ client, clock, claims: informers.claims })
  const devices = makeClaimBinder({ client, clock, events, informers })
  const cache = makeClusterCache({
    volumes: reservations.view,
    devices: devices.view,
    namespaceLabels: (name) => informers.namespaces.get(name)?.metadata.labels,
    siblingSelector: siblingSelectors(informers.services, informers.replicaSets),
  })
  const pump = makePump(clock, () => step())
  const queue = makeSchedulingQueue(clock, pump.wake, queueMetrics(metrics))
  const gated = (): number => informers.pods.list().filter(isGated).length
  const meter = schedulerMetrics(metrics, { profile: schedulerName, queue, cache, gated })
  const performer = makePerformer({
    clock,
    meter,
    cache,
    queue,
    writer,
    volumes,
    reservations,
    devices,
    pods: informers.pods,
    wake: pump.wake,
  })
  let startAt = 0

  /** One pod; false: nothing to do now. */
  const step = (): boolean => {
    const info = performer.hasRoom() ? queue.pop() : undefined
    if (info === undefined) return false
    const startedMs = clock.monotonicMs()
    const decision = scheduleOne({ pod: info, view: cache.view, random, startAt })
    meter.decided(decision, (clock.monotonicMs() - startedMs) / 1000)
    if (decision.type === 'bind') startAt = (startAt + decision.looked) % Math.max(1, cache.view.nodes.length)
    performer.perform(info, decision, startedMs)
    return true
  }

  follow(informers.nodes, (before, after) => changeNode(cache, queue, before, after))
  follow(informers.pods, (before, after) => changePod(cache, queue, before, after))
  wakeWhenHelped(informers, queue)
  void Promise.all(Object.values(informers).map((informer) => informer.whenSynced())).then(pump.start)
  return {
    stop() {
      pump.stop()
      queue.stop()
      volumes.stop()
      devices.stop()
      writer.stop()
      events.stop()
    },
  }
}

/** Pods wait for more than nodes and other pods. */
function wakeWhenHelped(informers: SchedulerInformers, queue: SchedulingQueue): void {
  const { claims, volumes, storageClasses, csiDrivers, csiNodes, capacities, attachments } = informers
  for (const storage of [claims, volumes, storageClasses, csiDrivers, capacities])
    storage.onChange(() => queue.moveOn('Volume'))
  csiNodes.onChange(() => queue.moveOn('Attachment'))
  attachments.onChange((_, after) => {
    if (after === undefined) queue.moveOn('Attachment')
  })
  for (const known of [informers.resourceClaims, informers.deviceClasses, informers.slices])
    known.onChange(() => queue.moveOn('Device'))
}

type PerformerParts = Readonly<{
  clock: Clock
  meter: SchedulerMetrics
  cache: ClusterCache
  queue: SchedulingQueue
  writer: PodWriter
  volumes: VolumeBinder
  reservations: VolumeReservations
  devices: ClaimBinder
  pods: Informer<Pod>
  wake: () => void
}>

type Bind = Extract<Decision, Readonly<{ type: 'bind' }>>

/** Carries decisions out. A pod takes up its room from the moment of the decision, not from that of the answer. */
function makePerformer(parts: PerformerParts) {
  const { clock, meter, cache, queue, writer, pods, wake } = parts
  let bindings = 0
  const secondsSince = (ms: number): number => (clock.monotonicMs() - ms) / 1000

  /** The pod holds its room on the node while its volumes are made and its devices noted, but holds up nobody else. */
  const prepareAndBind = async (info: PodInfo, decision: Bind, startedMs: number): Promise<void> => {
    const failed = await prepare(parts, decision)
    if (failed === undefined) return bind(info, decision.nodeName, startedMs)
    meter.attempted('error', secondsSince(startedMs))
    bindingFailed(info, failed)
    wake()
  }
  const bind = async (info: PodInfo, nodeName: string, startedMs: number): Promise<void> => {
    bindings++
    // The informer may tell of the binding before its answer comes: then the pod waits no more.
    const history = queue.history(info.key)
    const refused = await writer.bind(info, nodeName)
    bindings--
    meter.attempted(refused === undefined ? 'scheduled' : 'error', secondsSince(startedMs))
    if (refused === undefined) {
      if (history !== undefined) meter.scheduled(history.attempts, secondsSince(history.sinceMs))
      cache.nominate(info, undefined)
      queue.delete(info.key, info.uid)
    } else bindingFailed(info, `binding rejected: running Bind plugin "DefaultBinder": ${refused.message ?? ''}`)
    wake()
  }
  const bindingFailed = (info: PodInfo, why: string): void => {
    cache.forget(info.uid)
    queue.moveOn('PodDelete')
    const current = pods.get(info.key)
    if (current === undefined || current.metadata.uid !== info.uid || !isPending(current)) {
      queue.delete(info.key, info.uid)
    } else {
      queue.putBackFailed(info.key)
      writer.failed(info, why)
    }
  }
  const perform = (info: PodInfo, decision: Decision, startedMs: number): void => {
    switch (decision.type) {
      case 'bind':
        cache.assume(info, decision.nodeName)
        if (decision.volumes === undefined && decision.devices === undefined)
          void bind(info, decision.nodeName, startedMs)
        else void prepareAndBind(info, decision, startedMs)
        return
      case 'unschedulable':
        queue.putBackUnschedulable(info.key, decision.plugins)
        if (decision.preemption !== undefined) cache.nominate(info, decision.preemption.nodeName)
        else if (decision.clearNomination) cache.nominate(info, undefined)
        if (decision.claimToFree !== undefined) void parts.devices.free(decision.claimToFree)
        writer.unschedulable(info, decision)
        meter.attempted('unschedulable', secondsSince(startedMs))
        return
      default:
        unreachable(decision)
    }
  }
  return { perform, hasRoom: (): boolean => bindings < maxBindings }
}

/** What must stand before the pod is bound. Why it does not, if so. */
async function prepare(
  { volumes, reservations, devices }: PerformerParts,
  { nodeName, volumes: choice, devices: chosen }: Bind,
): Promise<string | undefined> {
  if (chosen !== undefined) devices.reserve(chosen)
  if (choice !== undefined) {
    reservations.reserve(choice)
    const failed = await volumes.bind(choice, nodeName)
    reservations.release(choice)
    if (failed !== undefined) {
      if (chosen !== undefined) devices.release(chosen)
      return `running PreBind plugin "VolumeBinding": binding volumes: ${failed}`
    }
  }
  const failed = chosen && (await devices.bind(chosen, nodeName))
  return failed === undefined ? undefined : `running PreBind plugin "DynamicResources": ${failed}`
}

function changeNode(
  cache: ClusterCache,
  queue: SchedulingQueue,
  before: Stored<Node> | undefined,
  after: Stored<Node> | undefined,
): void {
  const node = after ?? before
  if (node === undefined) return
  cache.setNode(node.metadata.name, after)
  for (const event of nodeEvents(before, after)) queue.moveOn(event)
}

function changePod(
  cache: ClusterCache,
  queue: SchedulingQueue,
  before: Stored<Pod> | undefined,
  after: Stored<Pod> | undefined,
): void {
  // A pod that was replaced under its name: first the one has gone, then the other came.
  if (before !== undefined && after !== undefined && before.metadata.uid !== after.metadata.uid) {
    changePod(cache, queue, before, undefined)
    changePod(cache, queue, undefined, after)
  } else if (after !== undefined && isAssigned(after)) setAssigned(cache, queue, before, after)
  else changeUnassigned(cache, queue, before, after)
}

function changeUnassigned(
  cache: ClusterCache,
  queue: SchedulingQueue,
  before: Stored<Pod> | undefined,
  after: Stored<Pod> | undefined,
): void {
  const pod = after ?? before
  if (pod === undefined) return
  const hadRoom = before !== undefined && isAssigned(before)
  if (after === undefined || hadRoom) {
    const removed = cache.removePod(pod.metadata.uid)
    if (removed) queue.moveOn('PodDelete')
  }
  if (after !== undefined && isPending(after)) setPending(cache, queue, before, after)
  else {
    queue.delete(objectKey(pod), pod.metadata.uid)
    cache.nominate(podInfoOf(pod), undefined)
  }
}

function setAssigned(
  cache: ClusterCache,
  queue: SchedulingQueue,
  before: Stored<Pod> | undefined,
  after: Stored<Pod>,
): void {
  const info = podInfoOf(after)
  cache.setPod(info, after.spec.nodeName ?? '')
  cache.nominate(info, undefined)
  queue.delete(info.key, info.uid)
  if (before === undefined || !isAssigned(before)) queue.moveOn('PodAdd')
  else if (differ(before.metadata.labels, after.metadata.labels)) queue.moveOn('PodLabel')
  else if (differ(before.spec, after.spec)) queue.moveOn('PodDelete')
}

function setPending(
  cache: ClusterCache,
  queue: SchedulingQueue,
  before: Stored<Pod> | undefined,
  after: Stored<Pod>,
): void {
  if (cache.isAssumed(after.metadata.uid)) return
  const info = podInfoOf(after)
  const nominated = after.status.nominatedNodeName
  if (nominated !== undefined && nominated !== '') cache.nominate(info, nominated)
  // What we write ourselves, into its status, is no reason to try again; that claims have been made for it is one.
  const changed =
    before !== undefined &&
    (differ(before.spec, after.spec) ||
      differ(before.metadata.labels, after.metadata.labels) ||
      differ(before.status.resourceClaimStatuses, after.status.resourceClaimStatuses))
  queue.set(info, changed)
}

/** Holds resources of a node. */
function isAssigned({ spec, status }: Stored<Pod>): boolean {
  return (
    spec.nodeName !== undefined && spec.nodeName !== '' && status.phase !== 'Succeeded' && status.phase !== 'Failed'
  )
}

/** Waits for us to find a node. Gates keep a pod out until somebody removes them. */
function isPending({ metadata, spec, status }: Stored<Pod>): boolean {
  if (spec.nodeName !== undefined && spec.nodeName !== '') return false
  if (metadata.deletionTimestamp !== undefined || (spec.schedulingGates ?? []).length > 0) return false
  return (
    (spec.schedulerName ?? schedulerName) === schedulerName && status.phase !== 'Succeeded' && status.phase !== 'Failed'
  )
}

function isGated({ metadata, spec }: Stored<Pod>): boolean {
  const isOurs = (spec.schedulerName ?? schedulerName) === schedulerName
  return isOurs && metadata.deletionTimestamp === undefined && (spec.schedulingGates ?? []).length > 0
}

type Pump = Readonly<{ start(): void; wake(): void; stop(): void }>

/** Runs steps until there is nothing to do, a batch at a time, from the moment it is started. */
function makePump(clock: Clock, step: () => boolean): Pump {
  let state: 'waiting' | 'idle' | 'scheduled' | 'stopped' = 'waiting'
  const run = (): void => {
    if (state !== 'scheduled') return
    state = 'idle'
    for (let done = 0; done < batchSize; done++) if (!step()) return
    wake()
  }
  const wake = (): void => {
    if (state !== 'idle') return
    state = 'scheduled'
    clock.after(0, run)
  }
  return {
    start() {
      if (state !== 'waiting') return
      state = 'idle'
      wake()
    },
    wake,
    stop() {
      state = 'stopped'
    },
  }
}

function follow<T>(
  informer: Informer<T>,
  change: (before: Stored<T> | undefined, after: Stored<T> | undefined) => void,
): void {
  for (const object of informer.list()) change(undefined, object)
  informer.onChange(change)
}
