import { expect, it } from 'vitest'
import { simRandom } from '../host/sim/random.ts'
import { scheduleOne } from './decide.ts'
import { podInfoOf } from './pod-info.ts'
import { testNode, testPod, viewOf } from './test-cluster.ts'
import { claim, volumeView } from './test-volumes.ts'

const spec = { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] }

function decide(accessMode: string, priority: number) {
  const volumes = volumeView([
    claim('data', { accessModes: [accessMode], volumeName: 'pv' }, { 'pv.kubernetes.io/bind-completed': 'yes' }),
  ])
  const pv = { ...claim('pv'), kind: 'PersistentVolume', spec: {} }
  const view = viewOf([testNode('n1'), testNode('n2')], [testPod('holder', { nodeName: 'n1', spec })], {
    volumes: { ...volumes, volume: () => pv as never },
  })
  return scheduleOne({ pod: podInfoOf(testPod('p', { priority, spec })), view, random: simRandom(1) })
}

it('A claim for one pod at a time keeps others waiting, unless they are more important', () => {
  expect(decide('ReadWriteOnce', 0).type).toBe('bind')
  expect(decide('ReadWriteOncePod', 0)).toMatchObject({
    message: expect.stringContaining(
      '0/2 nodes are available: 2 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod. no new claims to deallocate, preemption: ',
    ),
  })
  expect(decide('ReadWriteOncePod', 9)).toMatchObject({
    preemption: { nodeName: 'n1', victims: [{ pod: { metadata: { name: 'holder' } } }] },
  })
})
