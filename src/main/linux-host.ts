import { linuxCgroups } from '../host/linux/cgroups.ts'
import { linuxClock } from '../host/linux/clock.ts'
import { linuxCodec } from '../host/linux/codec.ts'
import { linuxContainers } from '../host/linux/containers.ts'
import { linuxDatagrams } from '../host/linux/datagrams.ts'
import { linuxDeflate } from '../host/linux/deflate.ts'
import { linuxDisk } from '../host/linux/disk.ts'
import { linuxFirewall } from '../host/linux/firewall.ts'
import { linuxGrpc } from '../host/linux/grpc.ts'
import { linuxHttp } from '../host/linux/http.ts'
import { linuxKeys } from '../host/linux/keys.ts'
import { linuxLinks } from '../host/linux/links.ts'
import { linuxLog } from '../host/linux/log.ts'
import { linuxMounts } from '../host/linux/mounts.ts'
import { linuxNamespaces } from '../host/linux/namespaces.ts'
import { linuxProcesses } from '../host/linux/processes.ts'
import { linuxRandom } from '../host/linux/random.ts'
import { linuxStreamListener } from '../host/linux/stream-listener.ts'
import { linuxStreams } from '../host/linux/streams.ts'
import type { PinnedNamespaces } from '../ports/namespaces.ts'
import type { EngineHost, Host, NodeHost } from './host.ts'
import type { NodeConfig } from './node-config.ts'
import { processFacts } from './process-facts.ts'

export function linuxHost(): Host {
  return {
    clock: linuxClock(),
    random: linuxRandom(),
    log: linuxLog(),
    disk: linuxDisk(),
    http: linuxHttp(),
    keys: linuxKeys(),
    grpc: linuxGrpc(),
    processFacts,
  }
}

type NodeScope = Pick<NodeConfig, 'engineName' | 'runDirectory'>

/** What a node asks of this machine; `machine` are the namespaces of a further node, absent for the first. */
export function linuxNodeHost(host: Host, { runDirectory }: NodeScope, machine: PinnedNamespaces = {}): NodeHost {
  const { netPath, utsPath } = machine
  const processes = linuxProcesses()
  const inside = netPath === undefined ? {} : { netnsPath: netPath }
  return {
    ...host,
    grpc: linuxGrpc(),
    streams: linuxStreams(),
    streamListener: linuxStreamListener(),
    datagrams: linuxDatagrams(),
    codec: linuxCodec(),
    deflate: linuxDeflate(),
    namespaces: linuxNamespaces({
      processes,
      directory: `${runDirectory}/namespaces`,
      ...(netPath === undefined || utsPath === undefined ? {} : { host: { netPath, utsPath } }),
    }),
    mounts: linuxMounts({ processes }),
    cgroups: linuxCgroups(),
    links: linuxLinks(inside),
    firewall: linuxFirewall(inside),
  }
}

/** Rejects when a program that containers need is not installed. `runtime`: path of crun or runc; absent: the one that is there. */
export async function linuxEngineHost(
  host: NodeHost,
  { engineName, runDirectory }: NodeScope,
  runtime?: string,
): Promise<EngineHost> {
  const containers = await linuxContainers({
    processes: linuxProcesses(),
    directory: `${runDirectory}/containers`,
    monitorCgroup: `/coracle-${engineName}/monitors`,
    ...(runtime === undefined ? {} : { runtime }),
  })
  return { ...host, containers }
}
