import { equalJson } from '../../api/json-value.ts'
import type { Node, NodeStatus } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { timestampOf } from '../../api/wire-time.ts'
import { makeBackOff } from '../../client/back-off.ts'
import { durationMs } from '../configuration/kubelet-configuration.ts'
import type { ResourceCounts } from '../devices/device-resources.ts'
import type { PressureCondition } from '../eviction/threshold.ts'
import type { KubeletContext } from '../kubelet-config.ts'
import { startLookLoop } from './look-loop.ts'
import { startNodeLease } from './node-lease.ts'
import { newNode, nodeLabels, nodeStatus, withoutHeartbeats } from './node-object.ts'
import { nodeStatusPatch } from './node-status-patch.ts'

/** Keeps the Node object as this node is. */
export interface NodeAgent {
  /** As last seen. */
  node(): Stored<Node> | undefined
  /** Something that its status shows has changed. */
  look(): void
  stop(): void
}

/** Of events about the node: the original has its name where others have a uid. */
export function nodeReference(name: string) {
  return { apiVersion: 'v1', kind: 'Node', name, uid: name }
}

/** What the node's status tells of the kubelet's other parts. */
export type NodeFacts = Readonly<{
  pressure: () => ReadonlySet<PressureCondition>
  devices: () => ResourceCounts
  /** Attached volumes that must not be detached. */
  volumesInUse: () => readonly string[]
  /** Why it takes no pods though its runtime could. */
  fault: () => string | undefined
}>

/** Registers the node and begins its heartbeats. Resolves when it is registered and has reported itself ready. */
export async function startNodeAgent(context: KubeletContext, facts: NodeFacts): Promise<NodeAgent> {
  const { clock, config, events, log } = context
  // The status is looked at often, and written when it has changed or enough time has passed.
  const lookMs = durationMs(config.configuration.nodeStatusUpdateFrequency)
  const reportMs = durationMs(config.configuration.nodeStatusReportFrequency)
  let stopped = false
  let reportedMs = Number.NEGATIVE_INFINITY
  // What this node is, it knows by itself: pods are admitted by that even while it cannot be written.
  const enter = async (): Promise<Stored<Node> | undefined> => {
    const entered = await register(context, () => stopped)
    return entered === undefined ? undefined : { ...entered, status: await statusOf(context, entered.status, facts) }
  }
  let node = await enter()
  const reference = nodeReference(config.nodeName)
  const lease = startNodeLease(context, () => node?.metadata.uid)
  events.event(reference, 'Normal', 'Starting', 'Starting kubelet.')

  const report = async (): Promise<void> => {
    const current = await context.client.get(kinds.nodes, config.nodeName)
    if (!current.ok) {
      // Somebody has deleted the node: it registers again.
      if (current.error.code === 404) node = await enter()
      return
    }
    const { status: known } = current.value
    const wanted = await statusOf(context, known, facts)
    node = { ...current.value, status: wanted }
    const same = equalJson(withoutHeartbeats(known), withoutHeartbeats(wanted))
    if (same && clock.monotonicMs() - reportedMs < reportMs) return
    const written = await context.client.patch(
      kinds.nodes,
      config.nodeName,
      undefined,
      { type: 'strategic', body: { status: nodeStatusPatch(known, wanted) } },
      'status',
    )
    if (!written.ok) {
      log.warn('the node status could not be written', { message: written.error.message })
      return
    }
    tellReadiness(context, reference, known, wanted)
    node = written.value
    reportedMs = clock.monotonicMs()
  }
  const loop = await startLookLoop(clock, lookMs, () =>
    report().catch((error: unknown) => log.error('the node could not be reported', { error: String(error) })),
  )
  return {
    node: () => node,
    look: loop.look,
    stop() {
      stopped = true
      loop.stop()
      lease.stop()
    },
  }
}

/** Makes the Node, or gives an existing one its labels. Tries until the API server takes it. */
async function register(context: KubeletContext, stopped: () => boolean): Promise<Stored<Node> | undefined> {
  const { client, clock, random, config, log } = context
  const backOff = makeBackOff(clock, random)
  while (!stopped()) {
    const created = await client.create(kinds.nodes, newNode(config))
    if (created.ok) return created.value
    if (created.error.code === 409) {
      const body = { metadata: { labels: nodeLabels(config) } }
      const patched = await client.patch(kinds.nodes, config.nodeName, undefined, { type: 'merge', body })
      if (patched.ok) return patched.value
      log.warn('the node could not be labelled', { message: patched.error.message })
    } else log.warn('the node could not be registered', { message: created.error.message })
    await clock.sleep(backOff.nextMs())
  }
  return undefined
}

async function statusOf(
  { runtime, config, clock }: KubeletContext,
  before: NodeStatus,
  { pressure, devices, volumesInUse, fault }: NodeFacts,
): Promise<NodeStatus> {
  const status = await runtime.status()
  const ownFault = fault()
  return nodeStatus({
    config,
    before,
    images: await runtime.listImages(),
    runtime: { name: runtime.name, status: ownFault === undefined ? status : { ...status, fault: ownFault } },
    pressure: pressure(),
    devices: devices(),
    volumesInUse: volumesInUse(),
    now: timestampOf(clock.nowMs()),
  })
}

function tellReadiness(
  { events }: KubeletContext,
  reference: Parameters<KubeletContext['events']['event']>[0],
  before: NodeStatus,
  after: NodeStatus,
): void {
  for (const { type, status, reason = '' } of after.conditions ?? []) {
    if (before.conditions?.find((condition) => condition.type === type)?.status === status) continue
    const name = 'name' in reference ? reference.name : ''
    const what = type === 'Ready' ? (status === 'True' ? 'NodeReady' : 'NodeNotReady') : reason
    events.event(reference, 'Normal', what, `Node ${name} status is now: ${what}`)
  }
}
