import type { ObjectMeta, Service, ServicePort, ServiceSpec } from '../kinds.generated.ts'
import { labelKeyErrors } from '../label-syntax.ts'
import { protocols } from './container.ts'
import {
  child,
  duplicate,
  type Errors,
  forbidden,
  index,
  invalid,
  invalidEach,
  keyed,
  notSupported,
  oneOf,
  required,
} from './field-error.ts'
import { validateCidr, validateEndpointIp, validateIp } from './ip.ts'
import { validateLabels } from './labels.ts'
import { dnsLabelErrors, dnsSubdomainErrors, portErrors, portNumberErrors } from './names.ts'
import { validateMetaUpdate, validateNewMeta } from './object-meta.ts'
import { isHeadless, validateClusterIps, validateIpChanges } from './service-ips.ts'

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const externalPolicies = ['Cluster', 'Local']
const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode']
const sourceRangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges'
const onlyLoadBalancer = "may only be used when `type` is 'LoadBalancer'"

type Parts = Readonly<{ metadata: ObjectMeta; spec: ServiceSpec }>

function partsOf(service: Service): Parts {
  return { metadata: service.metadata ?? {}, spec: service.spec ?? {} }
}

export function validateService(service: Service): Errors {
  const { metadata, spec } = partsOf(service)
  return [...validateNewMeta(metadata, true, dnsLabelErrors), ...validateWhole(metadata, spec, undefined)]
}

export function validateServiceUpdate(service: Service, oldService: Service): Errors {
  const { metadata, spec } = partsOf(service)
  const old = partsOf(oldService)
  const bothBalanced = spec.type === 'LoadBalancer' && old.spec.type === 'LoadBalancer'
  const checked = needsHealthCheck(spec) && needsHealthCheck(old.spec)
  return [
    ...validateMetaUpdate(metadata, old.metadata),
    ...validateIpChanges(spec, old.spec),
    ...(bothBalanced && spec.loadBalancerClass !== old.spec.loadBalancerClass
      ? [invalid('spec.loadBalancerClass', spec.loadBalancerClass, 'may not change once set')]
      : []),
    ...validateLoadBalancerClass(spec),
    ...(checked && spec.healthCheckNodePort !== old.spec.healthCheckNodePort
      ? [forbidden('spec.healthCheckNodePort', 'field is immutable')]
      : []),
    ...validateWhole(metadata, spec, old),
  ]
}

function validateWhole(metadata: ObjectMeta, spec: ServiceSpec, old: Parts | undefined): Errors {
  const { type = '', ports = [] } = spec
  return [
    ...(ports.length === 0 && !isHeadless(spec) && type !== 'ExternalName' ? [required('spec.ports')] : []),
    ...validateType(spec),
    ...validatePorts(ports),
    ...validateLabels('spec.selector', spec.selector),
    ...validateAffinity(spec),
    ...validateClusterIps(spec, old?.spec.clusterIPs),
    ...validateExternalIps(spec, old?.spec.externalIPs),
    ...oneOf('spec.type', type, types),
    ...validateNodePorts(spec),
    ...validatePortKeys(ports),
    ...validateSourceRanges(metadata, spec, old),
    ...validateAllocation(spec),
    ...validateLoadBalancerClass(spec),
    ...validateExternalPolicy(spec),
    ...validateHealthCheck(spec),
    ...validateInternalPolicy(spec),
    ...(spec.trafficDistribution === undefined || distributions.includes(spec.trafficDistribution)
      ? []
      : [notSupported('spec.trafficDistribution', spec.trafficDistribution, distributions)]),
  ]
}

function validateType(spec: ServiceSpec): Errors {
  const { type = '', clusterIPs = [] } = spec
  if (type === 'LoadBalancer' || type === 'NodePort') {
    if (!isHeadless(spec)) return []
    return [invalid('spec.clusterIPs[0]', clusterIPs[0], `may not be set to 'None' for ${type} services`)]
  }
  if (type !== 'ExternalName') return []
  const name = (spec.externalName ?? '').replace(/\.$/, '')
  const never = 'may not be set for ExternalName services'
  return [
    ...(clusterIPs.length > 0 ? [forbidden('spec.clusterIPs', never)] : []),
    ...((spec.ipFamilies ?? []).length > 0 ? [forbidden('spec.ipFamilies', never)] : []),
    ...(spec.ipFamilyPolicy === undefined ? [] : [forbidden('spec.ipFamilyPolicy', never)]),
    ...(name === ''
      ? [required('spec.externalName')]
      : invalidEach('spec.externalName', name, dnsSubdomainErrors(name))),
  ]
}

function validatePorts(ports: readonly ServicePort[]): Errors {
  const names = new Set<string>()
  return ports.flatMap((port, at) => {
    const path = index('spec.ports', at)
    const { name = '', appProtocol } = port
    const repeated = name !== '' && names.has(name)
    names.add(name)
    return [
      ...(name === '' && ports.length > 1 ? [required(child(path, 'name'))] : []),
      ...(name === '' ? [] : invalidEach(child(path, 'name'), name, dnsLabelErrors(name))),
      ...(repeated ? [duplicate(child(path, 'name'), name)] : []),
      ...invalidEach(child(path, 'port'), port.port ?? 0, portNumberErrors(port.port ?? 0)),
      ...oneOf(child(path, 'protocol'), port.protocol, protocols),
      ...invalidEach(child(path, 'targetPort'), port.targetPort ?? 0, portErrors(port.targetPort)),
      ...(appProtocol === undefined
        ? []
        : invalidEach(child(path, 'appProtocol'), appProtocol, labelKeyErrors(appProtocol))),
    ]
  })
}

function validateAffinity({ sessionAffinity = '', sessionAffinityConfig }: ServiceSpec): Errors {
  const errors = oneOf('spec.sessionAffinity', sessionAffinity, ['ClientIP', 'None'])
  const config = 'spec.sessionAffinityConfig'
  if (sessionAffinity === 'None' && sessionAffinityConfig !== undefined) {
    return [...errors, forbidden(config, 'must not be set when session affinity is None')]
  }
  if (sessionAffinity !== 'ClientIP') return errors
  const needed = 'when session affinity type is ClientIP'
  if (sessionAffinityConfig === undefined) return [...errors, required(config, needed)]
  const { clientIP } = sessionAffinityConfig
  if (clientIP === undefined) return [...errors, required(child(config, 'clientIP'), needed)]
  const { timeoutSeconds } = clientIP
  const path = child(config, 'clientIP', 'timeoutSeconds')
  if (timeoutSeconds === undefined) return [...errors, required(path, needed)]
  if (timeoutSeconds > 0 && timeoutSeconds <= 86400) return errors
  return [...errors, invalid(path, timeoutSeconds, 'must be greater than 0 and less than 86400')]
}

function validateExternalIps({ externalIPs = [] }: ServiceSpec, before: readonly string[] | undefined): Errors {
  return externalIPs.flatMap((ip, at) => {
    const path = index('spec.externalIPs', at)
    const errors = validateIp(path, ip, before)
    return errors.length > 0 ? errors : validateEndpointIp(path, ip)
  })
}

function validateNodePorts({ type, ports = [] }: ServiceSpec): Errors {
  const seen = new Set<string>()
  const unused = ports.flatMap(({ nodePort = 0 }, at) =>
    type === 'ClusterIP' && nodePort !== 0
      ? [forbidden(child(index('spec.ports', at), 'nodePort'), "may not be used when `type` is 'ClusterIP'")]
      : [],
  )
  const repeated = ports.flatMap(({ nodePort = 0, protocol = '' }, at) => {
    const key = `${protocol}/${nodePort}`
    const taken = seen.has(key)
    seen.add(key)
    return nodePort !== 0 && taken ? [duplicate(child(index('spec.ports', at), 'nodePort'), nodePort)] : []
  })
  return [...unused, ...repeated]
}

function validatePortKeys(ports: readonly ServicePort[]): Errors {
  const seen = new Set<string>()
  return ports.flatMap(({ port, protocol = '' }, at) => {
    const key = `${protocol}/${port}`
    const taken = seen.has(key)
    seen.add(key)
    // kube-apiserver shows a port of its internal type that has nothing but the two.
    const shown = { Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 }
    return taken ? [duplicate(index('spec.ports', at), shown)] : []
  })
}

function validateSourceRanges(metadata: ObjectMeta, spec: ServiceSpec, old: Parts | undefined): Errors {
  const ranges = spec.loadBalancerSourceRanges ?? []
  const balanced = spec.type === 'LoadBalancer'
  if (ranges.length > 0) {
    const path = 'spec.LoadBalancerSourceRanges'
    const before = (old?.spec.loadBalancerSourceRanges ?? []).map((range) => range.trim())
    return [
      ...(balanced ? [] : [forbidden(path, onlyLoadBalancer)]),
      ...ranges.flatMap((range, at) => validateCidr(index(path, at), range.trim(), before)),
    ]
  }
  const annotation = metadata.annotations?.[sourceRangesAnnotation]
  if (annotation === undefined) return []
  const path = keyed('metadata.annotations', sourceRangesAnnotation)
  const unchanged = old?.metadata.annotations?.[sourceRangesAnnotation] === annotation
  const list = unchanged || annotation.trim() === '' ? [] : annotation.trim().split(',')
  return [
    ...(balanced ? [] : [forbidden(path, onlyLoadBalancer)]),
    ...list.flatMap((range) => validateCidr(path, range.trim())),
  ]
}

function validateAllocation({ type, allocateLoadBalancerNodePorts }: ServiceSpec): Errors {
  if (type === 'LoadBalancer') {
    return allocateLoadBalancerNodePorts === undefined ? [required('allocateLoadBalancerNodePorts')] : []
  }
  if (allocateLoadBalancerNodePorts === undefined) return []
  return [forbidden('spec.allocateLoadBalancerNodePorts', onlyLoadBalancer)]
}

function validateLoadBalancerClass({ type, loadBalancerClass }: ServiceSpec): Errors {
  const path = 'spec.loadBalancerClass'
  if (loadBalancerClass === undefined) return []
  if (type !== 'LoadBalancer') return [forbidden(path, onlyLoadBalancer)]
  return invalidEach(path, loadBalancerClass, labelKeyErrors(loadBalancerClass))
}

function validateExternalPolicy(spec: ServiceSpec): Errors {
  const path = 'spec.externalTrafficPolicy'
  const policy = spec.externalTrafficPolicy ?? ''
  const outside =
    spec.type === 'LoadBalancer' ||
    spec.type === 'NodePort' ||
    (spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0)
  if (outside) return oneOf(path, policy, externalPolicies)
  return policy === '' ? [] : [invalid(path, policy, 'may only be set for externally-accessible services')]
}

function needsHealthCheck(spec: ServiceSpec): boolean {
  return spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local'
}

function validateHealthCheck(spec: ServiceSpec): Errors {
  const path = 'spec.healthCheckNodePort'
  const port = spec.healthCheckNodePort ?? 0
  if (needsHealthCheck(spec)) return port === 0 ? [required(path)] : invalidEach(path, port, portNumberErrors(port))
  if (port === 0) return []
  return [invalid(path, port, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'")]
}

function validateInternalPolicy({ type = '', internalTrafficPolicy }: ServiceSpec): Errors {
  const path = 'spec.internalTrafficPolicy'
  if (internalTrafficPolicy === undefined) {
    return ['NodePort', 'LoadBalancer', 'ClusterIP'].includes(type) ? [required(path)] : []
  }
  return externalPolicies.includes(internalTrafficPolicy)
    ? []
    : [notSupported(path, internalTrafficPolicy, externalPolicies)]
}

export function validateServiceStatusUpdate(service: Service, old: Service): Errors {
  const { metadata, spec } = partsOf(service)
  return [
    ...validateMetaUpdate(metadata, partsOf(old).metadata),
    ...validateBalancer(service, old, spec.type === 'LoadBalancer'),
  ]
}

function validateBalancer(service: Service, old: Service, balanced: boolean): Errors {
  const ingress = service.status?.loadBalancer?.ingress ?? []
  const path = 'status.loadBalancer.ingress'
  if (!balanced && ingress.length > 0) return [forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'")]
  const before = (old.status?.loadBalancer?.ingress ?? []).map(({ ip = '' }) => ip)
  return ingress.flatMap(({ ip = '', ipMode, hostname = '' }, at) => {
    const own = index(path, at)
    const mode = child(own, 'ipMode')
    return [
      ...(ip === '' ? [] : validateIp(child(own, 'ip'), ip, before)),
      ...(ip !== '' && ipMode === undefined ? [required(mode, 'must be specified when `ip` is set')] : []),
      ...(ip === '' && ipMode !== undefined ? [forbidden(mode, 'may not be specified when `ip` is not set')] : []),
      ...(ip !== '' && ipMode !== undefined ? oneOf(mode, ipMode, ['Proxy', 'VIP']) : []),
      ...(hostname === '' ? [] : invalidEach(child(own, 'hostname'), hostname, dnsSubdomainErrors(hostname))),
      ...(hostname !== '' && validateIp('', hostname).length === 0
        ? [invalid(child(own, 'hostname'), hostname, 'must be a DNS name, not an IP address')]
        : []),
    ]
  })
}
