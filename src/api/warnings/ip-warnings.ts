import { formatIp, networkOf, parseCidr, parseIp } from '../validation/ip.ts'
import type { Warnings } from './field-warnings.ts'

/** An address that is taken as it is written, but should be written otherwise: apimachinery's GetWarningsForIP. */
export function ipWarnings(field: string, value: string): Warnings {
  const ip = parseIp(value)
  if (ip === undefined) return []
  const usual = formatIp(ip.bytes)
  const quoted = JSON.stringify(value)
  if (ip.leadingZeros || ip.mapped) {
    return [`${field}: non-standard IP address ${quoted} is invalid: use ${JSON.stringify(usual)}`]
  }
  if (ip.bytes.length === 4 || usual === value) return []
  return [`${field}: IPv6 address ${quoted} should be in RFC 5952 canonical format (${JSON.stringify(usual)})`]
}

/** As ipWarnings, of a range: apimachinery's GetWarningsForCIDR. */
export function cidrWarnings(field: string, value: string): Warnings {
  const cidr = parseCidr(value)
  if (cidr === undefined) return []
  const { ip, bits, hasLeadingZeros } = cidr
  const [address, network] = [formatIp(ip.bytes), `${formatIp(networkOf(cidr))}/${bits}`]
  const isAmbiguous = network !== `${address}/${bits}`
  const isOdd = hasLeadingZeros || ip.mapped
  const single = JSON.stringify(`${address}/${8 * ip.bytes.length}`)
  const warnings = [
    ...(isAmbiguous
      ? [
          `${field}: CIDR value ${JSON.stringify(value)} is ambiguous in this context (should be ${JSON.stringify(network)} or ${single}?)`,
        ]
      : []),
    ...(isOdd
      ? [`${field}: non-standard CIDR value ${JSON.stringify(value)} is invalid: use ${JSON.stringify(network)}`]
      : []),
  ]
  const canonical = `${address}/${bits}`
  if (warnings.length > 0 || ip.bytes.length === 4 || canonical === value) return warnings
  return [
    `${field}: IPv6 CIDR value ${JSON.stringify(value)} should be in RFC 5952 canonical format (${JSON.stringify(canonical)})`,
  ]
}
