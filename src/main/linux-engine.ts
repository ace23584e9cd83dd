import { linuxCgroups } from '../host/linux/cgroups.ts'
import { linuxClock } from '../host/linux/clock.ts'
import { linuxCodec } from '../host/linux/codec.ts'
import { linuxContainers } from '../host/linux/containers.ts'
import { linuxDisk } from '../host/linux/disk.ts'
import { linuxHttp } from '../host/linux/http.ts'
import { linuxMounts } from '../host/linux/mounts.ts'
import { linuxNamespaces } from '../host/linux/namespaces.ts'
import { linuxProcesses } from '../host/linux/processes.ts'
import { linuxRandom } from '../host/linux/random.ts'
import { linuxStreams } from '../host/linux/streams.ts'
import type { Log } from '../ports/log.ts'
import { type Engine, makeEngine } from '../runtime/engine/engine.ts'
import type { EngineOptions } from '../runtime/engine/engine-parts.ts'
import type { PodNetwork } from '../runtime/pod-network.ts'

export type LinuxEngineOptions = Readonly<{
  /** Tells engines on one machine apart: prefixes network namespaces and the cgroup root. */
  name: string
  /** Kept over restarts of the machine: images, writable layers, records. */
  directory: string
  /** Lasts as long as the machine runs: '/run/coracle/NAME'. Belongs to this engine alone. */
  runDirectory: string
  network: PodNetwork
  log: Log
  /** Path of crun or runc; absent: the one that is installed. */
  ociRuntime?: string
}> &
  Pick<EngineOptions, 'cgroupPaths' | 'registryMirrors'>

/** The container engine on this machine. Rejects when conmon, or both crun and runc, are missing. */
export async function makeLinuxEngine(options: LinuxEngineOptions): Promise<Engine> {
  const { ociRuntime, ...engine } = options
  const { name, runDirectory } = engine
  const processes = linuxProcesses()
  const containers = await linuxContainers({
    processes,
    directory: `${runDirectory}/oci`,
    monitorCgroup: `/coracle-${name}/monitors`,
    ...(ociRuntime === undefined ? {} : { runtime: ociRuntime }),
  })
  return makeEngine({
    ...engine,
    clock: linuxClock(),
    random: linuxRandom(),
    disk: linuxDisk(),
    codec: linuxCodec(),
    http: linuxHttp(),
    streams: linuxStreams(),
    namespaces: linuxNamespaces({ processes, directory: `${runDirectory}/namespaces` }),
    mounts: linuxMounts({ processes }),
    cgroups: linuxCgroups(),
    containers,
  })
}
