import { describe, expect, it } from 'vitest'
import type { EndpointSlice, Endpoints, ObjectMeta } from '../../api/kinds.generated.ts'
import { brief, sampleMeta, sampleService } from '../sample-objects.ts'
import { mirrorManager, reconcileMirror } from './endpoint-slice-mirroring.ts'

const manual = { ...sampleService(), spec: { clusterIP: '10.0.0.1' } }
const http = [{ name: 'http', port: 80, protocol: 'TCP' }]
const custom = (subsets: NonNullable<Endpoints['subsets']>, metadata: ObjectMeta = {}) => ({
  apiVersion: 'v1',
  kind: 'Endpoints',
  metadata: sampleMeta('web', metadata),
  subsets,
})
const one = [{ addresses: [{ ip: '10.1.2.3' }], ports: http }]

function made(endpoints: ReturnType<typeof custom>) {
  return reconcileMirror({ endpoints, service: manual, slices: [] }).flatMap((action) =>
    action.type === 'create' ? [action.object as EndpointSlice] : [],
  )
}

function stored(endpoints: ReturnType<typeof custom>) {
  return made(endpoints).map((slice, at) => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    ...slice,
    metadata: { ...sampleMeta(`web-${at}`), ...slice.metadata },
  }))
}

describe('the mirror of custom Endpoints', () => {
  it('is a slice for each family of addresses and set of ports, with their labels and annotations', () => {
    const subsets = [
      {
        addresses: [{ ip: '10.1.2.3', hostname: 'a' }, { ip: 'fd00::1' }],
        notReadyAddresses: [{ ip: '10.1.2.4' }],
        ports: http,
      },
      { addresses: [{ ip: '10.1.2.5' }], ports: [{ port: 81, protocol: 'TCP' }] },
    ]
    const annotations = { own: 'kept', 'kubectl.kubernetes.io/last-applied-configuration': '{}' }
    const slices = made(custom(subsets, { labels: { app: 'web' }, annotations }))
    expect(slices).toMatchObject([
      {
        addressType: 'IPv4',
        endpoints: [
          { addresses: ['10.1.2.3'], conditions: { ready: true }, hostname: 'a' },
          { addresses: ['10.1.2.4'], conditions: { ready: false } },
        ],
        ports: http,
      },
      { addressType: 'IPv6', endpoints: [{ addresses: ['fd00::1'] }], ports: http },
      { addressType: 'IPv4', endpoints: [{ addresses: ['10.1.2.5'] }], ports: [{ name: '', port: 81 }] },
    ])
    expect(slices[0]?.metadata).toMatchObject({
      generateName: 'web-',
      labels: {
        app: 'web',
        'kubernetes.io/service-name': 'web',
        'endpointslice.kubernetes.io/managed-by': mirrorManager,
      },
      ownerReferences: [{ kind: 'Endpoints', name: 'web', controller: true }],
    })
    expect(slices[0]?.metadata?.annotations).toEqual({ own: 'kept' })
  })

  it('follows its Endpoints, and is written only when they differ', () => {
    const slices = stored(custom(one))
    expect(reconcileMirror({ endpoints: custom(one), service: manual, slices })).toEqual([])
    const moved = custom([{ addresses: [{ ip: '10.2.3.4' }], ports: http }])
    expect(brief(reconcileMirror({ endpoints: moved, service: manual, slices }))).toEqual([
      'update endpointslices/web-0',
    ])
    expect(brief(reconcileMirror({ slices }))).toEqual(['delete endpointslices/web-0'])
  })

  it.each([
    ['whose label says so', custom(one, { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }), manual],
    ['that are a lease', custom(one, { annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } }), manual],
    ['whose Service selects pods', custom(one), sampleService()],
    ['without a Service', custom(one), undefined],
  ])('is not made of Endpoints %s', (_, endpoints, service) => {
    const observed = { endpoints, ...(service === undefined ? {} : { service }) }
    expect(reconcileMirror({ ...observed, slices: [] })).toEqual([])
    expect(brief(reconcileMirror({ ...observed, slices: stored(custom(one)) }))).toEqual([
      'delete endpointslices/web-0',
    ])
  })

  it('leaves out what is no address and what is too many, and says so', () => {
    const many = Array.from({ length: 1002 }, (_, at) => ({ ip: `10.1.${at >> 8}.${at & 255}` }))
    const endpoints = custom([{ addresses: [{ ip: 'nowhere' }, ...many], ports: http }])
    expect(made(endpoints)[0]?.endpoints).toHaveLength(1000)
    expect(reconcileMirror({ endpoints, service: manual, slices: [] })).toMatchObject([
      { reason: 'InvalidIPAddress', message: 'Skipped 1 invalid IP addresses when mirroring to EndpointSlices' },
      { reason: 'TooManyAddressesToMirror' },
      { type: 'create' },
    ])
  })
})
