import type { StartablePodNetwork } from '../network/pod-network.ts'
import type { Namespaces, PinnedNamespaces } from '../ports/namespaces.ts'
import type { NodeHost } from './host.ts'
import type { NodeConfig } from './node-config.ts'

/**
 * The machine of a further node: a network and a UTS namespace that count as its host's, connected to the first node's bridge as a pod
 * is. Its own pods are behind it, so their range is routed there. Makes what is missing; throws when the host refuses.
 */
export async function startMachine(
  { namespaces, links }: Pick<NodeHost, 'namespaces' | 'links'>,
  pods: StartablePodNetwork,
  config: NodeConfig,
): Promise<PinnedNamespaces> {
  const { nodeName, bridgeName, podCidr } = config
  const machine = (await namespaces.find(machineName(config))) ?? (await pin(namespaces, config))
  const attached = await pods.attach(`node-${nodeName}`, machine.netPath ?? '', [])
  if (!attached.ok) throw new Error(`node ${nodeName} gets no address: ${attached.error.message}`)
  const [gateway = ''] = attached.value.ips
  const routed = await links.ensureRoute({ destination: podCidr, device: bridgeName, gateway })
  if (!routed.ok) throw new Error(`the pods of node ${nodeName} cannot be routed to: ${routed.error.message}`)
  return machine
}

export function machineName({ engineName }: NodeConfig): string {
  return `coracle-${engineName}`
}

async function pin(namespaces: Namespaces, config: NodeConfig): Promise<PinnedNamespaces> {
  const name = machineName(config)
  // A start that was killed half-way left a part of them.
  await namespaces.unpin(name)
  const request = { name, hostname: config.nodeName, hostNetwork: false, hostIpc: true, processes: false, sysctls: {} }
  const pinned = await namespaces.pin(request)
  if (!pinned.ok) throw new Error(`node ${config.nodeName} gets no network of its own: ${pinned.error.message}`)
  return pinned.value
}
