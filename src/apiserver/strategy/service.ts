import { equalJson } from '../../api/json-value.ts'
import type { Service, ServicePort, ServiceSpec } from '../../api/kinds.generated.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Strategy } from './strategy.ts'

export const serviceStrategy: Strategy = {
  createsOnUpdate: true,
  deleteReturnsObject: true,
  prepareCreate: (service) => ({ ...service, status: { loadBalancer: {} } }),
  prepareUpdate(after, before) {
    const { spec } = after as Service
    const { spec: had } = before as Service
    if (spec === undefined || had === undefined) return after
    return { ...after, spec: withoutOtherTypesFields(spec, had) } as ApiObject
  },
}

/**
 * A change of type takes along what only the old type had and the client has left as it was, so that changing `type` is enough.
 * Source: registry/core/service dropTypeDependentFields.
 */
function withoutOtherTypesFields(spec: ServiceSpec, had: ServiceSpec): ServiceSpec {
  const kept: Record<string, unknown> = { ...spec }
  const drop = (...fields: readonly (keyof ServiceSpec)[]): void => {
    for (const field of fields) if (equalJson(spec[field], had[field])) delete kept[field]
  }
  if (had.type !== 'ExternalName' && spec.type === 'ExternalName' && equalJson(spec.clusterIPs, had.clusterIPs)) {
    drop('clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy')
  }
  if (spec.type === 'ExternalName') delete kept.internalTrafficPolicy
  if (hasNodePorts(had) && !hasNodePorts(spec) && equalJson(nodePortsOf(spec), nodePortsOf(had))) {
    kept.ports = spec.ports?.map(({ nodePort: _, ...port }): ServicePort => port)
  }
  if (isLocalBalancer(had) && !isLocalBalancer(spec)) drop('healthCheckNodePort')
  if (had.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    drop('allocateLoadBalancerNodePorts', 'loadBalancerClass')
  }
  if (hasTrafficPolicy(had) && !hasTrafficPolicy(spec)) drop('externalTrafficPolicy')
  return kept
}

function hasNodePorts({ type }: ServiceSpec): boolean {
  return type === 'NodePort' || type === 'LoadBalancer'
}

function hasTrafficPolicy(spec: ServiceSpec): boolean {
  return hasNodePorts(spec) || (spec.externalIPs ?? []).length > 0
}

/** Such a service has a port by which balancers find the nodes that serve it. */
export function isLocalBalancer({ type, externalTrafficPolicy }: ServiceSpec): boolean {
  return type === 'LoadBalancer' && externalTrafficPolicy === 'Local'
}

function nodePortsOf({ ports = [] }: ServiceSpec): readonly (number | undefined)[] {
  return ports.map(({ nodePort }) => nodePort)
}
