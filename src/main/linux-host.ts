import { linuxCgroups } from '../host/linux/cgroups.ts'
import { linuxClock } from '../host/linux/clock.ts'
import { linuxCodec } from '../host/linux/codec.ts'
import { linuxContainers } from '../host/linux/containers.ts'
import { linuxDatagrams } from '../host/linux/datagrams.ts'
import { linuxDeflate } from '../host/linux/deflate.ts'
import { linuxDisk } from '../host/linux/disk.ts'
import { linuxFirewall } from '../host/linux/firewall.ts'
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
import type { Host, NodeHost } from './host.ts'
import type { Instance } from './instance.ts'
import { processFacts } from './process-facts.ts'

export function linuxHost(): Host {
  return {
    clock: linuxClock(),
    random: linuxRandom(),
    log: linuxLog(),
    disk: linuxDisk(),
    http: linuxHttp(),
    keys: linuxKeys(),
    processFacts,
  }
}

/** Rejects when a program that containers need is not installed. */
export async function linuxNodeHost(host: Host, { name, runDirectory }: Instance): Promise<NodeHost> {
  const processes = linuxProcesses()
  return {
    ...host,
    streams: linuxStreams(),
    streamListener: linuxStreamListener(),
    datagrams: linuxDatagrams(),
    codec: linuxCodec(),
    deflate: linuxDeflate(),
    containers: await linuxContainers({
      processes,
      directory: `${runDirectory}/containers`,
      monitorCgroup: `/coracle-${name}/monitors`,
    }),
    namespaces: linuxNamespaces({ processes, directory: `${runDirectory}/namespaces` }),
    mounts: linuxMounts({ processes }),
    cgroups: linuxCgroups(),
    links: linuxLinks(),
    firewall: linuxFirewall(),
  }
}
