import { ok } from '../../api/result.ts'
import { draPlugin } from '../../api/rpc/dra.generated.ts'
import { draResourceHealth } from '../../api/rpc/dra-health.generated.ts'
import { rpcMethods } from '../../client/rpc.ts'
import type { Disk } from '../../ports/disk.ts'
import type { Grpc } from '../../ports/grpc.ts'
import { startTestRegistrar } from '../plugins/test-registrar.ts'

export type TestDraDriverParts = Readonly<{
  grpc: Grpc
  disk: Disk
  /** The kubelet's folder. */
  root: string
  name: string
  cdiDevices: readonly string[]
}>

type Health = Readonly<{ health: 'HEALTHY' | 'UNHEALTHY'; message: string; healthCheckTimeoutSeconds: number }>

/** A DRA driver that prepares every claim as one device. Remembers what it was asked. */
export async function startTestDraDriver({ grpc, disk, root, name, cdiDevices }: TestDraDriverParts) {
  const calls: string[] = []
  let fault = ''
  const device = { requestNames: ['req'], poolName: 'pool', deviceName: 'dev', cdiDeviceIds: cdiDevices }
  const methods = rpcMethods(draPlugin, {
    async NodePrepareResources({ claims }) {
      calls.push(...claims.map((claim) => `prepare ${claim.name}`))
      const prepared = fault === '' ? { devices: [device] } : { error: fault }
      return ok({ claims: Object.fromEntries(claims.map(({ uid }) => [uid, prepared])) })
    },
    async NodeUnprepareResources({ claims }) {
      calls.push(...claims.map((claim) => `unprepare ${claim.name}`))
      return ok({ claims: Object.fromEntries(claims.map(({ uid }) => [uid, {}])) })
    },
  })
  let tell: ((health: Health) => void) | undefined
  const watched = rpcMethods(draResourceHealth, {
    NodeWatchResources: async function* (_, { closed }) {
      while (!closed.aborted) {
        const told = await new Promise<Health | undefined>((resolve) => {
          tell = resolve
          closed.addEventListener('abort', () => resolve(undefined))
        })
        if (told !== undefined)
          yield ok({ devices: [{ device: { poolName: 'pool', deviceName: 'dev' }, lastUpdatedTime: 0, ...told }] })
      }
    },
  })
  await disk.makeDirectory(`${root}/plugins/${name}`)
  const endpoint = `${root}/plugins/${name}/dra.sock`
  const service = await grpc.listen(endpoint, new Map([...methods, ...watched]))
  if (!service.ok) throw new Error(service.error.message)
  const registrar = await startTestRegistrar({
    grpc,
    socket: `${root}/plugins_registry/${name}-reg.sock`,
    type: 'DRAPlugin',
    name,
    endpoint,
    versions: ['v1.DRAPlugin'],
    told: (outcome) => calls.push(outcome),
  })
  return {
    calls,
    /** Says how its device is. */
    say: (health: Health) => tell?.(health),
    breakWith(error: string) {
      fault = error
    },
    async stop() {
      await registrar.close()
      await service.value.close()
    },
  }
}
