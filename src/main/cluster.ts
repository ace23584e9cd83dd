import { kinds } from '../api/kinds.ts'
import { kubernetesVersion } from '../api/kubernetes-version.ts'
import type { Informers } from '../client/informers.ts'
import { isNodeReady } from '../controllers/node-lifecycle/node-health.ts'
import { dnsServiceIp } from '../network/dns-manifests.ts'
import type { HttpHandler, HttpListener } from '../ports/http.ts'
import { type ControlPlaneConfig, startControlPlane } from './control-plane.ts'
import type { Host, NodeHost } from './host.ts'
import type { Instance, Settings } from './instance.ts'
import { readKubeletConfiguration } from './kubelet-config-file.ts'
import { serveKubelet } from './kubelet-listener.ts'
import { linuxEngineHost, linuxNodeHost } from './linux-host.ts'
import { readMachineFacts } from './machine-facts.ts'
import { nthAddress } from './network-addresses.ts'
import { type RunningNode, startNode } from './node.ts'
import { type NodeConfig, nodeConfigs } from './node-config.ts'
import { startMachine } from './node-machine.ts'
import { startPodNetwork } from './node-network.ts'
import { type NodeRuntime, type OpenRuntime, openCri, openServedEngine, runtimeSocket } from './node-runtime.ts'
import { openKubeletKeys, openPki, type Pki } from './pki.ts'

export type ClusterParts = Readonly<{
  host: Host
  instance: Instance
  settings: Settings
  onFatal: (error: Error) => void
  onStep: (step: string) => void
}>

export type RunningCluster = Readonly<{
  server: string
  version: string
  informers: Informers
  /** Absent where all nodes are simulated. */
  runtime?: NodeRuntime
  /** Resolves when every node of this process is Ready. */
  whenReady(): Promise<void>
  /** Ends this process' part. What runs in containers goes on, and is found again by the next start. */
  stop(): Promise<void>
}>

const apiServerDnsNames = [
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
  'localhost',
]

/** One process, one machine: the control plane, the node that this machine is, and those that it makes room for. */
export async function startCluster(parts: ClusterParts): Promise<RunningCluster> {
  const { host, instance, settings, onFatal, onStep } = parts
  const [config, ...furtherConfigs] = nodeConfigs(instance, settings)
  const nodeHost = linuxNodeHost(host, config)
  const [pki, network] = await Promise.all([clusterPki(parts), startPodNetwork(nodeHost, config)])
  const nodes = new Map<string, RunningNode>()
  const nodeHandler = (name: string): HttpHandler | undefined => nodes.get(name)?.kubelet.handler
  const controlPlane = await startControlPlane({
    host,
    nodeHandler,
    onFatal,
    config: controlPlaneConfig(parts, pki, network.bridgeIp),
  })
  const listeners = [
    ...(await listenOn(host, settings.apiPort, pki, controlPlane.handler, ['127.0.0.1', network.bridgeIp])),
  ]
  onStep(`API server listening on ${serverOf(settings)}`)
  const api = controlPlane.handler
  const machine = readMachineFacts(instance.dataDirectory)
  const configuration = readKubeletConfiguration(settings.kubeletConfig)
  const openRuntime = await openerOf(nodeHost, config, settings)
  const first = await startNode({ host: nodeHost, config, machine, api, configuration, openRuntime }, network)
  nodes.set(config.nodeName, first)
  const clientCaPem = pki.ca.certificatePem
  listeners.push(
    ...(await serveKubelet(host, { address: network.bridgeIp, keys: pki.kubelet, clientCaPem }, configuration, first)),
  )
  const startFurther = async (further: NodeConfig): Promise<void> => {
    const namespaces = await startMachine(nodeHost, network, further)
    const furtherHost = await linuxEngineHost(linuxNodeHost(host, further, namespaces), further)
    const openFurther = openServedEngine(furtherHost, further, first.runtime.sharedImages)
    const furtherNetwork = await startPodNetwork(furtherHost, further)
    const started = await startNode(
      { host: furtherHost, config: further, machine, api, configuration, openRuntime: openFurther },
      furtherNetwork,
    )
    nodes.set(further.nodeName, started)
    const address = furtherNetwork.bridgeIp
    const names = { nodeName: further.nodeName, nodeAddress: address }
    const keys = await openKubeletKeys(host, further.dataDirectory, pki.ca, names)
    const place = { address, keys, clientCaPem, machine: namespaces }
    listeners.push(...(await serveKubelet(host, place, configuration, started)))
  }
  await Promise.all(furtherConfigs.map(startFurther))
  return {
    server: serverOf(settings),
    version: kubernetesVersion,
    informers: controlPlane.informers,
    runtime: first.runtime,
    whenReady: () => nodesReady(controlPlane.informers, [...nodes.keys()]),
    async stop() {
      // The API stays as long as pods have time to end.
      await Promise.all([...nodes.values()].map((node) => node.shutDown()))
      await Promise.all(listeners.map((listener) => listener.close(500)))
      await Promise.all([...nodes.values()].map((node) => node.stop()))
      await controlPlane.stop()
    },
  }
}

/** Of the first node. Rejects when a program that its containers need is not installed. */
async function openerOf(host: NodeHost, config: NodeConfig, { runtime }: Settings): Promise<OpenRuntime> {
  if (runtime !== '') return openCri(host, config, runtimeSocket(runtime))
  return openServedEngine(await linuxEngineHost(host, config), config)
}

export function serverOf({ apiPort }: Settings): string {
  return `https://127.0.0.1:${apiPort}`
}

export function controlPlaneConfig(
  { instance, settings }: Pick<ClusterParts, 'instance' | 'settings'>,
  pki: Pki,
  address: string,
): ControlPlaneConfig {
  return {
    storeDirectory: `${instance.dataDirectory}/store`,
    pki,
    serviceCidr: settings.serviceCidr,
    security: settings.security,
    nodePorts: { first: settings.nodePortFirst, last: settings.nodePortLast },
    advertise: { address, port: settings.apiPort },
    dns: { serviceIp: dnsServiceIp(settings.serviceCidr), listenAddress: address },
  }
}

export function clusterPki({ host, instance, settings }: ClusterParts): Promise<Pki> {
  const nodeAddress = nthAddress(settings.podCidr, 1)
  const { nodeName } = nodeConfigs(instance, settings)[0]
  const ipAddresses = ['127.0.0.1', nthAddress(settings.serviceCidr, 1), nodeAddress]
  const server = { dnsNames: [...apiServerDnsNames, nodeName], ipAddresses }
  return openPki(host.disk, host.keys, `${instance.dataDirectory}/pki`, { server, nodeName, nodeAddress })
}

/** Throws with the mend when a port is taken. */
export async function listenOn(
  host: Host,
  port: number,
  pki: Pki,
  handler: HttpHandler,
  addresses: readonly string[],
): Promise<readonly HttpListener[]> {
  const tls = {
    ...pki.server,
    clientCaPem: pki.ca.certificatePem,
    frontProxyCaPem: pki.frontProxy.ca.certificatePem,
  }
  const listeners: HttpListener[] = []
  for (const address of addresses) {
    const listener = await host.http.listen({ type: 'tcp', address, port, tls }, handler)
    if (!listener.ok && listener.error.code === 'AddressInUse') {
      throw new Error(
        `port ${port} on ${address} is in use: stop what uses it, or choose another with \`coracle up --port PORT\``,
      )
    }
    if (!listener.ok) throw new Error(`cannot listen on ${address}:${port}: ${listener.error.message}`)
    listeners.push(listener.value)
  }
  return listeners
}

/** Resolves when the informer has seen each of the nodes Ready. */
export function nodesReady(informers: Informers, names: readonly string[]): Promise<void> {
  const nodes = informers.of(kinds.nodes)
  const isReady = (name: string): boolean => {
    const node = nodes.get(name)
    return node !== undefined && isNodeReady(node)
  }
  return new Promise((resolve) => {
    const waiting = new Set(names)
    const look = (): void => {
      for (const name of waiting) if (isReady(name)) waiting.delete(name)
      if (waiting.size === 0) resolve()
    }
    nodes.onChange(look)
    look()
  })
}
