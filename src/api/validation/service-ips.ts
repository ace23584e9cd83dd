import type { ServiceSpec } from '../kinds.generated.ts'
import { duplicate, type Errors, index, invalid, notSupported, required } from './field-error.ts'
import { isDualStack, isIpv6, validateIp } from './ip.ts'

const families = ['IPv4', 'IPv6']
const familyPolicies = ['PreferDualStack', 'RequireDualStack', 'SingleStack']
const ipsPath = 'spec.clusterIPs'
const familiesPath = 'spec.ipFamilies'
const policyPath = 'spec.ipFamilyPolicy'

export function isHeadless({ clusterIPs = [] }: ServiceSpec): boolean {
  return clusterIPs.length === 1 && clusterIPs[0] === 'None'
}

export function validateClusterIps(spec: ServiceSpec, before: readonly string[] | undefined): Errors {
  if (spec.type === 'ExternalName') return []
  const { clusterIPs: ips = [] } = spec
  const none =
    ips[0] === 'None' && ips.length > 1 ? [invalid(ipsPath, ips, "'None' must be the first and only value")] : []
  const wrong = [
    ...none,
    ...ips.flatMap((ip, at) => (at === 0 && ip === 'None' ? [] : validateIp(index(ipsPath, at), ip, before))),
  ]
  return [
    ...validateFirst(spec),
    ...validateFamilies(spec),
    ...wrong,
    ...(ips.length > 2 ? [invalid(ipsPath, ips, 'may only hold up to 2 values')] : []),
    ...(wrong.length > 0 ? [] : validateStacks(spec)),
  ]
}

function validateFirst({ clusterIP = '', clusterIPs: ips = [] }: ServiceSpec): Errors {
  if (clusterIP === '') {
    return ips.length === 0 ? [] : [invalid(ipsPath, ips, 'must be empty when `clusterIP` is not specified')]
  }
  if (ips.length === 0) return [required(ipsPath)]
  return ips[0] === clusterIP ? [] : [invalid(ipsPath, ips, 'first value must match `clusterIP`')]
}

function validateFamilies({ ipFamilies = [], ipFamilyPolicy }: ServiceSpec): Errors {
  return [
    ...ipFamilies.flatMap((family, at) => [
      ...(families.includes(family) ? [] : [notSupported(index(familiesPath, at), family, families)]),
      ...(ipFamilies.indexOf(family) < at ? [duplicate(index(familiesPath, at), family)] : []),
    ]),
    ...(ipFamilyPolicy === undefined || familyPolicies.includes(ipFamilyPolicy)
      ? []
      : [notSupported(policyPath, ipFamilyPolicy, familyPolicies)]),
  ]
}

function validateStacks(spec: ServiceSpec): Errors {
  const { clusterIPs: ips = [], ipFamilies = [] } = spec
  return [
    ...(ips.length > 1 && !isDualStack(ips)
      ? [invalid(ipsPath, ips, 'may specify no more than one IP for each IP family')]
      : []),
    ...(isHeadless(spec) ? [] : ips).flatMap((ip, at) => {
      const family = ipFamilies[at]
      if (family === undefined || (family === 'IPv6') === isIpv6(ip)) return []
      return [invalid(index(ipsPath, at), ip, `expected an ${family} value as indicated by \`ipFamilies[${at}]\``)]
    }),
  ]
}

/** The first address and family stay; the second may come and go. */
export function validateIpChanges(spec: ServiceSpec, old: ServiceSpec): Errors {
  if (spec.type === 'ExternalName' || old.type === 'ExternalName') return []
  const headless = [isHeadless(spec), isHeadless(old)]
  return [
    ...(headless[0] && headless[1] ? [] : validateIpsKept(spec, old)),
    ...(headless[0] || headless[1] ? [] : validateFamiliesKept(spec, old)),
  ]
}

const once = 'may not change once set'

function validateIpsKept(spec: ServiceSpec, old: ServiceSpec): Errors {
  const { clusterIPs: now = [] } = spec
  const { clusterIPs: before = [] } = old
  const first = index(ipsPath, 0)
  if (now.length === before.length) {
    return before.flatMap((ip, at) => (ip === now[at] ? [] : [invalid(index(ipsPath, at), now, once)]))
  }
  const changed = before.length > 0 && now.length > 0 && before[0] !== now[0] ? [invalid(first, now, once)] : []
  if (now.length > before.length) return changed
  return [
    ...(now.length === 0 ? [invalid(first, now, 'primary clusterIP can not be unset')] : []),
    ...changed,
    ...(now.length === 1 ? validateReleased(spec, 'clusterIP') : []),
  ]
}

function validateFamiliesKept(spec: ServiceSpec, old: ServiceSpec): Errors {
  const { ipFamilies: now = [], clusterIPs: ips = [] } = spec
  const { ipFamilies: before = [] } = old
  const first = index(familiesPath, 0)
  if (now.length === before.length) {
    return before.flatMap((family, at) => (family === now[at] ? [] : [invalid(first, now, once)]))
  }
  const changed = before.length > 0 && now.length > 0 && before[0] !== now[0] ? [invalid(first, ips, once)] : []
  if (now.length > before.length) return changed
  return [
    ...(ips.length === 0 ? [invalid(first, now, 'primary ipFamily can not be unset')] : []),
    ...changed,
    ...(now.length === 1 ? validateReleased(spec, 'ipFamily') : []),
  ]
}

function validateReleased({ ipFamilyPolicy }: ServiceSpec, what: string): Errors {
  if (ipFamilyPolicy === 'SingleStack') return []
  return [invalid(policyPath, ipFamilyPolicy, `must be set to 'SingleStack' when releasing the secondary ${what}`)]
}
