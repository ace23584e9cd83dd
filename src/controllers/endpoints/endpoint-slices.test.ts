import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EndpointSlice, Pod, Service } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import { brief, readyStatus, sampleMeta, sampleNode, samplePod, sampleService, secondsAgo } from '../sample-objects.ts'
import { reconcileEndpointSlices } from './endpoint-slices.ts'

const node = sampleNode('n1', 'True', { metadata: { labels: { 'topology.kubernetes.io/zone': 'z1' } } })
const nodes = new Map([['n1', node]])

function pod(name: string, ready: 'True' | 'False' = 'True', more: Parameters<typeof samplePod>[1] = {}): Stored<Pod> {
  const ip = `10.1.${Math.floor(Number(name) / 250)}.${Number(name) % 250}`
  return samplePod(name, { ...more, status: { podIPs: [{ ip }], ...readyStatus(9, ready), ...more.status } })
}

/** The slices after the actions, as the API would keep them. */
function after(service: Stored<Service>, pods: readonly Stored<Pod>[], before: readonly Stored<EndpointSlice>[] = []) {
  const actions = reconcileEndpointSlices({ service, pods, nodes, slices: before })
  let slices = [...before]
  for (const action of actions) {
    if (action.type === 'create') {
      const made = action.object as unknown as Stored<EndpointSlice>
      const metadata = { ...sampleMeta(`web-${slices.length}-${Math.floor(slices.length * 7)}`), ...made.metadata }
      slices.push({ ...made, apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata })
    }
    if (action.type === 'update') {
      slices = slices.map((slice) =>
        slice.metadata.uid === action.object.metadata.uid ? (action.object as unknown as Stored<EndpointSlice>) : slice,
      )
    }
    if (action.type === 'delete') slices = slices.filter(({ metadata }) => metadata.uid !== action.target.uid)
  }
  return { actions, slices }
}

const addresses = (slices: readonly Stored<EndpointSlice>[]) =>
  slices.flatMap(({ endpoints = [] }) => endpoints.flatMap((endpoint) => endpoint.addresses)).sort()

describe('the EndpointSlices of a Service', () => {
  it('name the Service, their manager, its ports, and each pod with where it runs', () => {
    const { slices } = after(sampleService({ metadata: { labels: { team: 'a' } } }), [pod('1')])
    expect(slices).toMatchObject([
      {
        metadata: {
          labels: {
            team: 'a',
            'kubernetes.io/service-name': 'web',
            'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
          },
          ownerReferences: [{ kind: 'Service', uid: 'uid-web', controller: true }],
        },
        addressType: 'IPv4',
        ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
        endpoints: [
          {
            addresses: ['10.1.0.1'],
            conditions: { ready: true, serving: true, terminating: false },
            targetRef: { kind: 'Pod', name: '1', uid: 'uid-1' },
            nodeName: 'n1',
            zone: 'z1',
          },
        ],
      },
    ])
  })

  const dying = { metadata: { deletionTimestamp: secondsAgo(1) } }
  it.each([
    ['an unready pod', pod('1', 'False'), {}, { ready: false, serving: false, terminating: false }],
    [
      'a pod that is ending but serves',
      pod('1', 'True', dying),
      {},
      { ready: false, serving: true, terminating: true },
    ],
    [
      'an unready pod that is to be published',
      pod('1', 'False', dying),
      { publishNotReadyAddresses: true },
      { ready: true, serving: false, terminating: true },
    ],
  ])('tell the conditions of %s', (_name, each, spec, conditions) => {
    const { slices } = after(sampleService({ spec: { ...sampleService().spec, ...spec } }), [each])
    expect(slices[0]?.endpoints?.[0]?.conditions).toEqual(conditions)
  })

  it('leave out pods without an address, at their end, or on a node that nobody knows', () => {
    const pods = [
      pod('1', 'True', { status: { podIPs: [] } }),
      pod('2', 'True', { status: { phase: 'Succeeded' } }),
      pod('3', 'True', { spec: { nodeName: 'n9' } }),
    ]
    expect(addresses(after(sampleService(), pods).slices)).toEqual([])
  })

  it('are one empty slice when there is no endpoint, and stay that', () => {
    const first = after(sampleService(), [])
    expect(first.slices).toMatchObject([{ endpoints: [], ports: [] }])
    expect(after(sampleService(), [], first.slices).actions).toEqual([])
    const filled = after(sampleService(), [pod('1')], first.slices)
    expect(brief(filled.actions)).toEqual(['create endpointslices', 'delete endpointslices/web-0-0'])
  })

  it('look a named port up in each pod, and part those for whom it differs', () => {
    const spec = (containerPort: number) => ({
      containers: [{ name: 'web', image: '', ports: [{ name: 'http', containerPort, protocol: 'TCP' }] }],
    })
    const service = sampleService({
      spec: { ...sampleService().spec, ports: [{ port: 80, targetPort: 'http', protocol: 'TCP' }] },
    })
    const pods = [
      pod('1', 'True', { spec: spec(8080) }),
      pod('2', 'True', { spec: spec(9090) }),
      pod('3', 'True', { spec: spec(8080) }),
    ]
    const { slices } = after(service, pods)
    expect(slices.map(({ ports, endpoints = [] }) => [ports?.[0]?.port, endpoints.length])).toEqual([
      [8080, 2],
      [9090, 1],
    ])
  })

  it('carry hostnames and a label where the Service is headless', () => {
    const service = sampleService({ spec: { ...sampleService().spec, clusterIP: 'None' } })
    const { slices } = after(service, [pod('1', 'True', { spec: { hostname: 'db-0', subdomain: 'web' } })])
    expect(slices[0]?.metadata.labels).toHaveProperty(['service.kubernetes.io/headless'], '')
    expect(slices[0]?.endpoints?.[0]?.hostname).toBe('db-0')
  })

  it('are of both families where the Service is', () => {
    const service = sampleService({ spec: { ...sampleService().spec, ipFamilies: ['IPv4', 'IPv6'] } })
    const { slices } = after(service, [
      pod('1', 'True', { status: { podIPs: [{ ip: '10.1.0.1' }, { ip: 'fd00::1' }] } }),
    ])
    expect(slices.map(({ addressType, endpoints = [] }) => [addressType, endpoints[0]?.addresses])).toEqual([
      ['IPv4', ['10.1.0.1']],
      ['IPv6', ['fd00::1']],
    ])
  })

  it('hold 100 endpoints each at most, and change one slice for one pod', () => {
    const pods = Array.from({ length: 250 }, (_, at) => pod(String(at + 1)))
    const { slices } = after(sampleService(), pods)
    expect(slices.map(({ endpoints = [] }) => endpoints.length)).toEqual([100, 100, 50])
    const fewer = after(sampleService(), pods.slice(1), slices)
    expect(fewer.actions.map(({ type }) => type)).toEqual(['update'])
    const replaced = after(sampleService(), [...pods.slice(1), pod('999')], slices)
    expect(replaced.actions.map(({ type }) => type)).toEqual(['update'])
  })

  it('always come to exactly the pods, and then to rest', () => {
    const some = fc.uniqueArray(fc.integer({ min: 1, max: 400 }), { maxLength: 260 })
    fc.assert(
      fc.property(some, some, (first, second) => {
        const [a, b] = [first, second].map((numbers) => numbers.map((number) => pod(String(number))))
        const { slices } = after(sampleService(), b ?? [], after(sampleService(), a ?? []).slices)
        expect(addresses(slices)).toEqual(addresses(after(sampleService(), b ?? []).slices))
        expect(slices.every(({ endpoints = [] }) => endpoints.length <= 100)).toBe(true)
        expect(after(sampleService(), b ?? [], slices).actions).toEqual([])
      }),
      { numRuns: 40 },
    )
  })
})
