import { describe, expect, it } from 'vitest'
import type { V2MetricSpec as MetricSpec, Status } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { askedMetric } from './metric-apis.ts'

const root = '/apis/custom.metrics.k8s.io'
const group = { preferredVersion: { version: 'v1beta2' }, versions: [{ version: 'v1beta2' }, { version: 'v1beta1' }] }
const item = {
  describedObject: { kind: 'Pod', name: 'p' },
  timestamp: '1970-01-01T00:00:10Z',
  windowSeconds: 15,
  value: '1500m',
}
const value = { name: 'p', milli: 1500, atMs: 10_000, windowMs: 15_000 }
const notFound = fail<Status>({ code: 404, message: '404 page not found' })

type Answers = Readonly<Record<string, unknown>>

function ask(metric: MetricSpec, answers: Answers) {
  const source = {
    client: {
      read: async (path: string): Promise<Result<unknown, Status>> => (path in answers ? ok(answers[path]) : notFound),
    },
    kindOf: (of: string, name: string) =>
      [kinds.deployments, kinds.namespaces].find((one) => one.kind === name && one.group === of),
    namespace: 'ns',
    selector: 'app=web',
  }
  return askedMetric(source, metric)
}

const target = { type: 'Value', value: '1' }
const selector = { matchLabels: { q: 'a' } }
const pods: MetricSpec = { type: 'Pods', pods: { metric: { name: 'qps', selector }, target } }
const objectOf = (apiVersion: string, kind: string, name: string): MetricSpec => ({
  type: 'Object',
  object: { describedObject: { apiVersion, kind, name }, metric: { name: 'qps' }, target },
})
const external: MetricSpec = { type: 'External', external: { metric: { name: 'queue', selector }, target } }

describe('metrics that others serve', () => {
  it.each([
    ['of pods', pods, `${root}/v1beta2/namespaces/ns/pods/*/qps?labelSelector=app%3Dweb&metricLabelSelector=q%3Da`],
    [
      'of an object',
      objectOf('apps/v1', 'Deployment', 'web'),
      `${root}/v1beta2/namespaces/ns/deployments.apps/web/qps`,
    ],
    ['of a namespace', objectOf('v1', 'Namespace', 'other'), `${root}/v1beta2/namespaces/ns/metrics/qps`],
    ['from outside', external, '/apis/external.metrics.k8s.io/v1beta1/namespaces/ns/queue?labelSelector=q%3Da'],
  ])('are asked for where they are: %s', async (_, metric, path) => {
    const answer = await ask(metric, { [root]: group, [path]: { items: [item] } })
    expect(answer).toEqual(ok([value]))
  })

  it('are taken in the version that is there', async () => {
    const older = { preferredVersion: { version: 'v9' }, versions: [{ version: 'v9' }, { version: 'v1beta1' }] }
    const path = `${root}/v1beta1/namespaces/ns/metrics/qps`
    expect(await ask(objectOf('v1', 'Namespace', 'ns'), { [root]: older, [path]: { items: [item] } })).toEqual(
      ok([value]),
    )
  })

  const custom = 'unable to fetch metrics from custom metrics API: '
  const deployment = objectOf('apps/v1', 'Deployment', 'web')
  const ofDeployment = `${root}/v1beta2/namespaces/ns/deployments.apps/web/qps`
  const ofPods = `${root}/v1beta2/namespaces/ns/pods/*/qps?labelSelector=app%3Dweb&metricLabelSelector=q%3Da`
  const gone = 'the server could not find the requested resource'
  const cases: readonly (readonly [string, MetricSpec, Answers])[] = [
    [`${custom}no custom metrics API (custom.metrics.k8s.io) registered`, pods, {}],
    [`${custom}no known available metric versions found`, pods, { [root]: { versions: [{ version: 'v9' }] } }],
    [`${custom}${gone} (get pods.custom.metrics.k8s.io *)`, pods, { [root]: group }],
    ['no metrics returned from custom metrics API', pods, { [root]: group, [ofPods]: { items: [] } }],
    [`${custom}${gone} (get deployments.apps.custom.metrics.k8s.io web)`, deployment, { [root]: group }],
    [
      `${custom}the custom metrics API server returned 0 results when we asked for exactly one`,
      deployment,
      { [root]: group, [ofDeployment]: { items: [] } },
    ],
    [
      `${custom}unable to map kind Boat.test to resource: no matches for kind "Boat" in group "test"`,
      objectOf('test/v1', 'Boat', 'b'),
      { [root]: group },
    ],
    [`unable to fetch metrics from external metrics API: ${gone} (get queue.external.metrics.k8s.io)`, external, {}],
  ]
  it.each(cases)('that are not to be had: %s', async (why, metric, answers) => {
    expect(await ask(metric, answers)).toEqual(fail(why))
  })
})
