import { afterEach, describe, expect, it } from 'vitest'
import { kinds } from '../../api/kinds.ts'
import { podResourcesLister } from '../../api/rpc/pod-resources.generated.ts'
import { rpcClient } from '../../client/rpc.ts'
import { simRun } from '../../host/contract/sim-run.ts'
import { simMachine } from '../../host/sim/machine.ts'
import type { Kubelet } from '../kubelet.ts'
import { kubeletWorld } from '../test-kubelet.ts'
import { testContainer } from '../test-pod.ts'
import { startTestDraDriver } from './test-dra-driver.ts'

const root = '/var/lib/kubelet'
const driver = 'dra.example.com'
const running: Kubelet[] = []
afterEach(async () => {
  for (const kubelet of running.splice(0)) await kubelet.stop()
})

const claiming = {
  resourceClaims: [{ name: 'gpu', resourceClaimName: 'mine' }],
  containers: [testContainer('a', { resources: { claims: [{ name: 'gpu', request: 'req' }] } }), testContainer('b')],
}

function world() {
  const machine = simMachine()
  const kubelet = kubeletWorld(machine, running)
  const pass = simRun(machine.clock)
  return {
    ...kubelet,
    clock: machine.clock,
    pass,
    drive: async () => {
      await kubelet.start()
      const made = await pass(
        startTestDraDriver({ ...machine, root, name: driver, cdiDevices: ['example.com/gpu=one'] }),
      )
      await kubelet.until('the driver is registered', () => made.calls.includes('registered'))
      made.calls.length = 0
      return made
    },
    allocate: (...pods: readonly string[]) => {
      const results = [{ request: 'req', driver, pool: 'pool', device: 'dev' }]
      const reservedFor = pods.map((uid) => ({ resource: 'pods', name: 'x', uid }))
      kubelet.api.put(kinds.resourceClaims, {
        metadata: { name: 'mine', namespace: 'shop', uid: 'claim-uid' },
        status: { allocation: { devices: { results } }, reservedFor },
      })
    },
  }
}

describe('resource claims', () => {
  it('are prepared before the pod’s containers are made, which have their devices, and given back after its end', async () => {
    const { drive, allocate, run, until, isReady, runtime, pod, remove, grpc, pass } = world()
    const { calls } = await drive()
    const made = run('web', claiming)
    allocate(made.metadata.uid)
    await until('the pod is ready', () => isReady('web'))
    expect(calls).toEqual(['prepare mine'])
    expect(runtime.specs.find(({ name }) => name === 'a')?.cdiDevices).toEqual(['example.com/gpu=one'])
    expect(runtime.specs.find(({ name }) => name === 'b')?.cdiDevices).toBeUndefined()
    const lister = rpcClient(grpc.connect(`${root}/pod-resources/kubelet.sock`), podResourcesLister)
    const told = await pass(lister.Get({ podName: 'web', podNamespace: 'shop' }))
    expect(told.ok && told.value.podResources?.containers[0]?.dynamicResources).toMatchObject([
      { claimName: 'mine', claimResources: [{ driverName: driver, poolName: 'pool', deviceName: 'dev' }] },
    ])
    remove('web', 0)
    await until('the pod is gone', () => pod('web') === undefined)
    expect(calls).toEqual(['prepare mine', 'unprepare mine'])
  })

  it('hold the pod back until they can be prepared, which is told', async () => {
    const { drive, allocate, run, until, isReady, events } = world()
    const made = await drive()
    const { uid } = run('web', claiming).metadata
    const failed = 'FailedPrepareDynamicResources: Failed to prepare dynamic resources: '
    await until('there is no claim', () =>
      events().some((event) => event.startsWith(`${failed}fetch ResourceClaim mine`)),
    )
    allocate('other')
    const refusal = `${failed}pod web (${uid}) is not allowed to use ResourceClaim mine (claim-uid)`
    await until('it is not the pod’s', () => events().includes(refusal))
    made.breakWith('no power')
    allocate(uid)
    const broken = `${failed}NodePrepareResources failed for ResourceClaim mine: no power`
    await until('the driver fails', () => events().includes(broken))
    made.breakWith('')
    await until('the pod is ready', () => isReady('web'))
  })

  it('are prepared once for all pods of the node, also over the kubelet’s restart', async () => {
    const { drive, allocate, run, until, isReady, start, pod, remove } = world()
    const { calls } = await drive()
    const [one, two] = [run('one', claiming), run('two', claiming)]
    allocate(one.metadata.uid, two.metadata.uid)
    await until('both are ready', () => isReady('one') && isReady('two'))
    for (const kubelet of running.splice(0)) await kubelet.stop()
    await start()
    remove('one', 0)
    await until('the first is gone', () => pod('one') === undefined)
    expect(calls.filter((call) => call !== 'registered')).toEqual(['prepare mine'])
    remove('two', 0)
    await until('the second is gone', () => pod('two') === undefined)
    expect(calls.filter((call) => call !== 'registered')).toEqual(['prepare mine', 'unprepare mine'])
  })

  it('have the devices of a driver that stays away withdrawn', async () => {
    const { drive, api, until, pass } = world()
    const made = await drive()
    const slice = { driver, nodeName: 'n1', pool: { name: 'pool', generation: 1, resourceSliceCount: 1 } }
    api.put(kinds.resourceSlices, { metadata: { name: 'slice' }, spec: slice })
    await pass(made.stop())
    await until('its slice is gone', () => api.find(kinds.resourceSlices, 'slice') === undefined)
  })

  it('show how their devices are, as drivers tell, as long as that is not too long ago', async () => {
    const { drive, allocate, run, until, isReady, pod, pass, clock } = world()
    const made = await drive()
    allocate(run('web', claiming).metadata.uid)
    await until('the pod is ready', () => isReady('web'))
    const shown = () => pod('web')?.status.containerStatuses?.[0]?.allocatedResourcesStatus
    const resourceID = 'example.com/gpu=one'
    expect(shown()).toEqual([{ name: 'claim:gpu/req', resources: [{ resourceID, health: 'Unknown' }] }])
    made.say({ health: 'UNHEALTHY', message: 'too hot', healthCheckTimeoutSeconds: 60 })
    await until('it is told', () => shown()?.[0]?.resources?.[0]?.health === 'Unhealthy')
    expect(shown()?.[0]?.resources).toEqual([{ resourceID, health: 'Unhealthy', message: 'too hot' }])
    await pass(clock.sleep(50_000))
    expect(shown()?.[0]?.resources?.[0]?.health).toBe('Unhealthy')
    await until('it is unknown', () => shown()?.[0]?.resources?.[0]?.health === 'Unknown')
    expect(pod('web')?.status.containerStatuses?.[1]?.allocatedResourcesStatus).toBeUndefined()
  })
})
