import { afterEach, describe, expect, it } from 'vitest'
import { kinds } from '../../api/kinds.ts'
import { simMachine } from '../../host/sim/machine.ts'
import { DiskError } from '../../ports/disk.ts'
import type { KubeletConfiguration } from '../configuration/kubelet-configuration.ts'
import type { Kubelet } from '../kubelet.ts'
import { kubeletWorld } from '../test-kubelet.ts'
import { testContainer } from '../test-pod.ts'

const gibibyte = 2 ** 30
const running: Kubelet[] = []
afterEach(async () => {
  for (const kubelet of running.splice(0)) await kubelet.stop()
})

function world(configuration: Partial<KubeletConfiguration> = {}) {
  const simulated = simMachine()
  const made = kubeletWorld(simulated, running, configuration)
  const phase = (name: string) => made.pod(name)?.status.phase
  const condition = (type: string) =>
    made.api.find(kinds.nodes, 'n1')?.status.conditions?.find((one) => one.type === type)?.status
  const roomy = made.runtime.script.imageFs()
  const fill = (freeBytes: () => number): void => {
    made.runtime.script.imageFs = () => ({ ...roomy, freeBytes: freeBytes() })
  }
  return { ...made, clock: simulated.clock, disk: simulated.disk, phase, condition, fill }
}

describe('a disk that is full', () => {
  it('costs images and ended containers first, and no pod where that is enough', async () => {
    const { start, run, until, isReady, runtime, phase, condition, fill, events, clock } = world()
    runtime.images.add('old:1')
    await start()
    run('web')
    run('job', { restartPolicy: 'Never', containers: [testContainer('once')] })
    await until('the pods are ready', () => isReady('web') && isReady('job'))
    runtime.end('once', 0)
    await until('one is over', () => phase('job') === 'Succeeded')
    // An image that has just come may be for a container that is about to start.
    await clock.runUntil(clock.nowMs() + 300_000)
    fill(() => (runtime.images.has('old:1') ? gibibyte : 5 * gibibyte))
    const removed = () => runtime.calls.includes('remove image sha256:old:1')
    await until(
      'what nobody needs is removed',
      () => removed() && !runtime.containers().some(({ name }) => name === 'once'),
    )
    await until('the node says so', () => condition('DiskPressure') === 'True')
    expect(phase('web')).toBe('Running')
    expect(runtime.images.has('img:1')).toBe(true)
    expect(events()).toContain('EvictionThresholdMet: Attempting to reclaim ephemeral-storage')
  })

  it('then costs the pod that has written most', async () => {
    const { start, run, until, isReady, runtime, pod, phase, fill } = world()
    await start()
    run('writer', { containers: [testContainer('w')] })
    run('reader', { containers: [testContainer('r')] })
    await until('the pods are ready', () => isReady('writer') && isReady('reader'))
    runtime.script.layers.set('w', { bytes: 3 * 2 ** 20, inodes: 4 })
    fill(() => gibibyte)
    await until('one is evicted', () => phase('writer') === 'Failed')
    fill(() => 9 * gibibyte)
    expect(phase('reader')).toBe('Running')
    expect(pod('writer')?.status.message).toBe(
      'The node was low on resource: ephemeral-storage. Threshold quantity: 1610612800, available: 1Gi. Container w was using 3Mi, request is 0, has larger consumption of ephemeral-storage. ',
    )
  })
})

it('gives a pod that goes for a soft threshold the time that the node allows', async () => {
  const { start, run, until, isReady, runtime, phase, clock } = world({
    evictionSoft: { 'pid.available': '1000' },
    evictionSoftGracePeriod: { 'pid.available': '1m' },
    evictionMaxPodGracePeriod: 20,
  })
  await start()
  run('forker')
  await until('the pod is ready', () => isReady('forker'))
  const idle = runtime.script.machine
  runtime.script.machine = { ...idle, processes: 32_000 }
  const sinceMs = clock.nowMs()
  await until('it is evicted', () => phase('forker') === 'Failed')
  runtime.script.machine = idle
  expect(clock.nowMs() - sinceMs).toBeGreaterThanOrEqual(60_000)
  expect(runtime.calls).toContain('stop a 20')
})

it('ends a pod that has written more than it may, and says what', async () => {
  const { start, run, until, isReady, runtime, pod, phase, events } = world()
  await start()
  const limited = testContainer('a', { resources: { limits: { 'ephemeral-storage': '1Mi' } } })
  run('bounded', { containers: [limited] })
  await until('the pod is ready', () => isReady('bounded'))
  runtime.script.layers.set('a', { bytes: 2 * 2 ** 20, inodes: 1 })
  await until('it is evicted', () => phase('bounded') === 'Failed')
  const message = 'Pod ephemeral local storage usage exceeds the total limit of containers 1Mi. '
  expect(pod('bounded')?.status).toMatchObject({ reason: 'Evicted', message })
  expect(events()).toContain(`Evicted: ${message}`)
  // Whoever counts failures counts this one.
  expect(pod('bounded')?.status.conditions?.some(({ type }) => type === 'DisruptionTarget')).toBe(false)
})

it('tells when nothing that could be removed makes room, the second time', async () => {
  const { start, fill, events, clock } = world({ evictionHard: {} })
  fill(() => gibibyte / 2)
  await start()
  const message =
    "Insufficient free disk space on the node's image filesystem (95% of 10.0 GiB used). Failed to free sufficient space by deleting unused images (freed 0 bytes). Investigate disk usage, as it could be used by active images, logs, volumes, or other data."
  await clock.runUntil(clock.nowMs() + 10_000)
  expect(events()).toContain(`FreeDiskSpaceFailed: ${message}`)
  expect(events()).not.toContain(`ImageGCFailed: ${message}`)
  await clock.runUntil(clock.nowMs() + 310_000)
  expect(events()).toContain(`ImageGCFailed: ${message.replace('freed 0', 'freed 1000')}`)
})

it('goes on where the disk cannot be asked, and tells of it the second time', async () => {
  const { start, runtime, events, clock } = world({ evictionHard: {} })
  runtime.script.imageFs = () => {
    throw new DiskError('Io', '/images', 'EIO: the disk does not answer')
  }
  await start()
  await clock.runUntil(clock.nowMs() + 310_000)
  expect(events()).toContain('ImageGCFailed: EIO: the disk does not answer')
})
