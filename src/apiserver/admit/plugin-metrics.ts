import type { MetricRegistry } from '../../client/metric-registry.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Admission, Eventual, Mutate, Operation, Plugin, Validate } from './admission.ts'

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
  const timed = ({ mutate, validate }: Plugin, observe: Observe, heeds: (operation: Operation) => boolean): Plugin => {
    const measured = <T>(
      operation: Operation,
      type: Type,
      isRefusal: (result: T) => boolean,
      work: () => Eventual<T>,
    ) => {
      if (!heeds(operation)) return work()
      const startedMs = monotonicMs()
      const ended = (result: T): T => {
        observe(operation, isRefusal(result), type, (monotonicMs() - startedMs) / 1000)
        return result
      }
      const result = work()
      return result instanceof Promise ? result.then(ended) : ended(result)
    }
    const admit: Mutate | undefined =
      mutate &&
      ((attributes, object) =>
        measured(
          attributes.operation,
          'admit',
          ({ ok }) => !ok,
          () => mutate(attributes, object),
        ))
    const judge: Validate | undefined =
      validate &&
      ((attributes, object) =>
        measured(
          attributes.operation,
          'validate',
          (refusal) => refusal !== undefined,
          () => validate(attributes, object),
        ))
    return { ...(admit && { mutate: admit }), ...(judge && { validate: judge }) }
  }
  return {
    plugin([name, operations, plugin]) {
      const series = kept((operation, rejected, type) => controllers.of([name, operation, rejected, type]))
      return { ...plugin, ...timed(plugin, series, (operation) => operations.includes(operation)) }
    },
    chain(admission) {
      const series = kept((operation, rejected, type) => steps.of([operation, rejected, type]))
      return { ...admission, ...timed(admission, series, () => true) }
    },
  }
}

type Type = 'admit' | 'validate'
type Observe = (operation: Operation, isRejected: boolean, type: Type, seconds: number) => void
type Series = Readonly<{ observe(value: number): void }>

/** Every write asks for the same few series: each is found once. */
function kept(find: (operation: Operation, rejected: string, type: Type) => Series): Observe {
  const known = new Map<string, Series>()
  return (operation, isRejected, type, seconds) => {
    const key = `${operation} ${isRejected} ${type}`
    let series = known.get(key)
    if (series === undefined) {
      series = find(operation, String(isRejected), type)
      known.set(key, series)
    }
    series.observe(seconds)
  }
}
