import type { Cgroups } from '../../ports/cgroups.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Codec } from '../../ports/codec.ts'
import type { Containers } from '../../ports/containers.ts'
import type { Disk } from '../../ports/disk.ts'
import type { Http } from '../../ports/http.ts'
import type { Log } from '../../ports/log.ts'
import type { Mounts } from '../../ports/mounts.ts'
import type { Namespaces } from '../../ports/namespaces.ts'
import type { Random } from '../../ports/random.ts'
import type { Streams } from '../../ports/streams.ts'
import type { RegistryMirrors } from '../images/registry-client.ts'
import { podCgroups } from '../pod-cgroups.ts'
import type { PodNetwork } from '../pod-network.ts'
import type { SharedImages } from './shared-images.ts'

export type EngineOptions = Readonly<{
  /** Tells engines on one machine apart: lower-case letters, digits and dashes. */
  name: string
  /** Images, writable layers and records: kept over restarts of the machine. Not on an overlay. */
  directory: string
  /** Mount points: below /run. */
  runDirectory: string
  /** 'host': sandboxes name their cgroups from the top, where a kubelet has made them; absent: below the engine's own. */
  cgroupPaths?: 'host'
  clock: Clock
  random: Random
  disk: Disk
  codec: Codec
  http: Http
  streams: Streams
  namespaces: Namespaces
  mounts: Mounts
  cgroups: Cgroups
  containers: Containers
  network: PodNetwork
  /** Whom containers of builds ask for names; absent: whom the host asks. */
  nameserver?: string
  log: Log
  registryMirrors?: RegistryMirrors
  /** Absent: images of its own. */
  sharedImages?: SharedImages
}>

/** Where everything of one engine is, by name: what teardown removes even when nothing is remembered. */
export type EnginePaths = Readonly<{
  images: string
  sandboxRecord(id: string): string
  sandboxRecords: string
  containerRecord(id: string): string
  containerRecords: string
  containerConfig(id: string): string
  writable(id: string): string
  writables: string
  root(id: string): string
  roots: string
  shm(id: string): string
  shms: string
  /** Layers of images with the owners that the users of a sandbox are. */
  ownLayers(sandboxId: string): string
  allOwnLayers: string
  /** What a sandbox's containers see in /etc. */
  sandboxFile(id: string, name: string): string
  sandboxFiles(id: string): string
  allSandboxFiles: string
  namespace(sandboxId: string): string
  namespacePrefix: string
  cgroup(path: string): string
  /** Made by us, and removed by us. */
  ownsCgroup(path: string): boolean
  cgroupRoot: string
  /** Of builds: what is gone when they end, and where they mount. */
  builds: string
  buildMounts: string
}>

export function enginePaths(options: EngineOptions): EnginePaths {
  const { name, directory, runDirectory, cgroupPaths } = options
  const namespacePrefix = `coracle-${name}-`
  const folders = {
    images: `${directory}/images`,
    sandboxRecords: `${directory}/sandboxes`,
    containerRecords: `${directory}/containers`,
    writables: `${directory}/writable`,
    roots: `${runDirectory}/roots`,
    shms: `${runDirectory}/shm`,
    allOwnLayers: `${runDirectory}/layers`,
    allSandboxFiles: `${directory}/sandbox-files`,
    builds: `${directory}/builds`,
    buildMounts: `${runDirectory}/builds`,
  }
  const groups = podCgroups(options, name, cgroupPaths)
  return {
    ...folders,
    sandboxRecord: (id) => `${folders.sandboxRecords}/${id}.json`,
    containerRecord: (id) => `${folders.containerRecords}/${id}.json`,
    containerConfig: (id) => `${folders.writables}/${id}/config.json`,
    writable: (id) => `${folders.writables}/${id}`,
    root: (id) => `${folders.roots}/${id}`,
    ownLayers: (id) => `${folders.allOwnLayers}/${id}`,
    shm: (id) => `${folders.shms}/${id}`,
    sandboxFile: (id, name) => `${folders.allSandboxFiles}/${id}/${name}`,
    sandboxFiles: (id) => `${folders.allSandboxFiles}/${id}`,
    namespace: (sandboxId) => namespacePrefix + sandboxId.slice(0, 16),
    namespacePrefix,
    cgroup: groups.path,
    ownsCgroup: (path) => groups.path(path).startsWith(`${groups.root}/`),
    cgroupRoot: groups.root,
  }
}
