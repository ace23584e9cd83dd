import { addressAt, cidrSize, formatCidr, parseCidr } from '../network/address.ts'
import type { Settings } from './instance.ts'

/** The n-th address of an IPv4 network. Throws for what is no network, or has no such address. */
export function nthAddress(cidr: string, n: number): string {
  const parsed = parseCidr(cidr)
  if (parsed === undefined) throw new Error(`${cidr} is no IPv4 network: write it as 10.244.0.0/24`)
  if (n >= cidrSize(parsed)) throw new Error(`${cidr} is too small`)
  return addressAt(parsed, n)
}

/** Each node's share of the pod network: the range that was chosen, and those of its size that follow it. */
export function podCidrs({ podCidr, nodes }: Pick<Settings, 'podCidr' | 'nodes'>): readonly [string, ...string[]] {
  const first = parseCidr(podCidr)
  if (first === undefined) throw new Error(`${podCidr} is no IPv4 network: write it as 10.244.0.0/24`)
  const size = cidrSize(first)
  if (first.base + nodes * size > 2 ** 32)
    throw new Error(
      `after ${podCidr} there are no ${nodes - 1} more ranges of its size: choose another with --pod-cidr`,
    )
  const further = Array.from({ length: nodes - 1 }, (_, at) => ({ ...first, base: first.base + (at + 1) * size }))
  return [podCidr, ...further.map(formatCidr)]
}
