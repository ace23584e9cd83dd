import { afterEach, describe, expect, it } from 'vitest'
import { kinds } from '../../api/kinds.ts'
import { registration } from '../../api/rpc/device-plugin.generated.ts'
import { podResourcesLister } from '../../api/rpc/pod-resources.generated.ts'
import { rpcClient } from '../../client/rpc.ts'
import { simRun } from '../../host/contract/sim-run.ts'
import { simMachine } from '../../host/sim/machine.ts'
import type { Kubelet } from '../kubelet.ts'
import { startTestDevicePlugin, type TestDevicePluginParts } from '../plugins/test-device-plugin.ts'
import { kubeletWorld } from '../test-kubelet.ts'
import { testContainer } from '../test-pod.ts'

const resource = 'example.com/fan'
const folder = '/var/lib/kubelet/device-plugins'
const running: Kubelet[] = []
afterEach(async () => {
  for (const kubelet of running.splice(0)) await kubelet.stop()
})

const fan = (ID: string, health = 'Healthy') => ({ ID, health })
const wanting = (count: number, name = 'a') =>
  testContainer(name, { resources: { limits: { [resource]: String(count) }, requests: { [resource]: String(count) } } })

function world() {
  const simulated = simMachine()
  const kubelet = kubeletWorld(simulated, running)
  const { api, until, start } = kubelet
  const run = simRun(simulated.clock)
  const shown = (list: 'allocatable' | 'capacity') => api.find(kinds.nodes, 'n1')?.status[list]?.[resource]
  return {
    ...kubelet,
    clock: simulated.clock,
    pass: run,
    shown,
    /** A kubelet with a plugin of three devices. */
    async withFans(parts: Partial<TestDevicePluginParts> = {}) {
      await start()
      const plugin = await run(
        startTestDevicePlugin({
          grpc: simulated.grpc,
          folder,
          resource,
          devices: [fan('f1'), fan('f2'), fan('f3')],
          grant: (ids) => ({
            envs: { FANS: ids.join() },
            mounts: [{ containerPath: '/fan', hostPath: '/sys/fan', readOnly: true }],
            devices: [{ containerPath: '/dev/fan', hostPath: '/dev/null', permissions: 'rw' }],
            annotations: { fan: 'yes' },
            cdiDevices: [{ name: 'example.com/fan=one' }],
          }),
          ...parts,
        }),
      )
      expect((await run(plugin.register())).ok).toBe(true)
      await until('the node shows the devices', () => shown('allocatable') === '3')
      return plugin
    },
  }
}

describe('device plugins', () => {
  it('are seen on the node, and their devices in the containers that ask for some', async () => {
    const { withFans, run, until, isReady, runtime, pod, shown } = world()
    const plugin = await withFans({ prefer: (available, size) => [...available].reverse().slice(0, size) })
    run('cool', { containers: [wanting(2)] })
    await until('the pod is ready', () => isReady('cool'))
    expect(plugin.asked).toEqual(['allocate f3 f2', 'start f3 f2'])
    expect(runtime.specs[0]).toMatchObject({
      env: expect.arrayContaining([{ name: 'FANS', value: 'f3,f2' }]),
      mounts: expect.arrayContaining([
        { containerPath: '/fan', hostPath: '/sys/fan', readOnly: true, propagation: 'private' },
      ]),
      devices: [{ containerPath: '/dev/fan', hostPath: '/dev/null', permissions: 'rw' }],
      annotations: { fan: 'yes' },
      cdiDevices: ['example.com/fan=one'],
    })
    expect(pod('cool')?.status.containerStatuses?.[0]?.allocatedResourcesStatus).toEqual([
      {
        name: resource,
        resources: [
          { resourceID: 'f3', health: 'Healthy' },
          { resourceID: 'f2', health: 'Healthy' },
        ],
      },
    ])
    expect(shown('capacity')).toBe('3')
  })

  it('have no device twice: a pod that finds too few is refused, and those of one that ends are free again', async () => {
    const { withFans, run, until, isReady, pod, remove } = world()
    const plugin = await withFans()
    run('first', { containers: [wanting(2)] })
    await until('the first pod is ready', () => isReady('first'))
    run('second', { containers: [wanting(2)] })
    await until('the second pod is refused', () => pod('second')?.status.phase === 'Failed')
    expect(pod('second')?.status).toMatchObject({
      reason: 'UnexpectedAdmissionError',
      message: `Pod was rejected: Allocate failed due to requested number of devices unavailable for ${resource}. Requested: 2, Available: 1, which is unexpected`,
    })
    remove('first', 0)
    await until('the first pod has gone', () => plugin.asked.length > 0 && pod('first') === undefined)
    run('third', { containers: [wanting(3)] })
    await until('the third pod is ready', () => isReady('third'))
  })

  it('give the devices of init containers that end to the containers after them', async () => {
    const { withFans, run, until, isReady } = world()
    const plugin = await withFans()
    run('both', { initContainers: [wanting(2, 'first')], containers: [wanting(3)] })
    await until('devices are allocated twice', () => plugin.asked.length >= 2)
    expect(plugin.asked.slice(0, 2)).toEqual(['allocate f1 f2', 'allocate f1 f2 f3'])
    expect(isReady('both')).toBe(false)
  })

  it('say which of their devices are ill, and vanish from the node when they stay away', async () => {
    const { withFans, run, until, isReady, pod, shown, pass, clock } = world()
    const plugin = await withFans()
    run('cool', { containers: [wanting(1)] })
    await until('the pod is ready', () => isReady('cool'))
    plugin.setDevices([fan('f1', 'Unhealthy'), fan('f2'), fan('f3')])
    const health = () =>
      pod('cool')?.status.containerStatuses?.[0]?.allocatedResourcesStatus?.[0]?.resources?.[0]?.health
    await until('the pod shows it', () => health() === 'Unhealthy')
    await until('the node shows it', () => shown('allocatable') === '2')
    expect(shown('capacity')).toBe('3')
    await pass(plugin.stop())
    await until('no device can be had', () => shown('allocatable') === '0')
    expect(shown('capacity')).toBe('3')
    await until('there are none', () => shown('capacity') === '0')
    expect(clock.nowMs()).toBeGreaterThan(300_000)
  })

  it('are asked to register again by the next kubelet, which knows who has what', async () => {
    const { withFans, run, until, isReady, start, grpc, pass, pod, clock } = world()
    const plugin = await withFans()
    run('cool', { containers: [wanting(2)] })
    await until('the pod is ready', () => isReady('cool'))
    for (const kubelet of running.splice(0)) await kubelet.stop()
    await pass(plugin.stop())
    await start()
    const again = await pass(
      startTestDevicePlugin({ grpc, folder, resource, devices: [fan('f1'), fan('f2'), fan('f3')], grant: () => ({}) }),
    )
    expect((await pass(again.register())).ok).toBe(true)
    await clock.runUntil(clock.nowMs() + 15_000)
    run('more', { containers: [wanting(2)] })
    await until('a pod finds too few left', () => pod('more')?.status.reason === 'UnexpectedAdmissionError')
    expect(isReady('cool')).toBe(true)
    const lister = rpcClient(grpc.connect('/var/lib/kubelet/pod-resources/kubelet.sock'), podResourcesLister)
    const listed = await pass(lister.List({}))
    expect(listed.ok && listed.value.podResources).toMatchObject([
      {
        name: 'cool',
        namespace: 'shop',
        containers: [{ name: 'a', devices: [{ resourceName: resource, deviceIds: ['f1'] }, { deviceIds: ['f2'] }] }],
      },
    ])
    const one = await pass(lister.Get({ podName: 'none', podNamespace: 'shop' }))
    expect(!one.ok && one.error.message).toBe('pod none in namespace shop not found')
    const all = await pass(lister.GetAllocatableResources({}))
    expect(all.ok && all.value.devices).toHaveLength(3)
  })

  it('of another version are refused', async () => {
    const { start, grpc, pass } = world()
    await start()
    const client = rpcClient(grpc.connect(`${folder}/kubelet.sock`), registration)
    expect(await pass(client.Register({ version: 'v1alpha', resourceName: resource, endpoint: 'x' }))).toEqual({
      ok: false,
      error: {
        code: 'Unknown',
        message: 'requested API version "v1alpha" is not supported by kubelet. Supported version is ["v1beta1"]',
      },
    })
    const refused = await pass(client.Register({ version: 'v1beta1', resourceName: 'fan', endpoint: 'x' }))
    expect(!refused.ok && refused.error.message).toBe('the ResourceName "fan" is invalid')
  })
})
