import type { SandboxSpec } from '../runtime/pod-runtime.ts'
import { parseAddress } from './address.ts'
import { type Balancer, backendLookup, verdictOf } from './balancer.ts'
import { type Entry, protocolOf } from './service-plan.ts'

/**
 * The elements that publish a pod's ports on its node: node ports with one local backend that sees the client's address. hostIP
 * narrows it to one of the host's addresses.
 */
export function planHostPorts(podAddress: string, mappings: SandboxSpec['portMappings']): readonly Entry[] {
  const entries = new Map<string, Entry>()
  const add = (entry: Entry): void => void entries.set(`${entry.lookup} ${entry.key}`, entry)
  for (const { hostPort, containerPort, protocol, hostIp } of mappings) {
    const everywhere = hostIp === undefined || hostIp === '' || hostIp === '0.0.0.0'
    if (!everywhere && parseAddress(hostIp) === undefined) continue
    const family = everywhere ? 'port-local' : 'vip-local'
    const service = `${protocolOf({ protocol })} . ${hostPort}`
    const key = everywhere ? service : `${hostIp} . ${service}`
    const balancer: Balancer = { family, count: 1, affine: false, masquerade: false }
    add({ lookup: everywhere ? 'ports' : 'vips', key, value: verdictOf(balancer) })
    add({ lookup: backendLookup(family, 1), key: `${key} . 0`, value: `${podAddress} . ${containerPort}` })
    add({ lookup: 'hairpin', key: `${podAddress} . ${podAddress}` })
  }
  return [...entries.values()]
}
