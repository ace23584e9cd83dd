import { type CriServer, startCriServer } from '../runtime/cri-server/cri-server.ts'
import type { Engine } from '../runtime/engine/engine.ts'
import type { NodeHost } from './host.ts'
import { hasAppArmor } from './machine-facts.ts'

export type CriSocket = Readonly<{
  path: string
  /** What sandboxes are called that have no name of their own. */
  hostname: string
  /** cgroup path for sandboxes that name none. */
  cgroupParent: string
  /** Where the engine keeps what is its own. */
  engineDirectory: string
}>

type CriHost = Pick<NodeHost, 'clock' | 'deflate' | 'disk' | 'grpc' | 'http' | 'random'>

/** Serves an engine of this machine as a container runtime. Costs nothing until somebody calls. Throws when nobody can listen there. */
export async function serveCri(host: CriHost, engine: Engine, socket: CriSocket): Promise<CriServer> {
  const { path: socketPath, hostname, cgroupParent, engineDirectory } = socket
  const { clock, deflate, disk, grpc, http, random } = host
  const listening = await startCriServer({
    ...{ engine, socketPath, clock, deflate, disk, grpc, http, random },
    settings: {
      hostname,
      cgroupParent,
      hostFiles: { resolvConf: '/etc/resolv.conf', hosts: '/etc/hosts' },
      imageDirectory: `${engineDirectory}/images`,
      appArmor: hasAppArmor(),
    },
  })
  if (!listening.ok) throw new Error(`cannot listen on ${socketPath}: ${listening.error.message}`)
  return listening.value
}
