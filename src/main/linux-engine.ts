import type { Log } from '../ports/log.ts'
import { type Engine, makeEngine } from '../runtime/engine/engine.ts'
import type { EngineOptions } from '../runtime/engine/engine-parts.ts'
import type { PodNetwork } from '../runtime/pod-network.ts'
import { linuxEngineHost, linuxHost, linuxNodeHost } from './linux-host.ts'

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

/** The container engine on this machine, without a node. Rejects when conmon, or both crun and runc, are missing. */
export async function makeLinuxEngine({ ociRuntime, log, ...options }: LinuxEngineOptions): Promise<Engine> {
  const scope = { engineName: options.name, runDirectory: options.runDirectory }
  const host = linuxNodeHost({ ...linuxHost(), log }, scope)
  return makeEngine({ ...(await linuxEngineHost(host, scope, ociRuntime)), ...options })
}
