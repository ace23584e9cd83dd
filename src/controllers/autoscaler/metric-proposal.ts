import type {
  V2MetricSpec as MetricSpec,
  V2MetricStatus as MetricStatus,
  Scale,
  V2HPAScalingRules as ScalingRules,
  V2MetricTarget as Target,
} from '../../api/kinds.generated.ts'
import { formatQuantity, quantityOfMilli } from '../../api/quantity.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import {
  type Found,
  type MetricAnswer,
  type Missing,
  missing,
  proposeForExternal,
  proposeForObject,
  proposeForPods,
} from './asked-proposal.ts'
import type { ObservedAutoscaler } from './autoscaler.ts'
import {
  milliOf,
  type PodMetrics,
  type Proposal,
  proposeForUsage,
  proposeForUtilization,
  type Tolerances,
} from './replica-proposal.ts'

/** Of a resource: what pods use of it, or one of their containers where it is named. */
export type ResourceMetrics = (resource: string, container: string) => PodMetrics

type Failure = Readonly<{ reason: string; message: string }>

export type Measurement = Readonly<{ failures: readonly Failure[]; statuses: readonly MetricStatus[] }> &
  (
    | Readonly<{ found: true; replicas: number; metric: string }>
    | Readonly<{ found: false; failure: Failure & Readonly<{ error: string }> }>
  )

/** The most that any metric asks for. Where one cannot be had, the others still may make the target larger, never smaller. */
export function measureAll(observed: ObservedAutoscaler, scale: Scale, current: number): Measurement {
  const { autoscaler, rivals } = observed
  const { metrics = [] } = autoscaler.spec
  const selector = scale.status?.selector ?? ''
  if (selector === '')
    return unselected('selector is required', "the HPA target's scale is missing a selector", 'SelectorRequired')
  if (rivals.length > 0) {
    const all = [`${autoscaler.metadata.namespace}/${autoscaler.metadata.name}`, ...rivals]
    const error = `pods by selector ${selector} are controlled by multiple HPAs: [${all.join(' ')}]`
    return unselected(error, error, 'AmbiguousSelector')
  }
  const present = scale.status?.replicas ?? 0
  const measured = metrics.map((metric, at) => {
    const answer = observed.asked[at]
    return measure(observed, metric, { current, present, ...(answer === undefined ? {} : { answer }) })
  })
  // As the original, whose list has a place for each, an empty one for what could not be had.
  const statuses = measured.map((each) => (each.ok ? each.value.status : { type: '' }))
  const errors = measured.flatMap((each) => (each.ok ? [] : [each.error]))
  const best = measured.reduce<Found | undefined>(
    (most, each) => (each.ok && (most === undefined || each.value.replicas > most.replicas) ? each.value : most),
    undefined,
  )
  const failures = errors.map(({ reason, cause }) => ({ reason, message: cause }))
  const [first] = errors
  if (best !== undefined && (first === undefined || best.replicas >= current)) {
    return { failures, statuses, found: true, replicas: best.replicas, metric: best.metric }
  }
  const { reason = '', cause = '', error = '' } = first ?? {}
  const message = `the HPA was unable to compute the replica count: ${cause}`
  const all = `invalid metrics (${errors.length} invalid out of ${metrics.length}), first error is: ${error}`
  return { failures, statuses, found: false, failure: { reason, message, error: all } }
}

function unselected(error: string, message: string, eventReason: string): Measurement {
  const reason = eventReason === 'SelectorRequired' ? 'InvalidSelector' : eventReason
  return {
    failures: [{ reason: eventReason, message: error }],
    statuses: [],
    found: false,
    failure: { reason, message, error },
  }
}

function measure(
  observed: ObservedAutoscaler,
  metric: MetricSpec,
  { current, present, answer = fail('') }: Readonly<{ current: number; present: number; answer?: MetricAnswer }>,
): Result<Found, Missing> {
  const { pods, nowMs, autoscaler } = observed
  const { namespace = '' } = autoscaler.metadata
  const asked = { namespace, answer, pods, current, present, tolerances: tolerancesOf(observed), nowMs }
  switch (metric.type) {
    case 'Resource': {
      const { name = '', target = { type: '' } } = metric.resource ?? {}
      const measured = measureResource(observed, name, '', target, current)
      if (!measured.ok) return missing('FailedGetResourceMetric', `${name} resource`, measured.error)
      return ok({
        ...measured.value,
        status: { type: metric.type, resource: { name, current: measured.value.current } },
      })
    }
    case 'ContainerResource': {
      const { name = '', container = '', target = { type: '' } } = metric.containerResource ?? {}
      const measured = measureResource(observed, name, container, target, current)
      if (!measured.ok) return missing('FailedGetContainerResourceMetric', `${container} container`, measured.error)
      const status = { name, container, current: measured.value.current }
      return ok({ ...measured.value, status: { type: metric.type, containerResource: status } })
    }
    case 'Pods':
      return proposeForPods(asked, metric)
    case 'Object':
      return proposeForObject(asked, metric)
    case 'External':
      return proposeForExternal(asked, metric)
    default: {
      const cause = `unknown metric source type ${JSON.stringify(metric.type)}`
      return fail({ reason: 'InvalidMetricSourceType', cause, error: cause })
    }
  }
}

type Current = Readonly<{ averageValue: string; averageUtilization?: number }>

function measureResource(
  observed: ObservedAutoscaler,
  resource: string,
  container: string,
  target: Target,
  current: number,
): Result<Readonly<{ replicas: number; metric: string; current: Current }>, string> {
  const byValue = target.averageValue
  const kind = byValue === undefined ? 'utilization' : 'usage'
  const wrap = (error: string): Result<never, string> => fail(`failed to get ${resource} ${kind}: ${error}`)
  const metrics = observed.metrics
  if (!metrics.ok) return wrap(`unable to get metrics for resource ${resource}: ${metrics.error}`)
  const measured = {
    pods: observed.pods,
    metrics: metrics.value(resource, container),
    resource,
    currentReplicas: current,
    tolerances: tolerancesOf(observed),
    nowMs: observed.nowMs,
  }
  const proposal: Result<Proposal, string> =
    byValue === undefined
      ? proposeForUtilization(measured, target.averageUtilization ?? 0, container)
      : proposeForUsage(measured, milliOf(byValue))
  if (!proposal.ok) return wrap(proposal.error)
  const { replicas, usage, utilization } = proposal.value
  // As whoever measures writes it.
  const format = resource === 'memory' ? 'BinarySI' : 'DecimalSI'
  const averageValue = formatQuantity({ ...quantityOfMilli(BigInt(usage)), format })
  const share = utilization === undefined ? {} : { averageUtilization: utilization }
  const of = container === '' ? `${resource} resource` : `${resource} container resource`
  const metric = byValue === undefined ? `${of} utilization (percentage of request)` : `${resource} resource`
  return ok({ replicas, metric, current: { averageValue, ...share } })
}

/** --horizontal-pod-autoscaler-tolerance. */
const defaultTolerance = 0.1

function tolerancesOf({ autoscaler }: ObservedAutoscaler): Tolerances {
  const of = (rules: ScalingRules | undefined): number =>
    rules?.tolerance === undefined ? defaultTolerance : milliOf(rules.tolerance) / 1000
  const { scaleUp, scaleDown } = autoscaler.spec.behavior ?? {}
  return { up: of(scaleUp), down: of(scaleDown) }
}
