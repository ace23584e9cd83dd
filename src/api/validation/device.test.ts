import { expect, it } from 'vitest'
import type { Device } from '../kinds.generated.ts'
import { validateDevice } from './device.ts'

const told = (device: Omit<Device, 'name'>, old?: Device): readonly string[] =>
  validateDevice('d', { name: 'd', ...device }, { isPerDevice: false, old }).map(
    ({ field, message }) => `${field}: ${message}`,
  )
const shared = (requestPolicy: object): Omit<Device, 'name'> => ({
  allowMultipleAllocations: true,
  capacity: { m: { value: '4', requestPolicy } },
})

/** As kube-apiserver 1.36.1 answers. */
it.each<[Omit<Device, 'name'>, string[]]>([
  [{ attributes: { a: { version: '1.2.3-x.1+b' } } }, []],
  [
    { attributes: { a: { version: '1.2' } } },
    ['d.attributes[a].version: Invalid value: "1.2": must be a string compatible with semver.org spec 2.0.0'],
  ],
  [{ attributes: { a: {} } }, ['d.attributes[a]: Invalid value: "": exactly one value must be specified']],
  [shared({ default: '2', validValues: ['1', '2'] }), []],
  [
    shared({ default: '3', validValues: ['2', '1', '5'] }),
    [
      'd.capacity[m].requestPolicy.validValues[1]: Invalid value: "1": values must be sorted in ascending order',
      'd.capacity[m].requestPolicy.validValues[2]: Invalid value: "5": option is larger than capacity value: 4',
      'd.capacity[m].requestPolicy.validValues: Invalid value: "3": default value is not valid according to the requestPolicy',
    ],
  ],
  [
    shared({ default: '2', validRange: { min: '1', step: '2' } }),
    [
      'd.capacity[m].requestPolicy.validRange.step: Invalid value: "2": value is not a multiple of a given step (2) from (1)',
    ],
  ],
  [
    { bindingConditions: ['a'] },
    ['d.bindingFailureConditions: Invalid value: null: bindingFailureConditions are required to use bindingConditions'],
  ],
  [{ consumesCounters: [{ counterSet: 'c', counters: {} }] }, ['d.consumesCounters[0].counters: Required value']],
])('%j', (device, errors) => {
  expect(told(device)).toEqual(errors)
})

it('looks at taints only where they have changed', () => {
  const taints = [{ key: 'a', effect: 'Gone' as 'None' }]
  expect(told({ taints })).toEqual([
    'd.taints[0].effect: Unsupported value: "Gone": supported values: "NoExecute", "NoSchedule", "None"',
  ])
  expect(told({ taints }, { name: 'd', taints })).toEqual([])
})
