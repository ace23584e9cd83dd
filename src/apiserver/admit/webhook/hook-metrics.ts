import type { MetricRegistry } from '../../../client/metric-registry.ts'
import type { Operation } from '../admission.ts'
import type { Outcome } from './hook-call.ts'
import { codeOf } from './hook-call.ts'

type Phase = 'admit' | 'validating'

export type Asked = Readonly<{
  name: string
  phase: Phase
  operation: Operation
  outcome: Outcome
  isIgnored: boolean
  seconds: number
}>

/** How often webhooks were asked, said no, or could not be understood, and how long they took. */
export interface HookMetrics {
  count(asked: Asked): void
}

const prefix = 'apiserver_admission_webhook_'

/** Kubernetes: apiserver/pkg/admission/metrics. */
export function hookMetrics(metrics: MetricRegistry): HookMetrics {
  const requests = metrics.counter(`${prefix}request_total`, '[ALPHA] Number of times a webhook was asked.', [
    'code',
    'name',
    'operation',
    'rejected',
    'type',
  ])
  const rejections = metrics.counter(
    `${prefix}rejection_count`,
    '[ALPHA] Number of requests that a webhook refused, or that failed because it could not be asked.',
    ['error_type', 'name', 'operation', 'rejection_code', 'type'],
  )
  const openings = metrics.counter(
    `${prefix}fail_open_count`,
    '[ALPHA] Number of times a webhook could not be asked and was passed over.',
    ['name', 'type'],
  )
  const durations = metrics.histogram(
    `${prefix}admission_duration_seconds`,
    '[STABLE] Admission webhook latency histogram in seconds, identified by name and broken out for each operation and API resource and type (validate or admit).',
    ['name', 'operation', 'rejected', 'type'],
    [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 25],
  )
  return {
    count({ name, phase, operation, outcome, isIgnored, seconds }) {
      const isRejected = outcome.type !== 'allowed' && !isIgnored
      const [rejected, code] = [String(isRejected), String(codeOf(outcome))]
      durations.observe([name, operation, rejected, phase], seconds)
      requests.add([code, name, operation, rejected, phase])
      if (isRejected) rejections.add([errorType(outcome), name, operation, code, phase])
      if (isIgnored && outcome.type === 'failed') openings.add([name, phase])
    },
  }
}

function errorType({ type }: Outcome): string {
  return {
    allowed: 'no_error',
    rejected: 'no_error',
    failed: 'calling_webhook_error',
    unaskable: 'apiserver_internal_error',
  }[type]
}
