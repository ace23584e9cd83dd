// Defaults of the core group's other kinds, and of RBAC, discovery, networking and storage.
import { encodeBase64 } from '../base64.ts'
import type { JsonObject } from '../json-value.ts'
import {
  both,
  fill,
  filling,
  fillingAbsent,
  inSpec,
  isUnset,
  listAt,
  mapSame,
  type Rule,
  structAt,
  withField,
} from './rule.ts'

const rbac = 'rbac.authorization.k8s.io'

/** core/v1 DefaultClientIPServiceAffinitySeconds: three hours. */
const affinityTimeoutSeconds = 10_800

function service(struct: JsonObject): JsonObject {
  const filled = fill(struct, { sessionAffinity: 'None', type: 'ClusterIP' })
  const ports = listAt(filled, 'ports')
  const withPorts = ports.length === 0 ? filled : withField(filled, 'ports', mapSame(ports, servicePort))
  const type = withPorts.type
  const isAllocated = type === 'ClusterIP' || type === 'NodePort' || type === 'LoadBalancer'
  const isExternal = type === 'NodePort' || type === 'LoadBalancer' || (isAllocated && hasExternalIps(withPorts))
  return affinity(
    fill(withPorts, {
      ...(isAllocated ? { internalTrafficPolicy: 'Cluster' } : {}),
      ...(isExternal ? { externalTrafficPolicy: 'Cluster' } : {}),
      ...(type === 'LoadBalancer' ? { allocateLoadBalancerNodePorts: true } : {}),
    }),
  )
}

function hasExternalIps(spec: JsonObject): boolean {
  return Array.isArray(spec.externalIPs) && spec.externalIPs.length > 0
}

function servicePort(port: JsonObject): JsonObject {
  const hasTarget = port.targetPort !== 0 && !isUnset(port.targetPort)
  return hasTarget ? port : { ...port, targetPort: port.port }
}

function affinity(spec: JsonObject): JsonObject {
  if (spec.sessionAffinity === 'None' && spec.sessionAffinityConfig !== undefined) {
    const { sessionAffinityConfig: _, ...rest } = spec
    return rest
  }
  const timeout = structAt(structAt(spec, 'sessionAffinityConfig'), 'clientIP').timeoutSeconds
  if (spec.sessionAffinity !== 'ClientIP' || timeout !== undefined) return spec
  return { ...spec, sessionAffinityConfig: { clientIP: { timeoutSeconds: affinityTimeoutSeconds } } }
}

/** Addresses of a load balancer are virtual unless it says otherwise. */
function loadBalancerStatus(object: JsonObject): JsonObject {
  const status = structAt(object, 'status')
  const loadBalancer = structAt(status, 'loadBalancer')
  const ingress = listAt(loadBalancer, 'ingress')
  if (structAt(object, 'spec').type !== 'LoadBalancer') return object
  const mapped = mapSame(ingress, (item) => (isUnset(item.ip) ? item : fill(item, { ipMode: 'VIP' })))
  return mapped === ingress
    ? object
    : { ...object, status: { ...status, loadBalancer: { ...loadBalancer, ingress: mapped } } }
}

/** stringData is only ever written: it is moved into data, over what is there. */
function secret(struct: JsonObject): JsonObject {
  const { stringData, ...rest } = struct
  const filled = fill(stringData === undefined ? struct : rest, { type: 'Opaque' })
  if (typeof stringData !== 'object' || stringData === null) return filled
  const encoded = Object.entries(stringData).map(([key, text]) => [
    key,
    encodeBase64(new TextEncoder().encode(String(text))),
  ])
  return { ...filled, data: { ...structAt(filled, 'data'), ...Object.fromEntries(encoded) } }
}

function namespace(struct: JsonObject): JsonObject {
  const metadata = structAt(struct, 'metadata')
  const labels = structAt(metadata, 'labels')
  const key = 'kubernetes.io/metadata.name'
  if (isUnset(metadata.name) || labels[key] === metadata.name) return struct
  return { ...struct, metadata: { ...metadata, labels: { ...labels, [key]: metadata.name } } }
}

/** podCIDR and the first of podCIDRs are the same; where they differ podCIDR is right. */
function nodeSpec(struct: JsonObject): JsonObject {
  const { podCIDR, podCIDRs } = struct
  const first: unknown = Array.isArray(podCIDRs) ? podCIDRs[0] : undefined
  if (isUnset(podCIDR)) return first === undefined ? struct : withField(struct, 'podCIDR', first)
  return first === podCIDR ? struct : { ...struct, podCIDRs: [podCIDR] }
}

function nodeStatus(struct: JsonObject): JsonObject {
  return struct.capacity === undefined ? struct : fill(struct, { allocatable: struct.capacity })
}

function subject(struct: JsonObject): JsonObject {
  return struct.kind === 'User' || struct.kind === 'Group' ? fill(struct, { apiGroup: rbac }) : struct
}

const binding: Rule = (struct) => withField(struct, 'roleRef', fill(structAt(struct, 'roleRef'), { apiGroup: rbac }))

function networkPolicy(spec: JsonObject): JsonObject {
  if (listAt(spec, 'policyTypes').length > 0) return spec
  return { ...spec, policyTypes: ['Ingress', ...(listAt(spec, 'egress').length > 0 ? ['Egress'] : [])] }
}

function limitRangeItem(struct: JsonObject): JsonObject {
  if (struct.type !== 'Container') return struct
  const limit = fill(structAt(struct, 'default'), structAt(struct, 'max'))
  const request = fill(fill(structAt(struct, 'defaultRequest'), limit), structAt(struct, 'min'))
  const wanted = { default: limit, defaultRequest: request }
  const used = Object.entries(wanted).filter(([, amounts]) => Object.keys(amounts).length > 0)
  return used.reduce<JsonObject>((item, [field, amounts]) => withField(item, field, amounts), struct)
}

/** A discovery port's name is a pointer: the empty name is written. */
const discoveryPort: Rule = (struct) =>
  struct.name !== undefined && struct.protocol !== undefined ? struct : { name: '', protocol: 'TCP', ...struct }

const persistentVolume = both(
  inSpec(filling({ persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' })),
  (object) => withField(object, 'status', fill(structAt(object, 'status'), { phase: 'Pending' })),
)

export const coreRules: Readonly<Record<string, Rule>> = {
  'io.k8s.api.core.v1.Service': both(inSpec(service), loadBalancerStatus),
  'io.k8s.api.core.v1.Secret': secret,
  'io.k8s.api.core.v1.Namespace': namespace,
  'io.k8s.api.core.v1.NamespaceStatus': filling({ phase: 'Active' }),
  'io.k8s.api.core.v1.NodeSpec': nodeSpec,
  'io.k8s.api.core.v1.NodeStatus': nodeStatus,
  'io.k8s.api.core.v1.EndpointPort': filling({ protocol: 'TCP' }),
  'io.k8s.api.core.v1.LimitRangeItem': limitRangeItem,
  'io.k8s.api.core.v1.PersistentVolume': persistentVolume,
  'io.k8s.api.core.v1.PersistentVolumeClaimStatus': filling({ phase: 'Pending' }),
  'io.k8s.api.discovery.v1.EndpointPort': discoveryPort,
  'io.k8s.api.rbac.v1.Subject': subject,
  'io.k8s.api.rbac.v1.RoleBinding': binding,
  'io.k8s.api.rbac.v1.ClusterRoleBinding': binding,
  'io.k8s.api.networking.v1.NetworkPolicy': inSpec(networkPolicy),
  'io.k8s.api.networking.v1.NetworkPolicyPort': filling({ protocol: 'TCP' }),
  'io.k8s.api.networking.v1.IngressClassParametersReference': fillingAbsent({ scope: 'Cluster' }),
  'io.k8s.api.storage.v1.StorageClass': fillingAbsent({ reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }),
}
