import { existsSync, rmSync } from 'node:fs'
import { linuxMounts } from '../host/linux/mounts.ts'
import { linuxProcesses } from '../host/linux/processes.ts'
import { makePodNetwork } from '../network/pod-network.ts'
import { serviceTableName } from '../network/service-table.ts'
import { makeEngine } from '../runtime/engine/engine.ts'
import type { Instance, Settings } from './instance.ts'
import { linuxHost, linuxNodeHost } from './linux-host.ts'
import { engineOptions, kubeletDirectory, nodeConfigOf, podNetworkConfig } from './node-config.ts'

/**
 * Takes down everything that a node has put into the kernel: containers, mounts, namespaces, cgroups, links, addresses and rules. Works
 * from what is on disk and in the kernel, so the process that made it may be gone. False when there was nothing.
 */
export async function tearDownNode(instance: Instance, settings: Settings): Promise<boolean> {
  const mounts = linuxMounts({ processes: linuxProcesses() })
  const hasMounts = (await mounts.list(instance.dataDirectory)).length > 0
  if (!hasMounts && !existsSync(instance.runDirectory)) return false
  const config = nodeConfigOf(instance, settings)
  const host = await linuxNodeHost(linuxHost(), instance)
  const network = await makePodNetwork({ ...host, config: podNetworkConfig(config) })
  const engine = await makeEngine({ ...host, ...engineOptions(config), network })
  await engine.teardown()
  host.containers.close()
  // Memory volumes, and what containers were shown a part of: as after a restart of the machine, the next start makes them anew.
  const volumes = ['memory', 'pods'].map((folder) => `${kubeletDirectory(config)}/${folder}`)
  const unmounted = await mounts.unmount(volumes)
  if (!unmounted.ok) throw new Error(`the pods' volumes could not be unmounted: ${unmounted.error.message}`)
  const removed = await host.firewall.remove(serviceTableName(instance.name))
  if (!removed.ok) throw new Error(`the rules of Services could not be removed: ${removed.error.message}`)
  await network.teardown()
  rmSync(instance.runDirectory, { recursive: true, force: true })
  return true
}
