import { expect, it } from 'vitest'
import { canonicalQuantity, parseQuantity } from '../../api/quantity.ts'
import { defaultConfiguration, type KubeletConfiguration } from '../configuration/kubelet-configuration.ts'
import type { KubeletConfig } from '../kubelet-config.ts'
import { allocatableAmounts, allocatableFault, mostPods, podsLimits } from './node-allocatable.ts'

const gibibyte = 2 ** 30
const capacity = {
  cpus: 4,
  memoryBytes: 8 * gibibyte,
  ephemeralStorageBytes: 100 * gibibyte,
  pods: 110,
  processes: 32_768,
}
const node = (given: Partial<KubeletConfiguration>): KubeletConfig =>
  ({ capacity, configuration: { ...defaultConfiguration, ...given } }) as KubeletConfig
const reserved = {
  systemReserved: { cpu: '500m', memory: '1Gi', pid: '1000' },
  kubeReserved: { cpu: '100m', memory: '512Mi', 'ephemeral-storage': '1Gi' },
}

it('offers pods what neither the system nor eviction keeps', () => {
  expect(allocatableAmounts(node({}))).toMatchObject({ cpu: '4', memory: '8092Mi', pods: '110' })
  expect(allocatableAmounts(node(reserved))).toMatchObject({
    cpu: '3400m',
    memory: '6556Mi',
    // A tenth of the disk and what is reserved; in the original's 32-bit arithmetic.
    'ephemeral-storage': '95563022176',
  })
})

it('writes amounts as they are read back', () => {
  const amounts = allocatableAmounts(node({}))
  expect(amounts['ephemeral-storage']).toBe('96636764k')
  for (const text of Object.values(amounts)) {
    const parsed = parseQuantity(text)
    expect(parsed.ok && canonicalQuantity(parsed.value)).toBe(text)
  }
})

it('holds all pods together to what is not reserved', () => {
  expect(podsLimits(node(reserved))).toEqual({
    cpuShares: 3481,
    memoryLimitBytes: 6.5 * gibibyte,
    pidsLimit: 31_768,
  })
  expect(podsLimits(node({ ...reserved, enforceNodeAllocatable: ['none'] }))).toEqual({
    cpuShares: 4096,
    memoryLimitBytes: 8 * gibibyte,
    pidsLimit: 32_768,
  })
})

it('refuses to keep more than there is', () => {
  expect(allocatableFault(node({ systemReserved: { memory: '9Gi' } }))).toBe(
    'invalid Node Allocatable configuration. Resource "memory" has a reservation of 9Gi but capacity of 8Gi. Expected capacity >= reservation.',
  )
  expect(allocatableFault(node(reserved))).toBeUndefined()
})

it('takes as many pods as its processors bear', () => {
  expect(mostPods({ ...defaultConfiguration, podsPerCore: 10 }, 4)).toBe(40)
  expect(mostPods({ ...defaultConfiguration, podsPerCore: 100 }, 4)).toBe(110)
})
