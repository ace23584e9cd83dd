import { fail, ok, type Result } from '../api/result.ts'
import { parseIp } from '../api/validation/ip.ts'
import { CelCidr, CelIp } from './opaque-values.ts'

/** Addresses as Go's net/netip reads them, without zones and without IPv4 within IPv6. */

export function parseIpAddress(text: string): Result<CelIp, string> {
  const quoted = JSON.stringify(text)
  const percent = text.indexOf('%')
  const plain = percent < 0 ? text : text.slice(0, percent)
  const problem = addressProblem(text, plain)
  if (problem !== undefined) {
    return fail(`IP Address ${quoted} parse error during conversion from string: ParseAddr(${quoted}): ${problem}`)
  }
  if (percent >= 0) return fail(`IP address ${quoted} with zone value is not allowed`)
  const ip = parseIp(plain)
  if (ip === undefined) {
    return fail(
      `IP Address ${quoted} parse error during conversion from string: ParseAddr(${quoted}): unable to parse IP`,
    )
  }
  return ip.mapped ? fail(`IPv4-mapped IPv6 address ${quoted} is not allowed`) : ok(new CelIp(ip.bytes))
}

/** What netip.ParseAddr says of an address. */
function addressProblem(text: string, plain: string): string | undefined {
  const first = /[.:%]/.exec(text)?.[0]
  if (first === undefined) return 'unable to parse IP'
  if (first === '%') return 'missing IPv6 address'
  if (first === '.') return ipv4Problem(text)
  if (plain !== text && text.endsWith('%')) return 'zone must be a non-empty string'
  return parseIp(plain) === undefined ? ipv6Problem(plain) : undefined
}

function ipv4Problem(text: string): string | undefined {
  const fields = text.split('.')
  let at = 0
  for (const field of fields) {
    const bad = /[^0-9]/.exec(field)
    if (bad !== null) return `unexpected character (at ${JSON.stringify(text.slice(at + bad.index))})`
    if (field === '')
      return `IPv4 field must have at least one digit (at ${JSON.stringify(text.slice(Math.max(0, at - (at === text.length ? 1 : 0))))})`
    if (field.length > 1 && field.startsWith('0')) return 'IPv4 field has octet with leading zero'
    if (Number(field) > 255) return 'IPv4 field has value >255'
    at += field.length + 1
  }
  if (fields.length > 4) return 'IPv4 address too long'
  return fields.length < 4 ? 'IPv4 address too short' : undefined
}

function ipv6Problem(text: string): string {
  const long = /[0-9a-fA-F]{5,}/.exec(text)
  if (long !== null) return `each group must have 4 or less digits (at ${JSON.stringify(text.slice(long.index))})`
  const bad = /[^0-9a-fA-F:.]/.exec(text)
  if (bad !== null) {
    const from = text.lastIndexOf(':', bad.index) + 1
    if (from === bad.index) {
      return `each colon-separated field must have at least one digit (at ${JSON.stringify(text.slice(from))})`
    }
    return `unexpected character, want colon (at ${JSON.stringify(text.slice(bad.index))})`
  }
  if (text.split('::').length > 2) return 'multiple :: in address'
  if (/(?<!:):$/.test(text)) return `colon must be followed by more characters (at ":")`
  const groups = text.split(':').filter((group) => group !== '').length
  if (!text.includes('::') && groups < 8) return 'address string too short'
  return groups > 8
    ? `trailing garbage after address (at ${JSON.stringify(text.split(':').slice(8).join(':'))})`
    : 'unable to parse IP'
}

export function parseCidr(text: string): Result<CelCidr, string> {
  const problem = (what: string): Result<never, string> =>
    fail(
      `network address parse error during conversion from string: netip.ParsePrefix(${JSON.stringify(text)}): ${what}`,
    )
  const slash = text.lastIndexOf('/')
  if (slash < 0) return problem("no '/'")
  const [address, bits] = [text.slice(0, slash), text.slice(slash + 1)]
  const wrong = addressProblem(address, address)
  if (wrong !== undefined) return problem(`ParseAddr(${JSON.stringify(address)}): ${wrong}`)
  const ip = parseIp(address)
  if (address.includes('%') || ip === undefined) return problem('IPv6 zones cannot be present in a prefix')
  if (!/^(?:0|[1-9]\d*)$/.test(bits)) return problem(`bad bits after slash: ${JSON.stringify(bits)}`)
  if (ip.mapped) return fail(`IPv4-mapped IPv6 address ${JSON.stringify(text)} is not allowed`)
  if (Number(bits) > ip.bytes.length * 8) return problem('prefix length out of range')
  return ok(new CelCidr(ip.bytes, Number(bits)))
}

export function masked({ bytes, prefix }: CelCidr): CelCidr {
  const kept = bytes.map((byte, at) => byte & (0xff00 >> Math.min(8, Math.max(0, prefix - at * 8))) & 0xff)
  return new CelCidr(kept, prefix)
}

export function containsIp(cidr: CelCidr, ip: CelIp): boolean {
  if (cidr.bytes.length !== ip.bytes.length) return false
  return masked(cidr).equals(masked(new CelCidr(ip.bytes, cidr.prefix)))
}

export function containsCidr(outer: CelCidr, inner: CelCidr): boolean {
  return outer.prefix <= inner.prefix && containsIp(outer, new CelIp(inner.bytes))
}

/** The sorts of addresses that RFCs set aside. */
export type AddressSort = 'unspecified' | 'loopback' | 'linkLocalMulticast' | 'linkLocalUnicast' | 'globalUnicast'

export function isOfSort({ bytes }: CelIp, sort: AddressSort): boolean {
  const [a = 0, b = 0, c = 0] = bytes
  const v4 = bytes.length === 4
  const head = (count: number): boolean => bytes.slice(0, count).every((byte) => byte === 0)
  switch (sort) {
    case 'unspecified':
      return head(bytes.length)
    case 'loopback':
      return v4 ? a === 127 : head(15) && bytes[15] === 1
    case 'linkLocalMulticast':
      return v4 ? a === 224 && b === 0 && c === 0 : a === 0xff && (b & 0x0f) === 2
    case 'linkLocalUnicast':
      return v4 ? a === 169 && b === 254 : a === 0xfe && (b & 0xc0) === 0x80
    case 'globalUnicast':
      return isGlobalUnicast(bytes)
  }
}

function isGlobalUnicast(bytes: readonly number[]): boolean {
  const ip = new CelIp(bytes)
  if (bytes.length === 4 && bytes.every((byte) => byte === 255)) return false
  const multicast = bytes.length === 4 ? (bytes[0] ?? 0) >> 4 === 14 : bytes[0] === 0xff
  return !multicast && !isOfSort(ip, 'unspecified') && !isOfSort(ip, 'loopback') && !isOfSort(ip, 'linkLocalUnicast')
}
