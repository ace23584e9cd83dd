import { describe, expect, it } from 'vitest'
import type { PersistentVolume, PersistentVolumeClaim } from '../api/kinds.generated.ts'
import { kinds } from '../api/kinds.ts'
import type { Stored } from '../api/object.ts'
import { ok } from '../api/result.ts'
import type { Client } from '../client/client.ts'
import { testInformer } from '../client/test-informer.ts'
import { simClock } from '../host/sim/clock.ts'
import { simRandom } from '../host/sim/random.ts'
import { type Decision, scheduleOne } from './decide.ts'
import { podInfoOf } from './pod-info.ts'
import { testNode, testPod, viewOf } from './test-cluster.ts'
import { boundTo, claim, meta, volumeView } from './test-volumes.ts'
import { makeVolumeBinder } from './volume-binder.ts'
import type { VolumeView } from './volume-binding.ts'

type Volume = Stored<PersistentVolume>

/** A volume that only this node can reach. */
function volumeOn(node: string, name = `on-${node}`): Volume {
  const matchExpressions = [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }]
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: meta(name),
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'late',
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } },
    },
    status: { phase: 'Available' },
  }
}

function decide(volumes: VolumeView, claimNames: readonly string[] = ['data']): Decision {
  const pod = testPod('p', {
    spec: { volumes: claimNames.map((claimName, at) => ({ name: `v${at}`, persistentVolumeClaim: { claimName } })) },
  })
  const nodes = ['n1', 'n2'].map((name) => testNode(name))
  return scheduleOne({ pod: podInfoOf(pod), view: viewOf(nodes, [], { volumes }), random: simRandom(1) })
}

/** 'n2 bind on-n2', 'n1 provision data', or why the pod goes nowhere. */
function outcome(decision: Decision): string {
  if (decision.type === 'unschedulable')
    return decision.message.replace(/ (no new claims to deallocate.*|not found$)/, '')
  const { toBind = [], toProvision = [] } = decision.volumes ?? {}
  const bound = toBind.map(({ volume }) => ` bind ${volume.metadata.name}`)
  const made = toProvision.map(({ metadata }) => ` provision ${metadata.name}`)
  return `${decision.nodeName}${bound.join('')}${made.join('')}`
}

const none = '0/2 nodes are available:'
const cases: readonly (readonly [string, VolumeView, string])[] = [
  ['goes where its volume is', volumeView([boundTo('data', 'on-n2')], [volumeOn('n2')]), 'n2'],
  [
    'goes where a volume is that fits',
    volumeView(
      [claim('data', { storageClassName: 'by-hand' })],
      [{ ...volumeOn('n2'), spec: { ...volumeOn('n2').spec, storageClassName: 'by-hand' } }],
    ),
    'n2 bind on-n2',
  ],
  [
    'goes where a volume has been asked for already',
    volumeView([claim('data', {}, { 'volume.kubernetes.io/selected-node': 'n1' })]),
    'n1 provision data',
  ],
  [
    'does not take what another claim was promised',
    volumeView([claim('data', { storageClassName: 'by-hand' })], [volumeOn('n2')], ['on-n2']),
    `${none} 2 node(s) didn't find available persistent volumes to bind.`,
  ],
  [
    'goes nowhere without its volume',
    volumeView([boundTo('data', 'gone')]),
    `${none} 2 node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s).`,
  ],
  [
    'goes nowhere where its volume cannot be reached',
    volumeView([boundTo('data', 'on-n3')], [volumeOn('n3')]),
    `${none} 2 node(s) didn't match PersistentVolume's node affinity.`,
  ],
  ['waits for its claim', volumeView([]), `${none} persistentvolumeclaim "data" not found.`],
  [
    'waits for a claim that is bound by itself',
    volumeView([claim('data', { storageClassName: 'early' })]),
    `${none} pod has unbound immediate PersistentVolumeClaims.`,
  ],
  [
    'does not use a claim that is going',
    volumeView([
      { ...claim('data'), metadata: { ...claim('data').metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } },
    ]),
    `${none} persistentvolumeclaim "data" is being deleted.`,
  ],
  [
    'does not use a claim that has lost its volume',
    volumeView([{ ...claim('data', { volumeName: 'v' }), status: { phase: 'Lost' } }]),
    `${none} persistentvolumeclaim "data" bound to non-existent persistentvolume "v".`,
  ],
]

describe('a pod with claims', () => {
  it.each(cases)('%s', (_name, volumes, expected) => {
    expect(outcome(decide(volumes))).toBe(expected)
  })

  it('is told what it waits for as kube-scheduler does', () => {
    const decision = decide(volumeView([]))
    expect(decision.type === 'unschedulable' && decision.message).toBe(
      '0/2 nodes are available: persistentvolumeclaim "data" not found. not found',
    )
  })

  it('has two volumes for two claims', () => {
    const both = volumeView([claim('data'), claim('more')], [volumeOn('n1', 'a'), volumeOn('n1', 'b')])
    const decision = decide(both, ['data', 'more'])
    const chosen = decision.type === 'bind' ? (decision.volumes?.toBind ?? []) : []
    expect(new Set(chosen.map(({ volume }) => volume.metadata.name)).size).toBe(chosen.length)
  })
})

describe('binding volumes before the pod', () => {
  function world() {
    const clock = simClock()
    const claims = testInformer<PersistentVolumeClaim>()
    const wanted = claim('data')
    claims.set(wanted)
    const sent: string[] = []
    const client = {
      async patch(_kind: unknown, name: string, _namespace: string, { body }: Readonly<{ body: object }>) {
        sent.push(`patch ${name} ${JSON.stringify(body)}`)
        const annotations = { 'volume.kubernetes.io/selected-node': 'n1' }
        claims.set({ ...wanted, metadata: { ...wanted.metadata, resourceVersion: '2', annotations } })
        return ok(wanted)
      },
    } as unknown as Client
    const binder = makeVolumeBinder({ client, clock, claims })
    const done: { outcome?: string | undefined; isDone?: true } = {}
    void binder.bind({ toBind: [], toProvision: [wanted], claims: [wanted] }, 'n1').then((outcome) => {
      Object.assign(done, { outcome, isDone: true })
    })
    return { claims, sent, done, wanted, wait: (ms: number) => clock.runUntil(clock.nowMs() + ms) }
  }
  const kind = kinds.persistentVolumeClaims.plural

  it(`names the node in ${kind} and waits until they are bound`, async () => {
    const { wait, claims, sent, done } = world()
    await wait(60_000)
    expect(sent).toEqual([
      'patch data {"metadata":{"uid":"uid-data","annotations":{"volume.kubernetes.io/selected-node":"n1"}}}',
    ])
    expect(done.isDone).toBeUndefined()
    claims.set(boundTo('data', 'v'))
    await wait(1000)
    expect(done).toEqual({ isDone: true, outcome: undefined })
  })

  it('gives up when the provisioner takes the node away', async () => {
    const { wait, claims, done, wanted } = world()
    await wait(1000)
    claims.set({ ...wanted, metadata: { ...wanted.metadata, resourceVersion: '3' } })
    await wait(1000)
    expect(done.outcome).toBe('provisioning failed for PVC "data"')
  })

  it('gives up after ten minutes', async () => {
    const { wait, done } = world()
    await wait(599_000)
    expect(done.isDone).toBeUndefined()
    await wait(2000)
    expect(done.outcome).toBe('context deadline exceeded')
  })
})
