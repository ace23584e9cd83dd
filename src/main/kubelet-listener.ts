import type { KubeletConfiguration } from '../kubelet/configuration/kubelet-configuration.ts'
import type { HttpListener } from '../ports/http.ts'
import type { Host } from './host.ts'
import type { RunningNode } from './node.ts'
import type { Pki } from './pki.ts'

/**
 * Serves the kubelet's API on the node's own address. The API server of this process does without it, so a port that is taken (by the
 * kubelet of another cluster that listens everywhere) is no reason not to start.
 */
export async function serveKubelet(
  { http, log }: Pick<Host, 'http' | 'log'>,
  pki: Pki,
  { address, port }: KubeletConfiguration,
  nodeAddress: string,
  { kubelet }: RunningNode,
): Promise<readonly HttpListener[]> {
  const at = { type: 'tcp', address: address || nodeAddress, port } as const
  const tls = { ...pki.kubelet, clientCaPem: pki.ca.certificatePem }
  const listener = await http.listen({ ...at, tls }, kubelet.guardedHandler)
  if (listener.ok) return [listener.value]
  log.warn("the kubelet's API is not served: choose another port in --kubelet-config", {
    address: at.address,
    port,
    message: listener.error.message,
  })
  return []
}
