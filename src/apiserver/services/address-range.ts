/** The IPv4 addresses of a CIDR that may be given out: all but the network's own and the broadcast address. */
export type AddressRange = Readonly<{ first: number; last: number; reservedBelow: number }>

export function addressRange(cidr: string): AddressRange {
  const range = rangeOf(cidr)
  const bits = Number(cidr.split('/')[1])
  if (range === undefined || !(bits >= 8 && bits <= 30))
    throw new Error(`the service CIDR ${cidr} is no IPv4 network /8 to /30`)
  return range
}

/** Undefined for what is no IPv4 network. */
export function rangeOf(cidr: string): AddressRange | undefined {
  const match = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(cidr)
  const base = match?.[1] === undefined ? undefined : addressNumber(match[1])
  const bits = Number(match?.[2])
  if (base === undefined || !(bits <= 32)) return undefined
  const size = 2 ** (32 - bits)
  const network = base - (base % size)
  // A sixteenth of the range, at least 16 and at most 256, stays free for addresses that are asked for.
  const reserved = size <= 32 ? 0 : Math.min(Math.max(16, Math.floor(size / 16)), 256)
  return { first: network + 1, last: network + size - 2, reservedBelow: network + 1 + reserved }
}

export function addressNumber(text: string): number | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return undefined
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0)
}

export function addressText(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.')
}
