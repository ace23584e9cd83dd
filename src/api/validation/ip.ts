import { child, type Errors, invalid } from './field-error.ts'

/** An IP address as 4 or 16 bytes, and what is unusual about its text; undefined where it is none. */
export type ParsedIp = Readonly<{ bytes: readonly number[]; leadingZeros: boolean; mapped: boolean }>

/** As Go's ParseIPSloppy: leading zeros are let through, and told. */
export function parseIp(text: string): ParsedIp | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text)
}

function parseIpv4(text: string): ParsedIp | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^[0-9]+$/.test(part) && Number(part) <= 255)) return undefined
  return { bytes: parts.map(Number), leadingZeros: parts.some((part) => /^0[0-9]/.test(part)), mapped: false }
}

function parseIpv6(text: string): ParsedIp | undefined {
  const tail = /^(.*:)([0-9.]+\.[0-9.]+)$/.exec(text)
  const v4 = tail === null ? undefined : parseIpv4(tail[2] ?? '')
  if (tail !== null && v4 === undefined) return undefined
  const hex = v4 === undefined ? text : `${tail?.[1]}${asGroups(v4.bytes)}`
  const halves = hex.split('::')
  if (halves.length > 2) return undefined
  const [left = [], right = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const groups = [...left, ...right]
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined
  const missing = 8 - groups.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined
  const all = [...left, ...new Array<string>(missing).fill('0'), ...right].map((group) => Number.parseInt(group, 16))
  const bytes = all.flatMap((group) => [group >> 8, group & 0xff])
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255
  return { bytes: mapped ? bytes.slice(12) : bytes, leadingZeros: v4?.leadingZeros ?? false, mapped }
}

function asGroups(bytes: readonly number[]): string {
  const [a = 0, b = 0, c = 0, d = 0] = bytes
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
}

export function isIpv6(text: string): boolean {
  return parseIp(text)?.bytes.length === 16
}

/** One address of each family at the most, in both families. */
export function isDualStack(addresses: readonly string[]): boolean {
  return addresses.some(isIpv6) && !addresses.every(isIpv6)
}

/** Of a field as old as Kubernetes: values that were there before stay allowed. */
export function validateIp(field: string, value: string, before: readonly string[] = []): Errors {
  if (before.includes(value)) return []
  const ip = parseIp(value)
  if (ip === undefined) {
    return [invalid(field, value, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')]
  }
  return [
    ...(ip.leadingZeros ? [invalid(field, value, 'must not have leading 0s')] : []),
    ...(ip.mapped ? [invalid(field, value, 'must not be an IPv4-mapped IPv6 address')] : []),
  ]
}

export function validateCanonicalIp(field: string, value: string): Errors {
  const errors = validateIp(field, value)
  const canonical = formatIp(parseIp(value)?.bytes ?? [])
  if (errors.length > 0 || value === canonical) return errors
  return [invalid(field, value, `must be in canonical form ("${canonical}")`)]
}

/** As a rule for names: what validateCanonicalIp says, without the field. */
export function canonicalIpErrors(value: string): readonly string[] {
  return detailsOf(validateCanonicalIp('', value), value)
}

function detailsOf(errors: Errors, value: string): readonly string[] {
  const lead = `Invalid value: ${JSON.stringify(value)}: `
  return errors.map(({ message }) => message.slice(lead.length))
}

/** RFC 5952: the longest run of zero groups, of two at least, becomes '::'. */
export function formatIp(bytes: readonly number[]): string {
  if (bytes.length !== 16) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, at) => ((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0))
  let [from, length] = [-1, 1]
  for (let start = 0; start < 8; start++) {
    let end = start
    while (end < 8 && groups[end] === 0) end += 1
    if (end - start > length) [from, length] = [start, end - start]
  }
  const text = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':')
  return from < 0 ? text(groups) : `${text(groups.slice(0, from))}::${text(groups.slice(from + length))}`
}

type ParsedCidr = Readonly<{ ip: ParsedIp; bits: number; hasLeadingZeros: boolean }>

/** As Go's ParseCIDRSloppy; undefined where it is none. */
export function parseCidr(value: string): ParsedCidr | undefined {
  const [address = '', length = '', ...rest] = value.split('/')
  const ip = parseIp(address)
  const bits = Number(length)
  const mostBits = address.includes(':') ? 128 : 32
  if (ip === undefined || rest.length > 0 || !/^[0-9]+$/.test(length) || bits > mostBits) return undefined
  return { ip, bits, hasLeadingZeros: ip.leadingZeros || /^0[0-9]/.test(length) }
}

/** The first address of a range. */
export function networkOf({ ip, bits }: ParsedCidr): readonly number[] {
  return masked(ip.bytes, bits)
}

/** The network's part of each byte. */
function masked(bytes: readonly number[], bits: number): readonly number[] {
  return bytes.map((byte, at) => byte & ~(0xff >> Math.min(8, Math.max(0, bits - 8 * at))))
}

/** A smaller network, all of it in the larger one. */
export function isWithin(part: ParsedCidr, whole: ParsedCidr): boolean {
  if (part.ip.bytes.length !== whole.ip.bytes.length || whole.bits >= part.bits) return false
  const [first, network] = [masked(part.ip.bytes, whole.bits), masked(whole.ip.bytes, whole.bits)]
  return first.every((byte, at) => byte === network[at])
}

export function validateCidr(field: string, value: string, before: readonly string[] = []): Errors {
  if (before.includes(value)) return []
  const cidr = parseCidr(value)
  if (cidr === undefined) {
    return [invalid(field, value, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')]
  }
  if (cidr.hasLeadingZeros) return [invalid(field, value, 'must not have leading 0s in IP or prefix length')]
  if (cidr.ip.mapped) return [invalid(field, value, 'must not have an IPv4-mapped IPv6 address')]
  const network = masked(cidr.ip.bytes, cidr.bits)
  const isBeyond = cidr.ip.bytes.some((byte, at) => byte !== network[at])
  return isBeyond ? [invalid(field, value, 'must not have bits set beyond the prefix length')] : []
}

/** Also in the one spelling that is right. */
export function canonicalCidrErrors(value: string): readonly string[] {
  const errors = validateCidr('', value)
  const cidr = parseCidr(value)
  if (errors.length > 0 || cidr === undefined) return detailsOf(errors, value)
  const canonical = `${formatIp(cidr.ip.bytes)}/${cidr.bits}`
  return value === canonical ? [] : [`must be in canonical form ("${canonical}")`]
}

/** What an endpoint may be: no address that only means something on one machine. */
export function validateEndpointIp(field: string, value: string): Errors {
  const ip = parseIp(value)
  if (ip === undefined) return [invalid(field, value, 'must be a valid IP address')]
  const [first = 0, second = 0, third = 0] = ip.bytes
  const four = ip.bytes.length === 4
  const last = ip.bytes[ip.bytes.length - 1]
  const leadingZero = ip.bytes.slice(0, -1).every((byte) => byte === 0)
  const unspecified = leadingZero && last === 0
  const loopback = four ? first === 127 : leadingZero && last === 1
  const linkLocal = four ? first === 169 && second === 254 : first === 0xfe && (second & 0xc0) === 0x80
  const multicast = four ? first === 224 && second === 0 && third === 0 : first === 0xff && (second & 0x0f) === 0x02
  return [
    ...(unspecified ? [invalid(field, value, `may not be unspecified (${value})`)] : []),
    ...(loopback ? [invalid(field, value, 'may not be in the loopback range (127.0.0.0/8, ::1/128)')] : []),
    ...(linkLocal ? [invalid(field, value, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)')] : []),
    ...(multicast
      ? [invalid(field, value, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)')]
      : []),
  ]
}

/** A list of the addresses of one thing. */
export function validateIpFamilies(field: string, values: readonly string[], shown: unknown, noun: string): Errors {
  if (values.length < 2 || (values.length === 2 && isDualStack(values))) return []
  return [invalid(child(field), shown, `may specify no more than one ${noun} for each IP family`)]
}
