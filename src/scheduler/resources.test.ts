import { describe, expect, it } from 'vitest'
import type { Container, PodSpec } from '../api/kinds.generated.ts'
import { podRequests, podRequestsForScoring } from './resources.ts'
import { testPod } from './test-cluster.ts'

function asking(name: string, cpu: string, extra: Partial<Container> = {}): Container {
  return { name, resources: { requests: { cpu } }, ...extra }
}
const sidecar = { restartPolicy: 'Always' }

const cases: readonly (readonly [name: string, spec: Partial<PodSpec>, milliCpu: number])[] = [
  ['adds containers up', { containers: [asking('a', '1'), asking('b', '500m')] }, 1500],
  [
    'takes the largest init container, if that is more',
    { containers: [asking('a', '1')], initContainers: [asking('i', '3'), asking('j', '2')] },
    3000,
  ],
  [
    'takes the containers, if they are more',
    { containers: [asking('a', '4')], initContainers: [asking('i', '3')] },
    4000,
  ],
  [
    'adds sidecars to the containers',
    { containers: [asking('a', '1')], initContainers: [asking('s', '2', sidecar)] },
    3000,
  ],
  [
    'adds sidecars that run already to a later init container',
    { containers: [asking('a', '1')], initContainers: [asking('s', '2', sidecar), asking('i', '3')] },
    5000,
  ],
  [
    'does not add sidecars that start later',
    { containers: [asking('a', '1')], initContainers: [asking('i', '3'), asking('s', '1', sidecar)] },
    3000,
  ],
  ['adds overhead', { containers: [asking('a', '1')], overhead: { cpu: '250m' } }, 1250],
  [
    'lets requests of the whole pod stand for its containers’',
    { containers: [asking('a', '1')], resources: { requests: { cpu: '2' } } },
    2000,
  ],
]

describe('what a pod requests', () => {
  it.each(cases)('%s', (_, spec, milliCpu) => {
    expect(podRequests(testPod('p', { spec })).milliCpu).toBe(milliCpu)
  })

  it('counts bytes, huge pages and extended resources', () => {
    const requests = { memory: '1Gi', 'ephemeral-storage': '1M', 'hugepages-2Mi': '4Mi', 'example.com/gpu': '2' }
    const spec = { containers: [{ name: 'a', resources: { requests } }] }
    expect(podRequests(testPod('p', { spec }))).toEqual({
      milliCpu: 0,
      memoryBytes: 2 ** 30,
      ephemeralStorageBytes: 1_000_000,
      scalars: new Map([
        ['hugepages-2Mi', 4 * 2 ** 20],
        ['example.com/gpu', 2],
      ]),
    })
  })

  it('assumes something for containers that request nothing, when scoring', () => {
    const spec = { containers: [asking('a', '1'), { name: 'b' }] }
    expect(podRequestsForScoring(testPod('p', { spec }))).toMatchObject({ milliCpu: 1100, memoryBytes: 400 * 2 ** 20 })
  })

  it('counts what a container still has while it is being made smaller', () => {
    const status = {
      containerStatuses: [
        { name: 'a', image: '', imageID: '', ready: true, restartCount: 0, allocatedResources: { cpu: '3' } },
      ],
    }
    expect(podRequests(testPod('p', { spec: { containers: [asking('a', '1')] }, status })).milliCpu).toBe(3000)
  })
})
