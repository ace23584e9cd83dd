import { describe, expect, it } from 'vitest'
import type { EndpointSlice, Service, ServiceSpec } from '../api/kinds.generated.ts'
import { planServices } from './service-state.ts'

const port = { name: 'http', port: 80, protocol: 'TCP' }
const vipPort = 'tcp . 80'
const base: ServiceSpec = { type: 'ClusterIP', clusterIP: '10.96.0.1', clusterIPs: ['10.96.0.1'], ports: [port] }

function service(spec: ServiceSpec, extra: Partial<Service> = {}): Service {
  return { metadata: { namespace: 'x', name: 'web' }, spec: { ...base, ...spec }, ...extra }
}

type Endpoints = NonNullable<EndpointSlice['endpoints']>
function slice(endpoints: Endpoints, extra: Partial<EndpointSlice> = {}): EndpointSlice {
  const metadata = { namespace: 'x', name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } }
  return { metadata, addressType: 'IPv4', ports: [{ name: 'http', port: 8080, protocol: 'TCP' }], endpoints, ...extra }
}

const here = { addresses: ['10.244.0.5'], nodeName: 'here' }
const there = { addresses: ['10.244.1.6'], nodeName: 'there' }

/** 'LOOKUP KEY VALUE' of everything but what concerns hairpins and cluster IPs. */
function planned(services: readonly Service[], endpointSlices: readonly EndpointSlice[]): readonly string[] {
  const desired = planServices({ services, endpointSlices, nodeName: 'here' })
  return [...desired].flatMap(([lookup, keys]) =>
    lookup === 'hairpin' || lookup === 'cluster-ips'
      ? []
      : [...keys].map(([key, value]) => `${lookup} | ${key} | ${value ?? ''}`),
  )
}

const cases: readonly (readonly [name: string, Service, readonly EndpointSlice[], readonly string[]])[] = [
  [
    'spreads a cluster IP over all endpoints',
    service({}),
    [slice([there, here])],
    [
      `vips | 10.96.0.1 . ${vipPort} | goto vip-2`,
      `vip-to-2 | 10.96.0.1 . ${vipPort} . 0 | 10.244.0.5 . 8080`,
      `vip-to-2 | 10.96.0.1 . ${vipPort} . 1 | 10.244.1.6 . 8080`,
    ],
  ],
  ['refuses without endpoints', service({}), [], [`vips | 10.96.0.1 . ${vipPort} | goto refuse`]],
  [
    'refuses where no endpoint is ready',
    service({}),
    [slice([{ ...here, conditions: { ready: false } }])],
    [`vips | 10.96.0.1 . ${vipPort} | goto refuse`],
  ],
  [
    'falls back to endpoints that still serve while they end',
    service({}),
    [slice([{ ...here, conditions: { ready: false, serving: true, terminating: true } }])],
    [`vips | 10.96.0.1 . ${vipPort} | goto vip-1`, `vip-to-1 | 10.96.0.1 . ${vipPort} . 0 | 10.244.0.5 . 8080`],
  ],
  [
    'prefers ready ones to those',
    service({}),
    [slice([{ ...here, conditions: { ready: false, serving: true, terminating: true } }, there])],
    [`vips | 10.96.0.1 . ${vipPort} | goto vip-1`, `vip-to-1 | 10.96.0.1 . ${vipPort} . 0 | 10.244.1.6 . 8080`],
  ],
  [
    'finds the port by name, over several slices, each endpoint once',
    service({}),
    [
      slice([here]),
      slice([here, there], {
        metadata: { namespace: 'x', name: 'web-2', labels: { 'kubernetes.io/service-name': 'web' } },
      }),
    ],
    [
      `vips | 10.96.0.1 . ${vipPort} | goto vip-2`,
      `vip-to-2 | 10.96.0.1 . ${vipPort} . 0 | 10.244.0.5 . 8080`,
      `vip-to-2 | 10.96.0.1 . ${vipPort} . 1 | 10.244.1.6 . 8080`,
    ],
  ],
  [
    'ignores slices of IPv6 and of other ports',
    service({}),
    [
      slice([here], { addressType: 'IPv6' }),
      slice([here], { ports: [{ name: 'https', port: 8443, protocol: 'TCP' }] }),
    ],
    [`vips | 10.96.0.1 . ${vipPort} | goto refuse`],
  ],
  ['leaves headless services alone', service({ clusterIP: 'None', clusterIPs: ['None'] }), [slice([here])], []],
  ['leaves external names alone', service({ type: 'ExternalName', externalName: 'a.b' }), [slice([here])], []],
  [
    'leaves services of other proxies alone',
    service(
      {},
      { metadata: { namespace: 'x', name: 'web', labels: { 'service.kubernetes.io/service-proxy-name': 'mine' } } },
    ),
    [slice([here])],
    [],
  ],
  [
    'opens node ports and external IPs, hiding the client',
    service({ type: 'NodePort', ports: [{ ...port, nodePort: 30080 }], externalIPs: ['192.0.2.1'] }),
    [slice([here])],
    [
      `vips | 10.96.0.1 . ${vipPort} | goto vip-1`,
      `vips | 192.0.2.1 . ${vipPort} | goto vip-1-snat`,
      `vip-to-1 | 10.96.0.1 . ${vipPort} . 0 | 10.244.0.5 . 8080`,
      `vip-to-1 | 192.0.2.1 . ${vipPort} . 0 | 10.244.0.5 . 8080`,
      'ports | tcp . 30080 | goto port-1-snat',
      'port-to-1 | tcp . 30080 . 0 | 10.244.0.5 . 8080',
    ],
  ],
  [
    'keeps outside traffic on the node with externalTrafficPolicy Local',
    service({
      type: 'NodePort',
      ports: [{ ...port, nodePort: 30080 }],
      externalTrafficPolicy: 'Local',
      clusterIP: '10.96.0.1',
    }),
    [slice([here, there])],
    [
      `vips | 10.96.0.1 . ${vipPort} | goto vip-2`,
      `vip-to-2 | 10.96.0.1 . ${vipPort} . 0 | 10.244.0.5 . 8080`,
      `vip-to-2 | 10.96.0.1 . ${vipPort} . 1 | 10.244.1.6 . 8080`,
      'ports | tcp . 30080 | goto port-2',
      'port-to-2 | tcp . 30080 . 0 | 10.244.0.5 . 8080',
      'port-to-2 | tcp . 30080 . 1 | 10.244.1.6 . 8080',
      'ports-outside | tcp . 30080 | goto port-local-1',
      'port-local-to-1 | tcp . 30080 . 0 | 10.244.0.5 . 8080',
    ],
  ],
  [
    'drops it there when no endpoint is here',
    service({ type: 'NodePort', ports: [{ ...port, nodePort: 30080 }], externalTrafficPolicy: 'Local' }),
    [slice([there])],
    [
      `vips | 10.96.0.1 . ${vipPort} | goto vip-1`,
      `vip-to-1 | 10.96.0.1 . ${vipPort} . 0 | 10.244.1.6 . 8080`,
      'ports | tcp . 30080 | goto port-1',
      'port-to-1 | tcp . 30080 . 0 | 10.244.1.6 . 8080',
      'ports-outside | tcp . 30080 | drop',
    ],
  ],
  [
    'keeps inside traffic on the node with internalTrafficPolicy Local',
    service({ internalTrafficPolicy: 'Local' }),
    [slice([here, there])],
    [`vips | 10.96.0.1 . ${vipPort} | goto vip-1`, `vip-to-1 | 10.96.0.1 . ${vipPort} . 0 | 10.244.0.5 . 8080`],
  ],
  [
    'drops it when no endpoint is here',
    service({ internalTrafficPolicy: 'Local' }),
    [slice([there])],
    [`vips | 10.96.0.1 . ${vipPort} | drop`],
  ],
  [
    'remembers clients with session affinity, for as long as it says',
    service({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } } }),
    [slice([here])],
    [
      `vips | 10.96.0.1 . ${vipPort} | goto vip-1-affine`,
      `vip-to-1 | 10.96.0.1 . ${vipPort} . 0 | 10.244.0.5 . 8080`,
      `vip-affinity | 10.96.0.1 . ${vipPort} | 1`,
      'affinity-timeouts | 1 | goto remember-60',
    ],
  ],
  [
    'serves load balancer addresses, and only to who may come',
    service(
      { type: 'LoadBalancer', loadBalancerSourceRanges: ['10.0.0.0/8', '10.1.0.0/16', '192.0.2.0/24'] },
      { status: { loadBalancer: { ingress: [{ ip: '198.51.100.1' }, { ip: '198.51.100.2', ipMode: 'Proxy' }] } } },
    ),
    [],
    [
      `vips | 10.96.0.1 . ${vipPort} | goto refuse`,
      `vips | 198.51.100.1 . ${vipPort} | goto refuse`,
      `restricted | 198.51.100.1 . ${vipPort} | `,
      `allowed | 198.51.100.1 . ${vipPort} . 10.0.0.0/8 | `,
      `allowed | 198.51.100.1 . ${vipPort} . 192.0.2.0/24 | `,
    ],
  ],
]

describe('the plan of a service', () => {
  it.each(cases)('%s', (_, one, slices, expected) => {
    expect([...planned([one], slices)].sort()).toEqual([...expected].sort())
  })

  it('lets pods of this node reach themselves, and no others', () => {
    const desired = planServices({ services: [service({})], endpointSlices: [slice([here, there])], nodeName: 'here' })
    expect([...(desired.get('hairpin')?.keys() ?? [])]).toEqual(['10.244.0.5 . 10.244.0.5'])
    expect([...(desired.get('cluster-ips')?.keys() ?? [])]).toEqual(['10.96.0.1'])
  })

  it('gives an address that two services claim to the first by name, in whatever order they come', () => {
    const other = {
      ...service({ clusterIP: '10.96.0.2', clusterIPs: ['10.96.0.2'], externalIPs: ['192.0.2.1'] }),
      metadata: { namespace: 'x', name: 'a' },
    }
    const mine = service({ externalIPs: ['192.0.2.1'] })
    const winner = (services: readonly Service[]): unknown =>
      planServices({ services, endpointSlices: [slice([here])], nodeName: 'here' })
        .get('vips')
        ?.get(`192.0.2.1 . ${vipPort}`)
    expect(winner([mine, other])).toBe('goto refuse')
    expect(winner([other, mine])).toBe('goto refuse')
    expect(winner([mine])).toBe('goto vip-1-snat')
  })
})
