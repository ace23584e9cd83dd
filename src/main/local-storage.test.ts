import { expect, it } from 'vitest'
import type { PersistentVolume } from '../api/kinds.generated.ts'
import { kinds } from '../api/kinds.ts'
import { selectedNode, storageProvisioner } from '../api/persistent-volume.ts'
import { makeClient } from '../client/http-client.ts'
import { simHost } from '../host/contract/sim-host.ts'
import { startLocalProvisioner } from '../kubelet/volumes/local-provisioner.ts'
import { localProvisioner, localProvisionerUser } from '../kubelet/volumes/local-storage-manifests.ts'
import type { HttpHandler } from '../ports/http.ts'
import { makeSimControlPlane } from './sim-control-plane.ts'

async function world() {
  const host = simHost()
  const onError = (error: unknown): void => {
    throw error
  }
  const { handler, ...control } = makeSimControlPlane({ ...host, kubelet: () => undefined, onError })
  await host.run(control.start())
  const watches = new Map<string, number>()
  const clientFor = (node: string, commonName: string, organizations: readonly string[]) => {
    const counted: HttpHandler = (request) => {
      if (request.target.includes('/persistentvolumes?') && request.target.includes('watch=')) {
        watches.set(node, (watches.get(node) ?? 0) + 1)
        request.closed.addEventListener('abort', () => watches.set(node, (watches.get(node) ?? 0) - 1))
      }
      return handler(request)
    }
    return makeClient({
      handler: counted,
      identity: { commonName, organizations },
      userAgent: 'test',
      clock: host.clock,
    })
  }
  const start = (nodeName: string) =>
    startLocalProvisioner({
      ...host,
      client: clientFor(nodeName, localProvisionerUser, []),
      nodeName,
      directory: `/volumes/${nodeName}`,
    })
  const admin = clientFor('admin', 'admin', ['system:masters'])
  const pass = (): Promise<void> => host.run(host.clock.sleep(2_000))
  const volumes = async () => {
    const found = await host.run(admin.list<PersistentVolume>(kinds.persistentVolumes))
    return found.ok ? found.value.items : []
  }
  return { ...host, admin, start, pass, volumes, watches }
}

const claim = {
  metadata: {
    name: 'data',
    namespace: 'default',
    annotations: { [storageProvisioner]: localProvisioner, [selectedNode]: 'n1' },
  },
  spec: {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Mi' } },
    storageClassName: 'standard',
  },
}

it('makes a volume on the node that was chosen, removes it with its claim, and leaves other nodes in peace', async () => {
  const { admin, start, pass, volumes, watches, run, disk } = await world()
  const provisioners = [start('n1'), start('n2')]
  await pass()
  expect([watches.get('n1') ?? 0, watches.get('n2') ?? 0]).toEqual([0, 0])
  await run(admin.create(kinds.persistentVolumeClaims, claim))
  await pass()
  const [volume] = await volumes()
  expect(volume?.spec.local?.path).toMatch(/^\/volumes\/n1\/pvc-/)
  expect([watches.get('n1'), watches.get('n2') ?? 0]).toEqual([1, 0])
  // Whoever starts again finds what was there.
  provisioners[0]?.stop()
  provisioners.push(start('n1'))
  await pass()
  await run(admin.delete(kinds.persistentVolumeClaims, 'data', 'default'))
  await pass()
  expect(await volumes()).toEqual([])
  expect(await run(disk.list('/volumes/n1'))).toEqual([])
  for (const provisioner of provisioners) provisioner.stop()
})
