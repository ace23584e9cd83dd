import { describe, expect, it } from 'vitest'
import type { Container, DeviceClass } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import { simRandom } from '../../host/sim/random.ts'
import { type Decision, scheduleOne } from '../decide.ts'
import { podInfoOf } from '../pod-info.ts'
import { viewOf as clusterOf, testNode, testPod } from '../test-cluster.ts'
import { classForResource, extendedRequests } from './extended-resources.ts'
import { claimOf, gpu, viewOf } from './test-devices.ts'

const wants = (name: string, count: number, more: Partial<Container> = {}): Container => ({
  name,
  resources: { requests: { cpu: '1', 'x.org/gpu': String(count) } },
  ...more,
})

function deviceClass(
  name: string,
  extendedResourceName?: string,
  created = '2026-01-01T00:00:00Z',
): Stored<DeviceClass> {
  const metadata = { name, uid: name, resourceVersion: '1', creationTimestamp: created }
  const spec = extendedResourceName === undefined ? {} : { extendedResourceName }
  return { apiVersion: 'resource.k8s.io/v1', kind: 'DeviceClass', metadata, spec }
}

/** 'request=count' of each, and 'container: requests' of those that have any. */
function asked(containers: readonly Container[], initContainers: readonly Container[] = []): readonly string[] {
  const pod = testPod('p', { spec: { containers, initContainers } })
  const { requests, mappings } = extendedRequests(pod, new Map([['x.org/gpu', 'gpu']]))
  const names = [...new Set(mappings.map(({ containerName }) => containerName))]
  return [
    ...requests.map(({ name, exactly }) => `${name}=${exactly?.count}`),
    ...names.map((name) => {
      const own = mappings.filter(({ containerName }) => containerName === name)
      return `${name}: ${own.map(({ requestName }) => requestName).join(' ')}`
    }),
  ]
}

describe('extended resources come to requests for devices', () => {
  it.each<[string, readonly Container[], readonly Container[], readonly string[]]>([
    [
      'of each container',
      [wants('a', 2), { name: 'b' }, wants('c', 1)],
      [],
      ['container-0-request-1=2', 'container-2-request-1=1', 'a: container-0-request-1', 'c: container-2-request-1'],
    ],
    [
      'those of later ones, for init containers that end before',
      [wants('a', 2)],
      [wants('i', 1)],
      ['container-1-request-1=2', 'a: container-1-request-1', 'i: container-1-request-1'],
    ],
    [
      'and the most that one of them needs besides',
      [wants('a', 1)],
      [wants('i', 3), wants('j', 2)],
      [
        'container-0-request-1=2',
        'container-2-request-1=1',
        'a: container-2-request-1',
        'i: container-2-request-1 container-0-request-1',
        'j: container-2-request-1 container-0-request-1',
      ],
    ],
    [
      'but of sidecars as of all others',
      [wants('a', 1)],
      [wants('s', 1, { restartPolicy: 'Always' })],
      ['container-0-request-1=1', 'container-1-request-1=1', 's: container-0-request-1', 'a: container-1-request-1'],
    ],
  ])('%s', (_, containers, init, expected) => expect(asked(containers, init)).toEqual(expected))

  it('of the newest class that stands for them, or of the class that they name', () => {
    const later = '2026-02-01T00:00:00Z'
    const classes = [deviceClass('b', 'x.org/gpu'), deviceClass('old', 'x.org/gpu'), deviceClass('nic')]
    const named = (resource: string, all = classes) => classForResource(all, resource)?.metadata.name
    expect(named('x.org/gpu')).toBe('b')
    expect(named('x.org/gpu', [...classes, deviceClass('z', 'x.org/gpu', later)])).toBe('z')
    expect(named('deviceclass.resource.kubernetes.io/nic')).toBe('nic')
    expect(named('cpu')).toBeUndefined()
    expect(named('x.org/other')).toBeUndefined()
  })
})

describe('a pod that wants extended resources', () => {
  const pod = testPod('p', { spec: { containers: [wants('a', 2)] } })
  const decide = (allocatable: Readonly<Record<string, string>>, count: number, leftOver = false): Decision => {
    const slices = [{ devices: Array.from({ length: count }, (_, at) => gpu(`a${at}`, '1Gi')) }]
    const devices = {
      ...viewOf(claimOf({}), { slices }),
      classFor: (resource: string) => (resource === 'x.org/gpu' ? deviceClass('gpu', 'x.org/gpu') : undefined),
      extendedClaim: () => (leftOver ? claimOf({}) : undefined),
    }
    const view = clusterOf([testNode('n1', { allocatable })], [], { devices })
    return scheduleOne({ pod: podInfoOf(pod), view, random: simRandom(1) })
  }

  it('gets devices where no plugin provides them', () => {
    const decision = decide({}, 2)
    expect(decision).toMatchObject({
      type: 'bind',
      devices: {
        claims: [
          {
            claim: {
              metadata: { generateName: 'p-extended-resources-', ownerReferences: [{ uid: pod.metadata.uid }] },
              spec: { devices: { requests: [{ name: 'container-0-request-1', exactly: { count: 2 } }] } },
            },
            mappings: [{ containerName: 'a', resourceName: 'x.org/gpu', requestName: 'container-0-request-1' }],
            allocation: { devices: { results: [{ device: 'a0' }, { device: 'a1' }] } },
          },
        ],
      },
    })
  })

  it('gets those of the plugin where there is one', () => {
    expect(decide({ 'x.org/gpu': '2' }, 2)).toMatchObject({ type: 'bind', devices: { claims: [] } })
    expect(decide({ 'x.org/gpu': '1' }, 2)).toMatchObject({
      message: expect.stringContaining('Insufficient x.org/gpu'),
    })
  })

  it('waits where there are too few, and until what an earlier try has left is gone', () => {
    expect(decide({}, 1)).toMatchObject({ message: expect.stringContaining('1 cannot allocate all claims. still') })
    expect(decide({}, 2, true)).toMatchObject({
      message: expect.stringContaining(
        '1 cannot schedule extended resource claim. deletion of ResourceClaim completed, ',
      ),
      claimToFree: { metadata: { name: 'mine' } },
    })
  })
})
