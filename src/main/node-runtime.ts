import { cniHandler } from '../network/cni/cni-handler.ts'
import { type CniPlugin, isCniPluginPlaced, placeCniPlugin, removeCniPlugin } from '../network/cni/cni-plugin.ts'
import { type CniRecords, openCniRecords, republish } from '../network/cni/cni-records.ts'
import type { HttpListener } from '../ports/http.ts'
import { type CriRuntime, makeCriRuntime } from '../runtime/cri/cri-runtime.ts'
import { type Engine, makeEngine } from '../runtime/engine/engine.ts'
import type { SharedImages } from '../runtime/engine/shared-images.ts'
import { podCgroups } from '../runtime/pod-cgroups.ts'
import type { PodNetwork } from '../runtime/pod-network.ts'
import { serveCri } from './cri-socket.ts'
import type { EngineHost, NodeHost } from './host.ts'
import { engineOptions, type NodeConfig } from './node-config.ts'

/** What runs a node's pods: our own engine, which has images of its own to look after, or a runtime behind a socket. */
export type NodeRuntime = Engine | (CriRuntime & Readonly<{ images?: undefined; sharedImages?: undefined }>)
export type OpenRuntime = (network: PodNetwork) => Promise<NodeRuntime>
type OpenEngine = (network: PodNetwork) => Promise<Engine>

/** As the original kubelet looks while it starts. */
const readyLookMs = 100
const readyWithinMs = 10_000

/** The path of an endpoint, as kubelets and crictl write it: 'unix:///run/containerd/containerd.sock'. */
export function runtimeSocket(endpoint: string): string {
  return endpoint.replace(/^unix:\/\//, '')
}

/** `sharedImages`: of the node that was first on this machine; absent: images of its own. */
export function openEngine(host: EngineHost, config: NodeConfig, sharedImages?: SharedImages): OpenEngine {
  const images = sharedImages === undefined ? {} : { sharedImages }
  return (network) => makeEngine({ ...host, ...engineOptions(config), network, nameserver: config.dnsIp, ...images })
}

/** The same, and crictl and the like reach the engine at a socket in the node's run directory. */
export function openServedEngine(host: EngineHost, config: NodeConfig, sharedImages?: SharedImages): OpenEngine {
  return async (network) => {
    const engine = await openEngine(host, config, sharedImages)(network)
    const server = await serveCri(host, engine, {
      path: `${config.runDirectory}/cri.sock`,
      hostname: config.nodeName,
      cgroupParent: 'cri',
      engineDirectory: engineOptions(config).directory,
    })
    return {
      ...engine,
      async shutdown() {
        await server.close()
        await engine.shutdown()
      },
    }
  }
}

/** A runtime behind a socket. */
export function openCri(host: NodeHost, config: NodeConfig, socketPath: string): OpenRuntime {
  return async (network) => {
    const records = await cniRecords(host, config)
    await republish(network, records, host.log)
    const plugin = await startCniPlugin(host, config, network, records)
    const runtime = await connectCri(host, config, socketPath)
    host.log.info('containers run elsewhere', { runtime: runtime.name, socket: socketPath })
    await giveNetwork(host, config, runtime)
    return {
      ...runtime,
      async shutdown() {
        await runtime.shutdown()
        await plugin.close(0)
      },
    }
  }
}

/** A runtime that has no network yet asks ours for each pod's, as it would ask a CNI plugin. One that has another keeps it. */
async function giveNetwork(host: NodeHost, config: NodeConfig, runtime: CriRuntime): Promise<void> {
  const { disk, log } = host
  const plugin = cniPluginOf(config)
  const hasOther = (await runtime.status()).fault === undefined && !(await isCniPluginPlaced(disk, plugin))
  const others = hasOther ? [] : await placeCniPlugin(disk, plugin, runtime.configuration.network)
  if (hasOther || others.length > 0) log.info('pods get the network that the container runtime has', { others })
  await untilReady(host, runtime)
}

/** It takes a moment to see its network: a node that is Ready at once need not be looked at again. */
async function untilReady({ clock }: NodeHost, runtime: CriRuntime): Promise<void> {
  const deadlineMs = clock.monotonicMs() + readyWithinMs
  while ((await runtime.status()).fault !== undefined && clock.monotonicMs() < deadlineMs)
    await clock.sleep(readyLookMs)
}

/** Removes what the cluster has at its runtime, and at its network. What a runtime that is gone keeps of it, nobody can remove. */
export async function tearDownCri(
  host: NodeHost,
  config: NodeConfig,
  socketPath: string,
  network: PodNetwork,
): Promise<void> {
  const plugin = await startCniPlugin(host, config, network, await cniRecords(host, config))
  try {
    const runtime = await connectCri(host, config, socketPath)
    await runtime.teardown()
  } catch (error) {
    process.stderr.write(
      `${(error as Error).message}; its records of this cluster's pods stay until it is asked again\n`,
    )
    const { root } = podCgroups(host, config.engineName)
    await host.cgroups.killAll(root)
    await host.cgroups.remove(root)
  }
  await removeCniPlugin(host.disk, cniPluginOf(config))
  await plugin.close(0)
  await host.disk.remove(cniPluginOf(config).directory)
}

function connectCri(host: NodeHost, config: NodeConfig, socketPath: string): Promise<CriRuntime> {
  const { engineName: name, podCidr } = config
  return makeCriRuntime({ ...host, name, podCidr, socketPath })
}

function cniPluginOf({ instanceName: name, dataDirectory, runDirectory }: NodeConfig): CniPlugin {
  return { name, socketPath: `${runDirectory}/cni.sock`, directory: `${dataDirectory}/cni` }
}

function cniRecords({ disk }: NodeHost, config: NodeConfig): Promise<CniRecords> {
  return openCniRecords(disk, `${cniPluginOf(config).directory}/sandboxes`)
}

async function startCniPlugin(
  { disk, http }: NodeHost,
  config: NodeConfig,
  network: PodNetwork,
  records: CniRecords,
): Promise<HttpListener> {
  const { socketPath } = cniPluginOf(config)
  await disk.remove(socketPath)
  const listener = await http.listen({ type: 'unix', path: socketPath }, cniHandler(network, records))
  if (!listener.ok) throw new Error(`cannot listen on ${socketPath}: ${listener.error.message}`)
  return listener.value
}
