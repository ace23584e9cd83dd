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
      [{ cel: { expression: 'device.attributes["a.test"].b' } }],
      [{ cel: { expression: 'cel.bind(a, device.attributes["a.test"], a.b && a.c)' } }],
      [{ cel: { expression: 'cel.bind(a.b, 1, true)' } }],
      [{ cel: { expression: 'device.capacity["a.test"].b.isGreaterThan(quantity("1Gi")) && device.other' } }],
      [{ cel: { expression: 'device.attributes.all(a, device.attributes.all(b, device.attributes.all(c, a == b)))' } }],
      [{ cel: { expression: 'device.attributes.all(a, device.attributes.all(b, a.matches(b)))' } }],
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
      // One attribute each: errors of several come in the order of Go's maps.
      ...[{}, { int: 1, string: 'x' }, { version: 'x' }, { string: 'x'.repeat(70) }].map((a) => [
        { name: 'd', attributes: { a } },
      ]),
      [
        {
          name: 'd',
          allowMultipleAllocations: true,
          capacity: { m: { value: '4', requestPolicy: { validRange: {} } } },
        },
      ],
      [{ name: 'd', capacity: { m: { value: '4', requestPolicy: { default: '1' } } } }],
      [
        {
          name: 'd',
          allowMultipleAllocations: true,
          capacity: {
            m: { value: '4', requestPolicy: { default: '3', validRange: { min: '5', max: '2', step: '2' } } },
          },
        },
      ],
      [{ name: 'd', bindingConditions: ['a', 'bad key!', 'a'] }],
      [{ name: 'd', bindingConditions: ['a'], bindingFailureConditions: ['a', 'b'] }],
      [{ name: 'd', consumesCounters: [{ counterSet: 'Upper', counters: {} }] }],
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
