import { expect, it } from 'vitest'
import { metricRegistry } from './metric-registry.ts'

it('writes what was counted as Prometheus reads it, names in order', () => {
  const metrics = metricRegistry()
  const seconds = metrics.histogram('wait_seconds', 'How long.', ['verb'], [0.1, 1])
  const total = metrics.counter('asked_total', 'How often.', ['code', 'verb'])
  metrics.gauge('open', 'How many now.', [], () => [[[], 3]])
  total.add(['200', 'GET'])
  total.add(['200', 'GET'], 2)
  total.add(['404', 'a"b\\c\nd'])
  for (const value of [0.05, 0.1, 0.5, 7]) seconds.observe(['GET'], value)
  expect(metrics.text()).toBe(`# HELP asked_total How often.
# TYPE asked_total counter
asked_total{code="200",verb="GET"} 3
asked_total{code="404",verb="a\\"b\\\\c\\nd"} 1
# HELP open How many now.
# TYPE open gauge
open 3
# HELP wait_seconds How long.
# TYPE wait_seconds histogram
wait_seconds_bucket{verb="GET",le="0.1"} 2
wait_seconds_bucket{verb="GET",le="1"} 3
wait_seconds_bucket{verb="GET",le="+Inf"} 4
wait_seconds_sum{verb="GET"} 7.65
wait_seconds_count{verb="GET"} 4
`)
})
