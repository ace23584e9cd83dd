import { describe, expect, it } from 'vitest'
import type { PodSpec } from '../api/kinds.generated.ts'
import type { CgroupResources } from '../runtime/pod-runtime.ts'
import { podCgroup, podCgroupResources, widest } from './pod-cgroup.ts'
import { testContainer, testPod } from './test-pod.ts'

const limited = (name: string, cpu: string, memory: string) =>
  testContainer(name, { resources: { limits: { cpu, memory }, requests: { cpu, memory } } })
const mebibyte = 2 ** 20

type Case = Readonly<{ says: string; spec: Partial<PodSpec>; path: string; resources: CgroupResources }>
const cases: readonly Case[] = [
  {
    says: 'nothing is asked for',
    spec: {},
    path: 'kubepods/besteffort/poduid-1',
    resources: { cpuShares: 2 },
  },
  {
    says: 'all is limited',
    spec: { containers: [limited('a', '100m', '10Mi'), limited('b', '200m', '20Mi')] },
    path: 'kubepods/poduid-1',
    resources: { cpuShares: 307, cpuPeriodUs: 100_000, cpuQuotaUs: 30_000, memoryLimitBytes: 30 * mebibyte },
  },
  {
    says: 'one container has no limit',
    spec: {
      containers: [limited('a', '100m', '10Mi'), testContainer('b', { resources: { requests: { cpu: '50m' } } })],
    },
    path: 'kubepods/burstable/poduid-1',
    resources: { cpuShares: 153 },
  },
  {
    says: 'the pod as a whole is limited',
    spec: { resources: { limits: { cpu: '1', memory: '100Mi' } }, containers: [testContainer('a')] },
    path: 'kubepods/poduid-1',
    resources: { cpuShares: 2, cpuPeriodUs: 100_000, cpuQuotaUs: 100_000, memoryLimitBytes: 100 * mebibyte },
  },
  {
    says: 'its runtime class has an overhead',
    spec: { overhead: { cpu: '10m', memory: '1Mi' }, containers: [limited('a', '100m', '10Mi')] },
    path: 'kubepods/poduid-1',
    resources: { cpuShares: 112, cpuPeriodUs: 100_000, cpuQuotaUs: 11_000, memoryLimitBytes: 11 * mebibyte },
  },
]

describe("a pod's cgroup", () => {
  it.each(cases)('where $says', ({ spec, path, resources }) => {
    expect(podCgroup(testPod(spec))).toBe(path)
    expect(podCgroupResources(testPod(spec), { podPidsLimit: 64 })).toEqual({ ...resources, pidsLimit: 64 })
  })

  it('is wide enough for both while its containers change', () => {
    const small = { cpuShares: 10, cpuPeriodUs: 100_000, cpuQuotaUs: 1_000, memoryLimitBytes: 5 }
    const large = { cpuShares: 20, cpuPeriodUs: 100_000, cpuQuotaUs: 2_000, memoryLimitBytes: 3 }
    const both = { cpuShares: 20, cpuPeriodUs: 100_000, cpuQuotaUs: 2_000, memoryLimitBytes: 5 }
    expect(widest(small, large)).toEqual(both)
    expect(widest(small, { cpuShares: 2 })).toEqual({ cpuShares: 10 })
  })
})
