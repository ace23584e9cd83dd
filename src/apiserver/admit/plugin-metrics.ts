import type { MetricRegistry } from '../../client/metric-registry.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Admission, Mutate, Operation, Plugin, Validate } from './admission.ts'

/** A plugin under kube-apiserver's name, with the operations that it is asked about there. */
export type NamedPlugin = readonly [name: string, operations: readonly Operation[], plugin: Plugin]

export type Observed = Readonly<{
  plugin(named: NamedPlugin): Plugin
  chain(admission: Admission): Admission
}>

const prefix = 'apiserver_admission_'
const bounds = [0.005, 0.025, 0.1, 0.5, 1, 2.5]

/** How long each plugin takes, and each of the two steps: apiserver's admission/metrics. */
export function pluginMetrics(metrics: MetricRegistry, { monotonicMs }: Pick<Clock, 'monotonicMs'>): Observed {
  const controllers = metrics.histogram(
    `${prefix}controller_admission_duration_seconds`,
    '[STABLE] Admission controller latency histogram in seconds, identified by name and broken out for each operation and type (validate or admit).',
    ['name', 'operation', 'rejected', 'type'],
    bounds,
  )
  const steps = metrics.histogram(
    `${prefix}step_admission_duration_seconds`,
    '[STABLE] Admission sub-step latency histogram in seconds, broken out for each operation and step type (validate or admit).',
    ['operation', 'rejected', 'type'],
    bounds,
  )
  const timed = ({ mutate, validate }: Plugin, admitted: Observe, judged: Observe): Plugin => {
    // Written out twice: a shared function would cost a closure for each plugin and write.
    const admit: Mutate | undefined =
      mutate &&
      ((attributes, object) => {
        const startedMs = monotonicMs()
        const result = mutate(attributes, object)
        if (result instanceof Promise) {
          return result.then((later) => {
            admitted(attributes.operation, !later.ok, monotonicMs() - startedMs)
            return later
          })
        }
        admitted(attributes.operation, !result.ok, monotonicMs() - startedMs)
        return result
      })
    const judge: Validate | undefined =
      validate &&
      ((attributes, object) => {
        const startedMs = monotonicMs()
        const refusal = validate(attributes, object)
        if (refusal instanceof Promise) {
          return refusal.then((later) => {
            judged(attributes.operation, later !== undefined, monotonicMs() - startedMs)
            return later
          })
        }
        judged(attributes.operation, refusal !== undefined, monotonicMs() - startedMs)
        return refusal
      })
    return { ...(admit && { mutate: admit }), ...(judge && { validate: judge }) }
  }
  return {
    plugin([name, operations, plugin]) {
      const by = (type: Type): Observe =>
        observing(operations, (operation, rejected) => controllers.of([name, operation, rejected, type]))
      return { ...plugin, ...timed(plugin, by('admit'), by('validate')) }
    },
    chain(admission) {
      const by = (type: Type): Observe =>
        observing(allOperations, (operation, rejected) => steps.of([operation, rejected, type]))
      return { ...admission, ...timed(admission, by('admit'), by('validate')) }
    },
  }
}

const allOperations: readonly Operation[] = ['CONNECT', 'CREATE', 'DELETE', 'UPDATE']

type Type = 'admit' | 'validate'
type Observe = (operation: Operation, isRejected: boolean, ms: number) => void
type Series = Readonly<{ observe(value: number): void }>

/** Every write asks for the same few series: each is found once, when it is first needed. Other operations are not told of. */
function observing(
  operations: readonly Operation[],
  find: (operation: Operation, rejected: string) => Series,
): Observe {
  const passed: Partial<Record<Operation, Series>> = {}
  const rejected: Partial<Record<Operation, Series>> = {}
  return (operation, isRejected, ms) => {
    if (!operations.includes(operation)) return
    const known = isRejected ? rejected : passed
    let series = known[operation]
    if (series === undefined) {
      series = find(operation, String(isRejected))
      known[operation] = series
    }
    series.observe(ms / 1000)
  }
}
