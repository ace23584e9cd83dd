import type {
  LabelSelector,
  V2MetricSpec as MetricSpec,
  V2MetricStatus as MetricStatus,
  Pod,
} from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import { formatQuantity, quantityOfMilli } from '../../api/quantity.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { isPodReady } from '../pod-state.ts'
import { isWithin, milliOf, noPods, type PodMetric, proposeForUsage, type Tolerances } from './replica-proposal.ts'

/** What an API of metrics tells of one object; '' is the name of what has none. */
export type MetricValue = PodMetric & Readonly<{ name: string }>
export type MetricAnswer = Result<readonly MetricValue[], string>

export type Asked = Readonly<{
  namespace: string
  answer: MetricAnswer
  pods: readonly Stored<Pod>[]
  /** Of the target: how many it shall have, and has. */
  current: number
  present: number
  tolerances: Tolerances
  nowMs: number
}>

export type Found = Readonly<{ replicas: number; metric: string; status: MetricStatus }>
/** `cause`: what is wrong, and the condition says; `error`: with what it was wanted for. */
export type Missing = Readonly<{ reason: string; cause: string; error: string }>

export function missing(reason: string, what: string, cause: string, detail = cause): Result<never, Missing> {
  return fail({ reason, cause, error: `failed to get ${what} metric value: ${detail}` })
}

/** By what pods tell of themselves: their average. */
export function proposeForPods(asked: Asked, { type, pods }: MetricSpec): Result<Found, Missing> {
  const { metric = { name: '' }, target } = pods ?? {}
  const refused = (cause: string): Result<never, Missing> => missing('FailedGetPodsMetric', 'pods', cause)
  if (!asked.answer.ok) return refused(`unable to get metric ${metric.name}: ${asked.answer.error}`)
  const metrics = new Map(asked.answer.value.map((value) => [value.name, value]))
  const measured = { ...asked, metrics, resource: '', currentReplicas: asked.current }
  const proposal = proposeForUsage(measured, milliOf(target?.averageValue ?? ''))
  if (!proposal.ok) return refused(proposal.error)
  const { replicas, usage } = proposal.value
  const status: MetricStatus = { type, pods: { metric, current: { averageValue: amountOf(usage) } } }
  return ok({ replicas, metric: `pods metric ${metric.name}`, status })
}

/** By what is told of another object: as a whole, or shared out among the pods. */
export function proposeForObject(asked: Asked, { type, object }: MetricSpec): Result<Found, Missing> {
  const { describedObject = { kind: '', name: '' }, metric = { name: '' }, target } = object ?? {}
  const { kind, name } = describedObject
  const { value, averageValue } = target ?? {}
  const refused = (cause: string, detail = cause): Result<never, Missing> =>
    missing('FailedGetObjectMetric', 'object', cause, detail)
  const byValue = target?.type === 'Value' && value !== undefined
  if (!byValue && (target?.type !== 'AverageValue' || averageValue === undefined))
    return refused('invalid object metric source: neither a value target nor an average value target was set')
  const share = (cause: string): string => `failed to get ${metric.name} object metric: ${cause}`
  if (!asked.answer.ok) {
    const cause = `unable to get metric ${metric.name}: ${asked.answer.error} on ${kind} ${asked.namespace}/${name}`
    return refused(cause, byValue ? cause : share(cause))
  }
  const usage = totalOf(asked.answer.value)
  if (byValue) {
    const replicas = replicasForTotal(asked, usage, milliOf(value))
    if (!replicas.ok) return refused(replicas.error)
    const status: MetricStatus = { type, object: { metric, describedObject, current: { value: amountOf(usage) } } }
    return ok({ replicas: replicas.value, metric: `${kind} metric ${metric.name}`, status })
  }
  const shared = shareOf(asked, usage, milliOf(averageValue ?? ''))
  const current = { averageValue: amountOf(shared.usage) }
  const status: MetricStatus = { type, object: { metric, describedObject, current } }
  return ok({ replicas: shared.replicas, metric: externalName(metric), status })
}

/** By what is told of something outside the cluster: as a whole, or shared out among the pods. */
export function proposeForExternal(asked: Asked, { type, external }: MetricSpec): Result<Found, Missing> {
  const { metric = { name: '' }, target } = external ?? {}
  const { value, averageValue } = target ?? {}
  const { name, selector } = metric
  const refused = (cause: string, detail = cause): Result<never, Missing> =>
    missing('FailedGetExternalMetric', `${name} external`, cause, detail)
  if (value === undefined && averageValue === undefined)
    return refused('invalid external metric source: neither a value target nor an average value target was set')
  const within = averageValue === undefined ? `external metric ${name}` : `${name} external metric`
  const inside = (cause: string): Result<never, Missing> => refused(cause, `failed to get ${within}: ${cause}`)
  if (!asked.answer.ok) {
    const which = `${asked.namespace}/${name}/${selectorText(selector)}`
    return inside(`unable to get external metric ${which}: ${asked.answer.error}`)
  }
  const usage = totalOf(asked.answer.value)
  if (averageValue === undefined) {
    const replicas = replicasForTotal(asked, usage, milliOf(value ?? ''))
    if (!replicas.ok) return inside(replicas.error)
    const status: MetricStatus = { type, external: { metric, current: { value: amountOf(usage) } } }
    return ok({ replicas: replicas.value, metric: externalName(metric), status })
  }
  const shared = shareOf(asked, usage, milliOf(averageValue))
  const status: MetricStatus = { type, external: { metric, current: { averageValue: amountOf(shared.usage) } } }
  return ok({ replicas: shared.replicas, metric: externalName(metric), status })
}

function totalOf(values: readonly MetricValue[]): number {
  return values.reduce((sum, { milli }) => sum + milli, 0)
}

function amountOf(milli: number): string {
  return formatQuantity(quantityOfMilli(BigInt(milli)))
}

const mostReplicas = 2 ** 31 - 1

/** So many times the ready pods as there is more than there should be (getUsageRatioReplicaCount). */
function replicasForTotal({ pods, current, tolerances }: Asked, usage: number, target: number): Result<number, string> {
  const ratio = usage / target
  if (current === 0) return ok(Math.ceil(ratio))
  if (isWithin(tolerances, ratio)) return ok(current)
  if (pods.length === 0) return fail(`unable to calculate ready pods: ${noPods}`)
  const ready = pods.filter((pod) => pod.status.phase === 'Running' && isPodReady(pod)).length
  return ok(Math.min(mostReplicas, Math.ceil(ratio * ready)))
}

/** So many that each has its share, and what the share of each is now. */
function shareOf({ present, tolerances }: Asked, usage: number, target: number) {
  const isEnough = isWithin(tolerances, usage / (target * present))
  const replicas = isEnough ? present : Math.min(mostReplicas, Math.ceil(usage / target))
  return { replicas, usage: present === 0 ? usage : Math.ceil(usage / present) }
}

type Named = Readonly<{ name: string; selector?: LabelSelector }>

function externalName({ name, selector }: Named): string {
  return `external metric ${name}(${selectorText(selector)})`
}

/** As Go prints a LabelSelector. */
function selectorText(selector: LabelSelector | undefined): string {
  if (selector === undefined) return 'nil'
  const { matchLabels = {}, matchExpressions = [] } = selector
  const labels = Object.entries(matchLabels).sort(([a], [b]) => (a < b ? -1 : 1))
  const map = labels.map(([key, value]) => `${key}: ${value},`).join('')
  const list = matchExpressions.map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  )
  return `&LabelSelector{MatchLabels:map[string]string{${map}},MatchExpressions:[]LabelSelectorRequirement{${list.join('')}},}`
}
