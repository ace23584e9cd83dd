import { afterEach, describe, expect, it } from 'vitest'
import { attachmentName, uniqueVolumeName } from '../../api/csi.ts'
import type { CSIDriverSpec, PersistentVolumeSpec } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import { simRun } from '../../host/contract/sim-run.ts'
import { simMachine } from '../../host/sim/machine.ts'
import type { HttpRequest } from '../../ports/http.ts'
import type { Kubelet } from '../kubelet.ts'
import { kubeletWorld } from '../test-kubelet.ts'
import { testContainer } from '../test-pod.ts'
import { startTestCsiDriver, type TestCsiDriverParts } from './test-csi-driver.ts'

const root = '/var/lib/kubelet'
const driver = 'fake.csi.example.com'
const running: Kubelet[] = []
afterEach(async () => {
  for (const kubelet of running.splice(0)) await kubelet.stop()
})

const withVolume = (volume: object, more: object = {}) => ({
  volumes: [{ name: 'data', ...volume }],
  containers: [testContainer('a', { volumeMounts: [{ name: 'data', mountPath: '/data' }] })],
  ...more,
})
const usesLittle = { cpuUsageNs: 1, memoryUsageBytes: 1, memoryWorkingSetBytes: 1, memoryRssBytes: 1, pids: 1, atMs: 1 }
const claimVolume = { persistentVolumeClaim: { claimName: 'claim' } }

function world() {
  const machine = simMachine()
  const kubelet = kubeletWorld(machine, running)
  const { api, start, until } = kubelet
  const pass = simRun(machine.clock)
  return {
    ...kubelet,
    clock: machine.clock,
    pass,
    drive: async (parts: Partial<TestCsiDriverParts> = {}) => {
      await start()
      const made = await pass(startTestCsiDriver({ ...machine, root, name: driver, data: '/backing', ...parts }))
      await until('the driver is registered', () => made.calls.includes('registered'))
      made.calls.length = 0
      made.requests.length = 0
      return made
    },
    policy: (spec: CSIDriverSpec) => api.put(kinds.csiDrivers, { metadata: { name: driver }, spec }),
    claim: (spec: Partial<PersistentVolumeSpec> = {}, size = '1Gi') => {
      const claimRef = { namespace: 'shop', name: 'claim', uid: 'claim-uid' }
      api.put(kinds.persistentVolumes, {
        metadata: { name: 'pv' },
        spec: {
          accessModes: ['ReadWriteOnce'],
          capacity: { storage: size },
          csi: { driver, volumeHandle: 'vol-1', fsType: 'ext4', volumeAttributes: { tier: 'gold' } },
          claimRef,
          ...spec,
        },
        status: { phase: 'Bound' },
      })
      api.put(kinds.persistentVolumeClaims, {
        metadata: {
          name: 'claim',
          namespace: 'shop',
          uid: 'claim-uid',
          annotations: { 'pv.kubernetes.io/bind-completed': 'yes' },
        },
        spec: { volumeName: 'pv', ...(spec.volumeMode && { volumeMode: spec.volumeMode }) },
        status: { phase: 'Bound', capacity: { storage: '1Gi' } },
      })
    },
  }
}

describe('CSI drivers', () => {
  it('tell what they call the node, how much they can do there and where it is, and are forgotten when they go', async () => {
    const { drive, api, until, pass } = world()
    const made = await drive({ topology: { 'topology.fake/zone': 'east' }, maxVolumes: 7 })
    expect(api.find(kinds.csiNodes, 'n1')?.spec.drivers).toEqual([
      { name: driver, nodeID: 'node-of-driver', topologyKeys: ['topology.fake/zone'], allocatable: { count: 7 } },
    ])
    const node = api.find(kinds.nodes, 'n1')
    expect(node?.metadata.labels?.['topology.fake/zone']).toBe('east')
    expect(node?.metadata.annotations?.['csi.volume.kubernetes.io/nodeid']).toBe(`{"${driver}":"node-of-driver"}`)
    await pass(made.stop())
    await until('the driver is gone', () => api.find(kinds.csiNodes, 'n1')?.spec.drivers.length === 0)
  })

  it('are told of also where somebody has spoilt what the node says of others', async () => {
    const { drive, api, until, pass } = world()
    const made = await drive()
    const node = api.find(kinds.nodes, 'n1')
    const annotations = { 'csi.volume.kubernetes.io/nodeid': '{no' }
    api.put(kinds.nodes, { ...node, metadata: { ...node?.metadata, annotations } })
    await pass(made.stop())
    await until('the driver is gone', () => api.find(kinds.csiNodes, 'n1')?.spec.drivers.length === 0)
  })

  it('stage a volume once, publish it for each pod, and are given it back when the last pod goes', async () => {
    const { drive, policy, claim, run, until, isReady, runtime, remove, pod, pass, mounts } = world()
    const { calls, requests } = await drive({ capabilities: ['STAGE_UNSTAGE_VOLUME'] })
    policy({ attachRequired: false })
    claim()
    run('one', withVolume(claimVolume))
    await until('the first pod is ready', () => isReady('one'))
    run('two', withVolume(claimVolume))
    await until('the second pod is ready', () => isReady('two'))
    expect(calls).toEqual(['stage vol-1', 'publish vol-1', 'publish vol-1'])
    expect(requests[1]).toMatchObject({
      stagingTargetPath: expect.stringMatching(
        `^${root}/plugins/kubernetes.io/csi/${driver}/[0-9a-f]{64}/globalmount$`,
      ),
      targetPath: `${root}/pods/${pod('one')?.metadata.uid}/volumes/kubernetes.io~csi/pv/mount`,
      volumeContext: { tier: 'gold' },
      volumeCapability: { mount: { fsType: 'ext4' }, accessMode: { mode: 'SINGLE_NODE_WRITER' } },
    })
    const { uid } = pod('one')?.metadata ?? { uid: '' }
    expect(runtime.specs[0]?.mounts[0]?.hostPath).toBe(`${root}/pods/${uid}/volumes/kubernetes.io~csi/pv/mount`)
    remove('one', 0)
    await until('the first pod is gone', () => pod('one') === undefined)
    remove('two', 0)
    await until('the second pod is gone', () => pod('two') === undefined)
    expect(calls.slice(3)).toEqual(['unpublish vol-1', 'unpublish vol-1', 'unstage vol-1'])
    expect((await pass(mounts.list(root))).filter((path) => path.includes('csi'))).toEqual([])
  })

  it('wait for their volumes to be attached, and tell that they use them', async () => {
    const { drive, claim, run, until, isReady, api, events } = world()
    const { requests } = await drive()
    claim()
    run('web', withVolume(claimVolume))
    await until('the mount fails', () => events().some((event) => event.startsWith('FailedMount')))
    api.put(kinds.volumeAttachments, {
      metadata: { name: attachmentName('vol-1', driver, 'n1') },
      spec: { attacher: driver, nodeName: 'n1', source: { persistentVolumeName: 'pv' } },
      status: { attached: true, attachmentMetadata: { lun: '3' } },
    })
    await until('the pod is ready', () => isReady('web'))
    expect(requests[0]).toMatchObject({ publishContext: { lun: '3' } })
    const inUse = () => api.find(kinds.nodes, 'n1')?.status.volumesInUse
    await until('the node says so', () => inUse()?.[0] === uniqueVolumeName(driver, 'vol-1'))
  })

  it('serve volumes that pods describe themselves, where they may, and know the pod then', async () => {
    const { drive, policy, run, until, isReady, events, pod } = world()
    const { contexts, calls } = await drive()
    const inline = { csi: { driver, volumeAttributes: { size: '1' } } }
    run('refused', withVolume(inline))
    const refusal = `volume mode "Ephemeral" not supported by driver ${driver} (no CSIDriver object)`
    await until('it is refused', () => events().some((event) => event.includes(refusal)))
    policy({
      podInfoOnMount: true,
      volumeLifecycleModes: ['Ephemeral'],
      requiresRepublish: true,
      tokenRequests: [{ audience: 'bank' }],
    })
    run('web', withVolume(inline, { serviceAccountName: 'clerk' }))
    await until('the pod is ready', () => isReady('web'))
    const own = contexts.find((context) => context['csi.storage.k8s.io/pod.name'] === 'web')
    expect(own).toMatchObject({
      size: '1',
      'csi.storage.k8s.io/pod.namespace': 'shop',
      'csi.storage.k8s.io/pod.uid': pod('web')?.metadata.uid,
      'csi.storage.k8s.io/serviceAccount.name': 'clerk',
      'csi.storage.k8s.io/ephemeral': 'true',
    })
    expect(JSON.parse(own?.['csi.storage.k8s.io/serviceAccount.tokens'] ?? '{}')).toHaveProperty('bank.token')
    const before = calls.length
    await until('it is published again', () => calls.length > before)
  })

  it('have file systems grow when volumes have, and the claim told', async () => {
    const { drive, policy, claim, run, until, isReady, api, calls } = { ...world(), calls: [] as string[] }
    const made = await drive({ capabilities: ['EXPAND_VOLUME'] })
    policy({ attachRequired: false })
    claim()
    run('web', withVolume(claimVolume))
    await until('the pod is ready', () => isReady('web'))
    const volume = api.find(kinds.persistentVolumes, 'pv')
    api.put(kinds.persistentVolumes, { ...volume, spec: { ...volume?.spec, capacity: { storage: '2Gi' } } })
    const shown = () => api.find(kinds.persistentVolumeClaims, 'shop/claim')?.status.capacity?.storage
    await until('the claim shows it', () => shown() === '2Gi')
    calls.push(...made.calls)
    expect(calls).toEqual(['publish vol-1', `expand vol-1 ${2 * 2 ** 30}`])
  })

  it('show block volumes to containers as devices', async () => {
    const { drive, policy, claim, run, until, isReady, runtime, pod } = world()
    const { requests } = await drive()
    policy({ attachRequired: false })
    claim({ volumeMode: 'Block' })
    run('web', {
      volumes: [{ name: 'data', ...claimVolume }],
      containers: [testContainer('a', { volumeDevices: [{ name: 'data', devicePath: '/dev/xvda' }] })],
    })
    await until('the pod is ready', () => isReady('web'))
    const hostPath = `${root}/plugins/kubernetes.io/csi/volumeDevices/publish/pv/${pod('web')?.metadata.uid}`
    expect(requests[0]).toMatchObject({ targetPath: hostPath, volumeCapability: { block: {} } })
    expect(runtime.specs[0]?.devices).toEqual([{ hostPath, containerPath: '/dev/xvda', permissions: 'rwm' }])
  })

  it('tell how full volumes are, which metrics and the summary say of their claims', async () => {
    const { drive, policy, claim, run, until, isReady, pod, runtime, pass } = world()
    const { calls } = await drive({ capabilities: ['GET_VOLUME_STATS'] })
    policy({ attachRequired: false, volumeLifecycleModes: ['Persistent', 'Ephemeral'] })
    claim()
    const own = { name: 'own', csi: { driver } }
    run('web', { ...withVolume(claimVolume), volumes: [{ name: 'data', ...claimVolume }, own] })
    run('twin', withVolume(claimVolume))
    await until('the pods are ready', () => isReady('web') && isReady('twin'))
    runtime.script.stats = runtime.containers().map(({ id }) => ({ containerId: id, ...usesLittle }))
    const get = async (target: string): Promise<string> => {
      const request = { method: 'GET', target, headers: {}, peer: { address: '' } } as HttpRequest
      const answer = await pass(running[0]?.handler(request) ?? Promise.reject(new Error('no kubelet')))
      return answer.type === 'whole' ? new TextDecoder().decode(answer.body as Uint8Array) : ''
    }
    const summary = JSON.parse(await get('/stats/summary'))
    const { volume } = summary.pods.find(({ podRef }: { podRef: { name: string } }) => podRef.name === 'web')
    const space = { capacityBytes: 1000, usedBytes: 400, availableBytes: 600, inodes: 10, inodesUsed: 3, inodesFree: 7 }
    expect(volume).toEqual([
      { name: 'data', time: expect.any(String), ...space, pvcRef: { namespace: 'shop', name: 'claim' } },
      { name: 'own', time: expect.any(String), ...space },
    ])
    const { uid } = pod('web')?.metadata ?? { uid: '' }
    expect(calls).toContain(`stats vol-1 at ${root}/pods/${uid}/volumes/kubernetes.io~csi/pv/mount`)
    const metrics = (await get('/metrics')).split('\n').filter((line) => line.startsWith('kubelet_volume_stats'))
    const labels = '{namespace="shop",persistentvolumeclaim="claim"}'
    expect(metrics).toContain(`kubelet_volume_stats_used_bytes${labels} 400`)
    expect(metrics).toContain(`kubelet_volume_stats_inodes_free${labels} 7`)
    expect(metrics).toHaveLength(6)
  })

  it('are asked by the next kubelet to give back what a pod had that has vanished', async () => {
    const { drive, policy, claim, run, until, isReady, api, start, pass, ...machine } = world()
    const first = await drive({ capabilities: ['STAGE_UNSTAGE_VOLUME'] })
    policy({ attachRequired: false })
    claim()
    run('web', withVolume(claimVolume))
    await until('the pod is ready', () => isReady('web'))
    for (const kubelet of running.splice(0)) await kubelet.stop()
    await pass(first.stop())
    api.drop(kinds.pods, 'shop/web')
    await start()
    const next = await pass(startTestCsiDriver({ ...machine, root, name: driver, data: '/backing' }))
    await until('it is given back', () => next.calls.includes('unstage vol-1'))
    expect(next.calls).toContain('unpublish vol-1')
  })
})
