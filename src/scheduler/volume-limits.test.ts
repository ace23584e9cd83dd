import { describe, expect, it } from 'vitest'
import type { PersistentVolume, VolumeAttachment } from '../api/kinds.generated.ts'
import type { Stored } from '../api/object.ts'
import { simRandom } from '../host/sim/random.ts'
import { scheduleOne } from './decide.ts'
import { podInfoOf } from './pod-info.ts'
import { testNode, testPod, viewOf } from './test-cluster.ts'
import { boundTo, claim, meta, volumeView } from './test-volumes.ts'

const driver = 'example.com/disk'

function csiVolume(name: string): Stored<PersistentVolume> {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: meta(name),
    spec: { capacity: { storage: '1Gi' }, csi: { driver, volumeHandle: `handle-${name}` } },
    status: { phase: 'Bound' },
  }
}

function attachmentOf(volume: string, attacher = driver): Stored<VolumeAttachment> {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'VolumeAttachment',
    metadata: meta(`attached-${volume}`),
    spec: { attacher, nodeName: 'n1', source: { persistentVolumeName: volume } },
    status: { attached: true },
  }
}

const claims = [...['a', 'b', 'c'].map((name) => boundTo(name, `pv-${name}`)), claim('new'), claim('newer')]
const volumes = ['a', 'b', 'c'].map((name) => csiVolume(`pv-${name}`))
const podWith = (name: string, names: readonly string[], nodeName?: string, priority = 0) =>
  testPod(name, {
    ...(nodeName === undefined ? {} : { nodeName }),
    priority,
    spec: { volumes: names.map((claimName, at) => ({ name: `v${at}`, persistentVolumeClaim: { claimName } })) },
  })

type Case = Readonly<{
  limit?: number
  /** Claims of pods that run on the node. */
  running?: readonly (readonly string[])[]
  attached?: readonly Stored<VolumeAttachment>[]
  wanted: readonly string[]
}>

function outcome({ limit, running = [], attached = [], wanted }: Case, priority = 0): string {
  const pods = running.map((names, at) => podWith(`running-${at}`, names, 'n1'))
  const drivers = [{ name: driver, nodeID: 'n1', ...(limit === undefined ? {} : { allocatable: { count: limit } }) }]
  const view = viewOf([testNode('n1')], pods, {
    volumes: {
      ...volumeView(claims, volumes),
      csiNode: () => ({ apiVersion: 'storage.k8s.io/v1', kind: 'CSINode', metadata: meta('n1'), spec: { drivers } }),
      attachments: () => attached,
    },
  })
  const pod = podInfoOf(podWith('p', wanted, undefined, priority))
  const decision = scheduleOne({ pod, view, random: simRandom(1) })
  if (decision.type === 'bind') return decision.nodeName
  const victims = decision.preemption?.victims.map(({ pod: { metadata } }) => metadata.name)
  return victims === undefined
    ? decision.message.replace(/ no new claims to deallocate.*/, '')
    : `instead of ${victims.join()}`
}

const full = '0/1 nodes are available: 1 node(s) exceed max volume count.'

describe('volumes of CSI drivers are attached to a node', () => {
  it.each<[string, Case, string]>([
    ['without end, where their driver tells none', { running: [['a', 'b']], wanted: ['c'] }, 'n1'],
    ['as many as their driver says', { limit: 3, running: [['a', 'b']], wanted: ['c'] }, 'n1'],
    ['and no more', { limit: 2, running: [['a', 'b']], wanted: ['c'] }, full],
    ['also when one pod alone wants more', { limit: 1, wanted: ['a', 'b'] }, full],
    ['once for all pods that use them', { limit: 2, running: [['a', 'b'], ['b']], wanted: ['a'] }, 'n1'],
    ['also those that will only be made', { limit: 2, running: [['new', 'a']], wanted: ['newer'] }, full],
    ['also those that no pod uses any more', { limit: 1, attached: [attachmentOf('pv-b')], wanted: ['a'] }, full],
    [
      'but one that is used counts once',
      { limit: 2, running: [['b']], attached: [attachmentOf('pv-b')], wanted: ['a'] },
      'n1',
    ],
    ['those of other drivers apart', { limit: 1, attached: [attachmentOf('pv-b', 'other')], wanted: ['a'] }, 'n1'],
    ['and a pod without volumes does not mind', { limit: 0, wanted: [] }, 'n1'],
  ])('%s', (_, given, expected) => expect(outcome(given)).toBe(expected))

  it('and a more important pod takes the place of others', () => {
    expect(outcome({ limit: 1, running: [['a']], wanted: ['b'] }, 9)).toBe('instead of running-0')
  })
})
