import { disruptionCondition, evictionTimeoutMs, withDisruptionCondition } from '../../api/disruption-budget.ts'
import type { Pod, PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import { formatSelector, matchesLabels, selectorFromObject } from '../../api/label-selector.ts'
import type { Stored } from '../../api/object.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { timestampOf } from '../../api/wire-time.ts'
import { msOfTimestamp } from '../../client/timestamp.ts'
import { type Action, event, requeue, updateStatus } from '../action.ts'
import { controllerOf } from '../owner.ts'
import { isPodReady } from '../pod-state.ts'

/** What controls a pod, and how many it wants. */
export type Scale = Readonly<{ uid: string; replicas: number }>

export type ObservedBudget = Readonly<{
  nowMs: number
  budget: Stored<PodDisruptionBudget>
  /** All of its namespace. */
  pods: readonly Stored<Pod>[]
  /** Of the pod's controller; undefined where that is of no kind that has a size. */
  scaleOf: (pod: Stored<Pod>) => Scale | undefined
}>

/** Tells how many of a budget's pods may be evicted now. */
export function reconcileBudget(observed: ObservedBudget): readonly Action[] {
  const { budget, nowMs } = observed
  const pods = podsOf(observed)
  const none = pods.length === 0 ? [event(budget, 'Normal', 'NoPods', 'No matching pods found')] : []
  const expected = expectedPods(observed, pods)
  if (!expected.ok) return [...none, ...failSafe(budget, expected.error, nowMs)]
  const { disrupted, recheckMs, told } = disruptedPods(budget, pods, nowMs)
  const currentHealthy = pods.filter((pod) => isHealthy(pod, disrupted)).length
  const { count, desiredHealthy, unmanaged } = expected.value
  const allowed = count <= 0 ? 0 : Math.max(0, currentHealthy - desiredHealthy)
  const status: PodDisruptionBudgetStatus = {
    currentHealthy,
    desiredHealthy,
    expectedPods: count,
    disruptionsAllowed: allowed,
    ...(Object.keys(disrupted).length === 0 ? {} : { disruptedPods: disrupted }),
    observedGeneration: budget.metadata.generation ?? 0,
    ...(budget.status?.conditions === undefined ? {} : { conditions: budget.status.conditions }),
  }
  return [
    ...none,
    ...(unmanaged.length === 0 ? [] : [warnUnmanaged(budget)]),
    ...told,
    ...reportStatus(budget, withDisruptionCondition(status, timestampOf(nowMs))),
    ...(recheckMs === undefined ? [] : [requeue(recheckMs)]),
  ]
}

function podsOf({ budget, pods }: ObservedBudget): readonly Stored<Pod>[] {
  const selector = selectorFromObject(budget.spec?.selector)
  if (!selector.ok) return []
  return pods.filter(({ metadata }) => matchesLabels(selector.value, metadata.labels))
}

type Expected = Readonly<{ count: number; desiredHealthy: number; unmanaged: readonly string[] }>

/** Counts are of the pods that are there, shares of what their controllers want. */
function expectedPods(observed: ObservedBudget, pods: readonly Stored<Pod>[]): Result<Expected, string> {
  const { minAvailable, maxUnavailable } = observed.budget.spec ?? {}
  if (maxUnavailable === undefined && typeof minAvailable !== 'string') {
    const count = minAvailable === undefined ? 0 : pods.length
    return ok({ count, desiredHealthy: minAvailable ?? 0, unmanaged: [] })
  }
  const scale = wantedPods(observed, pods)
  if (!scale.ok) return scale
  const { count, unmanaged } = scale.value
  const desiredHealthy =
    maxUnavailable === undefined ? share(minAvailable ?? 0, count) : Math.max(0, count - share(maxUnavailable, count))
  return ok({ count, desiredHealthy, unmanaged })
}

/** Rounded up. */
function share(value: number | string, of: number): number {
  return typeof value === 'number' ? value : Math.ceil((Number(value.replace('%', '')) * of) / 100)
}

function wantedPods(
  { scaleOf }: ObservedBudget,
  pods: readonly Stored<Pod>[],
): Result<Readonly<{ count: number; unmanaged: readonly string[] }>, string> {
  const sizes = new Map<string, number>()
  const unmanaged: string[] = []
  for (const pod of pods) {
    if (controllerOf(pod) === undefined) {
      unmanaged.push(pod.metadata.name)
      continue
    }
    const scale = scaleOf(pod)
    if (scale === undefined) return fail(`found no controllers for pod ${JSON.stringify(pod.metadata.name)}`)
    sizes.set(scale.uid, scale.replicas)
  }
  return ok({ count: [...sizes.values()].reduce((sum, size) => sum + size, 0), unmanaged })
}

type Disrupted = Readonly<Record<string, string>>

/** Evicted pods that are still there, as long as they may well go yet. */
function disruptedPods(budget: Stored<PodDisruptionBudget>, pods: readonly Stored<Pod>[], nowMs: number) {
  const disrupted: Record<string, string> = {}
  const told: Action[] = []
  let recheckMs: number | undefined
  for (const pod of pods) {
    const { name, namespace, deletionTimestamp } = pod.metadata
    const since = budget.status?.disruptedPods?.[name]
    if (since === undefined || deletionTimestamp !== undefined) continue
    const leftMs = (msOfTimestamp(since) ?? 0) + evictionTimeoutMs - nowMs
    if (leftMs < 0) {
      const message = `Pod was expected by PDB ${namespace}/${namespace} to be deleted but it wasn't`
      told.push(event(pod, 'Warning', 'NotDeleted', message))
      continue
    }
    disrupted[name] = since
    recheckMs = Math.min(recheckMs ?? leftMs, leftMs)
  }
  return { disrupted: disrupted as Disrupted, told, recheckMs }
}

function isHealthy(pod: Stored<Pod>, disrupted: Disrupted): boolean {
  return pod.metadata.deletionTimestamp === undefined && disrupted[pod.metadata.name] === undefined && isPodReady(pod)
}

function warnUnmanaged(budget: Stored<PodDisruptionBudget>): Action {
  const selector = selectorFromObject(budget.spec?.selector)
  const text = selector.ok && selector.value !== undefined ? formatSelector(selector.value) : ''
  const message =
    `Pods selected by this PodDisruptionBudget (selector: ${text}) were found to be unmanaged. As a result, the status of the PDB ` +
    'cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ' +
    '".spec.minAvailable" field of the PDB to an integer value.'
  return event(budget, 'Warning', 'UnmanagedPods', message)
}

/** Where the count cannot be made nobody is evicted. */
function failSafe(budget: Stored<PodDisruptionBudget>, why: string, nowMs: number): readonly Action[] {
  const known = budget.status ?? { currentHealthy: 0, desiredHealthy: 0, expectedPods: 0, disruptionsAllowed: 0 }
  const status = withDisruptionCondition({ ...known, disruptionsAllowed: 0 }, timestampOf(nowMs), why)
  const message = `Failed to calculate the number of expected pods: ${why}`
  return [event(budget, 'Warning', 'CalculateExpectedPodCountFailed', message), ...reportStatus(budget, status)]
}

function reportStatus(budget: Stored<PodDisruptionBudget>, status: PodDisruptionBudgetStatus): readonly Action[] {
  const counts = ({ status: known }: PodDisruptionBudget): string => {
    const { currentHealthy = 0, desiredHealthy = 0, expectedPods = 0, disruptionsAllowed = 0 } = known ?? {}
    return [currentHealthy, desiredHealthy, expectedPods, disruptionsAllowed, known?.observedGeneration ?? 0].join()
  }
  const names = ({ status: known }: PodDisruptionBudget): string =>
    Object.entries(known?.disruptedPods ?? {})
      .sort()
      .join()
  const said = (of: PodDisruptionBudget): string => {
    const { status: value, reason, message } = disruptionCondition(of) ?? {}
    return [value, reason, message].join()
  }
  const after = { ...budget, status }
  const isSame = [counts, names, said].every((of) => of(budget) === of(after))
  return isSame ? [] : [updateStatus(kinds.podDisruptionBudgets, after)]
}
