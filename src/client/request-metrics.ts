import type { MetricRegistry } from './metric-registry.ts'

/** What a client tells of its requests. */
export interface ClientMetrics {
  /** `code`: of the answer's head. Bytes that are not known are not told. */
  answered(method: string, code: number, seconds: number, sizes: Readonly<{ sent: number; received?: number }>): void
}

const durationBounds = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60]
const sizeBounds = [64, 256, 512, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216]

/** Of all clients of this process that ask one server. Kubernetes: component-base/metrics/prometheus/restclient. */
export function clientMetrics(metrics: MetricRegistry, host: string): ClientMetrics {
  const total = metrics.counter(
    'rest_client_requests_total',
    '[ALPHA] Number of HTTP requests, partitioned by status code, method, and host.',
    ['code', 'host', 'method'],
  )
  const by = (name: string, help: string, bounds: readonly number[]) =>
    metrics.histogram(`rest_client_${name}`, `[ALPHA] ${help}`, ['host', 'verb'], bounds)
  const durations = by(
    'request_duration_seconds',
    'Request latency in seconds. Broken down by verb, and host.',
    durationBounds,
  )
  const sent = by('request_size_bytes', 'Request size in bytes. Broken down by verb and host.', sizeBounds)
  const received = by('response_size_bytes', 'Response size in bytes. Broken down by verb and host.', sizeBounds)
  return {
    answered(method, code, seconds, sizes) {
      total.add([String(code), host, method])
      const labels = [host, method]
      durations.observe(labels, seconds)
      sent.observe(labels, sizes.sent)
      if (sizes.received !== undefined) received.observe(labels, sizes.received)
    },
  }
}
