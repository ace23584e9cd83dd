import { addressAt, cidrSize, parseCidr } from '../network/address.ts'

/** The n-th address of an IPv4 network. Throws for what is no network, or has no such address. */
export function nthAddress(cidr: string, n: number): string {
  const parsed = parseCidr(cidr)
  if (parsed === undefined) throw new Error(`${cidr} is no IPv4 network: write it as 10.244.0.0/24`)
  if (n >= cidrSize(parsed)) throw new Error(`${cidr} is too small`)
  return addressAt(parsed, n)
}
