import { describe, expect, it } from 'vitest'
import type { Node, Pod, PodAffinityTerm, TopologySpreadConstraint } from '../api/kinds.generated.ts'
import type { Stored } from '../api/object.ts'
import { simRandom } from '../host/sim/random.ts'
import type { ClusterView } from './cluster.ts'
import { feasibleNodesToFind, scheduleOne } from './decide.ts'
import { podInfoOf } from './pod-info.ts'
import { testNode, testPod, viewOf } from './test-cluster.ts'

const hostname = 'kubernetes.io/hostname'
const noHelp = (nodes: number): string =>
  `no new claims to deallocate, preemption: 0/${nodes} nodes are available: ${nodes} Preemption is not helpful for scheduling.`
const noVictims = (nodes: number): string =>
  `no new claims to deallocate, preemption: 0/${nodes} nodes are available: ${nodes} No preemption victims found for incoming pod.`

function decide(pod: Stored<Pod>, view: ClusterView, seed = 1): string {
  const decision = scheduleOne({ pod: podInfoOf(pod), view, random: simRandom(seed) })
  if (decision.type === 'bind') return decision.nodeName
  const { preemption, message } = decision
  if (preemption === undefined) return message
  return `${message} → ${preemption.nodeName}: ${preemption.victims.map(({ pod: { metadata } }) => metadata.name).join(', ')}`
}

function affinityTo(app: string, topologyKey = hostname): PodAffinityTerm {
  return { labelSelector: { matchLabels: { app } }, topologyKey }
}

function requiring(kind: 'podAffinity' | 'podAntiAffinity', app: string, topologyKey?: string) {
  return { affinity: { [kind]: { requiredDuringSchedulingIgnoredDuringExecution: [affinityTo(app, topologyKey)] } } }
}

function spread(constraint: Partial<TopologySpreadConstraint> = {}) {
  const common = {
    maxSkew: 1,
    topologyKey: 'zone',
    whenUnsatisfiable: 'DoNotSchedule',
    labelSelector: { matchLabels: { app: 'a' } },
  }
  return { topologySpreadConstraints: [{ ...common, ...constraint }] }
}

const cordoned = testNode('n1', { spec: { unschedulable: true } })
const tainted = testNode('n1', { spec: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } })
const small = testNode('n1', { allocatable: { cpu: '1', memory: '1Gi' } })
const [east, west] = [testNode('east', { labels: { zone: 'e' } }), testNode('west', { labels: { zone: 'w' } })]
const onEast = testPod('a', { labels: { app: 'a' }, nodeName: 'east' })

type Case = readonly [
  name: string,
  pod: Stored<Pod>,
  nodes: readonly Stored<Node>[],
  pods: readonly Stored<Pod>[],
  expected: string,
]
const cases: readonly Case[] = [
  ['no node at all', testPod('p'), [], [], 'no nodes available to schedule pods'],
  ['a node with room', testPod('p', { cpu: '1' }), [testNode('n1')], [], 'n1'],
  [
    'a cordoned node',
    testPod('p'),
    [cordoned],
    [],
    `0/1 nodes are available: 1 node(s) were unschedulable. ${noHelp(1)}`,
  ],
  [
    'a cordoned node that is tolerated',
    testPod('p', { spec: { tolerations: [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists' }] } }),
    [cordoned],
    [],
    'n1',
  ],
  ['a taint', testPod('p'), [tainted], [], `0/1 nodes are available: 1 node(s) had untolerated taint(s). ${noHelp(1)}`],
  [
    'a tolerated taint',
    testPod('p', { spec: { tolerations: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } }),
    [tainted],
    [],
    'n1',
  ],
  [
    'a toleration of another value',
    testPod('p', { spec: { tolerations: [{ key: 'k', value: 'w' }] } }),
    [tainted],
    [],
    `0/1 nodes are available: 1 node(s) had untolerated taint(s). ${noHelp(1)}`,
  ],
  [
    'several reasons, in order of their text, each counted',
    testPod('p', { cpu: '2' }),
    [
      { ...tainted, metadata: { ...tainted.metadata, name: 't' } },
      small,
      { ...small, metadata: { ...small.metadata, name: 'n2' } },
    ],
    [],
    `0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. ${noHelp(3)}`,
  ],
  [
    'two resources missing on one node',
    testPod('p', { cpu: '2', memory: '2Gi' }),
    [small],
    [],
    `0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory. ${noHelp(1)}`,
  ],
  [
    'room that other pods have taken',
    testPod('p', { cpu: '1' }),
    [small],
    [testPod('q', { cpu: '500m', nodeName: 'n1' })],
    `0/1 nodes are available: 1 Insufficient cpu. ${noVictims(1)}`,
  ],
  [
    'too many pods',
    testPod('p'),
    [testNode('n1', { allocatable: { pods: '1' } })],
    [testPod('q', { nodeName: 'n1' })],
    `0/1 nodes are available: 1 Too many pods. ${noVictims(1)}`,
  ],
  [
    'an extended resource',
    testPod('p', { spec: { containers: [{ name: 'c', resources: { requests: { 'example.com/gpu': '1' } } }] } }),
    [testNode('n1')],
    [],
    `0/1 nodes are available: 1 Insufficient example.com/gpu. ${noHelp(1)}`,
  ],
  [
    'a node selector',
    testPod('p', { spec: { nodeSelector: { zone: 'w' } } }),
    [east],
    [],
    `0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. ${noHelp(1)}`,
  ],
  ['a node selector that matches', testPod('p', { spec: { nodeSelector: { zone: 'w' } } }), [east, west], [], 'west'],
  [
    'affinity to a node by name, as a DaemonSet’s pods have',
    testPod('p', {
      cpu: '100',
      spec: {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['east'] }] }],
            },
          },
        },
      },
    }),
    [east, west, testNode('n3')],
    [],
    `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. ${noHelp(3)}`,
  ],
  [
    'a host port that is taken',
    testPod('p', { spec: { containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort: 80 }] }] } }),
    [testNode('n1')],
    [
      testPod('q', {
        nodeName: 'n1',
        spec: { containers: [{ name: 'c', ports: [{ containerPort: 8080, hostPort: 80, hostIP: '10.0.0.1' }] }] },
      }),
    ],
    `0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports. ${noVictims(1)}`,
  ],
  [
    'the same host port of another protocol',
    testPod('p', {
      spec: { containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort: 80, protocol: 'UDP' }] }] },
    }),
    [testNode('n1')],
    [
      testPod('q', {
        nodeName: 'n1',
        spec: { containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort: 80 }] }] },
      }),
    ],
    'n1',
  ],
  ['affinity to a pod', testPod('p', { spec: requiring('podAffinity', 'a') }), [east, west], [onEast], 'east'],
  [
    'affinity to a pod that is nowhere',
    testPod('p', { spec: requiring('podAffinity', 'b') }),
    [east, west],
    [onEast],
    `0/2 nodes are available: 2 node(s) didn't match pod affinity rules. ${noHelp(2)}`,
  ],
  [
    'affinity to its own kind, for the first of them',
    testPod('p', { labels: { app: 'b' }, spec: requiring('podAffinity', 'b') }),
    [east],
    [onEast],
    'east',
  ],
  [
    'anti-affinity to a pod',
    testPod('p', { spec: requiring('podAntiAffinity', 'a', 'zone') }),
    [east, west],
    [onEast],
    'west',
  ],
  [
    'anti-affinity everywhere',
    testPod('p', { spec: requiring('podAntiAffinity', 'a') }),
    [east],
    [onEast],
    `0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules. ${noVictims(1)}`,
  ],
  [
    'anti-affinity of a pod that is there',
    testPod('p', { labels: { app: 'b' } }),
    [east],
    [testPod('q', { nodeName: 'east', spec: requiring('podAntiAffinity', 'b') })],
    `0/1 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules. ${noVictims(1)}`,
  ],
  ['an even spread', testPod('p', { labels: { app: 'a' }, spec: spread() }), [east, west], [onEast], 'west'],
  [
    'a spread among the nodes that it may run on',
    testPod('p', { labels: { app: 'a' }, spec: { ...spread(), nodeSelector: { zone: 'e' } } }),
    [east, testNode('n3')],
    [onEast, testPod('a2', { labels: { app: 'a' }, nodeName: 'east' })],
    'east',
  ],
  [
    'a spread over more domains than there are',
    testPod('p', { labels: { app: 'a' }, spec: spread({ minDomains: 3 }) }),
    [east, west],
    [onEast, testPod('a2', { labels: { app: 'a' }, nodeName: 'west' })],
    `0/2 nodes are available: 2 node(s) didn't match pod topology spread constraints. ${noVictims(2)}`,
  ],
  [
    'a spread by a label that a node lacks',
    testPod('p', { labels: { app: 'a' }, spec: spread() }),
    [testNode('n1')],
    [],
    `0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints (missing required label). ${noHelp(1)}`,
  ],
  [
    'no preemption for a pod that wants none',
    testPod('p', { cpu: '1', priority: 10, spec: { preemptionPolicy: 'Never' } }),
    [small],
    [testPod('q', { cpu: '1', nodeName: 'n1' })],
    '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.',
  ],
  [
    'the fewest and least important pods to go',
    testPod('p', { cpu: '1', priority: 10 }),
    [testNode('n1', { allocatable: { cpu: '2' } })],
    [
      testPod('keeps', { cpu: '1', nodeName: 'n1', priority: 5 }),
      testPod('goes', { cpu: '1', nodeName: 'n1', priority: 1 }),
    ],
    '0/1 nodes are available: 1 Insufficient cpu. → n1: goes',
  ],
  [
    'the node whose victims matter least',
    testPod('p', { cpu: '4', priority: 10 }),
    [testNode('n1'), testNode('n2')],
    [
      testPod('five', { cpu: '4', nodeName: 'n1', priority: 5 }),
      testPod('one', { cpu: '4', nodeName: 'n2', priority: 1 }),
    ],
    '0/2 nodes are available: 2 Insufficient cpu. → n2: one',
  ],
  [
    'a victim that repels it',
    testPod('p', { priority: 10, spec: requiring('podAntiAffinity', 'a') }),
    [east],
    [onEast, testPod('other', { nodeName: 'east' })],
    "0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules. → east: a",
  ],
]

describe('one scheduling decision', () => {
  it.each(cases)('sees %s', (_, pod, nodes, pods, expected) => {
    expect(decide(pod, viewOf(nodes, pods))).toBe(expected)
  })

  it.each([
    ['In', ['5'], true],
    ['In', ['6'], false],
    ['NotIn', ['5'], false],
    ['NotIn', ['6'], true],
    ['Exists', [], true],
    ['DoesNotExist', [], false],
    ['Gt', ['4'], true],
    ['Gt', ['5'], false],
    ['Lt', ['10'], true],
    ['Lt', ['5'], false],
    ['Lt', ['many'], false],
  ] as const)('knows the operator %s %j of node affinity', (operator, values, matches) => {
    const matchExpressions = [{ key: 'gen', operator, values: [...values] }]
    const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } }
    const pod = testPod('p', { spec: { affinity: { nodeAffinity: required } } })
    expect(decide(pod, viewOf([testNode('n1', { labels: { gen: '5' } })])) === 'n1').toBe(matches)
  })

  it('chooses among equals by chance, each in its turn', () => {
    const view = viewOf([testNode('n1'), testNode('n2'), testNode('n3')])
    const random = simRandom(5)
    const chosen = new Map<string, number>()
    for (let times = 0; times < 300; times++) {
      const decision = scheduleOne({ pod: podInfoOf(testPod('p')), view, random })
      if (decision.type === 'bind') chosen.set(decision.nodeName, (chosen.get(decision.nodeName) ?? 0) + 1)
    }
    expect([...chosen.keys()].sort()).toEqual(['n1', 'n2', 'n3'])
    for (const times of chosen.values()) expect(times).toBeGreaterThan(60)
  })

  it.each([
    [50, 50],
    [100, 100],
    [200, 100],
    [1000, 420],
    [5000, 500],
    [10_000, 500],
  ])('of %i nodes looks for %i that will do', (nodes, wanted) => {
    expect(feasibleNodesToFind(nodes)).toBe(wanted)
  })
})
