import { existsSync, readdirSync, rmSync } from 'node:fs'
import { ok } from '../api/result.ts'
import { linuxMounts } from '../host/linux/mounts.ts'
import { linuxProcesses } from '../host/linux/processes.ts'
import { makePodNetwork } from '../network/pod-network.ts'
import { serviceTableName } from '../network/service-table.ts'
import { makeEngine } from '../runtime/engine/engine.ts'
import type { SharedImages } from '../runtime/engine/shared-images.ts'
import type { PodNetwork } from '../runtime/pod-network.ts'
import { releaseDriverRoot } from './driver-root.ts'
import type { NodeHost } from './host.ts'
import type { Instance, Settings } from './instance.ts'
import { linuxHost, linuxNodeHost } from './linux-host.ts'
import {
  engineOptions,
  furtherNodesDirectory,
  kubeletDirectory,
  type NodeConfig,
  nodeConfigs,
  podNetworkConfig,
} from './node-config.ts'
import { machineName } from './node-machine.ts'

/**
 * Takes down everything that a node has put into the kernel: containers, mounts, namespaces, cgroups, links, addresses and rules. Works
 * from what is on disk and in the kernel, so the process that made it may be gone. False when there was nothing.
 */
export async function tearDownNode(instance: Instance, settings: Settings): Promise<boolean> {
  const mounts = linuxMounts({ processes: linuxProcesses() })
  const hasMounts = (await mounts.list(instance.dataDirectory)).length > 0
  if (!hasMounts && !existsSync(instance.runDirectory)) return false
  // Settings that cannot be read any more do not hide nodes.
  const nodes = Math.max(settings.nodes, ...furtherNumbers(instance))
  const [config, ...further] = nodeConfigs(instance, { ...settings, nodes })
  const host = await linuxNodeHost(linuxHost(), config)
  const network = await makePodNetwork({ ...host, config: podNetworkConfig(config) })
  const engine = await makeEngine({ ...host, ...engineOptions(config), network })
  for (const other of further) await tearDownFurther(host, other, engine.sharedImages)
  await engine.teardown()
  host.containers.close()
  await unmountVolumes(host, config)
  const removed = await host.firewall.remove(serviceTableName(instance.name))
  if (!removed.ok) throw new Error(`the rules of Services could not be removed: ${removed.error.message}`)
  await network.teardown()
  await releaseDriverRoot(host.disk, kubeletDirectory(config))
  rmSync(instance.runDirectory, { recursive: true, force: true })
  return true
}

function furtherNumbers({ dataDirectory }: Instance): readonly number[] {
  const folder = furtherNodesDirectory(dataDirectory)
  return existsSync(folder) ? readdirSync(folder).map(Number) : []
}

/** With its network namespace go all its links and rules. */
async function tearDownFurther(first: NodeHost, config: NodeConfig, sharedImages: SharedImages): Promise<void> {
  const machine = await first.namespaces.find(machineName(config))
  const host = await linuxNodeHost(linuxHost(), config, machine)
  const noNetwork: PodNetwork = { attach: async () => ok({ ips: [] }), detach: async () => ok(undefined) }
  const engine = await makeEngine({ ...host, ...engineOptions(config), network: noNetwork, sharedImages })
  await engine.teardown()
  host.containers.close()
  await unmountVolumes(host, config)
  const unpinned = await first.namespaces.unpin(machineName(config))
  if (!unpinned.ok) throw new Error(`the network of node ${config.nodeName} stays: ${unpinned.error.message}`)
  await host.disk.remove(podNetworkConfig(config).stateDirectory)
}

/** Memory volumes, and what containers were shown a part of: as after a restart of the machine, the next start makes them anew. */
async function unmountVolumes({ mounts }: NodeHost, config: NodeConfig): Promise<void> {
  const unmounted = await mounts.unmount(
    ['memory', 'pods', 'plugins'].map((folder) => `${kubeletDirectory(config)}/${folder}`),
  )
  if (!unmounted.ok) throw new Error(`the pods' volumes could not be unmounted: ${unmounted.error.message}`)
}
