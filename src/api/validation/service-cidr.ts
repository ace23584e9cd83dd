import type { IPAddress, ParentReference, ServiceCIDR } from '../kinds.generated.ts'
import { type Errors, immutable, index, invalid, invalidEach, required } from './field-error.ts'
import { canonicalCidrErrors, canonicalIpErrors, isIpv6, parseCidr } from './ip.ts'
import { dnsSubdomainErrors, pathSegmentErrors } from './names.ts'
import { validateMetaUpdate, validateNewMeta } from './object-meta.ts'

export function validateIpAddress({ metadata = {}, spec }: IPAddress): Errors {
  return [...validateNewMeta(metadata, false, canonicalIpErrors), ...validateParent(spec?.parentRef)]
}

function validateParent(parent: ParentReference | undefined): Errors {
  const path = 'spec.parentRef'
  if (parent === undefined) return [required(path)]
  const { group = '', resource = '', name = '', namespace = '' } = parent
  const segment = (field: string, value: string): Errors =>
    invalidEach(`${path}.${field}`, value, pathSegmentErrors(value))
  return [
    ...(group === '' ? [] : invalidEach(`${path}.group`, group, dnsSubdomainErrors(group))),
    ...(resource === '' ? [required(`${path}.resource`)] : segment('resource', resource)),
    ...(name === '' ? [required(`${path}.name`)] : segment('name', name)),
    ...segment('namespace', namespace),
  ]
}

export function validateIpAddressUpdate(address: IPAddress, old: IPAddress): Errors {
  return [
    ...validateIpAddress(address),
    ...validateMetaUpdate(address.metadata ?? {}, old.metadata ?? {}),
    ...immutable('spec.parentRef', asGoParent(address.spec?.parentRef), asGoParent(old.spec?.parentRef)),
  ]
}

/** As the original's internal type is shown. */
function asGoParent(parent: ParentReference | undefined): object | undefined {
  if (parent === undefined) return undefined
  const { group = '', resource = '', namespace = '', name = '' } = parent
  return { Group: group, Resource: resource, Namespace: namespace, Name: name }
}

const path = 'spec.cidrs'

export function validateServiceCidr({ metadata = {}, spec }: ServiceCIDR): Errors {
  return [...validateNewMeta(metadata, false, dnsSubdomainErrors), ...validateCidrs(spec?.cidrs ?? [])]
}

function validateCidrs(cidrs: readonly string[]): Errors {
  if (cidrs.length === 0) return [required(path, 'at least one CIDR required')]
  if (cidrs.length > 2) return [invalid(path, { CIDRs: cidrs }, 'may only hold up to 2 values')]
  const [first = '', second] = cidrs
  const sameFamily =
    second !== undefined &&
    parseCidr(first) !== undefined &&
    parseCidr(second) !== undefined &&
    isIpv6(first.replace(/\/.*/, '')) === isIpv6(second.replace(/\/.*/, ''))
  const detail = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'
  return [
    ...cidrs.flatMap((cidr, at) => invalidEach(index(path, at), cidr, canonicalCidrErrors(cidr))),
    ...(sameFamily ? [invalid(path, cidrs, detail)] : []),
  ]
}

const isImmutable = 'field is immutable'

export function validateServiceCidrUpdate(range: ServiceCIDR, old: ServiceCIDR): Errors {
  return [
    ...validateMetaUpdate(range.metadata ?? {}, old.metadata ?? {}),
    ...validateCidrsUpdate(range.spec?.cidrs, old.spec?.cidrs ?? []),
  ]
}

/** Only a second family may be added. */
function validateCidrsUpdate(given: readonly string[] | undefined, before: readonly string[]): Errors {
  const now = given ?? []
  const changed = now.flatMap((cidr, at) =>
    before[at] === undefined || cidr === before[at] ? [] : [invalid(index(path, at), cidr, isImmutable)],
  )
  if (now.length === before.length) return changed
  if (before.length === 1 && now.length === 2) return [...changed, ...validateCidrs(now)]
  return [invalid(path, given, isImmutable)]
}

export function validateServiceCidrStatusUpdate(range: ServiceCIDR, old: ServiceCIDR): Errors {
  return validateMetaUpdate(range.metadata ?? {}, old.metadata ?? {})
}
