import type { EndpointSlice, Endpoints } from '../kinds.generated.ts'
import { labelKeyErrors, labelValueErrors } from '../label-syntax.ts'
import { protocols } from './container.ts'
import {
  child,
  duplicate,
  type Errors,
  immutable,
  index,
  invalid,
  invalidEach,
  oneOf,
  required,
  sameValue,
  tooMany,
} from './field-error.ts'
import { isIpv6, validateCanonicalIp, validateEndpointIp, validateIp } from './ip.ts'
import { validateLabels } from './labels.ts'
import { dnsLabelErrors, dnsSubdomainErrors, domainNameErrors, portNumberErrors } from './names.ts'
import { validateMetaUpdate, validateNewMeta } from './object-meta.ts'

type Subset = NonNullable<Endpoints['subsets']>[number]

export function validateEndpoints({ metadata = {}, subsets = [] }: Endpoints): Errors {
  return [
    ...validateNewMeta(metadata, true, dnsSubdomainErrors),
    ...subsets.flatMap((subset, at) => validateSubset(index('subsets', at), subset)),
  ]
}

/** What was let in before stays allowed as long as it does not change. */
export function validateEndpointsUpdate(endpoints: Endpoints, old: Endpoints): Errors {
  const { subsets, ...rest } = endpoints
  const checked = sameValue(subsets, old.subsets) ? rest : endpoints
  return [...validateMetaUpdate(endpoints.metadata ?? {}, old.metadata ?? {}), ...validateEndpoints(checked)]
}

function validateSubset(field: string, { addresses = [], notReadyAddresses = [], ports = [] }: Subset): Errors {
  return [
    ...(addresses.length + notReadyAddresses.length === 0
      ? [required(field, 'must specify `addresses` or `notReadyAddresses`')]
      : []),
    ...addresses.flatMap((address, at) => validateAddress(index(child(field, 'addresses'), at), address)),
    ...notReadyAddresses.flatMap((address, at) =>
      validateAddress(index(child(field, 'notReadyAddresses'), at), address),
    ),
    ...ports.flatMap(({ name = '', port = 0, protocol, appProtocol }, at) => {
      const path = index(child(field, 'ports'), at)
      return [
        ...(name === '' && ports.length > 1 ? [required(child(path, 'name'))] : []),
        ...(name === '' ? [] : invalidEach(child(path, 'name'), name, dnsLabelErrors(name))),
        ...invalidEach(child(path, 'port'), port, portNumberErrors(port)),
        ...oneOf(child(path, 'protocol'), protocol, protocols),
        ...validateAppProtocol(path, appProtocol),
      ]
    }),
  ]
}

function validateAppProtocol(field: string, protocol: string | undefined): Errors {
  return protocol === undefined ? [] : invalidEach(child(field, 'appProtocol'), protocol, labelKeyErrors(protocol))
}

function validateAddress(field: string, address: NonNullable<Subset['addresses']>[number]): Errors {
  const { ip = '', hostname = '', nodeName } = address
  return [
    ...validateIp(child(field, 'ip'), ip),
    ...(hostname === '' ? [] : invalidEach(child(field, 'hostname'), hostname, dnsLabelErrors(hostname))),
    ...(nodeName === undefined ? [] : invalidEach(child(field, 'nodeName'), nodeName, dnsSubdomainErrors(nodeName))),
    ...validateEndpointIp(child(field, 'ip'), ip),
  ]
}

type Endpoint = NonNullable<EndpointSlice['endpoints']>[number]

const mostEndpoints = 1000
const mostAddresses = 100
const mostPorts = 20_000
const mostHints = 8

export function validateEndpointSlice(slice: EndpointSlice): Errors {
  const { metadata = {}, addressType } = slice
  // An empty list is stored as Go writes it: null.
  const [ports, endpoints] = [slice.ports ?? [], slice.endpoints ?? []]
  return [
    ...validateNewMeta(metadata, true, dnsSubdomainErrors),
    ...oneOf('addressType', addressType, ['FQDN', 'IPv4', 'IPv6']),
    ...(ports.length > mostPorts ? [tooMany('ports', ports.length, mostPorts)] : validateSlicePorts(ports)),
    ...(endpoints.length > mostEndpoints
      ? [tooMany('endpoints', endpoints.length, mostEndpoints)]
      : endpoints.flatMap((endpoint, at) => validateEndpoint(index('endpoints', at), endpoint, addressType ?? ''))),
  ]
}

export function validateEndpointSliceUpdate(slice: EndpointSlice, old: EndpointSlice): Errors {
  const checked = sameValue(slice.endpoints, old.endpoints) ? { ...slice, endpoints: [] } : slice
  return [...validateEndpointSlice(checked), ...immutable('addressType', slice.addressType, old.addressType)]
}

function validateSlicePorts(ports: NonNullable<EndpointSlice['ports']>): Errors {
  const names = new Set<string>()
  return ports.flatMap(({ name = '', protocol, appProtocol }, at) => {
    const path = index('ports', at)
    const taken = names.has(name)
    names.add(name)
    return [
      ...(name === '' ? [] : invalidEach(child(path, 'name'), name, dnsLabelErrors(name))),
      ...(taken ? [duplicate(child(path, 'name'), name)] : []),
      ...oneOf(child(path, 'protocol'), protocol, protocols),
      ...validateAppProtocol(path, appProtocol),
    ]
  })
}

function validateEndpoint(field: string, endpoint: Endpoint, type: string): Errors {
  const { nodeName, hostname, deprecatedTopology, hints } = endpoint
  // What is not given is decoded as Go does: null.
  const addresses = endpoint.addresses ?? []
  const path = child(field, 'addresses')
  return [
    ...(addresses.length === 0 ? [required(path, 'must contain at least 1 address')] : []),
    ...(addresses.length > mostAddresses ? [tooMany(path, addresses.length, mostAddresses)] : []),
    ...addresses.flatMap((address, at) => validateSliceAddress(path, at, address, type)),
    ...(nodeName === undefined ? [] : invalidEach(child(field, 'nodeName'), nodeName, dnsSubdomainErrors(nodeName))),
    ...validateLabels(child(field, 'deprecatedTopology'), deprecatedTopology),
    ...(hostname === undefined ? [] : invalidEach(child(field, 'hostname'), hostname, dnsLabelErrors(hostname))),
    ...(hints === undefined ? [] : validateHints(child(field, 'hints'), hints)),
  ]
}

function validateSliceAddress(field: string, at: number, address: string, type: string): Errors {
  const path = index(field, at)
  if (type === 'FQDN') return validateDomain(path, address)
  if (type !== 'IPv4' && type !== 'IPv6') return []
  const errors = type === 'IPv4' ? validateIp(path, address) : validateCanonicalIp(path, address)
  if (errors.length > 0) return errors
  return [
    ...(isIpv6(address) === (type === 'IPv6') ? [] : [invalid(field, address, `must be an ${type} address`)]),
    ...validateEndpointIp(path, address),
  ]
}

function validateDomain(field: string, name: string): Errors {
  if (name === '') return [required(field)]
  const errors = domainNameErrors(name)
  const bare = name.endsWith('.') ? name.slice(0, -1) : name
  if (errors.length > 0) return [invalid(field, bare, errors.join(','))]
  const labels = bare.split('.')
  if (labels.length < 2) {
    return [invalid(field, bare, 'should be a domain with at least two segments separated by dots')]
  }
  const wrong = labels.find((label) => dnsLabelErrors(label).length > 0)
  return wrong === undefined ? [] : [invalid(field, wrong, dnsLabelErrors(wrong).join(','))]
}

function validateHints(field: string, { forZones = [], forNodes = [] }: NonNullable<Endpoint['hints']>): Errors {
  const zones = validateHintNames(child(field, 'forZones'), forZones, labelValueErrors)
  if (forZones.length > mostHints) return zones
  return [...zones, ...validateHintNames(child(field, 'forNodes'), forNodes, dnsSubdomainErrors)]
}

function validateHintNames(
  field: string,
  hints: readonly Readonly<{ name: string }>[],
  rule: (name: string) => readonly string[],
): Errors {
  if (hints.length > mostHints) return [tooMany(field, hints.length, mostHints)]
  return hints.flatMap(({ name = '' }, at) => {
    const path = child(index(field, at), 'name')
    const taken = hints.slice(0, at).some((other) => other.name === name)
    return [...(taken ? [duplicate(path, name)] : []), ...invalidEach(path, name, rule(name))]
  })
}
