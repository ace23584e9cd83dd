import { describe, expect, it } from 'vitest'
import type { Endpoints, Service } from '../../api/kinds.generated.ts'
import { brief, readyStatus, sampleMeta, samplePod, sampleService, secondsAgo } from '../sample-objects.ts'
import { reconcileEndpoints } from './endpoints.ts'

const pod = (name: string, ip: string, ready: 'True' | 'False' = 'True', more: Parameters<typeof samplePod>[1] = {}) =>
  samplePod(name, { ...more, status: { podIP: ip, podIPs: [{ ip }], ...readyStatus(9, ready) } })
const spec = (more: Service['spec']) => sampleService({ spec: { ...sampleService().spec, ...more } })

function subsets(service: ReturnType<typeof sampleService>, pods: readonly ReturnType<typeof pod>[]) {
  const [action] = reconcileEndpoints({ service, pods })
  return action?.type === 'create' ? (action.object as Endpoints).subsets : undefined
}

describe('the Endpoints of a Service', () => {
  it('part ready addresses from others, in the order of addresses', () => {
    const pods = [pod('b', '10.1.0.3'), pod('a', '10.1.0.2'), pod('c', '10.1.0.1', 'False')]
    expect(subsets(sampleService(), pods)).toMatchObject([
      {
        addresses: [{ ip: '10.1.0.2', nodeName: 'n1', targetRef: { name: 'a', uid: 'uid-a' } }, { ip: '10.1.0.3' }],
        notReadyAddresses: [{ ip: '10.1.0.1' }],
        ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      },
    ])
  })

  it('leave out ending pods, but for those who publish all', () => {
    const ending = pod('a', '10.1.0.1', 'False', { metadata: { deletionTimestamp: secondsAgo(1) } })
    expect(subsets(sampleService(), [ending])).toEqual([])
    expect(subsets(spec({ publishNotReadyAddresses: true }), [ending])).toMatchObject([
      { addresses: [{ ip: '10.1.0.1' }] },
    ])
  })

  it('have addresses without ports for a headless Service that names none', () => {
    expect(subsets(spec({ clusterIP: 'None', ports: [] }), [pod('a', '10.1.0.1')])).toMatchObject([
      { addresses: [{ ip: '10.1.0.1' }] },
    ])
    expect(subsets(spec({ ports: [] }), [pod('a', '10.1.0.1')])).toEqual([])
  })

  it('hold 1000 addresses at most, and say that there are more', () => {
    const pods = Array.from({ length: 1001 }, (_, at) => pod(`p${at}`, `10.1.${at >> 8}.${at & 255}`))
    const [action] = reconcileEndpoints({ service: sampleService(), pods })
    const made = action?.type === 'create' ? (action.object as Endpoints) : undefined
    expect(made?.subsets?.[0]?.addresses).toHaveLength(1000)
    expect(made?.metadata?.annotations).toEqual({ 'endpoints.kubernetes.io/over-capacity': 'truncated' })
  })

  it('are written when they differ, and only then', () => {
    const pods = [pod('a', '10.1.0.1')]
    const [action] = reconcileEndpoints({ service: sampleService(), pods })
    const made = action?.type === 'create' ? action.object : { metadata: {} }
    const endpoints = {
      apiVersion: 'v1',
      kind: 'Endpoints',
      ...made,
      metadata: { ...sampleMeta('web'), ...made.metadata },
    }
    expect(reconcileEndpoints({ service: sampleService(), pods, endpoints })).toEqual([])
    expect(brief(reconcileEndpoints({ service: sampleService(), pods: [], endpoints }))).toEqual([
      'update endpoints/web',
    ])
    expect(brief(reconcileEndpoints({ pods: [], endpoints }))).toEqual(['delete endpoints/web'])
    const manual = sampleService({ spec: { clusterIP: '10.0.0.1' } })
    expect(reconcileEndpoints({ service: { ...manual, spec: { clusterIP: '10.0.0.1' } }, pods, endpoints })).toEqual([])
  })
})
