import type { KubeletConfiguration } from '../kubelet/configuration/kubelet-configuration.ts'
import type { HttpListener } from '../ports/http.ts'
import type { KeyPair } from '../ports/keys.ts'
import type { PinnedNamespaces } from '../ports/namespaces.ts'
import type { Host } from './host.ts'
import type { RunningNode } from './node.ts'

/** Where a node's kubelet is reached, and what it shows there. */
export type KubeletPlace = Readonly<{
  address: string
  keys: KeyPair
  clientCaPem: string
  /** The namespaces of a further node. */
  machine?: PinnedNamespaces
}>

/**
 * Serves the kubelet's API on the node's own address. The API server of this process does without it, so a port that is taken (by the
 * kubelet of another cluster that listens everywhere) is no reason not to start.
 */
export async function serveKubelet(
  { http, log }: Pick<Host, 'http' | 'log'>,
  { address: nodeAddress, keys, clientCaPem, machine }: KubeletPlace,
  { address, port }: KubeletConfiguration,
  { kubelet }: RunningNode,
): Promise<readonly HttpListener[]> {
  const inside = machine?.netPath === undefined ? {} : { netnsPath: machine.netPath }
  const at = { type: 'tcp', address: address || nodeAddress, port, ...inside } as const
  const tls = { ...keys, clientCaPem }
  const listener = await http.listen({ ...at, tls }, kubelet.guardedHandler)
  if (listener.ok) return [listener.value]
  log.warn("the kubelet's API is not served: choose another port in --kubelet-config", {
    address: at.address,
    port,
    message: listener.error.message,
  })
  return []
}
