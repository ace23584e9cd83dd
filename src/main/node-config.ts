import { hostname } from 'node:os'
import { dnsServiceIp } from '../network/dns-manifests.ts'
import type { PodNetworkConfig } from '../network/pod-network.ts'
import type { EngineOptions } from '../runtime/engine/engine-parts.ts'
import type { Instance, Settings } from './instance.ts'

export type NodeConfig = Readonly<{
  /** Tells nodes on one machine apart: scopes links, tables, namespaces and cgroups. */
  instanceName: string
  nodeName: string
  bridgeName: string
  podCidr: string
  serviceCidr: string
  dnsIp: string
  /** Outlives a reboot. */
  dataDirectory: string
  /** Below /run. */
  runDirectory: string
}>

/** The node that this machine is. */
export function nodeConfigOf(instance: Instance, settings: Settings): NodeConfig {
  return {
    instanceName: instance.name,
    nodeName: hostname().toLowerCase(),
    bridgeName: bridgeNameOf(instance.name),
    podCidr: settings.podCidr,
    serviceCidr: settings.serviceCidr,
    dnsIp: dnsServiceIp(settings.serviceCidr),
    dataDirectory: instance.dataDirectory,
    runDirectory: instance.runDirectory,
  }
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
  serviceCidr,
  dataDirectory,
}: NodeConfig): PodNetworkConfig {
  return { name: instanceName, bridgeName, podCidr, serviceCidr, stateDirectory: `${dataDirectory}/network` }
}

export function engineOptions({
  instanceName,
  dataDirectory,
  runDirectory,
}: NodeConfig): Pick<EngineOptions, 'name' | 'directory' | 'runDirectory'> {
  return { name: instanceName, directory: `${dataDirectory}/engine`, runDirectory: `${runDirectory}/engine` }
}

export function kubeletDirectory({ dataDirectory }: NodeConfig): string {
  return `${dataDirectory}/kubelet`
}

/** Persistent volumes that are folders of this node. */
export function localVolumeDirectory({ dataDirectory }: NodeConfig): string {
  return `${dataDirectory}/volumes`
}
