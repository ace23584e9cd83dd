import type { ServiceSpec } from '../../api/kinds.generated.ts'
import type { FieldError } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { index, invalid } from '../../api/validation/field-error.ts'
import { isIpv6 } from '../../api/validation/ip.ts'
import { validateClusterIps } from '../../api/validation/service-ips.ts'

/** The one family that the cluster's Services have addresses of. */
const family = 'IPv4'

type Filled = Result<ServiceSpec, readonly FieldError[]>

/** Policy and families of a Service that is no name elsewhere, as pkg/registry/core/service/storage's initIPFamilyFields. */
export function withFamilies(given: ServiceSpec, before: ServiceSpec | undefined): Filled {
  const isSelectorless = given.clusterIP === 'None' && Object.keys(given.selector ?? {}).length === 0
  const ipFamilyPolicy = given.ipFamilyPolicy ?? (isSelectorless ? 'RequireDualStack' : 'SingleStack')
  const spec = { ...given, ipFamilyPolicy }
  const wrong = validateClusterIps(spec, before?.clusterIPs)
  const early = wrong.length > 0 ? wrong : policyErrors(spec)
  if (early.length > 0) return fail(early)
  if (isSelectorless) return ok({ ...spec, ipFamilies: familiesOfNone(spec) })
  const errors = clusterErrors(spec)
  const families = spec.ipFamilies ?? []
  return errors.length > 0 ? fail(errors) : ok({ ...spec, ipFamilies: families.length > 0 ? families : [family] })
}

function policyErrors({ ipFamilyPolicy, clusterIPs = [], ipFamilies = [] }: ServiceSpec): readonly FieldError[] {
  const many = (what: string): FieldError =>
    invalid(
      'spec.ipFamilyPolicy',
      ipFamilyPolicy,
      `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`,
    )
  const isSingle = ipFamilyPolicy === 'SingleStack'
  return [
    ...(isSingle && clusterIPs.length === 2 ? [many('cluster IPs')] : []),
    ...(isSingle && ipFamilies.length === 2 ? [many('IP families')] : []),
    ...clusterIPs.flatMap((ip, at) =>
      at >= ipFamilies.length && isIpv6(ip)
        ? [invalid(index('spec.clusterIPs', at), clusterIPs, 'IPv6 is not configured on this cluster')]
        : [],
    ),
  ]
}

/** Nothing is assigned to it: it may have families that the cluster has not. */
function familiesOfNone({ ipFamilyPolicy, ipFamilies = [] }: ServiceSpec): readonly string[] {
  const families = ipFamilies.length > 0 ? ipFamilies : [family]
  if (ipFamilyPolicy === 'SingleStack' || families.length > 1) return families
  return [...families, families[0] === 'IPv4' ? 'IPv6' : 'IPv4']
}

function clusterErrors({ ipFamilyPolicy, ipFamilies = [] }: ServiceSpec): readonly FieldError[] {
  const single = 'this cluster is not configured for dual-stack services'
  return [
    ...(ipFamilyPolicy === 'RequireDualStack' ? [invalid('spec.ipFamilyPolicy', ipFamilyPolicy, single)] : []),
    ...ipFamilies.flatMap((one, at) =>
      one === family ? [] : [invalid(index('spec.ipFamilies', at), one, 'not configured on this cluster')],
    ),
  ]
}
