import { readIndexes } from '../../api/job-indexes.ts'
import type { ContainerStatus, Job, Pod, PodFailurePolicy, PodFailurePolicyRule } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import { msOfTimestamp } from '../../client/timestamp.ts'
import { isPodTerminal, podCondition } from '../pod-state.ts'

/** Keeps a pod that has ended until its job has counted it. */
export const trackingFinalizer = 'batch.kubernetes.io/job-tracking'
export const indexAnnotation = 'batch.kubernetes.io/job-completion-index'

const firstBackoffMs = 10_000
const maxBackoffMs = 600_000

type Pods = readonly Stored<Pod>[]

export function isTracked({ metadata }: Stored<Pod>): boolean {
  return metadata.finalizers?.includes(trackingFinalizer) ?? false
}

export function isIndexed({ spec }: Stored<Job>): boolean {
  return spec?.completionMode === 'Indexed'
}

/** Only pods that have really failed are made anew, not those that are being deleted. */
export function replacesOnlyFailed({ spec }: Stored<Job>): boolean {
  return spec?.podReplacementPolicy === 'Failed' || spec?.podFailurePolicy !== undefined
}

/** A pod that is deleted before it succeeds has failed, as it may never come to say so. */
export function isFailed(pod: Stored<Pod>, job: Stored<Job>): boolean {
  if (pod.status.phase === 'Failed') return true
  if (replacesOnlyFailed(job)) return false
  return pod.metadata.deletionTimestamp !== undefined && pod.status.phase !== 'Succeeded'
}

/** Undefined where the pod has none, or one that the job has no more. */
export function completionIndex({ metadata }: Stored<Pod>, { spec }: Stored<Job>): number | undefined {
  const text = metadata.annotations?.[indexAnnotation] ?? ''
  if (!/^[0-9]{1,9}$/.test(text)) return undefined
  return Number(text) < (spec?.completions ?? 0) ? Number(text) : undefined
}

export function completedBefore({ spec, status }: Stored<Job>): ReadonlySet<number> {
  return readIndexes(status?.completedIndexes, spec?.completions ?? 0)
}

export type PolicyMatch = Readonly<{ counts: boolean; failJobMessage?: string; failsIndex?: true }>

/** What the first rule that matches makes of a failure (spec.podFailurePolicy); without any it counts. */
export function matchFailurePolicy(policy: PodFailurePolicy | undefined, pod: Stored<Pod>): PolicyMatch {
  for (const [at, rule] of (policy?.rules ?? []).entries()) {
    const cause = causeOf(rule, pod)
    if (cause === undefined) continue
    if (rule.action === 'Ignore') return { counts: false }
    if (rule.action === 'FailIndex') return { counts: true, failsIndex: true }
    if (rule.action !== 'FailJob') return { counts: true }
    return { counts: true, failJobMessage: `${cause} matching FailJob rule at index ${at}` }
  }
  return { counts: true }
}

function causeOf({ onExitCodes, onPodConditions = [] }: PodFailurePolicyRule, pod: Stored<Pod>): string | undefined {
  const name = `${pod.metadata.namespace}/${pod.metadata.name}`
  if (onExitCodes === undefined) {
    const condition = pod.status.conditions?.find(({ type, status }) =>
      onPodConditions.some((pattern) => pattern.type === type && pattern.status === status),
    )
    return condition && `Pod ${name} has condition ${condition.type}`
  }
  const statuses = [...(pod.status.containerStatuses ?? []), ...(pod.status.initContainerStatuses ?? [])]
  const failed = statuses.find((status) => matchesExit(status, onExitCodes))
  const exitCode = failed?.state?.terminated?.exitCode
  return failed && `Container ${failed.name} for pod ${name} failed with exit code ${exitCode}`
}

function matchesExit(
  { name, state }: ContainerStatus,
  { operator, values, containerName = name }: NonNullable<PodFailurePolicyRule['onExitCodes']>,
): boolean {
  const exitCode = state?.terminated?.exitCode ?? 0
  return exitCode !== 0 && containerName === name && values.includes(exitCode) === (operator === 'In')
}

/** How often containers of pods that live were restarted, where the kubelet restarts them (restartPolicy OnFailure). */
export function restartsOf(pods: Pods): number {
  const living = pods.filter(({ status }) => status.phase === 'Running' || status.phase === 'Pending')
  const statuses = living.flatMap(({ status }) => [
    ...(status.initContainerStatuses ?? []),
    ...(status.containerStatuses ?? []),
  ])
  return statuses.reduce((sum, { restartCount }) => sum + restartCount, 0)
}

/**
 * How long to wait before the next pod is made: 10 s after the first failure since the last success, twice as long after each other,
 * 10 minutes at most. Told by the pods that are there, so that a restart of the controller forgets nothing.
 */
export function backoffMs(job: Stored<Job>, pods: Pods, nowMs: number): number {
  const lastSuccessMs = pods
    .filter(({ status }) => status.phase === 'Succeeded')
    .reduce((last, pod) => Math.max(last, finishedMs(pod)), Number.NEGATIVE_INFINITY)
  const failures = pods
    .filter((pod) => isFailed(pod, job))
    .map(finishedMs)
    .filter((ms) => ms > lastSuccessMs)
  if (failures.length === 0) return 0
  const pauseMs = Math.min(maxBackoffMs, firstBackoffMs * 2 ** (failures.length - 1))
  return Math.max(0, Math.max(...failures) + pauseMs - nowMs)
}

/** When the pod ended, as well as it can be told. */
function finishedMs(pod: Stored<Pod>): number {
  const ends = (pod.status.containerStatuses ?? []).map(({ state }) => msOfTimestamp(state?.terminated?.finishedAt))
  const known = ends.filter((ms) => ms !== undefined)
  if (ends.length > 0 && known.length === ends.length) return Math.max(...known)
  const ready = podCondition(pod, 'Ready')
  if (ready?.status === 'False') return msOfTimestamp(ready.lastTransitionTime) ?? 0
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, creationTimestamp } = pod.metadata
  const deletedMs = msOfTimestamp(deletionTimestamp)
  return deletedMs === undefined
    ? (msOfTimestamp(creationTimestamp) ?? 0)
    : deletedMs - deletionGracePeriodSeconds * 1000
}

/** Of the living pods of an Indexed Job those whose index is none of the job's, or is another living pod's. */
export function surplusByIndex(job: Stored<Job>, active: Pods): readonly Stored<Pod>[] {
  const seen = new Set<number>()
  return active.filter((pod) => {
    const index = completionIndex(pod, job)
    if (index === undefined || seen.has(index)) return true
    seen.add(index)
    return false
  })
}

/** The lowest indexes that are neither done (or given up) nor at work nor, while only failed pods are replaced, about to end. */
export function pendingIndexes(
  job: Stored<Job>,
  pods: Pods,
  done: ReadonlySet<number>,
  count: number,
): readonly number[] {
  const occupied = pods.filter(
    (pod) => !isPodTerminal(pod) && (pod.metadata.deletionTimestamp === undefined || replacesOnlyFailed(job)),
  )
  const busy = new Set(occupied.map((pod) => completionIndex(pod, job)))
  const pending: number[] = []
  for (let index = 0; index < (job.spec?.completions ?? 0) && pending.length < count; index++) {
    if (!done.has(index) && !busy.has(index)) pending.push(index)
  }
  return pending
}
