import { describe, expect, it } from 'vitest'
import type { AllocationResult, DeviceCapacity, DeviceRequest } from '../../api/kinds.generated.ts'
import { chosen, driver, gpu, request } from './test-devices.ts'

const shared = (capacity: Readonly<Record<string, DeviceCapacity>>, name = 'a0') =>
  gpu(name, '0', { allowMultipleAllocations: true, capacity })
const wanted = (memory: string, name = 'r') => request({ capacity: { requests: { memory } } }, name)
const steps = { default: '2Gi', validRange: { min: '2Gi', max: '8Gi', step: '2Gi' } }
const values = { default: '4Gi', validValues: ['1Gi', '4Gi'] }

/** What other claims have of the device a0. */
function others(...amounts: readonly string[]): Readonly<Record<string, AllocationResult>> {
  const results = amounts.map((memory, at) => ({
    request: 'q',
    driver,
    pool: 'p',
    device: 'a0',
    shareID: `share-${at}`,
    consumedCapacity: { memory },
  }))
  return { other: { devices: { results } } }
}

const none = 'cannot allocate all claims'
const memory = (value: string, requestPolicy?: DeviceCapacity['requestPolicy']) => ({
  memory: { value, ...(requestPolicy && { requestPolicy }) },
})

describe('of a device that several claims may have', () => {
  it.each<[string, Readonly<Record<string, DeviceCapacity>>, readonly DeviceRequest[], readonly string[] | string]>([
    ['each takes what it wants', memory('10Gi'), [wanted('3Gi')], ['r=a0 memory 3Gi']],
    [
      'one claim may have several shares',
      memory('10Gi'),
      [wanted('6Gi'), wanted('4Gi', 's')],
      ['r=a0 memory 6Gi', 's=a0 memory 4Gi'],
    ],
    ['but not more than there is', memory('10Gi'), [wanted('6Gi'), wanted('5Gi', 's')], none],
    ['who does not say takes all', memory('10Gi'), [request()], ['r=a0 memory 10Gi']],
    ['or what is usual', memory('10Gi', steps), [request()], ['r=a0 memory 2Gi']],
    ['no less than the least', memory('10Gi', steps), [wanted('1')], ['r=a0 memory 2Gi']],
    ['whole steps', memory('10Gi', steps), [wanted('4097Mi')], ['r=a0 memory 6Gi']],
    ['no more than the most', memory('10Gi', steps), [wanted('9Gi')], none],
    ['the next of the values', memory('10Gi', values), [wanted('2Gi')], ['r=a0 memory 4Gi']],
    ['no more than the largest value', memory('10Gi', values), [wanted('5Gi')], none],
    ['nothing that it does not have', { cores: { value: '4' } }, [wanted('1Gi')], none],
  ])('%s', (_, capacity, requests, expected) =>
    expect(chosen({ requests: [...requests] }, { slices: [{ devices: [shared(capacity)] }] })).toEqual(expected),
  )

  it('others may have had some already', () => {
    const slices = [{ devices: [shared(memory('10Gi'))] }]
    expect(chosen({ requests: [wanted('3Gi')] }, { slices, allocations: others('4Gi', '3Gi') })).toEqual([
      'r=a0 memory 3Gi',
    ])
    expect(chosen({ requests: [wanted('3Gi')] }, { slices, allocations: others('4Gi', '4Gi') })).toBe(none)
  })

  it('what it is made of counts once', () => {
    const consumesCounters = [{ counterSet: 'card', counters: { memory: { value: '20Gi' } } }]
    const counters = { sharedCounters: [{ name: 'card', counters: { memory: { value: '30Gi' } } }] }
    const devices = [{ ...shared(memory('10Gi')), consumesCounters }, gpu('b1', '1Gi', { consumesCounters })]
    const slices = [{ devices }, counters]
    expect(chosen({ requests: [wanted('3Gi'), wanted('3Gi', 's')] }, { slices })).toEqual([
      'r=a0 memory 3Gi',
      's=a0 memory 3Gi',
    ])
    const second = request({ selectors: [{ cel: { expression: `device.attributes['${driver}'].index == 1` } }] })
    expect(chosen({ requests: [second] }, { slices, allocations: others('1Gi') })).toBe(none)
    expect(chosen({ requests: [second] }, { slices })).toEqual(['r=b1'])
  })
})

it('A device for one claim alone is chosen by its capacity, too', () => {
  const slices = [{ devices: [gpu('a0', '1Gi'), gpu('a1', '4Gi')] }]
  expect(chosen({ requests: [wanted('2Gi')] }, { slices })).toEqual(['r=a1'])
  const all = request({ allocationMode: 'All', capacity: { requests: { memory: '2Gi' } } })
  expect(chosen({ requests: [all] }, { slices })).toEqual(['r=a1'])
})
