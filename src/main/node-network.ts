import type { Service } from '../api/kinds.generated.ts'
import { kinds } from '../api/kinds.ts'
import { accountGroups } from '../apiserver/authenticate/account-name.ts'
import { makeClient } from '../client/http-client.ts'
import type { Informer } from '../client/informer.ts'
import { type Informers, makeInformers } from '../client/informers.ts'
import { type DnsParts, type DnsServer, startDns } from '../network/dns-server.ts'
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
  services: Informer<Service>
  stop(): Promise<void>
}>

type Identity = Readonly<{ commonName: string; organizations: readonly string[] }>

const dnsIdentity: Identity = {
  commonName: 'system:serviceaccount:kube-system:coredns',
  organizations: accountGroups('kube-system'),
}

/** Service proxy and cluster DNS of a node, on one shared view of the API. */
export async function startNodeServices(
  host: NodeHost,
  config: NodeConfig,
  api: HttpHandler,
  pods: StartablePodNetwork,
): Promise<NodeServices> {
  const { clock, random, log, firewall } = host
  const { instanceName, nodeName, clusterCidrs, serviceCidr } = config
  const informersOf = (identity: Identity, userAgent: string): Informers =>
    makeInformers({ client: makeClient({ handler: api, identity, userAgent, clock }), clock, random, log })
  const informers = informersOf({ commonName: 'system:kube-proxy', organizations: [] }, 'kube-proxy')
  const watched = { services: informers.of(kinds.services), endpointSlices: informers.of(kinds.endpointSlices) }
  const proxy = startServiceProxy({
    informers: watched,
    firewall,
    clock,
    log,
    config: { name: instanceName, nodeName, clusterCidrs, serviceCidr },
  })
  // What the proxy's role does not cover.
  const dnsInformers = informersOf(dnsIdentity, 'coredns')
  const dns = config.servesDns
    ? await startNodeDns(host, config, pods.bridgeIp, { ...watched, namespaces: dnsInformers.of(kinds.namespaces) })
    : undefined
  return {
    network: withPublishedPorts(pods, proxy),
    services: watched.services,
    async stop() {
      await dns?.stop()
      await proxy.stop()
      informers.stop()
      dnsInformers.stop()
    },
  }
}

async function startNodeDns(
  host: NodeHost,
  { dnsIp }: NodeConfig,
  address: string,
  informers: DnsParts['informers'],
): Promise<DnsServer> {
  const upstreams = await readUpstreams(host.disk, address)
  const config = { zone: 'cluster.local', serverIp: dnsIp, address, upstreams }
  return startDns({ ...host, informers, listener: host.streamListener, config })
}

/** A pod network that also publishes ports on the host. */
export function withPublishedPorts(pods: PodNetwork, proxy: ServiceProxy): PodNetwork {
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
