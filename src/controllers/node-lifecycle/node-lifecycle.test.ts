import { describe, expect, it } from 'vitest'
import type { NodeStatus, Taint } from '../../api/kinds.generated.ts'
import type { Action } from '../action.ts'
import { brief, readyStatus, sampleNode, sampleNowMs, samplePod, secondsAgo } from '../sample-objects.ts'
import { nodeDisruption } from './node-disruption.ts'
import { nodeHealth } from './node-health.ts'
import { monitorGraceMs, type ObservedNode, reconcileNode } from './node-lifecycle.ts'

type Present = Extract<ObservedNode, { type: 'present' }>

function observed(more: Partial<Present> = {}): Present {
  return {
    type: 'present',
    nowMs: sampleNowMs,
    node: sampleNode('n1'),
    heardMs: sampleNowMs - 5000,
    isNew: false,
    pods: [],
    isTotalDisruption: false,
    evictionWaitMs: 0,
    ...more,
  }
}
const silentMs = sampleNowMs - monitorGraceMs - 1

function taintsOf(actions: readonly Action[]): readonly string[] | undefined {
  const action = actions.find((each) => each.type === 'patch' && each.target.kind.kind === 'Node')
  const body = action?.type === 'patch' ? (action.patch.body as { spec: { taints: readonly Taint[] } }) : undefined
  return body?.spec.taints.map(({ key, effect }) => `${key.replace('node.kubernetes.io/', '')}:${effect}`)
}

describe('a node', () => {
  it('that is heard of is left alone, until it might be lost', () => {
    expect(brief(reconcileNode(observed()))).toEqual([`requeue ${monitorGraceMs - 5000 + 1}`])
  })

  it('that falls silent is declared lost', () => {
    const actions = reconcileNode(observed({ heardMs: silentMs }))
    expect(brief(actions)).toEqual(['updateStatus nodes/n1', 'event NodeNotReady: Node n1 status is now: NodeNotReady'])
    const status = actions[0]?.type === 'updateStatus' ? (actions[0].object.status as NodeStatus) : {}
    expect(status.conditions?.map(({ type, reason }) => `${type} ${reason}`)).toEqual([
      'Ready NodeStatusUnknown',
      'MemoryPressure NodeStatusNeverUpdated',
      'DiskPressure NodeStatusNeverUpdated',
      'PIDPressure NodeStatusNeverUpdated',
    ])
    expect(status.conditions?.[0]).toMatchObject({
      status: 'Unknown',
      message: 'Kubelet stopped posting node status.',
      lastTransitionTime: secondsAgo(0),
      lastHeartbeatTime: secondsAgo(5),
    })
  })

  const taints: readonly (readonly [string, Partial<Present>, readonly string[] | undefined])[] = [
    ['ready', {}, undefined],
    ['lost', { node: sampleNode('n1', 'Unknown') }, ['unreachable:NoSchedule', 'unreachable:NoExecute']],
    ['not ready', { node: sampleNode('n1', 'False') }, ['not-ready:NoSchedule', 'not-ready:NoExecute']],
    [
      'lost like all others',
      { node: sampleNode('n1', 'Unknown'), isTotalDisruption: true },
      ['unreachable:NoSchedule'],
    ],
    ['lost among many', { node: sampleNode('n1', 'Unknown'), evictionWaitMs: 9000 }, ['unreachable:NoSchedule']],
    ['cordoned', { node: sampleNode('n1', 'True', { spec: { unschedulable: true } }) }, ['unschedulable:NoSchedule']],
    [
      'ready again, with a taint of its owner',
      {
        node: sampleNode('n1', 'True', {
          spec: {
            taints: [
              { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' },
              { key: 'mine', effect: 'NoSchedule' },
            ],
          },
        }),
      },
      ['mine:NoSchedule'],
    ],
  ]
  it.each(taints)('that is %s has the taints for it', (_name, more, expected) => {
    expect(taintsOf(reconcileNode(observed(more)))).toEqual(expected)
  })

  it('keeps the taints it has, with their times', () => {
    const known = ['NoSchedule', 'NoExecute'].map((effect) => ({
      key: 'node.kubernetes.io/unreachable',
      effect,
      timeAdded: secondsAgo(99),
    }))
    const node = sampleNode('n1', 'Unknown', { spec: { taints: known } })
    expect(reconcileNode(observed({ node }))).toEqual([])
  })

  it('that is lost takes its pods out of service', () => {
    const pods = [samplePod('a', { status: readyStatus() }), samplePod('b', { status: readyStatus(9, 'False') })]
    const actions = reconcileNode(observed({ node: sampleNode('n1', 'Unknown'), pods }))
    expect(brief(actions).slice(1)).toEqual(['patch pods/a/status', 'event NodeNotReady: Node is not ready'])
    expect(actions[1]).toMatchObject({
      patch: { body: { status: { conditions: [{ type: 'Ready', status: 'False' }] } } },
    })
  })

  it('is greeted, and seen off', () => {
    expect(brief(reconcileNode(observed({ isNew: true })))[0]).toBe(
      'event RegisteredNode: Registered Node n1 in Controller',
    )
    expect(brief(reconcileNode({ type: 'gone', name: 'n1' }))).toEqual([
      'event RemovingNode: Removing Node n1 from Controller',
    ])
  })
})

describe('the health of nodes', () => {
  const lease = (renewTime: string) => ({
    apiVersion: '',
    kind: '',
    metadata: sampleNode('n1').metadata,
    spec: { renewTime },
  })
  it('is counted by our own clock, from the last sign of life', () => {
    const health = nodeHealth()
    const node = sampleNode('n1')
    expect(health.heardMs(node, lease('1'), 1000)).toBe(1000)
    expect(health.heardMs(node, lease('1'), 2000)).toBe(1000)
    expect(health.heardMs(node, lease('2'), 3000)).toBe(3000)
    health.resetAll(5000)
    expect(health.heardMs(node, lease('2'), 6000)).toBe(5000)
    expect([health.isNew(node), health.isNew(node)]).toEqual([true, false])
    expect([health.forget('n1'), health.forget('n1')]).toEqual([true, false])
  })
})

describe('a disruption', () => {
  const zone = (name: string, ready: 'True' | 'Unknown') =>
    sampleNode(name, ready, { metadata: { labels: { 'topology.kubernetes.io/zone': 'z' } } })
  it('is total when no node is ready, and tells when that begins and ends', () => {
    const disruption = nodeDisruption()
    expect(disruption.change(undefined, sampleNode('a'))).toBe(false)
    expect(disruption.change(sampleNode('a'), sampleNode('a', 'Unknown'))).toBe(true)
    expect(disruption.isTotal()).toBe(true)
    expect(disruption.change(undefined, sampleNode('b'))).toBe(true)
    expect(disruption.isTotal()).toBe(false)
  })

  it('gives up a node every ten seconds, and none where most of a small zone is lost', () => {
    const disruption = nodeDisruption()
    for (const name of ['a', 'b', 'c']) disruption.change(undefined, zone(name, 'True'))
    expect([disruption.takeMs(zone('x', 'Unknown'), 0), disruption.takeMs(zone('x', 'Unknown'), 4000)]).toEqual([
      0, 6000,
    ])
    expect(disruption.takeMs(zone('x', 'Unknown'), 10_000)).toBe(0)
    for (const name of ['d', 'e', 'f', 'g']) disruption.change(undefined, zone(name, 'Unknown'))
    expect(disruption.takeMs(zone('x', 'Unknown'), 1_000_000)).toBe(10_000)
  })
})
