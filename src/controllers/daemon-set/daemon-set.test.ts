import { describe, expect, it } from 'vitest'
import type { DaemonSetSpec, DaemonSetStatus, Node, ObjectMeta, Pod } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import type { Action } from '../action.ts'
import { revisionHashLabel, revisionsOf } from '../controller-revision.ts'
import {
  brief,
  ownedBy,
  readyStatus,
  sampleMeta,
  sampleNode,
  sampleNowMs,
  samplePod,
  secondsAgo,
} from '../sample-objects.ts'
import { type ObservedDaemonSet, reconcileDaemonSet } from './daemon-set.ts'
import type { DaemonSetObject } from './daemon-set-pods.ts'

const labels = { app: 'web' }
type Rolling = Readonly<{ maxSurge: number | string; maxUnavailable: number | string }>

function setOf(spec: Partial<DaemonSetSpec> = {}, metadata: ObjectMeta = {}): DaemonSetObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: sampleMeta('web', { generation: 1, ...metadata }),
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
      updateStrategy: rolling({ maxSurge: 0, maxUnavailable: 1 }),
      ...spec,
    },
    status: { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 },
  }
}

function rolling(rollingUpdate: Rolling) {
  return { type: 'RollingUpdate', rollingUpdate }
}

const { hash, actions: made } = revisionsOf(kinds.daemonSets, setOf(), [])

function podOn(name: string, nodeName: string, old = false, status: NonNullable<Pod['status']> = readyStatus()) {
  const hashLabel = { [revisionHashLabel]: old ? 'old' : hash }
  const metadata = { labels: { ...labels, ...hashLabel }, ...ownedBy(kinds.daemonSets, setOf()) }
  return samplePod(name, { metadata, spec: { nodeName }, status: { phase: 'Running', ...status } })
}

function observed(names: readonly string[], pods: readonly Stored<Pod>[], daemonSet = setOf()): ObservedDaemonSet {
  return { nowMs: sampleNowMs, daemonSet, nodes: names.map((name) => sampleNode(name)), pods, revisions: [] }
}

function tainted(effect: string): ObservedDaemonSet['nodes'] {
  return [sampleNode('n1', 'True', { spec: { taints: [{ key: 'own', effect }] } })]
}

const surging = setOf({ updateStrategy: rolling({ maxSurge: 1, maxUnavailable: 0 }) })
const unready = readyStatus(9, 'False')
const three = ['n1', 'n2', 'n3']
const fresh = (name: string, node: string) => podOn(name, node)
const old = (name: string, node: string) => podOn(name, node, true)

const cases: readonly (readonly [string, ObservedDaemonSet, readonly string[]])[] = [
  ['makes a pod for each node', observed(['n1', 'n2'], []), ['create pods', 'create pods']],
  ['leaves what is there', observed(['n1'], [fresh('a', 'n1')]), []],
  ['deletes the second pod on a node', observed(['n1'], [fresh('a', 'n1'), fresh('b', 'n1')]), ['delete pods/b']],
  ['starts none where a taint keeps it off', { ...observed([], []), nodes: tainted('NoSchedule') }, []],
  ['leaves it where the taint came later', { ...observed([], [fresh('a', 'n1')]), nodes: tainted('NoSchedule') }, []],
  [
    'takes it from where it is driven off',
    { ...observed([], [fresh('a', 'n1')]), nodes: tainted('NoExecute') },
    ['delete pods/a'],
  ],
  [
    'keeps to the nodes it selects',
    observed(
      ['n1'],
      [fresh('a', 'n1')],
      setOf({ template: { metadata: { labels }, spec: { nodeSelector: { z: 'y' }, containers: [] } } }),
    ),
    ['delete pods/a'],
  ],
  [
    'replaces a pod that has failed',
    observed(['n1'], [podOn('a', 'n1', false, { phase: 'Failed' })]),
    ['event FailedDaemonPod: Found failed daemon pod default/a on node n1, will try to kill it', 'delete pods/a'],
  ],
  [
    'updates one node at a time',
    observed(
      three,
      three.map((node) => old(`p-${node}`, node)),
    ),
    ['delete pods/p-n1'],
  ],
  ['waits for a new pod to be ready', observed(['n1', 'n2'], [podOn('a', 'n1', false, unready), old('b', 'n2')]), []],
  [
    'replaces what is broken anyway',
    observed(['n1', 'n2'], [podOn('a', 'n1', true, unready), podOn('b', 'n2', true, unready)]),
    ['delete pods/a', 'delete pods/b'],
  ],
  [
    'leaves updates to who deletes',
    observed(['n1'], [old('a', 'n1')], setOf({ updateStrategy: { type: 'OnDelete' } })),
    [],
  ],
  [
    'surges beside the old pod',
    observed(
      three,
      three.map((node) => old(`p-${node}`, node)),
      surging,
    ),
    ['create pods'],
  ],
  [
    'keeps both until the new one is ready',
    observed(['n1'], [old('a', 'n1'), podOn('b', 'n1', false, unready)], surging),
    [],
  ],
  ['takes the old one then', observed(['n1'], [old('a', 'n1'), fresh('b', 'n1')], surging), ['delete pods/a']],
  ['does nothing while it is being deleted', observed(['n1'], [], setOf({}, { deletionTimestamp: secondsAgo(1) })), []],
]

function statusOf(actions: readonly Action[]): DaemonSetStatus | undefined {
  const action = actions.find(({ type }) => type === 'updateStatus')
  return action?.type === 'updateStatus' ? (action.object.status as DaemonSetStatus) : undefined
}

describe('a DaemonSet', () => {
  it.each(cases)('%s', (_name, state, expected) => {
    const lines = brief(reconcileDaemonSet(state)).filter((line) => /pods|event/.test(line))
    expect(lines).toEqual(expected)
  })

  it('aims its pods at their nodes, and lets them stay on nodes in trouble', () => {
    const action = reconcileDaemonSet(observed(['n1'], [])).find(
      (each) => each.type === 'create' && each.kind.plural === 'pods',
    )
    expect(action).toMatchObject({
      object: {
        metadata: { labels: { ...labels, [revisionHashLabel]: hash } },
        spec: {
          tolerations: expect.arrayContaining([
            { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
          ]),
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }],
              },
            },
          },
        },
      },
    })
  })

  it('tells how many nodes want, have and are ready', () => {
    const misplaced: Stored<Node> = sampleNode('n4', 'True', {
      spec: { taints: [{ key: 'own', effect: 'NoSchedule' }] },
    })
    const state = observed(three, [fresh('a', 'n1'), old('b', 'n2'), fresh('d', 'n4')])
    expect(statusOf(reconcileDaemonSet({ ...state, nodes: [...state.nodes, misplaced] }))).toEqual({
      desiredNumberScheduled: 3,
      currentNumberScheduled: 2,
      numberReady: 2,
      numberAvailable: 2,
      numberUnavailable: 1,
      updatedNumberScheduled: 1,
      numberMisscheduled: 1,
      observedGeneration: 1,
    })
  })
})

describe('the revisions of an owner', () => {
  const revision = (name: string, number: number, data: unknown) => ({
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: sampleMeta(name, { labels: { [revisionHashLabel]: name } }),
    revision: number,
    data,
  })
  const [first] = made
  const data = first?.type === 'create' ? (first.object as Readonly<{ data?: unknown }>).data : undefined
  const other = { spec: { template: { $patch: 'replace', metadata: { labels: { v: '2' } } } } }

  it('begin with one', () => {
    expect(brief(made)).toEqual([`create controllerrevisions/web-${hash}`])
  })

  it('get a new number when the template goes back', () => {
    const known = [revision('a', 1, data), revision('b', 2, other)]
    const { actions, hash: current } = revisionsOf(kinds.daemonSets, setOf(), known)
    expect(current).toBe('a')
    expect(actions).toMatchObject([{ type: 'update', object: { metadata: { name: 'a' }, revision: 3 } }])
  })

  it('tell of a name that another template has', () => {
    expect(revisionsOf(kinds.daemonSets, setOf(), [revision(`web-${hash}`, 1, other)]).collides).toBe(true)
  })
})
