import { describe, expect, it } from 'vitest'
import type { ResourceClaimSpec } from '../../api/kinds.generated.ts'
import { testNode, testPod } from '../test-cluster.ts'
import { chooseDevices, podDevices } from './choose-devices.ts'
import { cel, chosen, claimOf, driver, gpu, pod, request, standard, viewOf } from './test-devices.ts'

describe('devices are chosen', () => {
  it.each<[string, ResourceClaimSpec['devices'], readonly string[] | string]>([
    ['one, unless more are wanted', { requests: [request()] }, ['r=a0']],
    ['as many as are wanted', { requests: [request({ count: 3 })] }, ['r=a0', 'r=a1', 'r=b2']],
    ['not more than there are', { requests: [request({ count: 5 })] }, 'cannot allocate all claims'],
    [
      'all that match',
      { requests: [request({ allocationMode: 'All', selectors: cel(`device.attributes['${driver}'].model == 'b'`) })] },
      ['r=b2', 'r=b3'],
    ],
    [
      'by capacity',
      {
        requests: [request({ selectors: cel(`device.capacity['${driver}'].memory.isGreaterThan(quantity('20Gi'))`) })],
      },
      ['r=b2'],
    ],
    [
      'by driver',
      { requests: [request({ selectors: cel(`device.driver == 'other'`) })] },
      'cannot allocate all claims',
    ],
    [
      'with no error for a domain that they do not know',
      { requests: [request({ selectors: cel(`'x' in device.attributes['none.example.com']`) })] },
      'cannot allocate all claims',
    ],
    [
      'not by what cannot be computed',
      { requests: [request({ selectors: cel(`device.attributes['${driver}'].nothing == 'b'`) })] },
      'claim x/mine: selector #0: CEL runtime error: no such key: nothing',
    ],
    [
      'of the same kind where that is asked, even if the first would have done for one request',
      {
        requests: [request({}, 'r'), request({ selectors: cel(`device.attributes['${driver}'].model == 'b'`) }, 's')],
        constraints: [{ matchAttribute: `${driver}/model` }],
      },
      ['r=b2', 's=b3'],
    ],
    [
      'of different kinds where that is asked',
      { requests: [request({ count: 2 })], constraints: [{ requests: ['r'], distinctAttribute: `${driver}/model` }] },
      ['r=a0', 'r=b2'],
    ],
    [
      'the first available of several',
      {
        requests: [
          {
            name: 'r',
            firstAvailable: [
              { name: 'many', deviceClassName: 'gpu', count: 9 },
              { name: 'few', deviceClassName: 'gpu', count: 2 },
            ],
          },
        ],
      },
      ['r/few=a0', 'r/few=a1'],
    ],
    [
      'of a class that there is',
      { requests: [request({ deviceClassName: 'x' })] },
      'request r: device class x does not exist',
    ],
  ])('%s', (_, devices, expected) => expect(chosen(devices)).toEqual(expected))

  it('where they can be reached from, and nobody else has them', () => {
    expect(chosen({ requests: [request()] }, {}, 'n2')).toBe('cannot allocate all claims')
    const slices = [{ devices: standard, nodeName: '', allNodes: true }]
    expect(chosen({ requests: [request()] }, { slices }, 'n2')).toEqual(['r=a0'])
    const taken = { devices: { results: [{ request: 'q', driver, pool: 'p', device: 'a0' }] } }
    expect(chosen({ requests: [request()] }, { allocations: { other: taken } })).toEqual(['r=a1'])
    const watched = { devices: { results: [{ request: 'q', driver, pool: 'p', device: 'a0', adminAccess: true }] } }
    expect(chosen({ requests: [request()] }, { allocations: { other: watched } })).toEqual(['r=a0'])
    expect(chosen({ requests: [request({ adminAccess: true })] }, { allocations: { other: taken } })).toEqual(['r=a0'])
  })

  it('from whole pools in their newest generation', () => {
    const pool = { name: 'p', generation: 1, resourceSliceCount: 2 }
    const half = [{ devices: standard, pool }]
    expect(chosen({ requests: [request()] }, { slices: half })).toBe('cannot allocate all claims')
    const all = request({ allocationMode: 'All' })
    expect(chosen({ requests: [all] }, { slices: half })).toMatch(
      'resource pool gpu.example.com/p is currently being updated',
    )
    const next = { devices: [gpu('c9', '1Gi')], pool: { ...pool, generation: 2, resourceSliceCount: 1 } }
    expect(chosen({ requests: [request()] }, { slices: [...half, next] })).toEqual(['r=c9'])
  })

  it('by what their class says, whose configuration goes with them', () => {
    const classes = {
      gpu: {
        selectors: cel(`device.attributes['${driver}'].index > 1`),
        config: [{ opaque: { driver, parameters: { mode: 'fast' } } }],
      },
    }
    const claim = claimOf({ requests: [request()], config: [{ requests: ['r'], opaque: { driver, parameters: {} } }] })
    const view = viewOf(claim, { classes })
    const choice = chooseDevices(pod, { allocated: [], open: [claim] }, testNode('n1'), view)
    expect(choice.ok && choice.value.claims[0]?.allocation).toEqual({
      devices: {
        results: [{ request: 'r', driver, pool: 'p', device: 'b2' }],
        config: [
          { source: 'FromClass', requests: ['r'], opaque: { driver, parameters: { mode: 'fast' } } },
          { source: 'FromClaim', requests: ['r'], opaque: { driver, parameters: {} } },
        ],
      },
      nodeSelector: {
        nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }],
      },
    })
  })

  it('unless they are tainted, or what they share is used up', () => {
    const taints = [{ key: 'broken', effect: 'NoSchedule' }]
    const slices = [{ devices: [gpu('a0', '1Gi', { taints })] }]
    expect(chosen({ requests: [request()] }, { slices })).toBe('cannot allocate all claims')
    const tolerations = [{ key: 'broken', operator: 'Exists' }]
    expect(chosen({ requests: [request({ tolerations })] }, { slices })).toEqual(['r=a0'])
    const part = { consumesCounters: [{ counterSet: 'card', counters: { memory: { value: '20Gi' } } }] }
    const shared = [
      {
        devices: [gpu('a0', '20Gi', part), gpu('a1', '20Gi', part), gpu('a2', '20Gi', part)],
        sharedCounters: [{ name: 'card', counters: { memory: { value: '40Gi' } } }],
      },
    ]
    expect(chosen({ requests: [request({ count: 2 })] }, { slices: shared })).toEqual(['r=a0', 'r=a1'])
    expect(chosen({ requests: [request({ count: 3 })] }, { slices: shared })).toBe('cannot allocate all claims')
  })
})

describe('a pod whose claim has its devices', () => {
  const nodeSelector = {
    nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }],
  }

  it('goes where they are', () => {
    const claim = claimOf({}, { allocation: { nodeSelector } })
    const view = viewOf(claim, {})
    const needs = podDevices(pod, view)
    if (!needs.ok || needs.value === undefined) throw new Error('needs devices')
    expect(chooseDevices(pod, needs.value, testNode('n1'), view)).toMatchObject({ value: { claims: [{ claim }] } })
    const elsewhere = chooseDevices(pod, needs.value, testNode('n2'), view)
    expect(!elsewhere.ok && elsewhere.error).toBe('resourceclaim not available on the node')
  })

  it('waits until the claim is there, and while it is being allocated', () => {
    const claim = claimOf({ requests: [request()] })
    const under = viewOf(claim, { allocations: { 'uid-mine': {} } })
    expect(podDevices(pod, under)).toMatchObject({
      error: 'resource claim x/mine is in the process of being allocated',
    })
    const other = testPod('web', { spec: { resourceClaims: [{ name: 'gpu', resourceClaimName: 'none' }] } })
    expect(podDevices(other, under)).toMatchObject({ error: 'resourceclaim "none" not found' })
    expect(podDevices(testPod('plain'), under)).toMatchObject({ value: undefined })
  })
})
