import { type EventType, makeEventRecorder } from '../client/event-recorder.ts'
import type { HttpHandler } from '../ports/http.ts'
import { isStaticPod } from './critical-pod.ts'
import { type EvictionManager, makeEvictionManager } from './eviction/eviction-manager.ts'
import { startImageCollector } from './image-garbage/image-collector.ts'
import { makeImagePuller } from './image-puller.ts'
import type { KubeletContext, KubeletDeps } from './kubelet-config.ts'
import { makeLimiter } from './limiter.ts'
import { startLogRotation } from './log-rotation.ts'
import { type NodeAgent, nodeReference, startNodeAgent } from './node/node-agent.ts'
import { podsLimits } from './node/node-allocatable.ts'
import { admissionFault } from './node-admission.ts'
import { makeObjectWatch } from './object-watch.ts'
import { type NodePlugins, startNodePlugins } from './plugins/node-plugins.ts'
import { shareDriverFolders } from './plugins/plugin-folders.ts'
import { allPods } from './pod-cgroup.ts'
import { type PodEvents, podEvents } from './pod-events.ts'
import { type PodManager, startPodManager } from './pod-manager.ts'
import type { PodParts } from './pod-parts.ts'
import { makePodStarts } from './pod-starts.ts'
import { makeProbeCounts } from './probes/probe-counts.ts'
import { makeProbeManager } from './probes/probe-manager.ts'
import { makeQosCgroups, type QosCgroups } from './qos-cgroups.ts'
import { guarded } from './server/kubelet-access.ts'
import { kubeletHandler } from './server/kubelet-handler.ts'
import { makeNodeShutdown, type NodeShutdown } from './shutdown/node-shutdown.ts'
import { openManifestFolder } from './static-pods/manifest-folder.ts'
import { type MirrorPods, startMirrorPods } from './static-pods/mirror-pods.ts'
import { makeStatusWriter } from './status-writer.ts'
import { type CpuManager, openCpuManager } from './topology/cpu-manager.ts'
import { startCpuUpkeep } from './topology/cpu-upkeep.ts'
import { makeTopologyManager } from './topology/topology-manager.ts'
import { openUserIds } from './user-ids.ts'
import { mountMemoryDirectory } from './volumes/pod-volumes.ts'
import { makeTokenSource } from './volumes/service-account-token.ts'

/** Sandboxes and containers that are being started at a time. */
const startsAtOnce = 8

export type Kubelet = Readonly<{
  /** The kubelet's own API: logs, exec, attach, port-forward, pods, stats. Whoever serves it says who may call. */
  handler: HttpHandler
  /** The same for everybody: it asks the API server who may. */
  guardedHandler: HttpHandler
  /** Where the configuration gives time for it: ends the pods, for the node goes down. */
  shutDown(): Promise<void>
  /** Ends at the next await. Pods go on, and the next kubelet finds them. */
  stop(): Promise<void>
}>

/**
 * Runs the pods that are bound to the node. Registers the node, and resolves when it is ready. What an earlier kubelet started is found
 * by the runtime's labels and goes on undisturbed. The node's Services are those that its proxy knows, too.
 */
export async function startKubelet(deps: KubeletDeps, services: PodParts['services']): Promise<Kubelet> {
  const { clock, runtime, config } = deps
  const recorder = makeEventRecorder({ ...deps, component: 'kubelet', host: config.nodeName })
  const context: KubeletContext = { ...deps, events: recorder }
  await prepareFolders(deps)
  const events = podEvents(recorder)
  const tellNode: TellNode = (...event) => recorder.event(nodeReference(config.nodeName), ...event)
  const manifests = await openManifestFolder(deps)
  // Made once the pods are known that they are about.
  let mirrorPods: MirrorPods | undefined
  const statuses = makeStatusWriter({
    ...deps,
    targetOf: (pod) => (isStaticPod(pod) ? mirrorPods?.mirrorOf(pod) : pod),
  })
  // First: what a pod may have is decided by what the node is.
  const tiers = makeQosCgroups(runtime, podsLimits(config), deps.log, (failure) => tellEnforced(tellNode, failure))
  const evictions = makeEvictionManager(deps)
  const [probeCounts, podStarts] = [makeProbeCounts(), makePodStarts()]
  const shutdown = makeNodeShutdown(clock, config.configuration)
  let manager: PodManager | undefined
  const granting = await openGrants(deps)
  const { plugins, node } = await startNodeWithPlugins(context, granting.cpus, evictions, shutdown, () => manager)
  const aligned = alignWith(deps, granting.cpus, plugins)
  const stops: (() => void)[] = [recorder.stop, statuses.stop, node.stop]
  const managed = await startPodManager(
    deps,
    manifests,
    (pods) => {
      manager = pods
      const objects = makeObjectWatch({ ...deps, changed: pods.objectsChanged })
      const probes = makeProbeManager({ ...deps, events, counts: probeCounts, changed: pods.wake })
      stops.push(objects.stop, probes.stop)
      const puller = makeImagePuller({ runtime, clock, events, objects, onDone: pods.imageDone })
      const tokens = makeTokenSource(deps)
      const starts = makeLimiter(startsAtOnce)
      const admit: PodParts['admit'] = (pod) =>
        shutdown.refusal() ??
        admissionFault(pod, pods.others(pod.metadata.uid), node.node(), plugins.devices.serves, config.appArmor)
      const own = { deps, events, objects, tokens, puller, probes, statuses, starts, admit, plugins, services }
      return { ...own, ...granting, podStarts, topology: aligned.topology, ...room(pods, tiers) }
    },
    () => {
      mirrorPods?.changed()
      for (const { metadata } of manifests.pods()) statuses.retarget(metadata.uid)
    },
  )
  stops.push(await aligned.hold(managed))
  mirrorPods = startMirrorPods(deps, {
    staticPods: manifests.pods,
    mirrors: managed.mirrors,
    nodeUid: () => node.node()?.metadata.uid,
  })
  mirrorPods.changed()
  stops.push(mirrorPods.stop, manifests.stop, managed.stop, ...startUpkeep(deps, managed, evictions, tellNode, events))
  const handler = kubeletHandler(deps, managed, statuses, { probeCounts, podStarts }, plugins.csi)
  return {
    handler,
    guardedHandler: guarded(deps, handler),
    shutDown: () =>
      shutdown.run({ ...managed, flushed: statuses.flushed, announce: () => announceEnd(tellNode, node) }),
    async stop() {
      for (const stop of stops) stop()
      void plugins.stop()
    },
  }
}

function announceEnd(tellNode: TellNode, node: NodeAgent): void {
  tellNode('Normal', 'Shutdown', 'Shutdown manager detected shutdown event')
  node.look()
}

/** What pods are given one by one, and an earlier kubelet has given. */
async function openGrants(deps: KubeletDeps): Promise<Pick<PodParts, 'userIds' | 'cpus'>> {
  const [userIds, cpus] = await Promise.all([openUserIds(deps), openCpuManager(deps)])
  return { userIds, cpus }
}

/** Processors near to devices, and containers held to theirs once the pods are known. */
function alignWith(deps: KubeletDeps, cpus: CpuManager, { devices }: NodePlugins) {
  let cpusChanged = (): void => {}
  return {
    topology: makeTopologyManager({ ...deps, devices, cpus, cpusChanged: () => cpusChanged() }),
    async hold(pods: PodManager): Promise<() => void> {
      const isKnown = (uid: string): boolean => pods.pods().some(({ metadata }) => metadata.uid === uid)
      const loop = await startCpuUpkeep({ ...deps, cpus, activePods: () => pods.others(''), isKnown })
      cpusChanged = loop.look
      return loop.stop
    },
  }
}

async function prepareFolders(deps: KubeletDeps): Promise<void> {
  await deps.disk.makeDirectory(deps.config.rootDirectory)
  await mountMemoryDirectory(deps)
  await shareDriverFolders(deps)
}

/** The Node object, and the plugins whose resources it shows. */
async function startNodeWithPlugins(
  context: KubeletContext,
  cpus: CpuManager,
  evictions: EvictionManager,
  shutdown: NodeShutdown,
  pods: () => PodManager | undefined,
) {
  let nodeChanged = (): void => {}
  const plugins = await startNodePlugins({
    ...context,
    cpus,
    nodeChanged: () => nodeChanged(),
    podChanged: (uid) => pods()?.wake(uid),
    activePods: () => pods()?.others('') ?? [],
  })
  const node = await startNodeAgent(context, {
    pressure: evictions.pressure,
    devices: plugins.devices.counts,
    volumesInUse: plugins.csi.inUse,
    fault: shutdown.fault,
  })
  nodeChanged = node.look
  await plugins.begin()
  return { plugins, node }
}

function tellEnforced(tellNode: TellNode, failure: string | undefined): void {
  if (failure === undefined) tellNode('Normal', 'NodeAllocatableEnforced', 'Updated Node Allocatable limit across pods')
  else
    tellNode(
      'Warning',
      'FailedNodeAllocatableEnforcement',
      `Failed to update Node Allocatable Limits [${JSON.stringify(allPods)}]: ${failure}`,
    )
}

/** What one pod takes or gives back, others feel. */
function room(pods: PodManager, tiers: QosCgroups): Pick<PodParts, 'roomTaken' | 'roomMade'> {
  return {
    roomTaken: () => tiers.update(pods.others('')),
    roomMade() {
      tiers.update(pods.others(''))
      pods.retryResizes()
    },
  }
}

type TellNode = (type: EventType, reason: string, message: string) => void

/** What keeps the node in order: who needs too much is ended, what nobody needs is removed. */
function startUpkeep(
  deps: KubeletDeps,
  managed: PodManager,
  evictions: EvictionManager,
  tellNode: TellNode,
  events: PodEvents,
): readonly (() => void)[] {
  const images = startImageCollector(deps, { pods: managed.pods, tellNode })
  evictions.watch({
    ...managed,
    removeUnusedImages: images.removeUnused,
    tellNode,
    tellPod: (pod, message, annotations) => events.pod(pod, 'Warning', 'Evicted', message, annotations),
  })
  return [images.stop, evictions.stop, startLogRotation(deps).stop]
}
