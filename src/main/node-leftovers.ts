import { existsSync, readdirSync, rmSync } from 'node:fs'
import { ok } from '../api/result.ts'
import { linuxMounts } from '../host/linux/mounts.ts'
import { linuxProcesses } from '../host/linux/processes.ts'
import { makePodNetwork } from '../network/pod-network.ts'
import { serviceTableName } from '../network/service-table.ts'
import type { SharedImages } from '../runtime/engine/shared-images.ts'
import type { PodNetwork } from '../runtime/pod-network.ts'
import { releaseDriverRoot } from './driver-root.ts'
import type { NodeHost } from './host.ts'
import type { Instance, Settings } from './instance.ts'
import { linuxEngineHost, linuxHost, linuxNodeHost } from './linux-host.ts'
import {
  furtherNodesDirectory,
  kubeletDirectory,
  type NodeConfig,
  nodeConfigs,
  podNetworkConfig,
} from './node-config.ts'
import { machineName } from './node-machine.ts'
import { openEngine, runtimeSocket, tearDownCri } from './node-runtime.ts'

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
  const host = linuxNodeHost(linuxHost(), config)
  const network = await makePodNetwork({ ...host, config: podNetworkConfig(config) })
  if (settings.runtime !== '') await tearDownCri(host, config, runtimeSocket(settings.runtime), network)
  else await tearDownEngines(host, config, further, network)
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

async function tearDownEngines(
  nodeHost: NodeHost,
  config: NodeConfig,
  further: readonly NodeConfig[],
  network: PodNetwork,
): Promise<void> {
  const host = await linuxEngineHost(nodeHost, config)
  const engine = await openEngine(host, config)(network)
  for (const other of further) await tearDownFurther(host, other, engine.sharedImages)
  await engine.teardown()
  host.containers.close()
}

/** With its network namespace go all its links and rules. */
async function tearDownFurther(first: NodeHost, config: NodeConfig, sharedImages: SharedImages): Promise<void> {
  const machine = await first.namespaces.find(machineName(config))
  const host = await linuxEngineHost(linuxNodeHost(linuxHost(), config, machine), config)
  const noNetwork: PodNetwork = { attach: async () => ok({ ips: [] }), detach: async () => ok(undefined) }
  const engine = await openEngine(host, config, sharedImages)(noNetwork)
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
