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

it.each([
  [0, '0'],
  [0.0001, '0.0001'],
  [0.00001, '1e-05'],
  [1e-8, '1e-08'],
  [262144, '262144'],
  [1e6, '1e+06'],
  [1048576, '1.048576e+06'],
  [123456789012, '1.23456789012e+11'],
  [Number.POSITIVE_INFINITY, '+Inf'],
])('writes %d as Go does', (value, text) => {
  const metrics = metricRegistry()
  metrics.gauge('a', 'b', [], () => [[[], value]])
  expect(metrics.text()).toContain(`\na ${text}\n`)
})

it('has a series without labels from the start', () => {
  const metrics = metricRegistry()
  metrics.counter('a_total', 'b', [])
  expect(metrics.text()).toContain('\na_total 0\n')
})
