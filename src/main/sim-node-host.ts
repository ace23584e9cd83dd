import { simCgroups } from '../host/sim/cgroups.ts'
import { simCodec } from '../host/sim/codec.ts'
import { type SimContainers, simContainers } from '../host/sim/containers.ts'
import { simDatagrams } from '../host/sim/datagrams.ts'
import { simDeflate } from '../host/sim/deflate.ts'
import { type SimDisk, simDisk } from '../host/sim/disk.ts'
import { simFirewall } from '../host/sim/firewall.ts'
import { noHttpFaults, simHttp } from '../host/sim/http.ts'
import { simKeys } from '../host/sim/keys.ts'
import { simLinks } from '../host/sim/links.ts'
import { simMounts } from '../host/sim/mounts.ts'
import { simNamespaces } from '../host/sim/namespaces.ts'
import { simRegistry } from '../host/sim/registry.ts'
import { simStreamListener } from '../host/sim/stream-listener.ts'
import { simStreams } from '../host/sim/streams.ts'
import type { Workloads } from '../host/sim/workload.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Random } from '../ports/random.ts'
import type { NodeHost } from './host.ts'
import type { MachineFacts } from './machine-facts.ts'

export type SimNodeHost = Omit<NodeHost, 'disk' | 'containers'> & Readonly<{ disk: SimDisk; containers: SimContainers }>

/** A machine that exists only in memory. Its time is that of the clock it is given, virtual or real. */
export function simNodeHost(
  parts: Readonly<{ clock: Clock; random: Random; log: Log; workloads: Workloads }>,
): SimNodeHost {
  const { clock, random, log, workloads } = parts
  const disk = simDisk({ clock, random })
  const streams = simStreams({ clock })
  const cgroups = simCgroups({ clock })
  return {
    clock,
    random,
    log,
    disk,
    streams,
    cgroups,
    http: simHttp({ clock, random, faults: noHttpFaults, elsewhere: simRegistry() }),
    keys: simKeys(random),
    streamListener: simStreamListener(streams),
    datagrams: simDatagrams({ clock, random }),
    codec: simCodec({ clock }),
    deflate: simDeflate(),
    containers: simContainers({ clock, random, workloads, cgroups }),
    namespaces: simNamespaces({ clock }),
    mounts: simMounts({ clock, disk }),
    links: simLinks({ clock }),
    firewall: simFirewall({ clock }),
  }
}

/** What a simulated machine says of itself. */
export const simMachine: MachineFacts = {
  capacity: { cpus: 4, memoryBytes: 16 * 2 ** 30, ephemeralStorageBytes: 100 * 2 ** 30, pods: 110 },
  architecture: 'amd64',
  osImage: 'Simulated',
  kernelVersion: '6.1.0-simulated',
  machineId: '',
  bootId: '',
  systemUuid: '',
}
