import type { ControllerRevision, DaemonSetStatus, Node, Pod } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import { selectorFromObject } from '../../api/label-selector.ts'
import type { Stored } from '../../api/object.ts'
import { msOfTimestamp } from '../../client/timestamp.ts'
import { type Action, create, event, type Report, remove, requeue, targetOf, updateStatus } from '../action.ts'
import { claim } from '../claim.ts'
import { revisionHashLabel, revisionsOf, trimRevisions } from '../controller-revision.ts'
import { isPodAvailable, isPodReady, nextAvailableMs } from '../pod-state.ts'
import { type DaemonSetObject, eligibility, isOfHash, nodeOf, podForNode } from './daemon-set-pods.ts'
import { allowsSurge, type NodeState, type Rollout, rollOut, surplusOn } from './daemon-set-rollout.ts'

export type ObservedDaemonSet = Readonly<{
  nowMs: number
  daemonSet: DaemonSetObject
  nodes: readonly Stored<Node>[]
  /** What it owns, and the orphans of its namespace. */
  pods: readonly Stored<Pod>[]
  revisions: readonly Stored<ControllerRevision>[]
}>

const podsAtOnce = 250
/** Before a failed pod is replaced: a node that rejects pods must not be flooded. */
const failedPauseMs = 1000

/** A pod on each node that is eligible, of the newest template as fast as the update strategy allows. */
export function reconcileDaemonSet(observed: ObservedDaemonSet): readonly Action[] {
  const { daemonSet, nowMs } = observed
  const selector = selectorFromObject(daemonSet.spec.selector)
  if (!selector.ok || daemonSet.metadata.deletionTimestamp !== undefined) return []
  const claimed = claim(kinds.daemonSets, daemonSet, selector.value, kinds.pods, observed.pods)
  const revisions = revisionsOf(kinds.daemonSets, daemonSet, observed.revisions)
  if (revisions.collides) return [countCollision(daemonSet)]
  const nodes = statesOf(observed, claimed.objects)
  const rollout: Rollout = { daemonSet, nodes, hash: revisions.hash, nowMs }
  const inUse = new Set(claimed.objects.map(({ metadata }) => metadata.labels?.[revisionHashLabel] ?? ''))
  return [
    ...claimed.actions,
    ...revisions.actions,
    ...changePods(rollout, claimed.objects, nowMs),
    ...trimRevisions(revisions, daemonSet.spec.revisionHistoryLimit ?? 10, inUse),
    ...reportStatus(rollout),
    ...nextLook(rollout),
  ]
}

function countCollision(daemonSet: DaemonSetObject): Action {
  const { status } = daemonSet
  const collisionCount = (status.collisionCount ?? 0) + 1
  return updateStatus(kinds.daemonSets, { ...daemonSet, status: { ...emptyStatus, ...status, collisionCount } })
}

const emptyStatus: DaemonSetStatus = {
  currentNumberScheduled: 0,
  desiredNumberScheduled: 0,
  numberMisscheduled: 0,
  numberReady: 0,
}

function statesOf({ daemonSet, nodes }: ObservedDaemonSet, pods: readonly Stored<Pod>[]): readonly NodeState[] {
  const byNode = new Map<string, Stored<Pod>[]>()
  for (const pod of pods) byNode.set(nodeOf(pod), [...(byNode.get(nodeOf(pod)) ?? []), pod])
  return nodes.map((node) => {
    const { name } = node.metadata
    return { name, wants: eligibility(daemonSet, node), pods: byNode.get(name) ?? [] }
  })
}

/** First every node gets what it lacks and loses what it must not have; the update goes on where that is settled. */
function changePods(rollout: Rollout, all: readonly Stored<Pod>[], nowMs: number): readonly Action[] {
  const { daemonSet, nodes, hash } = rollout
  const doomed = new Set<Stored<Pod>>()
  const lacking = new Set<string>()
  const told: Action[] = []
  let waits = false
  for (const node of nodes) {
    const living = node.pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    if (!node.wants.stays) for (const pod of living) doomed.add(pod)
    if (!node.wants.stays) continue
    const ended = living.filter(({ status }) => status.phase === 'Failed' || status.phase === 'Succeeded')
    for (const pod of ended) {
      if (isTooFresh(pod, nowMs)) waits = true
      else {
        doomed.add(pod)
        told.push(tellEnded(daemonSet, pod, node.name))
      }
    }
    const running = living.filter((pod) => !ended.includes(pod))
    for (const pod of surplusOn({ ...node, pods: running }, rollout)) doomed.add(pod)
    // A pod that is on its way out keeps its place, unless new ones may stand beside it.
    const isFree = allowsSurge(daemonSet) ? running.length === 0 && ended.length === 0 : node.pods.length === 0
    if (node.wants.starts && isFree) lacking.add(node.name)
  }
  const update = rollOut(rollout)
  for (const pod of update.remove) doomed.add(pod)
  for (const name of update.create) lacking.add(name)
  const known = new Set(nodes.map(({ name }) => name))
  // Pods that wait for a node that is gone; those that were on it are the pod collector's.
  for (const pod of all) if ((pod.spec.nodeName ?? '') === '' && !known.has(nodeOf(pod))) doomed.add(pod)
  return [
    ...told,
    ...[...doomed]
      .slice(0, podsAtOnce)
      .map((pod) => remove(targetOf(kinds.pods, pod), {}, report(daemonSet, 'Delete', 'Deleted', 'deleting'))),
    ...[...lacking]
      .slice(0, podsAtOnce)
      .map((name) =>
        create(kinds.pods, podForNode(daemonSet, name, hash), report(daemonSet, 'Create', 'Created', 'creating')),
      ),
    ...(waits ? [requeue(failedPauseMs)] : []),
  ]
}

function isTooFresh({ status, metadata }: Stored<Pod>, nowMs: number): boolean {
  return status.phase === 'Failed' && nowMs - (msOfTimestamp(metadata.creationTimestamp) ?? 0) < failedPauseMs
}

function tellEnded(daemonSet: DaemonSetObject, { metadata, status }: Stored<Pod>, nodeName: string): Action {
  const where = `daemon pod ${metadata.namespace}/${metadata.name} on node ${nodeName}`
  return status.phase === 'Failed'
    ? event(daemonSet, 'Warning', 'FailedDaemonPod', `Found failed ${where}, will try to kill it`)
    : event(daemonSet, 'Normal', 'SucceededDaemonPod', `Found succeeded ${where}, will try to delete it`)
}

function report(subject: DaemonSetObject, verb: string, did: string, doing: string): Report {
  return {
    subject,
    done: { reason: `Successful${verb}`, message: `${did} pod: ` },
    failed: { reason: `Failed${verb}`, message: `Error ${doing}: ` },
  }
}

function reportStatus({ daemonSet, nodes, hash, nowMs }: Rollout): readonly Action[] {
  const wanting = nodes.filter(({ wants }) => wants.starts)
  const oldest = wanting.flatMap(({ pods }) => {
    const [first] = [...pods].sort((a, b) =>
      (a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? -1 : 1,
    )
    return first === undefined ? [] : [first]
  })
  const available = oldest.filter((pod) => isPodAvailable(pod, daemonSet.spec.minReadySeconds ?? 0, nowMs)).length
  const updated = oldest.filter((pod) => isOfHash(pod, hash)).length
  const unavailable = wanting.length - available
  const { collisionCount, conditions } = daemonSet.status
  const status: DaemonSetStatus = {
    ...(collisionCount === undefined ? {} : { collisionCount }),
    ...(conditions === undefined ? {} : { conditions }),
    currentNumberScheduled: oldest.length,
    desiredNumberScheduled: wanting.length,
    numberMisscheduled: nodes.filter(({ wants, pods }) => !wants.starts && pods.length > 0).length,
    numberReady: oldest.filter(isPodReady).length,
    ...(available > 0 ? { numberAvailable: available } : {}),
    ...(unavailable > 0 ? { numberUnavailable: unavailable } : {}),
    ...(updated > 0 ? { updatedNumberScheduled: updated } : {}),
    observedGeneration: daemonSet.metadata.generation ?? 0,
  }
  const isSame = sorted(status) === sorted(daemonSet.status)
  return isSame ? [] : [updateStatus(kinds.daemonSets, { ...daemonSet, status })]
}

function sorted(status: object): string {
  return JSON.stringify(Object.entries(status).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function nextLook({ daemonSet, nodes, nowMs }: Rollout): readonly Action[] {
  const pods = nodes.flatMap((node) => node.pods)
  const afterMs = nextAvailableMs(pods, daemonSet.spec.minReadySeconds ?? 0, nowMs)
  return afterMs === undefined ? [] : [requeue(afterMs)]
}
