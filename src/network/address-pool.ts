import { assert } from '../api/assert.ts'
import type { Disk } from '../ports/disk.ts'
import { type Cidr, cidrContains, cidrSize, formatAddress, parseAddress } from './address.ts'

/** Who has an address, and by which link on the host. */
export type Lease = Readonly<{ address: string; sandboxId: string; hostName: string }>

/**
 * The addresses of one node's pods, one file an address so that a kill at any moment loses nothing. Addresses are given out in turn:
 * one that was given back is used again only after all others, so that nobody talks to a pod that took its predecessor's address.
 */
export interface AddressPool {
  leaseOf(sandboxId: string): Lease | undefined
  leases(): readonly Lease[]
  /** Undefined when every address is taken. */
  take(sandboxId: string, hostName: string): Promise<Lease | undefined>
  release(sandboxId: string): Promise<void>
}

const cursorFile = 'last-taken'

/** reserved: addresses never given out, besides the network's first and last. */
export async function openAddressPool(
  disk: Disk,
  directory: string,
  cidr: Cidr,
  reserved: readonly string[],
): Promise<AddressPool> {
  await disk.makeDirectory(directory)
  const bySandbox = new Map<string, Lease>()
  const taken = new Set<string>(reserved)
  let cursor = cidr.base
  for (const name of await disk.list(directory)) {
    const text = new TextDecoder().decode(await disk.readFile(`${directory}/${name}`)).trim()
    if (name === cursorFile) cursor = cursorFrom(text, cidr)
    else if (parseAddress(name) !== undefined) restore(bySandbox, taken, name, text)
  }

  const take = async (sandboxId: string, hostName: string): Promise<Lease | undefined> => {
    const existing = bySandbox.get(sandboxId)
    if (existing !== undefined) return existing
    const free = nextFree(cidr, cursor, taken)
    if (free === undefined) return undefined
    // Taken in memory before the first await: two pods asking at once never get the same one.
    const lease = { address: formatAddress(free), sandboxId, hostName }
    cursor = free
    taken.add(lease.address)
    bySandbox.set(sandboxId, lease)
    await disk.writeFile(`${directory}/${lease.address}`, encode(`${sandboxId} ${hostName}`))
    await disk.writeFile(`${directory}/${cursorFile}`, encode(formatAddress(cursor)))
    return lease
  }
  return {
    leaseOf: (sandboxId) => bySandbox.get(sandboxId),
    leases: () => [...bySandbox.values()],
    take,
    release: async (sandboxId) => {
      const lease = bySandbox.get(sandboxId)
      if (lease === undefined) return
      bySandbox.delete(sandboxId)
      await disk.remove(`${directory}/${lease.address}`)
      taken.delete(lease.address)
    },
  }
}

function nextFree(cidr: Cidr, cursor: number, taken: ReadonlySet<string>): number | undefined {
  const usable = cidrSize(cidr) - 2
  const first = cidr.base + 1
  for (let step = 1; step <= usable; step++) {
    const address = first + ((cursor - first + step + usable) % usable)
    assert(address > cidr.base && address < cidr.base + cidrSize(cidr) - 1, 'a usable address lies within its network')
    if (!taken.has(formatAddress(address))) return address
  }
  return undefined
}

function cursorFrom(text: string, cidr: Cidr): number {
  const address = parseAddress(text)
  return address !== undefined && cidrContains(cidr, address) ? address : cidr.base
}

function restore(bySandbox: Map<string, Lease>, taken: Set<string>, address: string, text: string): void {
  const [sandboxId, hostName] = text.split(' ')
  if (sandboxId === undefined || hostName === undefined) return
  bySandbox.set(sandboxId, { address, sandboxId, hostName })
  taken.add(address)
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\n`)
}
