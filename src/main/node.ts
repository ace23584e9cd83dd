import { makeClient } from '../client/http-client.ts'
import type { KubeletConfiguration } from '../kubelet/configuration/kubelet-configuration.ts'
import { type Kubelet, startKubelet } from '../kubelet/kubelet.ts'
import type { KubeletConfig } from '../kubelet/kubelet-config.ts'
import { allocatableFault, mostPods } from '../kubelet/node/node-allocatable.ts'
import { startLocalProvisioner } from '../kubelet/volumes/local-provisioner.ts'
import { localProvisionerUser } from '../kubelet/volumes/local-storage-manifests.ts'
import type { StartablePodNetwork } from '../network/pod-network.ts'
import type { HttpHandler } from '../ports/http.ts'
import { claimDriverRoot } from './driver-root.ts'
import type { NodeHost } from './host.ts'
import type { MachineFacts } from './machine-facts.ts'
import { kubeletDirectory, localVolumeDirectory, type NodeConfig } from './node-config.ts'
import { startNodeServices } from './node-network.ts'
import type { NodeRuntime, OpenRuntime } from './node-runtime.ts'

export type RunningNode = Readonly<{
  runtime: NodeRuntime
  kubelet: Kubelet
  /** Ends the pods where the kubelet's configuration gives time for it. */
  shutDown(): Promise<void>
  /** Containers, links and rules stay: a later start finds them again. */
  stop(): Promise<void>
}>

export type NodeParts = Readonly<{
  host: NodeHost
  config: NodeConfig
  machine: MachineFacts
  api: HttpHandler
  configuration: KubeletConfiguration
  openRuntime: OpenRuntime
}>

/** Service proxy, DNS, container runtime and kubelet of one node. Resolves when the node is registered and Ready. */
export async function startNode(
  { host, config, machine, api, configuration, openRuntime }: NodeParts,
  pods: StartablePodNetwork,
): Promise<RunningNode> {
  const { nodeName } = config
  const services = await startNodeServices(host, config, api, pods)
  const runtime = await openRuntime(services.network)
  const identity = { commonName: `system:node:${nodeName}`, organizations: ['system:nodes'] }
  const client = makeClient({ handler: api, identity, userAgent: 'kubelet', clock: host.clock })
  const provisioner = startLocalProvisioner({
    ...host,
    client: makeClient({
      handler: api,
      identity: { commonName: localProvisionerUser, organizations: [] },
      userAgent: 'local-provisioner',
      clock: host.clock,
    }),
    nodeName,
    directory: localVolumeDirectory(config),
  })
  const kubelet = await startKubelet(
    {
      ...host,
      client,
      runtime,
      networkUsage: pods.usage,
      config: {
        ...kubeletConfig(config, machine, configuration, pods.bridgeIp),
        driverRoot: await claimDriverRoot(host.disk, kubeletDirectory(config)),
      },
    },
    services.services,
  )
  return {
    runtime,
    kubelet,
    shutDown: kubelet.shutDown,
    async stop() {
      provisioner.stop()
      await kubelet.stop()
      await services.stop()
      await runtime.shutdown()
    },
  }
}

/** The bridge's address is the node's: pods and the host reach it, and it stays when the machine changes networks. */
function kubeletConfig(
  config: NodeConfig,
  machine: MachineFacts,
  configuration: KubeletConfiguration,
  address: string,
): KubeletConfig {
  const made: KubeletConfig = {
    nodeName: config.nodeName,
    addresses: [
      { type: 'InternalIP', address },
      { type: 'Hostname', address: config.nodeName },
    ],
    rootDirectory: kubeletDirectory(config),
    clusterDnsIp: config.dnsIp,
    clusterDomain: 'cluster.local',
    ...machine,
    capacity: { ...machine.capacity, pods: mostPods(configuration, machine.capacity.cpus) },
    taints: configuration.registerWithTaints,
    configuration,
  }
  const fault = allocatableFault(made)
  if (fault !== undefined) throw new Error(fault)
  return made
}
