import { apiVersionOf, type Kind } from '../../api/kinds.ts'
import type { MetricRegistry } from '../../client/metric-registry.ts'

/** Counts what watchers of one kind are sent. */
export interface WatchMeter {
  /** An event of an object of so many bytes. */
  sent(sizeBytes: number): void
}

export type WatchMeters = (kind: Kind) => WatchMeter

/** 1 KiB to 128 KiB. */
const sizeBounds = Array.from({ length: 8 }, (_, at) => 1024 * 2 ** at)
const labels = ['group', 'resource', 'version']

/** Kubernetes: apiserver/pkg/endpoints/metrics. */
export function watchMeters(metrics: MetricRegistry): WatchMeters {
  const known = new Map<string, WatchMeter>()
  const events = metrics.counter(
    'apiserver_watch_events_total',
    '[ALPHA] Number of events sent in watch clients',
    labels,
  )
  const sizes = metrics.histogram(
    'apiserver_watch_events_sizes',
    '[ALPHA] Watch event size distribution in bytes',
    labels,
    sizeBounds,
  )
  return (kind) => {
    const { group, version, plural } = kind
    const key = `${apiVersionOf(kind)} ${plural}`
    const found = known.get(key)
    if (found !== undefined) return found
    const values = [group, plural, version]
    const [total, size] = [events.of(values), sizes.of(values)]
    const meter: WatchMeter = {
      sent(sizeBytes) {
        total.add()
        size.observe(sizeBytes)
      },
    }
    known.set(key, meter)
    return meter
  }
}
