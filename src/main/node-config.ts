import { hostname } from 'node:os'
import { dnsServiceIp } from '../network/dns-manifests.ts'
import type { PodNetworkConfig } from '../network/pod-network.ts'
import type { EngineOptions } from '../runtime/engine/engine-parts.ts'
import type { Instance, Settings } from './instance.ts'
import { podCidrs } from './network-addresses.ts'

export type NodeConfig = Readonly<{
  /** Tells clusters on one machine apart: scopes links and tables. */
  instanceName: string
  /** Tells nodes on one machine apart: scopes namespaces and cgroups. */
  engineName: string
  nodeName: string
  bridgeName: string
  podCidr: string
  /** The pod network of all nodes. */
  clusterCidrs: readonly string[]
  serviceCidr: string
  dnsIp: string
  /** Whether the DNS of the cluster, or of a node that has its own, is here. */
  servesDns: boolean
  /** Outlives a reboot. */
  dataDirectory: string
  /** Below /run. */
  runDirectory: string
}>

/** The node that this machine is, and the further ones in network namespaces of it. */
export function nodeConfigs(instance: Instance, settings: Settings): readonly [NodeConfig, ...NodeConfig[]] {
  const { name, dataDirectory, runDirectory } = instance
  const clusterCidrs = podCidrs(settings)
  const first: NodeConfig = {
    instanceName: name,
    engineName: name,
    nodeName: hostname().toLowerCase(),
    bridgeName: bridgeNameOf(name),
    podCidr: settings.podCidr,
    clusterCidrs,
    serviceCidr: settings.serviceCidr,
    dnsIp: dnsServiceIp(settings.serviceCidr),
    servesDns: true,
    dataDirectory,
    runDirectory,
  }
  const further = clusterCidrs.slice(1).map((podCidr, at): NodeConfig => {
    const number = at + 2
    return {
      ...first,
      podCidr,
      // A capital letter: no cluster has such a name.
      engineName: `${name}-N${number}`,
      nodeName: `${first.nodeName}-${number}`,
      servesDns: false,
      dataDirectory: `${furtherNodesDirectory(dataDirectory)}/${number}`,
      runDirectory: `${runDirectory}/nodes/${number}`,
    }
  })
  return [first, ...further]
}

/** A folder for each further node, by its number. */
export function furtherNodesDirectory(dataDirectory: string): string {
  return `${dataDirectory}/nodes`
}

/** A hash keeps the bridges of clusters with long names apart within the 15 characters of a link's name. */
export function bridgeNameOf(instanceName: string): string {
  if (instanceName === 'coracle') return 'coracle0'
  let hash = 0
  for (const character of instanceName) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0
  return `cora-${hash.toString(36)}`
}

export function podNetworkConfig({
  instanceName,
  bridgeName,
  podCidr,
  clusterCidrs,
  serviceCidr,
  dataDirectory,
}: NodeConfig): PodNetworkConfig {
  const ranges = { podCidr, clusterCidrs, serviceCidr }
  return { name: instanceName, bridgeName, ...ranges, stateDirectory: `${dataDirectory}/network` }
}

export function engineOptions({
  engineName,
  dataDirectory,
  runDirectory,
}: NodeConfig): Pick<EngineOptions, 'name' | 'directory' | 'runDirectory'> {
  return { name: engineName, directory: `${dataDirectory}/engine`, runDirectory: `${runDirectory}/engine` }
}

export function kubeletDirectory({ dataDirectory }: NodeConfig): string {
  return `${dataDirectory}/kubelet`
}

/** Persistent volumes that are folders of this node. */
export function localVolumeDirectory({ dataDirectory }: NodeConfig): string {
  return `${dataDirectory}/volumes`
}
