import { expect, it } from 'vitest'
import { testNode } from '../test-cluster.ts'
import { chooseDevices, preferenceOf } from './choose-devices.ts'
import { chosen, claimOf, driver, gpu, pod, request, viewOf } from './test-devices.ts'

const part = { consumesCounters: [{ counterSet: 'card', counters: { memory: { value: '20Gi' } } }] }
const card = { sharedCounters: [{ name: 'card', counters: { memory: { value: '40Gi' } } }] }
const taints = [{ key: 'broken', effect: 'NoSchedule' }]

it('What devices that other nodes reach consume is not there any more', () => {
  const there = { nodeName: 'n2', devices: [gpu('b0', '1Gi', part), gpu('b1', '1Gi', part)] }
  const slices = [{ devices: [gpu('a0', '1Gi', part)] }, there, card]
  const has = (...devices: readonly string[]) => ({
    other: { devices: { results: devices.map((device) => ({ request: 'q', driver, pool: 'p', device })) } },
  })
  expect(chosen({ requests: [request()] }, { slices, allocations: has('b0') })).toEqual(['r=a0'])
  expect(chosen({ requests: [request()] }, { slices, allocations: has('b0', 'b1') })).toBe('cannot allocate all claims')
})

it.each([
  ['names that are not unique', [{ devices: [gpu('a0', '1Gi'), gpu('a0', '1Gi')] }]],
  ['counters that nobody knows', [{ devices: [gpu('a0', '1Gi', part)] }]],
  ['counter sets that are there twice', [{ devices: [gpu('a0', '1Gi', part)] }, card, card]],
])('A pool with %s gives nothing', (_, slices) => {
  expect(chosen({ requests: [request()] }, { slices })).toBe('invalid resource pools were encountered')
  expect(chosen({ requests: [request({ allocationMode: 'All' })] }, { slices })).toMatch(
    'asks for all devices, but resource pool gpu.example.com/p is currently invalid',
  )
})

it('Devices that have yet to be made ready come last, and are for the node that was chosen', () => {
  const late = { bindingConditions: ['Attached'], bindingFailureConditions: ['Broken'], bindsToNode: true }
  const pool = { name: 'a-fabric', generation: 1, resourceSliceCount: 1 }
  const everywhere = { devices: [gpu('f0', '1Gi', late)], nodeName: '', allNodes: true, pool }
  const slices = [everywhere, { devices: [gpu('a0', '1Gi')], pool: { ...pool, name: 'z' } }]
  expect(chosen({ requests: [request({ count: 2 })] }, { slices })).toEqual(['r=a0', 'r=f0'])
  const claim = claimOf({ requests: [request()] })
  const view = viewOf(claim, { slices: [everywhere] })
  const choice = chooseDevices(pod, { allocated: [], open: [claim] }, testNode('n7'), view)
  expect(choice.ok && choice.value.claims[0]?.allocation).toEqual({
    devices: {
      results: [
        {
          request: 'r',
          driver,
          pool: 'a-fabric',
          device: 'f0',
          bindingConditions: ['Attached'],
          bindingFailureConditions: ['Broken'],
        },
      ],
    },
    nodeSelector: {
      nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n7'] }] }],
    },
  })
})

it('Whoever only looks, and whoever wants all, has to tolerate taints as others', () => {
  const slices = [{ devices: [gpu('a0', '1Gi', { taints }), gpu('a1', '1Gi')] }]
  expect(chosen({ requests: [request({ adminAccess: true })] }, { slices })).toEqual(['r=a1'])
  expect(chosen({ requests: [request({ allocationMode: 'All' })] }, { slices })).toBe('cannot allocate all claims')
})

it('A claim gets no more devices than can be written into it', () => {
  const devices = Array.from({ length: 40 }, (_, at) => gpu(`a${at}`, '1Gi'))
  const requests = [request({ count: 32 }, 'r'), request({}, 's')]
  expect(chosen({ requests }, { slices: [{ devices }] })).toBe(
    'claim x/mine: number of requested devices 33 exceeds the claim limit of 32',
  )
  const ways = [
    { name: 'many', deviceClassName: 'gpu', count: 2 },
    { name: 'one', deviceClassName: 'gpu', count: 1 },
  ]
  const result = chosen(
    { requests: [request({ count: 31 }, 'r'), { name: 's', firstAvailable: ways }] },
    { slices: [{ devices }] },
  )
  expect(result[31]).toBe('s/one=a31')
})

it('The earlier a way stands that is taken, the better', () => {
  const ways = ['first', 'second'].map((name) => ({ name, deviceClassName: 'gpu', count: name === 'first' ? 2 : 1 }))
  const claim = claimOf({ requests: [{ name: 'r', firstAvailable: ways }] })
  const preference = (count: number) => {
    const slices = [{ devices: Array.from({ length: count }, (_, at) => gpu(`a${at}`, '1Gi')) }]
    const choice = chooseDevices(pod, { allocated: [], open: [claim] }, testNode('n1'), viewOf(claim, { slices }))
    return choice.ok && preferenceOf(choice.value)
  }
  expect([preference(1), preference(2)]).toEqual([7, 8])
})
