import { kinds } from '../api/kinds.ts'
import type { Client } from '../client/client.ts'
import { makeClient } from '../client/http-client.ts'
import { type Informers, makeInformers } from '../client/informers.ts'
import { type Kubelet, startKubelet } from '../kubelet/kubelet.ts'
import { startDns } from '../network/dns-server.ts'
import { readUpstreams } from '../network/dns-upstream.ts'
import { makePodNetwork, type StartablePodNetwork } from '../network/pod-network.ts'
import { startServiceProxy } from '../network/service-proxy.ts'
import type { HttpHandler } from '../ports/http.ts'
import { type Engine, makeEngine } from '../runtime/engine.ts'
import type { NodeHost } from './host.ts'
import type { MachineFacts } from './machine-facts.ts'
import { engineOptions, kubeletDirectory, type NodeConfig, podNetworkConfig } from './node-config.ts'

export type RunningNode = Readonly<{
  engine: Engine
  kubelet: Kubelet
  network: StartablePodNetwork
  /** Containers, links and rules stay: a later start finds them again. */
  stop(): Promise<void>
}>

export type NodeParts = Readonly<{ host: NodeHost; config: NodeConfig; machine: MachineFacts; api: HttpHandler }>

/** The pod network must exist before the API server can be reached from pods, so it comes first, apart from the rest. */
export async function startPodNetwork(host: NodeHost, config: NodeConfig): Promise<StartablePodNetwork> {
  const network = await makePodNetwork({ ...host, config: podNetworkConfig(config) })
  await network.start()
  return network
}

/** Engine, kubelet, service proxy and DNS of one node. */
export async function startNode(
  { host, config, machine, api }: NodeParts,
  network: StartablePodNetwork,
): Promise<RunningNode> {
  const { clock, random, log } = host
  const { nodeName, serviceCidr, podCidr, instanceName, dnsIp } = config
  const client: Client = makeClient({
    handler: api,
    identity: { commonName: `system:node:${nodeName}`, organizations: ['system:nodes'] },
    userAgent: 'kubelet',
    clock,
  })
  const networkClient = makeClient({
    handler: api,
    // One view for the service proxy and DNS; no role of Kubernetes covers what both read.
    identity: { commonName: 'system:coracle:network', organizations: ['system:masters'] },
    userAgent: 'coracle-network',
    clock,
  })
  const informers: Informers = makeInformers({ client: networkClient, clock, random, log })
  const watched = {
    services: informers.of(kinds.services),
    endpointSlices: informers.of(kinds.endpointSlices),
    namespaces: informers.of(kinds.namespaces),
  }
  const engine = await makeEngine({ ...host, ...engineOptions(config), network })
  const proxy = startServiceProxy({
    informers: watched,
    firewall: host.firewall,
    clock,
    log,
    config: { name: instanceName, nodeName, clusterCidrs: [podCidr], serviceCidr },
  })
  const dns = await startDns({
    ...host,
    informers: watched,
    listener: host.streamListener,
    config: {
      zone: 'cluster.local',
      serverIp: dnsIp,
      address: network.bridgeIp,
      upstreams: await readUpstreams(host.disk, network.bridgeIp),
    },
  })
  const kubelet = await startKubelet({
    ...host,
    client,
    runtime: engine,
    config: {
      nodeName,
      addresses: [
        { type: 'InternalIP', address: network.bridgeIp },
        { type: 'Hostname', address: nodeName },
      ],
      rootDirectory: kubeletDirectory(config),
      clusterDnsIp: dnsIp,
      clusterDomain: 'cluster.local',
      ...machine,
    },
  })
  return {
    engine,
    kubelet,
    network,
    async stop() {
      await kubelet.stop()
      await dns.stop()
      await proxy.stop()
      informers.stop()
      await engine.shutdown()
    },
  }
}
