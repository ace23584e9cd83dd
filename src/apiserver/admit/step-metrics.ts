import type { MetricRegistry } from '../../client/metric-registry.ts'
import type { Admission, Eventual, Operation } from './admission.ts'

type Step = 'admit' | 'validate'

/** Admission whose two phases are timed, in seconds. Kubernetes: apiserver/pkg/admission/metrics, WithStepMetrics. */
export function timedSteps(admission: Admission, metrics: MetricRegistry, monotonicMs: () => number): Admission {
  const durations = metrics.histogram(
    'apiserver_admission_step_admission_duration_seconds',
    '[STABLE] Admission sub-step latency histogram in seconds, broken out for each operation and API resource and step type (validate or admit).',
    ['operation', 'rejected', 'type'],
    [0.005, 0.025, 0.1, 0.5, 1, 2.5],
  )
  const timed = <T>(type: Step, operation: Operation, run: () => Eventual<T>, isRefusal: (judged: T) => boolean) => {
    const startedMs = monotonicMs()
    const told = (judged: T): T => {
      durations.observe([operation, String(isRefusal(judged)), type], (monotonicMs() - startedMs) / 1000)
      return judged
    }
    const judging = run()
    return judging instanceof Promise ? judging.then(told) : told(judging)
  }
  return {
    mutate: (attributes, object) =>
      timed(
        'admit',
        attributes.operation,
        () => admission.mutate(attributes, object),
        ({ ok }) => !ok,
      ),
    validate: (attributes, object) =>
      timed(
        'validate',
        attributes.operation,
        () => admission.validate(attributes, object),
        (refusal) => refusal !== undefined,
      ),
  }
}
