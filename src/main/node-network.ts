import { kinds } from '../api/kinds.ts'
import { makeClient } from '../client/http-client.ts'
import { makeInformers } from '../client/informers.ts'
import { startDns } from '../network/dns-server.ts'
import { readUpstreams } from '../network/dns-upstream.ts'
import { makePodNetwork, type StartablePodNetwork } from '../network/pod-network.ts'
import { type ServiceProxy, startServiceProxy } from '../network/service-proxy.ts'
import type { HttpHandler } from '../ports/http.ts'
import type { PodNetwork } from '../runtime/pod-network.ts'
import type { NodeHost } from './host.ts'
import { type NodeConfig, podNetworkConfig } from './node-config.ts'

/** The pod network must exist before the API server can be reached from pods, so it comes first, apart from the rest. */
export async function startPodNetwork(host: NodeHost, config: NodeConfig): Promise<StartablePodNetwork> {
  const network = await makePodNetwork({ ...host, config: podNetworkConfig(config) })
  await network.start()
  return network
}

export type NodeServices = Readonly<{
  /** The pod network, which also publishes the ports that pods ask for on the host. */
  network: PodNetwork
  stop(): Promise<void>
}>

/** Service proxy and cluster DNS of a node, on one shared view of the API. */
export async function startNodeServices(
  host: NodeHost,
  config: NodeConfig,
  api: HttpHandler,
  pods: StartablePodNetwork,
): Promise<NodeServices> {
  const { clock, random, log, firewall } = host
  const { instanceName, nodeName, podCidr, serviceCidr, dnsIp } = config
  // No role of Kubernetes covers what both read.
  const identity = { commonName: 'system:coracle:network', organizations: ['system:masters'] }
  const informers = makeInformers({
    client: makeClient({ handler: api, identity, userAgent: 'coracle-network', clock }),
    clock,
    random,
    log,
  })
  const watched = {
    services: informers.of(kinds.services),
    endpointSlices: informers.of(kinds.endpointSlices),
    namespaces: informers.of(kinds.namespaces),
  }
  const proxy = startServiceProxy({
    informers: watched,
    firewall,
    clock,
    log,
    config: { name: instanceName, nodeName, clusterCidrs: [podCidr], serviceCidr },
  })
  const upstreams = await readUpstreams(host.disk, pods.bridgeIp)
  const dns = await startDns({
    ...host,
    informers: watched,
    listener: host.streamListener,
    config: { zone: 'cluster.local', serverIp: dnsIp, address: pods.bridgeIp, upstreams },
  })
  return {
    network: withPublishedPorts(pods, proxy),
    async stop() {
      await dns.stop()
      await proxy.stop()
      informers.stop()
    },
  }
}

function withPublishedPorts(pods: PodNetwork, proxy: ServiceProxy): PodNetwork {
  return {
    async attach(sandboxId, netnsPath, portMappings) {
      const attached = await pods.attach(sandboxId, netnsPath, portMappings)
      const [address] = attached.ok ? attached.value.ips : []
      if (address !== undefined && portMappings.length > 0) await proxy.publish(sandboxId, address, portMappings)
      return attached
    },
    async detach(sandboxId, netnsPath) {
      await proxy.unpublish(sandboxId)
      return pods.detach(sandboxId, netnsPath)
    },
  }
}
