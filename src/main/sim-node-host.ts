import { simCgroups } from '../host/sim/cgroups.ts'
import { simCodec } from '../host/sim/codec.ts'
import { simContainers } from '../host/sim/containers.ts'
import { simDatagrams } from '../host/sim/datagrams.ts'
import { simDeflate } from '../host/sim/deflate.ts'
import { type SimDisk, simDisk } from '../host/sim/disk.ts'
import { simFirewall } from '../host/sim/firewall.ts'
import { simGrpc } from '../host/sim/grpc.ts'
import { noHttpFaults, simHttp } from '../host/sim/http.ts'
import { simKeys } from '../host/sim/keys.ts'
import { simLinks } from '../host/sim/links.ts'
import { simMounts } from '../host/sim/mounts.ts'
import { simNamespaces } from '../host/sim/namespaces.ts'
import type { SimProcess } from '../host/sim/process.ts'
import { simStreamListener } from '../host/sim/stream-listener.ts'
import { type Accept, simStreams } from '../host/sim/streams.ts'
import type { Workloads } from '../host/sim/workload.ts'
import type { Clock } from '../ports/clock.ts'
import type { HttpHandler } from '../ports/http.ts'
import type { Log } from '../ports/log.ts'
import type { Random } from '../ports/random.ts'
import type { EngineHost } from './host.ts'
import type { MachineFacts } from './machine-facts.ts'

type Hardware = Pick<EngineHost, 'containers' | 'namespaces' | 'mounts' | 'cgroups' | 'links' | 'firewall'> &
  Readonly<{ disk: SimDisk }>

export type SimHardware = Readonly<{
  /** What outlives a process. */
  ports: Hardware
  clock: Clock
  /** Its calls under way never return; what it wrote and made is still there. */
  processDied(): void
  /** The disk keeps what was synced and a part of the rest; nothing else outlives this. */
  losePower(): void
}>

/** A machine that exists only in memory. Its time is that of the clock it is given, virtual or real. */
export function simHardware(parts: Readonly<{ clock: Clock; random: Random; workloads: Workloads }>): SimHardware {
  const { clock, random, workloads } = parts
  const disk = simDisk({ clock, random })
  const cgroups = simCgroups({ clock })
  const containers = simContainers({ clock, random, workloads, disk, cgroups })
  const namespaces = simNamespaces({ clock })
  const mounts = simMounts({ clock, disk })
  const links = simLinks({ clock })
  const firewall = simFirewall({ clock })
  return {
    ports: { disk, containers, namespaces, mounts, cgroups, links, firewall },
    clock,
    processDied: () => disk.crash('kill'),
    losePower() {
      for (const part of [containers, namespaces, mounts, cgroups, links, firewall]) part.crash()
      disk.crash('power')
    },
  }
}

export type SimNodeHostParts = Readonly<{
  hardware: SimHardware
  process: SimProcess
  random: Random
  log: Log
  /** Answers for all registries of the world. */
  registry: HttpHandler
  /** Takes connections to where nobody listens; absent: they are refused. */
  servers?: Accept
}>

/** The machine as a process on it sees it: sockets are the process's own, and end with it. */
export function simNodeHost({ hardware, process, random, log, registry, servers }: SimNodeHostParts): EngineHost {
  const clock = process.clock(hardware.clock)
  const { disk, containers, namespaces, mounts, cgroups, links, firewall } = hardware.ports
  const streams = simStreams({ clock, ...(servers === undefined ? {} : { elsewhere: servers }) })
  return {
    clock,
    random,
    log,
    disk: process.port(disk),
    containers: process.port(containers),
    namespaces: process.port(namespaces),
    mounts: process.port(mounts),
    cgroups: process.port(cgroups),
    links: process.port(links),
    firewall: process.port(firewall),
    grpc: process.port(simGrpc({ clock, disk })),
    streams,
    http: simHttp({ clock, random, faults: noHttpFaults, elsewhere: registry }),
    keys: simKeys(random),
    streamListener: simStreamListener(streams),
    datagrams: simDatagrams({ clock, random }),
    codec: simCodec({ clock }),
    deflate: simDeflate(),
  }
}

/** What a simulated machine says of itself. */
export const simMachine: MachineFacts = {
  capacity: { cpus: 4, memoryBytes: 16 * 2 ** 30, ephemeralStorageBytes: 100 * 2 ** 30, processes: 32_768 },
  architecture: 'amd64',
  osImage: 'Simulated',
  kernelVersion: '6.1.0-simulated',
  machineId: '',
  bootId: '',
  systemUuid: '',
}
