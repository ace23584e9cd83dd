import { assert } from '../api/assert.ts'

/** IPv4 addresses as unsigned 32-bit numbers. */

export type Cidr = Readonly<{ base: number; prefixLength: number }>

/** '10.0.0.1' → number; undefined for anything that is not exactly four decimal octets. */
export function parseAddress(text: string): number | undefined {
  if (!/^(\d{1,3}\.){3}\d{1,3}$/.test(text)) return undefined
  let address = 0
  for (const octet of text.split('.')) {
    const value = Number(octet)
    if (value > 255 || (octet.length > 1 && octet.startsWith('0'))) return undefined
    address = address * 256 + value
  }
  return address
}

export function formatAddress(address: number): string {
  assert(Number.isInteger(address) && address >= 0 && address <= 0xffffffff, `${address} is no IPv4 address`)
  return [address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255].join('.')
}

/** '10.244.0.0/24'; host bits are cleared. */
export function parseCidr(text: string): Cidr | undefined {
  const [addressText = '', lengthText = '', rest] = text.split('/')
  const address = parseAddress(addressText)
  if (address === undefined || rest !== undefined || !/^\d{1,2}$/.test(lengthText)) return undefined
  const prefixLength = Number(lengthText)
  if (prefixLength > 32) return undefined
  return { base: address - (address % sizeOf(prefixLength)), prefixLength }
}

export function formatCidr({ base, prefixLength }: Cidr): string {
  return `${formatAddress(base)}/${prefixLength}`
}

export function cidrSize({ prefixLength }: Cidr): number {
  return sizeOf(prefixLength)
}

export function cidrContains(cidr: Cidr, address: number): boolean {
  return address >= cidr.base && address < cidr.base + cidrSize(cidr)
}

/** The address at `offset` within the network: 10 in 10.96.0.0/12 is 10.96.0.10. */
export function addressAt(cidr: Cidr, offset: number): string {
  assert(offset >= 0 && offset < cidrSize(cidr), `${formatCidr(cidr)} has no address ${offset}`)
  return formatAddress(cidr.base + offset)
}

/** The MAC that container networks derive from an address, so that an address that is used again never has a stale neighbour entry. */
export function macOf(address: string): string {
  const value = parseAddress(address)
  assert(value !== undefined, `${address} is no IPv4 address`)
  const octets = [0x0a, 0x58, value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]
  return octets.map((octet) => octet.toString(16).padStart(2, '0')).join(':')
}

function sizeOf(prefixLength: number): number {
  return 2 ** (32 - prefixLength)
}
