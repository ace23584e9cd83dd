import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { linuxDisk } from '../src/host/linux/disk.ts'
import { linuxGrpc } from '../src/host/linux/grpc.ts'
import { linuxMounts } from '../src/host/linux/mounts.ts'
import { linuxProcesses } from '../src/host/linux/processes.ts'
import { startTestCsiDriver } from '../src/kubelet/csi/test-csi-driver.ts'
import { startTestDraDriver } from '../src/kubelet/dra/test-dra-driver.ts'
import { startTestDevicePlugin } from '../src/kubelet/plugins/test-device-plugin.ts'
import { eventually, makeCluster, type TestCluster } from './cluster.ts'

type Spec = Readonly<Record<string, unknown>>

const sleeping = "trap 'exit 0' TERM; while :; do sleep 1 & wait $!; done"
const [grpc, disk, mounts] = [linuxGrpc(), linuxDisk(), linuxMounts({ processes: linuxProcesses() })]
const folder = mkdtempSync(path.join(tmpdir(), 'coracle-plugins-'))
const cdiFile = `/var/run/cdi/coracle-e2e-${process.pid}.json`
const stops: (() => Promise<void>)[] = []
let cluster: TestCluster
let root = ''
let nodeName = ''

const pod = (name: string, line: string, container: Spec = {}, spec: Spec = {}): Spec => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: {
    terminationGracePeriodSeconds: 1,
    ...spec,
    containers: [{ name: 'c', image: 'busybox:1.36', command: ['sh', '-c', line], ...container }],
  },
})

async function apply(...objects: readonly Spec[]): Promise<void> {
  const applied = await cluster.tryKubectl(
    ['create', '-f', '-'],
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
  )
  if (applied.code !== 0) throw new Error(applied.stderr)
}

const shown = (what: string, name: string, jsonPath: string): Promise<string> =>
  cluster.kubectl('get', what, name, '-o', `jsonpath=${jsonPath}`)
const isRunning = (name: string) =>
  eventually(
    async () =>
      `${await shown('pod', name, '{.status.phase}')} ${await cluster.kubectl('get', 'events', '--field-selector', `involvedObject.name=${name}`)}`,
    (text) => text.startsWith('Running'),
  )

beforeAll(async () => {
  cluster = await makeCluster(7)
  execFileSync('examples/guestbook/images.sh', ['--to', folder], { stdio: 'ignore' })
  const archive = path.join(folder, readdirSync(folder).find((file) => file.startsWith('busybox')) ?? '')
  const loaded = await cluster.coracle('image', 'load', archive)
  if (loaded.code !== 0) throw new Error(loaded.stderr)
  root = `/var/lib/coracle/${cluster.name}/kubelet`
  nodeName = (await cluster.kubectl('get', 'nodes', '-o', 'name')).trim().replace('node/', '')
})

afterAll(async () => {
  for (const stop of stops) await stop()
  await cluster?.remove()
  await mounts.unmount([folder])
  rmSync(cdiFile, { force: true })
  rmSync(folder, { recursive: true, force: true })
})

describe('over real sockets', () => {
  it('a device plugin’s devices are given to a container, which sees them', async () => {
    const plugin = await startTestDevicePlugin({
      grpc,
      folder: `${root}/device-plugins`,
      resource: 'example.com/fan',
      devices: [{ ID: 'f1', health: 'Healthy' }],
      grant: (ids) => ({
        envs: { FAN: ids.join() },
        devices: [{ hostPath: '/dev/zero', containerPath: '/dev/fan', permissions: 'r' }],
      }),
    })
    stops.push(plugin.stop)
    expect((await plugin.register()).ok).toBe(true)
    await eventually(
      () => shown('node', nodeName, '{.status.allocatable.example\\.com/fan}'),
      (text) => text === '1',
    )
    const limits = { resources: { limits: { 'example.com/fan': '1' } } }
    await apply(pod('cool', `echo $FAN $(head -c 3 /dev/fan | wc -c); ${sleeping}`, limits))
    await isRunning('cool')
    expect(
      await eventually(
        () => cluster.kubectl('logs', 'cool'),
        (text) => text !== '',
      ),
    ).toBe('f1 3\n')
  })

  it('a CSI driver’s volume is there for a pod, and given back after it', async () => {
    const name = 'folders.csi.example.com'
    const driver = await startTestCsiDriver({
      grpc,
      disk,
      mounts,
      root,
      name,
      realPath: (at) => at.replace('/var/lib/kubelet/', `${root}/`),
      data: `${folder}/volumes`,
      capabilities: ['STAGE_UNSTAGE_VOLUME'],
      topology: { 'example.com/rack': 'r1' },
    })
    stops.push(driver.stop)
    await eventually(
      () => shown('csinode', nodeName, '{.spec.drivers[*].name}'),
      (text) => text === name,
    )
    expect(await shown('node', nodeName, '{.metadata.labels.example\\.com/rack}')).toBe('r1')
    const spec = { accessModes: ['ReadWriteOnce'], storageClassName: '' }
    await apply(
      {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'CSIDriver',
        metadata: { name },
        spec: { attachRequired: false, podInfoOnMount: true, volumeLifecycleModes: ['Persistent', 'Ephemeral'] },
      },
      {
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name: `pv-${cluster.name}` },
        spec: { ...spec, capacity: { storage: '1Gi' }, csi: { driver: name, volumeHandle: 'vol-1', fsType: 'ext4' } },
      },
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'claim' },
        spec: { ...spec, volumeName: `pv-${cluster.name}`, resources: { requests: { storage: '1Gi' } } },
      },
      pod(
        'stored',
        `echo kept > /data/file; echo gone > /inline/file; ${sleeping}`,
        {
          volumeMounts: [
            { name: 'data', mountPath: '/data' },
            { name: 'inline', mountPath: '/inline' },
          ],
        },
        {
          volumes: [
            { name: 'data', persistentVolumeClaim: { claimName: 'claim' } },
            { name: 'inline', csi: { driver: name } },
          ],
        },
      ),
    )
    await isRunning('stored')
    const file = `${folder}/volumes/vol-1/file`
    await eventually(
      async () => existsSync(file),
      (there) => there,
    )
    expect(readFileSync(file, 'utf8')).toBe('kept\n')
    await cluster.kubectl('delete', 'pod', 'stored', '--wait')
    expect(driver.calls).toContain('unstage vol-1')
    expect((await mounts.list(root)).filter((point) => point.includes('kubernetes.io~csi'))).toEqual([])
  })

  it('a DRA driver prepares what the scheduler has chosen, and the container has it', async () => {
    const name = 'lamps.dra.example.com'
    mkdirSync(path.dirname(cdiFile), { recursive: true })
    const edits = { env: ['LAMP=on'], deviceNodes: [{ path: '/dev/lamp', hostPath: '/dev/zero' }] }
    writeFileSync(
      cdiFile,
      JSON.stringify({
        cdiVersion: '0.6.0',
        kind: 'example.com/lamp',
        devices: [{ name: 'l1', containerEdits: edits }],
      }),
    )
    const driver = await startTestDraDriver({ grpc, disk, root, name, cdiDevices: ['example.com/lamp=l1'] })
    stops.push(driver.stop)
    await eventually(
      async () => driver.calls.includes('registered'),
      (is) => is,
    )
    const selectors = [{ cel: { expression: `device.driver == '${name}' && device.attributes['${name}'].warm` } }]
    await apply(
      { apiVersion: 'resource.k8s.io/v1', kind: 'DeviceClass', metadata: { name: 'lamp' }, spec: { selectors } },
      {
        apiVersion: 'resource.k8s.io/v1',
        kind: 'ResourceSlice',
        metadata: { name: 'lamps' },
        spec: {
          driver: name,
          nodeName,
          pool: { name: 'pool', generation: 1, resourceSliceCount: 1 },
          devices: [
            { name: 'cold', attributes: { warm: { bool: false } } },
            { name: 'dev', attributes: { warm: { bool: true } } },
          ],
        },
      },
      {
        apiVersion: 'resource.k8s.io/v1',
        kind: 'ResourceClaimTemplate',
        metadata: { name: 'one-lamp' },
        spec: { spec: { devices: { requests: [{ name: 'req', exactly: { deviceClassName: 'lamp' } }] } } },
      },
      pod(
        'lit',
        `echo $LAMP $(head -c 2 /dev/lamp | wc -c); ${sleeping}`,
        { resources: { claims: [{ name: 'lamp' }] } },
        { resourceClaims: [{ name: 'lamp', resourceClaimTemplateName: 'one-lamp' }] },
      ),
    )
    await isRunning('lit')
    expect(
      await eventually(
        () => cluster.kubectl('logs', 'lit'),
        (text) => text !== '',
      ),
    ).toBe('on 2\n')
    expect(
      await cluster.kubectl(
        'get',
        'resourceclaims',
        '-o',
        'jsonpath={.items[*].status.allocation.devices.results[*].device}',
      ),
    ).toBe('dev')
    await cluster.kubectl('delete', 'pod', 'lit', '--wait')
    expect(driver.calls.some((call) => call.startsWith('unprepare lit-lamp-'))).toBe(true)
    await eventually(
      () => cluster.kubectl('get', 'resourceclaims', '-o', 'name'),
      (text) => text === '',
    )
  })
})
