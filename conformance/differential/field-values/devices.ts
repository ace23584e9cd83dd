import type { KindValues } from './field-values.ts'
import { nodeTerms } from './shared.ts'

const device = (exactly: object): object => ({
  requests: [{ name: 'r', exactly: { deviceClassName: 'c', ...exactly } }],
})
const deviceValues: readonly unknown[] = [
  device({}),
  device({ deviceClassName: '' }),
  device({ deviceClassName: 'Upper' }),
  device({ allocationMode: 'All' }),
  device({ allocationMode: 'All', count: 2 }),
  device({ allocationMode: 'ExactCount', count: -1 }),
  device({ allocationMode: 'Other' }),
  device({ selectors: [{ cel: { expression: 'device.' } }, {}] }),
  device({ selectors: [{ cel: { expression: '1' } }] }),
  device({ tolerations: [{ key: 'bad key!', operator: 'Near', effect: 'Other' }] }),
  { requests: [{ name: 'r' }] },
  { requests: [{ name: 'Upper', exactly: { deviceClassName: 'c' } }] },
  {
    requests: [{ name: 'r', exactly: { deviceClassName: 'c' }, firstAvailable: [{ name: 's', deviceClassName: 'c' }] }],
  },
  {
    requests: [
      {
        name: 'r',
        firstAvailable: [
          { name: 's', deviceClassName: 'c' },
          { name: 's', deviceClassName: '' },
        ],
      },
    ],
  },
  {
    requests: [
      { name: 'r', exactly: { deviceClassName: 'c' } },
      { name: 'r', exactly: { deviceClassName: 'c' } },
    ],
  },
  { ...device({}), constraints: [{ requests: ['none'], matchAttribute: 'a.test/b' }, { matchAttribute: 'bad!' }, {}] },
  { ...device({}), config: [{ requests: ['r'], opaque: { driver: 'Bad Driver!', parameters: { a: 1 } } }, {}] },
]

export const devicesValues: KindValues = {
  deviceClasses: {
    'spec.selectors': [
      [],
      [{}],
      [{ cel: { expression: 'device.' } }],
      [{ cel: { expression: '1' } }],
      [{ cel: { expression: '' } }],
      [{ cel: { expression: 'device.attributes["a.test"].b == 1' } }],
    ],
    'spec.config': [
      [{ opaque: { driver: 'd.test', parameters: { a: 1 } } }],
      [{}],
      [{ opaque: { driver: 'Bad!', parameters: 'x' } }],
      [{ opaque: { driver: 'd.test' } }],
    ],
    'spec.extendedResourceName': ['a.test/b', 'cpu', 'bad name!', 'kubernetes.io/x'],
  },
  resourceClaims: { 'spec.devices': deviceValues },
  resourceClaimTemplates: {
    'spec.spec.devices': deviceValues,
    'spec.metadata': [{ labels: { a: 'b' } }, { labels: { 'bad key!': 'x' } }, { name: 'x', finalizers: ['a/b'] }],
  },
  resourceSlices: {
    'spec.driver': ['d.test', 'Bad!', '', 'D.test'],
    'spec.nodeName': ['m', 'Bad!', '', undefined],
    'spec.allNodes': [true, false],
    'spec.nodeSelector': nodeTerms,
    'spec.perDeviceNodeSelection': [true],
    'spec.pool': [
      { name: 'p', generation: 2, resourceSliceCount: 1 },
      { name: 'Bad!/x', generation: -1, resourceSliceCount: 0 },
      { name: '', resourceSliceCount: 1 },
      {},
    ],
    'spec.devices': [
      [],
      [{ name: 'Upper' }],
      [{ name: 'd' }, { name: 'd' }],
      [{ name: 'd', attributes: { a: { int: 1 }, 'a.test/b': { string: 'x' }, 'bad key!': { bool: true } } }],
      [
        {
          name: 'd',
          attributes: { a: {}, b: { int: 1, string: 'x' }, c: { version: 'x' }, d: { string: 'x'.repeat(70) } },
        },
      ],
      [{ name: 'd', capacity: { memory: { value: '1Gi' }, 'bad key!': { value: '1' } } }],
      [
        {
          name: 'd',
          taints: [
            { key: 'a', effect: 'NoSchedule' },
            { key: 'bad key!', effect: 'Other' },
          ],
        },
      ],
      [{ name: 'd', consumesCounters: [{ counterSet: 'none', counters: { a: { value: '1' } } }] }],
    ],
    'spec.sharedCounters': [
      [{ name: 'c', counters: { a: { value: '1' } } }],
      [{ name: 'Upper', counters: {} }],
      [
        { name: 'c', counters: { a: { value: '1' } } },
        { name: 'c', counters: { a: { value: '1' } } },
      ],
    ],
  },
}
