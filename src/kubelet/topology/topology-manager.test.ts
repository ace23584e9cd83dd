import { afterEach, describe, expect, it } from 'vitest'
import { kinds } from '../../api/kinds.ts'
import { podResourcesLister } from '../../api/rpc/pod-resources.generated.ts'
import { rpcClient } from '../../client/rpc.ts'
import { simRun } from '../../host/contract/sim-run.ts'
import { simMachine } from '../../host/sim/machine.ts'
import type { KubeletConfiguration } from '../configuration/kubelet-configuration.ts'
import type { Kubelet } from '../kubelet.ts'
import { startTestDevicePlugin } from '../plugins/test-device-plugin.ts'
import { kubeletWorld } from '../test-kubelet.ts'
import { testContainer } from '../test-pod.ts'
import { openCpuManager } from './cpu-manager.ts'
import type { CpuTopology } from './cpu-topology.ts'
import { twoSockets } from './test-topologies.ts'

const running: Kubelet[] = []
afterEach(async () => {
  for (const kubelet of running.splice(0)) await kubelet.stop()
})

const fans = 'example.com/fan'

function world(configuration: Partial<KubeletConfiguration>, topology: CpuTopology = twoSockets) {
  const simulated = simMachine()
  const reserving = { cpuManagerPolicy: 'static', systemReserved: { cpu: '500m' }, ...configuration }
  const made = kubeletWorld(simulated, running, reserving, {
    topology,
    capacity: {
      cpus: topology.cpus.length,
      memoryBytes: 2 ** 32,
      ephemeralStorageBytes: 2 ** 40,
      pods: 10,
      processes: 100,
    },
  })
  const pass = simRun(simulated.clock)
  return {
    ...made,
    pass,
    clock: simulated.clock,
    stateFile: async () =>
      JSON.parse(new TextDecoder().decode(await simulated.disk.readFile('/var/lib/kubelet/cpu_manager_state'))),
    /** Two fans, one at each NUMA node. */
    async plugIn() {
      const fan = (ID: string, node: number) => ({ ID, health: 'Healthy', topology: { nodes: [{ ID: node }] } })
      const folder = '/var/lib/kubelet/device-plugins'
      const devices = [fan('left', 0), fan('right', 1)]
      const parts = { grpc: simulated.grpc, folder, resource: fans, devices, grant: () => ({}) }
      const plugin = await pass(startTestDevicePlugin(parts))
      await pass(plugin.register())
      await made.until('the node shows the devices', () =>
        made.api.all(kinds.nodes).some(({ status }) => status.allocatable?.[fans] === '2'),
      )
      return plugin
    },
  }
}

const exactly = (name: string, amounts: Readonly<Record<string, string>>) =>
  testContainer(name, { resources: { requests: amounts, limits: amounts } })

describe('processors of containers', () => {
  it('are a container’s own while its pod lasts, over restarts of the kubelet, and shared again after it', async () => {
    const { start, run, until, isReady, runtime, remove, pass, stateFile, pod } = world({})
    const first = await start()
    run('neighbour')
    await until('the neighbour runs', () => isReady('neighbour'))
    expect(runtime.specs.at(-1)?.resources.cpusetCpus).toBe('0-11')
    run('pinned', { containers: [exactly('p', { cpu: '2', memory: '1Gi' })] })
    await until('the pod runs', () => isReady('pinned'))
    expect(runtime.specs.at(-1)?.resources).toMatchObject({ cpusetCpus: '2,8', cpuQuotaUs: -1 })
    await until('the neighbour keeps off', () => runtime.calls.includes('cpus a 0-1,3-7,9-11'))
    expect(runtime.calls.some((call) => /^cgroup .*pod.* 2048 -1 /.test(call))).toBe(true)
    expect(await pass(stateFile())).toEqual({
      policyName: 'static',
      defaultCpuSet: '0-1,3-7,9-11',
      entries: { [pod('pinned')?.metadata.uid ?? '']: { p: '2,8' } },
    })
    await first.stop()
    await start()
    run('second', { containers: [exactly('q', { cpu: '2', memory: '1Gi' })] })
    await until('the other runs', () => isReady('second'))
    expect(runtime.specs.at(-1)?.resources.cpusetCpus).toBe('4,10')
    remove('pinned', 1)
    remove('second', 1)
    await until('all is shared again', () => runtime.calls.at(-1) === 'cpus a 0-11')
  })

  it('are told to whoever asks which container has what', async () => {
    const { start, run, until, isReady, pass, grpc } = world({})
    await start()
    run('pinned', { containers: [exactly('p', { cpu: '1', memory: '1Gi' })] })
    await until('the pod runs', () => isReady('pinned'))
    const lister = rpcClient(grpc.connect('/var/lib/kubelet/pod-resources/kubelet.sock'), podResourcesLister)
    const listed = await pass(lister.List({}))
    expect(listed.ok && listed.value.podResources[0]?.containers[0]?.cpuIds).toEqual([6])
    const all = await pass(lister.GetAllocatableResources({}))
    expect(all.ok && all.value.cpuIds).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  })

  it('must leave some for the node itself', async () => {
    const { deps, pass } = world({ systemReserved: {} })
    await expect(pass(openCpuManager(deps))).rejects.toThrow(
      '[cpumanager] the static policy requires systemreserved.cpu + kubereserved.cpu to be greater than zero',
    )
  })
})

describe('processors and devices', () => {
  it('are of one NUMA node where the node insists on it, and the pod is refused where they cannot be', async () => {
    const { start, run, until, isReady, runtime, plugIn, pod } = world({ topologyManagerPolicy: 'single-numa-node' })
    await start()
    await plugIn()
    // Only the second socket has six whole processors left: the first has one set aside.
    run('aligned', { containers: [exactly('p', { cpu: '6', memory: '1Gi', [fans]: '1' })] })
    await until('the pod runs', () => isReady('aligned'))
    expect(runtime.specs.at(-1)?.resources.cpusetCpus).toBe('1,3,5,7,9,11')
    expect(pod('aligned')?.status.containerStatuses?.[0]?.allocatedResourcesStatus?.[0]?.resources).toMatchObject([
      { resourceID: 'right' },
    ])
  })

  it('are refused to a pod for which no one place has enough', async () => {
    const { start, run, until, isReady, pod } = world({ topologyManagerPolicy: 'restricted' })
    await start()
    for (const name of ['one', 'two']) {
      run(name, { containers: [exactly('p', { cpu: '4', memory: '1Gi' })] })
      await until('the pod runs', () => isReady(name))
    }
    // One is left in the first socket, two in the second.
    run('torn', { containers: [exactly('p', { cpu: '3', memory: '1Gi' })] })
    await until('it is refused', () => pod('torn')?.status.phase === 'Failed')
    expect(pod('torn')?.status).toMatchObject({
      reason: 'TopologyAffinityError',
      message: 'Pod was rejected: Resources cannot be allocated with Topology locality',
    })
  })

  it('are of one place for all of a pod, if so wanted', async () => {
    const { start, run, until, isReady, runtime } = world({
      topologyManagerPolicy: 'restricted',
      topologyManagerScope: 'pod',
    })
    await start()
    const one = (name: string) => exactly(name, { cpu: '3', memory: '1Gi' })
    run('together', { containers: [one('p'), one('q')] })
    await until('the pod runs', () => isReady('together'))
    const sets = runtime.specs.map(({ resources }) => resources.cpusetCpus?.split(',').map(Number) ?? [])
    expect(sets.flat().every((cpu) => cpu % 2 === 1)).toBe(true)
  })
})
