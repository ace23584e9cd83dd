import type { Endpoint, EndpointSlice, ServicePort } from '../api/kinds.generated.ts'
import { parseAddress } from './address.ts'

/** Where a service port's packets may go. */
export type Backend = Readonly<{ address: string; port: number; local: boolean; nodeName?: string }>

/**
 * The endpoints of one service port, in address order, each once. As kube-proxy: those that are ready; if none is, those that still
 * serve while terminating (KEP-1669).
 */
export function backendsOf(port: ServicePort, slices: readonly EndpointSlice[], nodeName: string): readonly Backend[] {
  const ready = new Map<string, Backend>()
  const draining = new Map<string, Backend>()
  for (const slice of slices) {
    const number = portNumberIn(slice, port)
    if (number === undefined || slice.addressType !== 'IPv4') continue
    for (const endpoint of slice.endpoints ?? []) {
      const into = isReady(endpoint) ? ready : isDraining(endpoint) ? draining : undefined
      const backend = into && backendOf(endpoint, number, nodeName)
      if (backend !== undefined) into?.set(`${backend.address} . ${backend.port}`, backend)
    }
  }
  const chosen = ready.size > 0 ? ready : draining
  return [...chosen.values()].sort(byAddress)
}

export function localBackends(backends: readonly Backend[]): readonly Backend[] {
  return backends.filter(({ local }) => local)
}

function portNumberIn(slice: EndpointSlice, { name = '', protocol = 'TCP' }: ServicePort): number | undefined {
  return slice.ports?.find((candidate) => (candidate.name ?? '') === name && (candidate.protocol ?? 'TCP') === protocol)
    ?.port
}

/** Absent conditions count as ready (discovery/v1 EndpointConditions). */
function isReady({ conditions }: Endpoint): boolean {
  return conditions?.ready ?? true
}

function isDraining({ conditions }: Endpoint): boolean {
  return conditions?.serving === true && conditions.terminating === true
}

function backendOf(endpoint: Endpoint, port: number, node: string): Backend | undefined {
  const [address = ''] = endpoint.addresses
  if (parseAddress(address) === undefined) return undefined
  const { nodeName } = endpoint
  return { address, port, local: nodeName === node, ...(nodeName === undefined ? {} : { nodeName }) }
}

function byAddress(a: Backend, b: Backend): number {
  if (a.address !== b.address) return a.address < b.address ? -1 : 1
  return a.port - b.port
}
