import { describe, expect, it } from 'vitest'
import type { IPAddress, ServiceCIDR } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import { brief, sampleMeta, sampleNowMs, secondsAgo } from '../sample-objects.ts'
import { type ObservedServiceCidr, reconcileServiceCidr } from './service-cidr.ts'

const finalizers = ['networking.k8s.io/service-cidr-finalizer']
const conditions = [
  { type: 'Ready', status: 'True', reason: '', message: 'is', lastTransitionTime: secondsAgo(9) },
] as const

function rangeOf(name: string, cidrs: readonly string[], more: object = {}): Stored<ServiceCIDR> {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    metadata: sampleMeta(name, { finalizers, ...more }),
    spec: { cidrs },
    status: { conditions },
  }
}

function leaving(seconds: number): Stored<ServiceCIDR> {
  return rangeOf('r', ['10.0.0.0/24'], { deletionTimestamp: secondsAgo(seconds) })
}

const address: Stored<IPAddress> = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IPAddress',
  metadata: sampleMeta('10.0.0.7'),
  spec: { parentRef: { resource: 'services', name: 's' } },
}

function decided(range: Stored<ServiceCIDR>, more: Partial<ObservedServiceCidr> = {}): readonly string[] {
  return brief(reconcileServiceCidr({ range, ranges: [range], addresses: [], nowMs: sampleNowMs, ...more }))
}

describe('a service range', () => {
  const wide = rangeOf('wide', ['10.0.0.0/16'])
  const same = rangeOf('same', ['10.0.0.0/24'])
  const other = rangeOf('other', ['10.9.0.0/24'])
  it.each<[string, readonly string[], readonly string[]]>([
    [
      'that is new is guarded and becomes ready',
      decided({ ...rangeOf('r', ['10.0.0.0/24'], { finalizers: [] }), status: {} }),
      ['patch servicecidrs/r', 'updateStatus servicecidrs/r'],
    ],
    ['that is ready stays so', decided(rangeOf('r', ['10.0.0.0/24'])), []],
    ['that nobody needs goes after a while', decided(leaving(3)), ['requeue 7000']],
    ['that nobody needs goes', decided(leaving(10)), ['patch servicecidrs/r']],
    ['that an address needs stays', decided(leaving(99), { addresses: [address] }), ['updateStatus servicecidrs/r']],
    [
      'within a wider one goes',
      decided(leaving(10), { addresses: [address], ranges: [leaving(10), wide] }),
      ['patch servicecidrs/r'],
    ],
    [
      'that is there twice goes',
      decided(leaving(10), { addresses: [address], ranges: [leaving(10), same] }),
      ['patch servicecidrs/r'],
    ],
    [
      'beside another stays',
      decided(leaving(10), { addresses: [address], ranges: [leaving(10), other] }),
      ['updateStatus servicecidrs/r'],
    ],
  ])('%s', (_, actions, expected) => {
    expect(actions).toEqual(expected)
  })
})
