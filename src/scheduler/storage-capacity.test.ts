import { describe, expect, it } from 'vitest'
import type { CSIDriverSpec, CSIStorageCapacity } from '../api/kinds.generated.ts'
import { simRandom } from '../host/sim/random.ts'
import { scheduleOne } from './decide.ts'
import { podInfoOf } from './pod-info.ts'
import { testNode, testPod, viewOf } from './test-cluster.ts'
import { claim, meta, volumeView } from './test-volumes.ts'

type Capacity = Omit<CSIStorageCapacity, 'metadata' | 'storageClassName'> & Readonly<{ storageClassName?: string }>

const on = (node: string): Capacity => ({ nodeTopology: { matchLabels: { 'kubernetes.io/hostname': node } } })
const everywhere: Capacity = { nodeTopology: {} }

/** Where a pod that wants 10Gi of the class goes, or why nowhere. */
function outcome(capacities: readonly Capacity[], spec: CSIDriverSpec = { storageCapacity: true }): string {
  const view = viewOf([testNode('n1'), testNode('n2')], [], {
    volumes: {
      ...volumeView([claim('data', { resources: { requests: { storage: '10Gi' } } })]),
      csiDriver: (name) => ({ apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata: meta(name), spec }),
      capacities: () =>
        capacities.map((one, at) => ({
          apiVersion: 'storage.k8s.io/v1',
          kind: 'CSIStorageCapacity',
          metadata: meta(`capacity-${at}`),
          storageClassName: 'late',
          ...one,
        })),
    },
  })
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }]
  const decision = scheduleOne({ pod: podInfoOf(testPod('p', { spec: { volumes } })), view, random: simRandom(1) })
  return decision.type === 'bind' ? decision.nodeName : decision.message.replace(/ no new claims to deallocate.*/, '')
}

const nowhere = '0/2 nodes are available: 2 node(s) did not have enough free storage.'

describe('a volume is made', () => {
  it.each<[string, readonly Capacity[], string]>([
    [
      'where its driver has room',
      [
        { ...on('n1'), capacity: '1Gi' },
        { ...on('n2'), capacity: '10Gi' },
      ],
      'n2',
    ],
    ['nowhere if it has none', [{ ...everywhere, capacity: '10239Mi' }], nowhere],
    ['nowhere if it says nothing', [], nowhere],
    ['nowhere if it cannot be reached from anywhere', [{ capacity: '1Ti' }], nowhere],
    ['not of another class', [{ ...everywhere, capacity: '1Ti', storageClassName: 'fast' }], nowhere],
    ['where one piece is large enough', [{ ...on('n2'), capacity: '1Ti', maximumVolumeSize: '10Gi' }], 'n2'],
    ['not of small pieces', [{ ...everywhere, capacity: '1Ti', maximumVolumeSize: '9Gi' }], nowhere],
  ])('%s', (_, capacities, expected) => expect(outcome(capacities)).toBe(expected))

  it('anywhere, if its driver does not want to be asked', () => {
    expect(outcome([], { storageCapacity: false })).toMatch(/^n[12]$/)
  })
})
