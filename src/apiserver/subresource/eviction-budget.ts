import { disruptionCondition, withDisruptionCondition } from '../../api/disruption-budget.ts'
import type { Pod, PodDisruptionBudget, Status } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import { matchesLabels, selectorFromObject } from '../../api/label-selector.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { timestampOf } from '../../api/wire-time.ts'
import type { Entry } from '../../store/store.ts'
import { onNewest } from '../handle/newest.ts'
import { statusSubresource, storeChanged, trackedChange } from '../handle/update.ts'
import type { WriteParts, Writer } from '../handle/writing.ts'
import { scopePrefix } from '../resource.ts'

/** Which version of the pod may go: where a budget lets go a pod that is not well, it must not have become well by then. */
export type Charged = Readonly<{ budget?: string; bindsVersion: boolean }>

const mostDisrupted = 2000
const refused = "Cannot evict pod as it would violate the pod's disruption budget."

/** Takes the eviction of the pod from its budget, if it has one. `writer` is the request's own. */
export async function chargeBudget(
  parts: WriteParts,
  writer: Writer,
  pod: ApiObject,
): Promise<Result<Charged, Refusal>> {
  const [budget, ...others] = budgetsOf(parts, pod)
  if (budget === undefined) return ok({ bindsVersion: false })
  if (others.length > 0) return fail({ reason: 'Passed', status: severalBudgets })
  const name = budget.object.metadata.name ?? ''
  if (isBudgetless(pod as Pod, budget.object as PodDisruptionBudget)) return ok({ budget: name, bindsVersion: true })
  const taken = await take(parts, writer, budget.key, pod.metadata.name ?? '')
  return taken.ok ? ok({ budget: name, bindsVersion: false }) : taken
}

function budgetsOf({ store }: WriteParts, { metadata }: ApiObject): readonly Entry[] {
  const found = store.range({ prefix: scopePrefix(kinds.podDisruptionBudgets, metadata.namespace ?? '') })
  const entries = found.ok ? found.value.entries : []
  return entries.filter(({ object }) => {
    const selector = selectorFromObject((object as PodDisruptionBudget).spec?.selector)
    return selector.ok && matchesLabels(selector.value, metadata.labels)
  })
}

/** An unready pod takes nothing from a budget that has what it wants, or that does not mind. */
function isBudgetless({ status: pod }: Pod, { spec, status }: PodDisruptionBudget): boolean {
  const isReady = pod?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True')
  if (isReady) return false
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {}
  return spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow' || (desiredHealthy > 0 && currentHealthy >= desiredHealthy)
}

function take(parts: WriteParts, writer: Writer, key: string, podName: string): Promise<Result<unknown, Refusal>> {
  const kind = kinds.podDisruptionBudgets
  const own: Writer = { ...writer, kind, fieldManager: 'kube-apiserver', subresource: 'status' }
  return onNewest(parts, own, key, async (before) => {
    if (before === undefined) return ok(undefined)
    const budget = before.object as PodDisruptionBudget & ApiObject
    const refusal = budgetRefusal(budget)
    if (refusal !== undefined) return fail(refusal)
    const after = charged(budget, podName, timestampOf(parts.clock.nowMs()))
    const tracked = trackedChange(parts, own, before, after)
    return storeChanged(withoutAdmission(parts), own, before, tracked, statusSubresource)
  })
}

/** What the server does of itself nobody has to allow. */
export function withoutAdmission(parts: WriteParts): WriteParts {
  return { ...parts, admission: { mutate: (_, object) => ok(object), validate: () => undefined } }
}

function charged(budget: PodDisruptionBudget & ApiObject, podName: string, now: string): ApiObject {
  const { status } = budget
  const before = status ?? { currentHealthy: 0, desiredHealthy: 0, expectedPods: 0, disruptionsAllowed: 0 }
  const disruptionsAllowed = (before.disruptionsAllowed ?? 0) - 1
  const disruptedPods = { ...before.disruptedPods, [podName]: now }
  const after = { ...before, disruptionsAllowed, disruptedPods }
  return { ...budget, status: disruptionsAllowed === 0 ? withDisruptionCondition(after, now) : after }
}

function budgetRefusal({ metadata, status }: PodDisruptionBudget): Refusal | undefined {
  const { name = '', generation = 0 } = metadata ?? {}
  const { observedGeneration = 0, disruptionsAllowed = 0, disruptedPods = {} } = status ?? {}
  if (observedGeneration < generation) return stillProcessed(name)
  const resource = 'poddisruptionbudget.policy'
  if (disruptionsAllowed < 0) {
    return { reason: 'Forbidden', resource, name, message: 'pdb disruptions allowed is negative' }
  }
  if (Object.keys(disruptedPods).length > mostDisrupted) {
    const message = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller'
    return { reason: 'Forbidden', resource, name, message }
  }
  return disruptionsAllowed === 0 ? tooManyRequests(exhausted(name, { status: status ?? noCounts }), 0) : undefined
}

const noCounts = { currentHealthy: 0, desiredHealthy: 0, expectedPods: 0, disruptionsAllowed: 0 }

function exhausted(name: string, budget: PodDisruptionBudget): string {
  const { status = '', reason = '', message = '' } = disruptionCondition(budget) ?? {}
  const { currentHealthy = 0, desiredHealthy = 0 } = budget.status ?? {}
  const isTold = status === 'False' && message !== ''
  const subject = `The disruption budget ${name}`
  if (isTold && reason === 'SyncFailed') {
    return `${subject} does not allow evicting pods currently because it failed sync: ${message}`
  }
  if (currentHealthy <= desiredHealthy) {
    return `${subject} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`
  }
  return `${subject} does not allow evicting pods currently${isTold ? ` (${reason}): ${message}` : ''}`
}

export function stillProcessed(name: string): Refusal {
  return tooManyRequests(`The disruption budget ${name} is still being processed by the server.`, 10)
}

function tooManyRequests(cause: string, retryAfterSeconds: number): Refusal {
  const details = {
    causes: [{ reason: 'DisruptionBudget', message: cause }],
    ...(retryAfterSeconds === 0 ? {} : { retryAfterSeconds }),
  }
  return { reason: 'Passed', status: { ...failure, message: refused, reason: 'TooManyRequests', details, code: 429 } }
}

const failure: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' }

const severalBudgets: Status = {
  ...failure,
  message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
  code: 500,
}
