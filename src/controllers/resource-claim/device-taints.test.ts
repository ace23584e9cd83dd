import { describe, expect, it } from 'vitest'
import type { DeviceTaint, DeviceToleration, Pod, ResourceSlice } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import type { Claim } from '../../api/resource-claim.ts'
import { sampleMeta, sampleNowMs, samplePod, secondsAgo } from '../sample-objects.ts'
import { type ObservedDeviceUser, reconcileDeviceUser } from './device-taints.ts'

const place = { driver: 'gpu.example.com', pool: 'p', device: 'a0' }
const broken: DeviceTaint = { key: 'broken', effect: 'NoExecute', timeAdded: secondsAgo(60) }
const running = samplePod('web')
const pod: Stored<Pod> = { ...running, spec: { ...running.spec, nodeName: 'n1' } }

function slice(taints: readonly DeviceTaint[], generation = 1): Stored<ResourceSlice> {
  return {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceSlice',
    metadata: sampleMeta(`slice-${generation}`),
    spec: {
      driver: place.driver,
      nodeName: 'n1',
      pool: { name: 'p', generation, resourceSliceCount: 1 },
      devices: [{ name: 'a0', taints }],
    },
  }
}

function claim(tolerations: readonly DeviceToleration[] = [], user = pod.metadata.uid): Claim {
  const results = [{ request: 'r', ...place, tolerations }]
  const status = { allocation: { devices: { results } }, reservedFor: [{ resource: 'pods', name: 'web', uid: user }] }
  return { apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaim', metadata: sampleMeta('mine'), spec: {}, status }
}

/** 'delete', how many seconds are left, what is told, or nothing. */
function outcome(more: Partial<ObservedDeviceUser>): string {
  const base = { nowMs: sampleNowMs, pod, claims: [claim()], slices: [slice([broken])], wasDoomed: false }
  return reconcileDeviceUser({ ...base, ...more })
    .map((action) =>
      action.type === 'requeue'
        ? `in ${action.afterMs / 1000} s`
        : action.type === 'event'
          ? `${action.reason}: ${action.message}`
          : action.type,
    )
    .join(', ')
}

const tolerating = (tolerationSeconds?: number): Claim =>
  claim([
    {
      key: 'broken',
      operator: 'Exists',
      effect: 'NoExecute',
      ...(tolerationSeconds !== undefined && { tolerationSeconds }),
    },
  ])
const gone = 'DeviceTaintManagerEviction: Marking for deletion, patch, delete'

describe('a pod whose device is tainted', () => {
  it.each<[string, Partial<ObservedDeviceUser>, string]>([
    ['goes at once', {}, gone],
    ['stays where nothing but new pods is kept away', { slices: [slice([{ ...broken, effect: 'NoSchedule' }])] }, ''],
    ['stays where it tolerates that', { claims: [tolerating()] }, ''],
    ['goes when it has tolerated that for so long', { claims: [tolerating(59)] }, gone],
    ['stays so long', { claims: [tolerating(90)] }, 'in 30 s'],
    [
      'goes where it tolerates another effect only',
      { claims: [claim([{ operator: 'Exists', effect: 'NoSchedule' }])] },
      gone,
    ],
    ['goes when one of its claims makes it', { claims: [tolerating(), claim()] }, gone],
    ['stays where the claim is not its own', { claims: [claim([], 'other')] }, ''],
    ['stays where the device is published anew without it', { slices: [slice([broken]), slice([], 2)] }, ''],
    [
      'stays, and is told, when the taint goes',
      { slices: [slice([])], wasDoomed: true },
      'DeviceTaintManagerEviction: Cancelling deletion',
    ],
    ['is left alone without a node', { pod: { ...running, spec: { containers: [] } } }, ''],
  ])('%s', (_, observed, expected) => expect(outcome(observed)).toBe(expected))
})
