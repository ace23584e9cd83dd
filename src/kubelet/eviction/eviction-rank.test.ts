import { expect, it } from 'vitest'
import { testContainer, testPod } from '../test-pod.ts'
import { evictionMessage, evictionOrder, type PodUsage } from './eviction-rank.ts'

const mebibyte = 2 ** 20
const usage = (name: string, requestMi: number, usedMi: number, priority = 0): PodUsage => {
  const resources = requestMi === 0 ? {} : { requests: { memory: `${requestMi}Mi` } }
  const pod = testPod({ priority, containers: [testContainer('c', { resources })] }, { name })
  return { pod, memoryBytes: new Map([['c', usedMi * mebibyte]]) }
}

it('ends first what uses more than it asked for, the less important first, then what exceeds by the most', () => {
  const order = evictionOrder([
    usage('modest', 100, 90),
    usage('critical', 0, 500, 2_000_000_000),
    usage('important', 0, 400, 10),
    usage('little', 0, 10),
    usage('much', 100, 150),
    usage('idle', 100, 10),
  ])
  expect(order.map(({ pod }) => pod.metadata.name)).toEqual(['much', 'little', 'important', 'modest', 'idle'])
})

it('is worded as by the original', () => {
  expect(evictionMessage(usage('a', 10, 30), 99 * mebibyte)).toBe(
    'The node was low on resource: memory. Threshold quantity: 100Mi, available: 99Mi. Container c was using 30Mi, request is 10Mi, has larger consumption of memory. ',
  )
  expect(evictionMessage(usage('a', 40, 30), 99 * mebibyte)).toBe(
    'The node was low on resource: memory. Threshold quantity: 100Mi, available: 99Mi. ',
  )
})
