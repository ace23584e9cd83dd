import type { Cgroups } from '../../ports/cgroups.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Deflate } from '../../ports/deflate.ts'
import type { Disk } from '../../ports/disk.ts'
import type { Grpc } from '../../ports/grpc.ts'
import type { Http } from '../../ports/http.ts'
import type { Log } from '../../ports/log.ts'
import { type PodCgroups, podCgroups } from '../pod-cgroups.ts'
import type { PodRuntime } from '../pod-runtime.ts'
import { taskPool } from '../task-pool.ts'
import { type CriClient, criClient } from './cri-client.ts'
import { criCommands } from './cri-commands.ts'
import type { CriContext } from './cri-context.ts'
import { criImages } from './cri-images.ts'
import { criContainers, criSandboxes } from './cri-lifecycle.ts'
import { criPortForward } from './cri-port-forward.ts'
import { criState } from './cri-state.ts'
import { criImageFileSystem, criStats, criWritableLayer } from './cri-stats.ts'
import {
  type RuntimeConfiguration,
  type RuntimeVersion,
  runtimeConfiguration,
  runtimeStatus,
  runtimeVersion,
} from './cri-status.ts'
import { startCriWatch } from './cri-watch.ts'

export type CriRuntime = PodRuntime &
  Readonly<{
    readonly configuration: RuntimeConfiguration
    /** Stops watching. Containers go on, and the next start finds them by their label. */
    shutdown(): Promise<void>
    /** Removes every sandbox and container of this cluster, and their cgroups. What the runtime has besides, and all images, stay. */
    teardown(): Promise<void>
  }>

export type CriOptions = Readonly<{
  /** Of the cluster: tells its sandboxes from others' at the same runtime, and names its cgroup. */
  name: string
  /** '/run/containerd/containerd.sock' */
  socketPath: string
  /** What the node's pods get their addresses from, for a runtime that makes its network by a template. */
  podCidr: string
  grpc: Grpc
  clock: Clock
  disk: Disk
  http: Http
  deflate: Deflate
  cgroups: Cgroups
  log: Log
}>

const removalsAtOnce = 8

/** A container runtime behind a socket, such as containerd. Throws when none answers there, or one that cannot be used. */
export async function makeCriRuntime(options: CriOptions): Promise<CriRuntime> {
  const { name, socketPath, podCidr, grpc } = options
  const channel = grpc.connect(socketPath)
  const client = criClient(channel)
  try {
    const version = await runtimeVersion(client)
    if (!version.ok) throw new Error(`no container runtime can be used at unix://${socketPath}: ${version.error}`)
    await checkCgroupDriver(client, version.value.name)
    await client.runtime.UpdateRuntimeConfig({ runtimeConfig: { networkConfig: { podCidr } } })
    const groups = podCgroups(options, name)
    const configuration = await runtimeConfiguration(client)
    const state = criState(client, name)
    if (!(await state.relist())) throw new Error(`the container runtime at unix://${socketPath} does not list its pods`)
    const context: CriContext = { ...options, client, configuration, state, cgroupPath: groups.path }
    return { ...runtimeOf(context, version.value, groups), configuration, ...ends(context, groups, channel.close) }
  } catch (error) {
    channel.close()
    throw error
  }
}

function runtimeOf(context: CriContext, { name, version }: RuntimeVersion, groups: PodCgroups): PodRuntime {
  const { client, state } = context
  const { limitCgroup, cgroupUsage, machineUsage } = groups
  return {
    name,
    status: () => runtimeStatus(client, { name, version }),
    ...criSandboxes(context),
    ...criContainers(context),
    limitCgroup,
    cgroupUsage,
    machineUsage,
    sandboxes: () => state.sandboxes.all().map(({ sandbox }) => sandbox),
    containers: state.containers.all,
    onEvent: state.onEvent,
    ...criCommands(context),
    portForward: (sandboxId, port) => criPortForward(context, sandboxId, port),
    stats: () => criStats(context),
    writableLayer: (id) => criWritableLayer(context, id),
    imageFileSystem: () => criImageFileSystem(context),
    ...criImages(context),
  }
}

function ends(context: CriContext, groups: PodCgroups, close: () => void): Pick<CriRuntime, 'shutdown' | 'teardown'> {
  const { client, state, cgroups, log } = context
  const watch = startCriWatch(client, state, context)
  const shutdown = async (): Promise<void> => {
    watch.stop()
    close()
  }
  return {
    shutdown,
    async teardown() {
      const { removeSandbox } = criSandboxes(context)
      await state.relist()
      const pool = taskPool(removalsAtOnce)
      const failures: string[] = []
      for (const { sandbox } of state.sandboxes.all())
        await pool.add(async () => {
          const removed = await removeSandbox(sandbox.id)
          if (!removed.ok) failures.push(removed.error.message)
        })
      await pool.drain()
      if (failures.length > 0)
        log.warn('sandboxes could not be removed', { count: failures.length, first: failures[0] })
      await shutdown()
      await cgroups.killAll(groups.root)
      const empty = await cgroups.remove(groups.root)
      if (!empty.ok) log.warn('cannot remove the cgroups', { error: empty.error.message })
    },
  }
}

/**
 * Pods' cgroups are folders here, which is what runtimes take them for unless told otherwise. Runtimes older than the question (containerd
 * before 2.0) are not asked; with the other setting, each pod's events tell that its cgroup's name is none.
 */
async function checkCgroupDriver({ runtime }: CriClient, name: string): Promise<void> {
  const answer = await runtime.RuntimeConfig({})
  if (!answer.ok || answer.value.linux === undefined || answer.value.linux.cgroupDriver === 'CGROUPFS') return
  throw new Error(`${name} is set to the cgroup driver systemd: set it to cgroupfs (SystemdCgroup = false)`)
}
