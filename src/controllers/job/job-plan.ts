import type { Job, Pod } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { type Action, create, type Report, remove, targetOf } from '../action.ts'
import { podsToDelete } from '../pod-ranking.ts'
import { isPodActive, isPodTerminating } from '../pod-state.ts'
import type { Accounting } from './job-accounting.ts'
import { failuresByIndex } from './job-failed-indexes.ts'
import {
  backoffMs,
  completionIndex,
  isIndexed,
  isTracked,
  pendingIndexes,
  replacesOnlyFailed,
  surplusByIndex,
  trackingFinalizer,
} from './job-pods.ts'
import { podOfJob } from './job-template.ts'

/** Pods to make (one entry each: its index, where it has one, and how often that failed) and to delete, and how long to wait for more. */
export type PodChange = Readonly<{
  create: readonly Readonly<{ index?: number; failureCount?: number }>[]
  remove: readonly Stored<Pod>[]
  waitMs: number
}>

type Plan = Readonly<{
  job: Stored<Job>
  pods: readonly Stored<Pod>[]
  accounting: Accounting
  givenUp: ReadonlySet<number>
  nowMs: number
}>

/** Pods made or deleted in one go. */
const maxPodsAtOnce = 500

export const noChange: PodChange = { create: [], remove: [], waitMs: 0 }

export function removeAll(pods: readonly Stored<Pod>[]): PodChange {
  return { ...noChange, remove: pods }
}

/** Deleting comes first: what is made then is decided when that has been seen. */
export function planPods(plan: Plan): PodChange {
  const { job, pods, nowMs } = plan
  const active = pods.filter(isPodActive)
  if (job.spec?.suspend === true) return removeAll(active)
  const wanted = wantedActive(plan, active.length)
  const doubled = isIndexed(job) ? surplusByIndex(job, active) : []
  const rest = active.filter((pod) => !doubled.includes(pod))
  const more = Math.max(0, active.length - wanted - doubled.length)
  const surplus = [...doubled, ...(more === 0 ? [] : podsToDelete(rest, pods, more, nowMs))]
  if (surplus.length > 0) return removeAll(surplus.slice(0, maxPodsAtOnce))
  const ending = replacesOnlyFailed(job) ? pods.filter(isPodTerminating).length : 0
  const missing = Math.min(maxPodsAtOnce, wanted - active.length - ending)
  return missing <= 0 ? noChange : makePods(plan, missing)
}

function wantedActive({ job, accounting }: Plan, active: number): number {
  const { completions, parallelism = 1 } = job.spec ?? {}
  const succeeded = accounting.succeeded + accounting.uncounted.succeeded.length
  if (completions === undefined) return succeeded > 0 ? active : parallelism
  return Math.max(0, Math.min(parallelism, completions - succeeded))
}

function makePods({ job, pods, accounting, givenUp, nowMs }: Plan, count: number): PodChange {
  if (job.spec?.backoffLimitPerIndex === undefined) {
    const waitMs = backoffMs(job, pods, nowMs)
    if (waitMs > 0) return { ...noChange, waitMs }
    if (!isIndexed(job)) return { ...noChange, create: Array.from({ length: count }, () => ({})) }
    return {
      ...noChange,
      create: pendingIndexes(job, pods, accounting.succeededIndexes, count).map((index) => ({ index })),
    }
  }
  const done = new Set([...accounting.succeededIndexes, ...givenUp])
  const failures = failuresByIndex(job, pods)
  const pending = pendingIndexes(job, pods, done, count).map((index) => ({
    index,
    failureCount: failures.get(index) ?? 0,
    waitMs: backoffMs(
      job,
      pods.filter((pod) => completionIndex(pod, job) === index),
      nowMs,
    ),
  }))
  const ready = pending.filter(({ waitMs }) => waitMs === 0)
  const waits = pending.filter(({ waitMs }) => waitMs > 0).map(({ waitMs }) => waitMs)
  return {
    ...noChange,
    create: ready.map(({ index, failureCount }) => ({ index, failureCount })),
    waitMs: waits.length === 0 ? 0 : Math.min(...waits),
  }
}

export function podActions(job: Stored<Job>, change: PodChange): readonly Action[] {
  return [
    ...change.remove.map((pod) => remove(targetOf(kinds.pods, pod), {}, report(job, 'Delete', 'Deleted', 'deleting'))),
    ...change.create.map(({ index, failureCount }) =>
      create(kinds.pods, podOfJob(job, index, failureCount), report(job, 'Create', 'Created', 'creating')),
    ),
  ]
}

function report(subject: Stored<Job>, verb: string, did: string, doing: string): Report {
  return {
    subject,
    done: { reason: `Successful${verb}`, message: `${did} pod: ` },
    failed: { reason: `Failed${verb}`, message: `Error ${doing}: ` },
  }
}

/** The pods may go. */
export function releaseActions(pods: readonly Stored<Pod>[]): readonly Action[] {
  return pods.filter(isTracked).map((pod) => ({
    type: 'patch',
    target: targetOf(kinds.pods, pod),
    patch: {
      type: 'strategic',
      body: { metadata: { uid: pod.metadata.uid, '$deleteFromPrimitiveList/finalizers': [trackingFinalizer] } },
    },
    forgiveInvalid: true,
  }))
}
