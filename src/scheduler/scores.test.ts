import { describe, expect, it } from 'vitest'
import type { Node, Pod, PodAffinityTerm } from '../api/kinds.generated.ts'
import type { Stored } from '../api/object.ts'
import { simRandom } from '../host/sim/random.ts'
import type { ClusterView } from './cluster.ts'
import { scheduleOne } from './decide.ts'
import { keyed, podInfoOf } from './pod-info.ts'
import { scoreNodes } from './scores.ts'
import { testNode, testPod, viewOf } from './test-cluster.ts'

const [east, west] = [testNode('east', { labels: { zone: 'e' } }), testNode('west', { labels: { zone: 'w' } })]
const onEast = testPod('a', { labels: { app: 'a' }, nodeName: 'east' })

function decide(pod: Stored<Pod>, view: ClusterView, seed: number): string {
  const decision = scheduleOne({ pod: podInfoOf(pod), view, random: simRandom(seed) })
  return decision.type === 'bind' ? decision.nodeName : decision.message
}

function affinityTo(app: string): PodAffinityTerm {
  return { labelSelector: { matchLabels: { app } }, topologyKey: 'kubernetes.io/hostname' }
}

type Case = readonly [
  name: string,
  pod: Stored<Pod>,
  nodes: readonly Stored<Node>[],
  pods: readonly Stored<Pod>[],
  expected: string,
]

describe('among nodes that will do, the scheduler', () => {
  const preferences: readonly Case[] = [
    [
      'the emptier node',
      testPod('p', { cpu: '1' }),
      [east, west],
      [testPod('q', { cpu: '2', nodeName: 'east' })],
      'west',
    ],
    [
      'the node without a taint that would rather not have it',
      testPod('p'),
      [
        testNode('n1', { spec: { taints: [{ key: 'k', effect: 'PreferNoSchedule' }] } }),
        testNode('n2', { allocatable: { cpu: '1', memory: '1Gi' } }),
      ],
      [],
      'n2',
    ],
    [
      'the node it would rather be on',
      testPod('p', {
        spec: {
          affinity: {
            nodeAffinity: {
              preferredDuringSchedulingIgnoredDuringExecution: [
                { weight: 1, preference: { matchExpressions: [{ key: 'zone', operator: 'In', values: ['w'] }] } },
              ],
            },
          },
        },
      }),
      [east, west],
      [testPod('q', { cpu: '1', nodeName: 'west' })],
      'west',
    ],
    [
      'to be near a pod it would rather be near',
      testPod('p', {
        spec: {
          affinity: {
            podAffinity: {
              preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: affinityTo('a') }],
            },
          },
        },
      }),
      [east, west],
      [onEast],
      'east',
    ],
    [
      'to be away from a pod that would rather be alone',
      testPod('p', { labels: { app: 'b' } }),
      [east, west],
      [
        testPod('q', {
          nodeName: 'east',
          spec: {
            affinity: {
              podAntiAffinity: {
                preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: affinityTo('b') }],
              },
            },
          },
        }),
      ],
      'west',
    ],
    [
      'an even spread, where it does not insist',
      testPod('p', {
        labels: { app: 'a' },
        spec: {
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'zone',
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: { matchLabels: { app: 'a' } },
            },
          ],
        },
      }),
      [east, west],
      [onEast],
      'west',
    ],
  ]
  it.each(preferences)('prefers %s', (_, pod, nodes, pods, expected) => {
    for (const seed of [1, 2, 3, 4]) expect(decide(pod, viewOf(nodes, pods), seed)).toBe(expected)
  })

  it('spreads the pods of one owner or service by itself', () => {
    const siblings = keyed([{ key: 'app', operator: '=', values: ['a'] }])
    const view = viewOf([east, west], [onEast, testPod('big', { cpu: '1', nodeName: 'west' })], {
      siblingSelector: () => siblings,
    })
    for (const seed of [1, 2, 3, 4]) expect(decide(testPod('p', { labels: { app: 'a' } }), view, seed)).toBe('west')
  })

  // Worked out by hand from kube-scheduler's formulas: least allocated (1) and balanced allocation (1).
  it.each([
    ['an empty node', '0', '0', '1', '2Gi', 75 + 75],
    ['a node half full of cpu', '2', '0', '1', '2Gi', 50 + 75],
    ['a pod that evens the use out', '2', '0', '0', '4Gi', 50 + 87],
  ])('scores %s', (_, usedCpu, usedMemory, cpu, memory, expected) => {
    const used = testPod('q', { cpu: usedCpu, memory: usedMemory, nodeName: 'n1' })
    const view = viewOf([testNode('n1')], [used])
    expect(scoreNodes(podInfoOf(testPod('p', { cpu, memory })), view.nodes, view)).toEqual([expected])
  })
})
