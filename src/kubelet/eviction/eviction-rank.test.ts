import { describe, expect, it } from 'vitest'
import { quantity } from '../../api/quantity.ts'
import type { KubeletPod } from '../pod-containers.ts'
import { testContainer, testPod } from '../test-pod.ts'
import { evictionMessage } from './eviction-message.ts'
import { evictionOrder, type PodUsage } from './eviction-rank.ts'
import type { Observations, Threshold } from './threshold.ts'

const mebibyte = 2 ** 20
const oneDisk = { dedicatedImageFs: false }
const podOf = (name: string, requests: Readonly<Record<string, string>> = {}, priority = 0): KubeletPod =>
  testPod({ priority, containers: [testContainer('c', { resources: { requests } })] }, { name })
const usage = (name: string, requestMi: number, usedMi: number, priority = 0): PodUsage => ({
  pod: podOf(name, requestMi === 0 ? {} : { memory: `${requestMi}Mi` }, priority),
  memoryBytes: new Map([['c', usedMi * mebibyte]]),
  processes: usedMi,
})
const onDisk = (
  name: string,
  rootMi: number,
  logsMi: number,
  requests?: Readonly<Record<string, string>>,
): PodUsage => {
  const amount = (mi: number) => ({ bytes: mi * mebibyte, inodes: mi })
  const containers = [{ name: 'c', rootfs: amount(rootMi), logs: amount(logsMi) }]
  const disk = { containers, volumes: new Map(), own: amount(0) }
  return { pod: podOf(name, requests), memoryBytes: new Map(), processes: 0, disk }
}
const namesOf = (usages: readonly PodUsage[]) => usages.map(({ pod }) => pod.metadata.name)

describe('who is evicted first', () => {
  it('for memory: who uses more than it asked for, the less important first, then who exceeds by the most', () => {
    const usages = [
      usage('modest', 100, 90),
      usage('critical', 0, 500, 2_000_000_000),
      usage('important', 0, 400, 10),
      usage('little', 0, 10),
      usage('much', 100, 150),
      usage('idle', 100, 10),
    ]
    expect(namesOf(evictionOrder('memory.available', usages, oneDisk))).toEqual([
      'much',
      'little',
      'important',
      'modest',
      'idle',
    ])
  })

  it('for processes: the less important, then who has most', () => {
    const usages = [usage('few', 0, 5), usage('important', 0, 900, 1), usage('many', 0, 70)]
    expect(namesOf(evictionOrder('pid.available', usages, oneDisk))).toEqual(['many', 'few', 'important'])
  })

  it('for the disk: by what lies on the file system that is full', () => {
    const usages = [
      onDisk('layers', 90, 1),
      onDisk('logs', 2, 50),
      onDisk('asked', 200, 0, { 'ephemeral-storage': '1Gi' }),
    ]
    const order = (signal: 'nodefs.available' | 'imagefs.available' | 'nodefs.inodesFree', dedicatedImageFs: boolean) =>
      namesOf(evictionOrder(signal, usages, { dedicatedImageFs }))
    expect(order('nodefs.available', false)).toEqual(['layers', 'logs', 'asked'])
    expect(order('nodefs.available', true)).toEqual(['logs', 'layers', 'asked'])
    expect(order('imagefs.available', true)).toEqual(['layers', 'logs', 'asked'])
    // Nobody can ask for inodes.
    expect(order('nodefs.inodesFree', false)[2]).toBe('asked')
  })

  it('never evicts a static pod', () => {
    const pinned = usage('static', 0, 900)
    const annotations = { 'kubernetes.io/config.source': 'file' }
    const pod = { ...pinned.pod, metadata: { ...pinned.pod.metadata, annotations } }
    expect(evictionOrder('memory.available', [{ ...pinned, pod }], oneDisk)).toEqual([])
  })
})

describe('what is said of an eviction', () => {
  const hard = (signal: Threshold['signal'], amount: string): Threshold => ({
    signal,
    value: { amount: quantity(amount) },
    graceMs: 0,
  })
  const seen = (signal: Threshold['signal'], available: string): Observations =>
    new Map([[signal, { available: quantity(available), capacity: quantity('4Gi') }]])
  const memory = [[hard('memory.available', '100Mi')], seen('memory.available', '99Mi')] as const

  it('is worded as by the original', () => {
    expect(evictionMessage('memory', usage('a', 10, 30), ...memory)).toEqual({
      message:
        'The node was low on resource: memory. Threshold quantity: 100Mi, available: 99Mi. Container c was using 30Mi, request is 10Mi, has larger consumption of memory. ',
      annotations: { offending_containers: 'c', offending_containers_usage: '30Mi', starved_resource: 'memory' },
    })
    expect(evictionMessage('memory', usage('a', 40, 30), ...memory).message).toBe(
      'The node was low on resource: memory. Threshold quantity: 100Mi, available: 99Mi. ',
    )
    const disk = [[hard('nodefs.available', '1Gi')], seen('nodefs.available', '1023Mi')] as const
    expect(evictionMessage('ephemeral-storage', onDisk('a', 30, 2), ...disk).message).toBe(
      'The node was low on resource: ephemeral-storage. Threshold quantity: 1Gi, available: 1023Mi. Container c was using 32Mi, request is 0, has larger consumption of ephemeral-storage. ',
    )
  })
})
