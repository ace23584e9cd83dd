import type { ControllerRevision, PersistentVolumeClaim, Pod, PodTemplateSpec } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import { selectorFromObject } from '../../api/label-selector.ts'
import type { Stored } from '../../api/object.ts'
import { type Action, create, event, remove, requeue, targetOf, update, updateStatus } from '../action.ts'
import { claim } from '../claim.ts'
import { type Revisions, revisionsOf } from '../controller-revision.ts'
import type { Failure } from '../perform.ts'
import { nextAvailableMs } from '../pod-state.ts'
import { isManagedByOthers, isStaleForPod, withWantedOwners } from './claim-retention.ts'
import {
  claimName,
  firstOrdinal,
  hasIdentity,
  isAvailable,
  isDying,
  isInRange,
  isRunningAndReady,
  newClaim,
  newPod,
  ordinalOf,
  podName,
  replicasOf,
  revisionOf,
  type SetObject,
  type Version,
  withIdentity,
} from './stateful-set-pods.ts'
import { isSameStatefulSetStatus, type RevisionNames, statefulSetStatus } from './stateful-set-status.ts'

export type ObservedStatefulSet = Readonly<{
  nowMs: number
  set: SetObject
  /** What it owns, and the orphans of its namespace. */
  pods: readonly Stored<Pod>[]
  revisions: readonly Stored<ControllerRevision>[]
  /** Claims of the namespace by name. */
  claimOf: (name: string) => Stored<PersistentVolumeClaim> | undefined
}>

const hashLabel = 'controller.kubernetes.io/hash'
const retryMs = 1000

/** A place in the set, by its number; without a pod it is still to be filled. */
type Place = Readonly<{ ordinal: number; pod?: Stored<Pod> }>

type Plan = Readonly<{
  observed: ObservedStatefulSet
  current: Version
  update: Version
  /** In order. */
  places: readonly Place[]
  /** Pods beyond the set's size, the last first. */
  condemned: readonly Place[]
}>

/** What is done now; `waits`: nothing behind it may begin before the next look. */
type Step = Readonly<{ actions: readonly Action[]; waits: boolean }>

const nothing: Step = { actions: [], waits: false }

/** Keeps one pod with a name and claims of its own for each number of the set, in order unless they may go in parallel. */
export function reconcileStatefulSet(observed: ObservedStatefulSet): readonly Action[] {
  const { set, nowMs } = observed
  const claimed = claimPods(observed)
  const revisions = revisionsOf(kinds.statefulSets, set, observed.revisions, hashLabel)
  const collisionCount = set.status?.collisionCount ?? 0
  if (revisions.collides) return [...claimed.actions, ...countCollision(set, collisionCount)]
  const updateName = revisions.current?.metadata.name ?? `${set.metadata.name}-${revisions.hash}`
  const plan = planOf(observed, claimed.objects, updateName)
  const names: RevisionNames = { current: plan.current.revision, update: updateName, collisionCount }
  const status = statefulSetStatus(set, claimed.objects, names, nowMs)
  const manage = set.metadata.deletionTimestamp === undefined ? managePods(plan) : []
  return [
    ...claimed.actions,
    ...revisions.actions,
    ...manage,
    ...(isSameStatefulSetStatus(set, status) ? [] : [updateStatus(kinds.statefulSets, { ...set, status })]),
    ...trimHistory(observed, revisions, claimed.objects, names),
    ...nextLook(observed, claimed.objects),
  ]
}

function claimPods({ set, pods }: ObservedStatefulSet) {
  const selector = selectorFromObject(set.spec.selector)
  const members = pods.filter(({ metadata }) => ordinalOf(set, metadata.name) !== undefined)
  return claim(kinds.statefulSets, set, selector.ok ? selector.value : undefined, kinds.pods, members)
}

function countCollision(set: SetObject, count: number): readonly Action[] {
  const status = { ...set.status, replicas: set.status?.replicas ?? 0, collisionCount: count + 1 }
  return [updateStatus(kinds.statefulSets, { ...set, status })]
}

function planOf(observed: ObservedStatefulSet, pods: readonly Stored<Pod>[], updateName: string): Plan {
  const { set, revisions } = observed
  const byOrdinal = new Map(pods.map((pod) => [ordinalOf(set, pod.metadata.name) ?? -1, pod]))
  const place = (ordinal: number): Place => {
    const pod = byOrdinal.get(ordinal)
    return pod === undefined ? { ordinal } : { ordinal, pod }
  }
  const update = { template: set.spec.template, revision: updateName }
  const current = revisions.find(({ metadata }) => metadata.name === set.status?.currentRevision)
  return {
    observed,
    update,
    current: current === undefined ? update : { template: templateOf(current), revision: current.metadata.name },
    places: Array.from({ length: replicasOf(set) }, (_, at) => place(firstOrdinal(set) + at)),
    condemned: [...byOrdinal.keys()]
      .filter((ordinal) => !isInRange(set, ordinal))
      .sort((a, b) => b - a)
      .map(place),
  }
}

function templateOf({ data }: Stored<ControllerRevision>): PodTemplateSpec {
  const { spec } = data as { spec?: { template?: PodTemplateSpec & { $patch?: string } } }
  const { $patch: _, ...template } = spec?.template ?? {}
  return template
}

/** First the places are filled, then what is too much goes, then older pods make room for newer ones. */
function managePods(plan: Plan): readonly Action[] {
  const isParallel = plan.observed.set.spec.podManagementPolicy === 'Parallel'
  const filling = inOrder(plan.places, (place) => fill(plan, place, isParallel), isParallel)
  if (filling.waits) return filling.actions
  const retention = plan.condemned.flatMap(({ pod }) => (pod === undefined ? [] : retainClaims(plan, pod)))
  const first = firstUnavailable(plan)
  const shrinking = inOrder(plan.condemned, (place) => condemn(plan, place, first, isParallel), isParallel)
  const before = [...filling.actions, ...retention, ...shrinking.actions]
  return shrinking.waits ? before : [...before, ...rollOut(plan)]
}

/** In parallel, one that waits holds up nobody but what comes after all of them. */
function inOrder(places: readonly Place[], step: (place: Place) => Step, isParallel: boolean): Step {
  const actions: Action[] = []
  for (const place of places) {
    const { actions: own, waits } = step(place)
    actions.push(...own)
    if (waits && !isParallel) return { actions, waits }
  }
  return { actions, waits: false }
}

function fill(plan: Plan, { ordinal, pod }: Place, isParallel: boolean): Step {
  const { set, nowMs } = plan.observed
  if (pod === undefined) return makePod(plan, ordinal)
  if (pod.status.phase === 'Failed' || pod.status.phase === 'Succeeded') {
    return { actions: isDying(pod) ? [] : deletePod(set, pod), waits: true }
  }
  const claims = pod.status.phase === 'Pending' ? makeClaims(plan, ordinal) : []
  if (isParallel || (!isDying(pod) && isRunningAndReady(pod) && isAvailable(pod, set, nowMs))) {
    return { actions: [...claims, ...keepIdentity(plan, ordinal, pod), ...retainClaims(plan, pod)], waits: false }
  }
  return { actions: claims, waits: true }
}

function makePod(plan: Plan, ordinal: number): Step {
  const { set, claimOf } = plan.observed
  const claims = (set.spec.volumeClaimTemplates ?? []).map((template) => claimOf(claimName(template, set, ordinal)))
  const name = podName(set, ordinal)
  const isStale = claims.some((each) => each !== undefined && isStaleForPod(each, nameOnly(name)))
  const whenScaled = set.spec.persistentVolumeClaimRetentionPolicy?.whenScaled ?? 'Retain'
  // The claim is about to go with the pod that was here before.
  if (isStale && whenScaled !== 'Retain') return { actions: [requeue(retryMs)], waits: true }
  const dying = claims.find((each) => each?.metadata.deletionTimestamp !== undefined)
  if (dying !== undefined) {
    const why = `Create Pod ${name} in StatefulSet ${set.metadata.name} failed error: pvc ${dying.metadata.name} is being deleted`
    return { actions: [event(set, 'Warning', 'FailedCreate', why), requeue(retryMs)], waits: true }
  }
  const done = `Create Pod ${name} in StatefulSet ${set.metadata.name} successful`
  return {
    actions: [
      ...makeClaims(plan, ordinal),
      create(kinds.pods, newPod(set, versionFor(plan, ordinal), ordinal)),
      event(set, 'Normal', 'SuccessfulCreate', done),
    ],
    waits: true,
  }
}

/** A pod that is not there yet: nothing of an earlier life can be its own. */
function nameOnly(name: string): Stored<Pod> {
  return { metadata: { name, uid: '' }, spec: { containers: [] }, status: {} } as unknown as Stored<Pod>
}

/** Below the partition pods stay of the revision from which the update started. */
function versionFor({ observed: { set }, current, update }: Plan, ordinal: number): Version {
  const { type, rollingUpdate } = set.spec.updateStrategy ?? {}
  const kept =
    rollingUpdate === undefined
      ? type === 'RollingUpdate'
        ? (set.status?.currentReplicas ?? 0)
        : 0
      : (rollingUpdate.partition ?? 0)
  const from = rollingUpdate === undefined ? firstOrdinal(set) + kept : firstOrdinal(set) + kept
  return kept > 0 && ordinal < from ? current : update
}

function makeClaims({ observed: { set, claimOf } }: Plan, ordinal: number): readonly Action[] {
  const templates = set.spec.volumeClaimTemplates ?? []
  return templates
    .filter((template) => claimOf(claimName(template, set, ordinal)) === undefined)
    .flatMap((template) => {
      const message = `Create Claim ${claimName(template, set, ordinal)} Pod ${podName(set, ordinal)} in StatefulSet ${set.metadata.name} success`
      return [
        create(kinds.persistentVolumeClaims, newClaim(set, template, ordinal)),
        event(set, 'Normal', 'SuccessfulCreate', message),
      ]
    })
}

function keepIdentity({ observed: { set } }: Plan, ordinal: number, pod: Stored<Pod>): readonly Action[] {
  if (hasIdentity(set, pod, ordinal)) return []
  const message = `Update Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`
  return [update(kinds.pods, withIdentity(set, pod, ordinal)), event(set, 'Normal', 'SuccessfulUpdate', message)]
}

function retainClaims({ observed: { set, claimOf } }: Plan, pod: Stored<Pod>): readonly Action[] {
  const ordinal = ordinalOf(set, pod.metadata.name) ?? -1
  return (set.spec.volumeClaimTemplates ?? []).flatMap((template) => {
    const known = claimOf(claimName(template, set, ordinal))
    const wanted = known && withWantedOwners(known, set, pod)
    if (known === undefined || wanted === undefined) return []
    const message = `PersistentVolumeClaim ${known.metadata.name} has a conflicting OwnerReference that acts as a manging controller, the retention policy is ignored for this claim`
    return [
      ...(isManagedByOthers(known, set, pod) ? [event(set, 'Warning', 'ConflictingController', message)] : []),
      update(kinds.persistentVolumeClaims, wanted),
    ]
  })
}

/** The one pod that may go though it is not well: it would never get better by waiting. */
function firstUnavailable({ observed: { set, nowMs }, places, condemned }: Plan): Stored<Pod> | undefined {
  const pods = [...places, ...[...condemned].reverse()].map(({ pod }) => pod)
  return pods.find((pod) => pod !== undefined && isUnavailable(pod, set, nowMs))
}

function isUnavailable(pod: Stored<Pod>, set: SetObject, nowMs: number): boolean {
  return isDying(pod) || !isAvailable(pod, set, nowMs)
}

function condemn(plan: Plan, { pod }: Place, first: Stored<Pod> | undefined, isParallel: boolean): Step {
  const { set, nowMs } = plan.observed
  if (pod === undefined) return nothing
  if (isDying(pod)) return { actions: [], waits: true }
  const isWell = isRunningAndReady(pod) && isAvailable(pod, set, nowMs)
  if (!isParallel && !isWell && pod !== first) return { actions: [], waits: true }
  return { actions: deletePod(set, pod), waits: true }
}

function deletePod(set: SetObject, pod: Stored<Pod>): readonly Action[] {
  const message = `Delete Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`
  return [remove(targetOf(kinds.pods, pod)), event(set, 'Normal', 'SuccessfulDelete', message)]
}

/** The last pod of an older revision goes when all after it are well; as many at once as maxUnavailable allows. */
function rollOut({ observed: { set, nowMs }, places, update }: Plan): readonly Action[] {
  const { type, rollingUpdate } = set.spec.updateStrategy ?? {}
  if (type === 'OnDelete') return []
  const from = rollingUpdate?.partition ?? 0
  let budget = maxUnavailable(rollingUpdate?.maxUnavailable, places.length)
  const actions: Action[] = []
  for (const { pod } of places.slice(from).reverse()) {
    if (budget === 0) break
    if (pod !== undefined && revisionOf(pod) !== update.revision && !isDying(pod)) {
      actions.push(...deletePod(set, pod))
      budget -= 1
    } else if (pod === undefined || isUnavailable(pod, set, nowMs)) budget -= 1
  }
  return actions
}

function maxUnavailable(value: number | string | undefined, replicas: number): number {
  if (typeof value !== 'string') return Math.max(1, value ?? 1)
  return Math.max(1, Math.floor((Number(value.replace('%', '')) * replicas) / 100))
}

function trimHistory(
  { set, revisions: known }: ObservedStatefulSet,
  { actions }: Revisions,
  pods: readonly Stored<Pod>[],
  names: RevisionNames,
): readonly Action[] {
  const limit = set.spec.revisionHistoryLimit ?? 10
  // One that is about to be made is written first: the next look trims.
  if (limit < 0 || actions.length > 0) return []
  const live = new Set([names.current, names.update, ...pods.map(revisionOf)])
  const history = known.filter(({ metadata }) => !live.has(metadata.name)).sort((a, b) => a.revision - b.revision)
  const surplus = Math.max(0, history.length - limit)
  return history.slice(0, surplus).map((each) => remove(targetOf(kinds.controllerRevisions, each)))
}

function nextLook({ set, nowMs }: ObservedStatefulSet, pods: readonly Stored<Pod>[]): readonly Action[] {
  const afterMs = nextAvailableMs(pods, set.spec.minReadySeconds ?? 0, nowMs)
  return afterMs === undefined ? [] : [requeue(afterMs)]
}

export function statefulSetAfterFailure({ set }: ObservedStatefulSet, { action, status }: Failure): readonly Action[] {
  const why = status.message ?? ''
  const of = `in StatefulSet ${set.metadata.name} failed error: ${why}`
  if (action.type === 'create' && action.kind.kind === 'Pod') {
    return [event(set, 'Warning', 'FailedCreate', `Create Pod ${action.object.metadata.name} ${of}`)]
  }
  if (action.type === 'create' && action.kind.kind === 'PersistentVolumeClaim') {
    const { name = '' } = action.object.metadata
    return [event(set, 'Warning', 'FailedCreate', `Create Claim ${name} for Pod ${podOfClaim(set, name)} ${of}`)]
  }
  return action.type === 'delete' && action.target.kind.kind === 'Pod'
    ? [event(set, 'Warning', 'FailedDelete', `Delete Pod ${action.target.name} ${of}`)]
    : []
}

function podOfClaim(set: SetObject, claim: string): string {
  return claim.slice(claim.lastIndexOf(`${set.metadata.name}-`))
}
