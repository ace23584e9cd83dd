import { describe, expect, it } from 'vitest'
import type { Pod } from '../api/kinds.generated.ts'
import type { ApiObject, Stored } from '../api/object.ts'
import { changeViolations, unconverged, violations } from './checkers.ts'
import { firstScenario, type Scenario } from './scenario.ts'

const scenario: Scenario = { ...firstScenario, deployments: [{ name: 'web', replicas: 2, cpuMillis: 600 }] }

function pod(name: string, nodeName?: string, podIP?: string, phase = 'Running'): Stored<Pod> {
  const containers = [{ name: 'app', resources: { requests: { cpu: '600m' } } }]
  const metadata = { name, namespace: 'default', uid: name, resourceVersion: '1', labels: { app: 'web' } }
  const made = { metadata, spec: { containers, nodeName }, status: { phase, podIP } }
  return { apiVersion: 'v1', kind: 'Pod', ...made } as unknown as Stored<Pod>
}

describe('at every moment', () => {
  it.each([
    ['nodes hold what they can', [pod('a', 'n1'), pod('b', 'n2')], []],
    ['a node is promised too much', [pod('a', 'n1'), pod('b', 'n1')], ['n1 has 1200m of 1000m CPU promised']],
    ['what has ended needs nothing', [pod('a', 'n1'), pod('b', 'n1', '10.0.0.1', 'Failed')], []],
    [
      'two pods have one address',
      [pod('a', 'n1', '10.0.0.1'), pod('b', 'n1', '10.0.0.1')],
      ['n1 has 1200m of 1000m CPU promised', 'pods a and b share n1 10.0.0.1'],
    ],
    [
      'there are more pods than asked for and maxSurge',
      ['a', 'b', 'c', 'd'].map((name) => pod(name)),
      ['deployment web has 4 pods, and may have 3'],
    ],
  ])('%s', (_, pods, faults) => expect(violations({ pods }, scenario, 1000)).toEqual(faults))

  it('a pod stays on its node, and an end is an end', () => {
    const change = (after: Stored<Pod>, before: Stored<Pod>): readonly string[] =>
      changeViolations(after as unknown as ApiObject, before as unknown as ApiObject)
    expect(change(pod('a', 'n1'), pod('a'))).toEqual([])
    expect(change(pod('a', 'n2'), pod('a', 'n1'))).toEqual(['pod a went from n1 to n2'])
    expect(change(pod('a', 'n1'), pod('a', 'n1', undefined, 'Failed'))).toEqual(['pod a went from Failed to Running'])
  })
})

it('says all that is not as asked for', () => {
  const seen = { deployments: [], replicaSets: [], pods: [pod('a', 'n1')], liveNodes: new Set(['n2']) }
  expect(unconverged(scenario, seen)).toEqual([
    'deployment web: 0 of 2 available, 0 there',
    '1 pods instead of 2',
    'pod a on n1 is not ready (Running  )',
    'pod a is on n1, which does not live',
    '0 replica sets',
  ])
})
