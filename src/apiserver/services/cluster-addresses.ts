import { assert } from '../../api/assert.ts'
import type { IPAddress, ServiceCIDR } from '../../api/kinds.generated.ts'
import { type Kind, kinds } from '../../api/kinds.ts'
import { type ApiObject, objectKey } from '../../api/object.ts'
import type { Random } from '../../ports/random.ts'
import type { Store, StoreEvent } from '../../store/store.ts'
import { stamped } from '../object-meta.ts'
import { kindPrefix, storeKey } from '../resource.ts'
import { type AddressRange, addressNumber, addressText, rangeOf } from './address-range.ts'
import { drawFree, type Pool } from './pool.ts'

/**
 * The addresses of Services: those of all ServiceCIDRs that are ready, each held by an IPAddress. What is taken is held at once, in
 * memory; the object follows when the Service is about to be stored.
 */
export interface ClusterAddresses extends Pool {
  /** Stores the IPAddress of one that is held, if it is not there yet. */
  keep(value: number, service: ApiObject): void
  /** Gives up one that a Service held, and removes its IPAddress. */
  forget(value: number, owner: string): void
  /** What a dry run shows where it would draw one: the first network's own. */
  network(): number | undefined
}

export type AddressParts = Readonly<{
  store: Store
  random: Random
  /** The object that holds an address for a Service, as it is to be stored. */
  addressObject: (address: string, service: ApiObject) => ApiObject
}>

export function clusterAddresses({ store, random, addressObject }: AddressParts): ClusterAddresses {
  const holders = followHolders(store)
  const ranges = followRanges(store)
  const remove = (value: number, owner: string): void => {
    const entry = store.head(keyOf(value))
    if (entry === undefined || ownerOf(entry.object) !== owner) return
    store.commit({
      type: 'delete',
      key: entry.key,
      revision: entry.revision,
      stamp: (revision) => stamped(entry.object, revision),
    })
  }
  const forget = (value: number, owner: string): void => {
    if (holders.get(value) === owner) holders.delete(value)
    remove(value, owner)
  }
  return {
    holder: (value) => holders.get(value),
    contains: (value) => ranges().some(({ first, last }) => value >= first && value <= last),
    take(value, owner) {
      const holder = holders.get(value)
      if (holder !== undefined && holder !== owner) return false
      holders.set(value, owner)
      return true
    },
    draw(owner) {
      for (const { first, last, reservedBelow } of ranges()) {
        const value =
          drawFree(reservedBelow, last, holders, random) ?? drawFree(first, reservedBelow - 1, holders, random)
        if (value === undefined) continue
        holders.set(value, owner)
        return value
      }
      return undefined
    },
    release: forget,
    keep(value, service) {
      if (store.head(keyOf(value)) !== undefined) return
      const object = addressObject(addressText(value), service)
      store.commit({ type: 'create', key: keyOf(value), stamp: (revision) => stamped(object, revision) })
    },
    forget,
    network: () => ranges().map(({ first }) => first - 1)[0],
  }
}

function keyOf(value: number): string {
  return storeKey(kinds.ipAddresses, '', addressText(value))
}

/** 'namespace/name' of the Service that an address is for; something that no Service is called where it is for another thing. */
function ownerOf(address: ApiObject): string {
  const { resource, group = '', namespace = '', name } = (address as IPAddress).spec?.parentRef ?? {}
  return group === '' && resource === 'services' ? `${namespace}/${name}` : `${group} ${resource} ${namespace}/${name}`
}

function followHolders(store: Store): Map<number, string> {
  const holders = new Map<number, string>()
  follow(store, kinds.ipAddresses, (object, isThere) => {
    const value = addressNumber(object.metadata.name ?? '')
    if (value === undefined) return
    if (isThere) holders.set(value, ownerOf(object))
    else if (holders.get(value) === ownerOf(object)) holders.delete(value)
  })
  return holders
}

/** Of ServiceCIDRs that are ready and not on their way out, in the order of their names. */
function followRanges(store: Store): () => readonly AddressRange[] {
  const ranges = new Map<string, readonly AddressRange[]>()
  let sorted: readonly AddressRange[] | undefined
  follow(store, kinds.serviceCidrs, (object, isThere) => {
    sorted = undefined
    if (isThere && isReady(object as ServiceCIDR)) ranges.set(objectKey(object), rangesOf(object as ServiceCIDR))
    else ranges.delete(objectKey(object))
  })
  return () => {
    sorted ??= [...ranges].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, own]) => own)
    return sorted
  }
}

function rangesOf({ spec }: ServiceCIDR): readonly AddressRange[] {
  return (spec?.cidrs ?? []).flatMap((cidr) => rangeOf(cidr) ?? [])
}

/** What no controller has looked at yet is taken to be ready. */
function isReady({ metadata, status }: ServiceCIDR): boolean {
  const ready = (status?.conditions ?? []).find(({ type }) => type === 'Ready')
  return metadata?.deletionTimestamp === undefined && ready?.status !== 'False' && ready?.status !== 'Unknown'
}

function follow(store: Store, kind: Kind, see: (object: ApiObject, isThere: boolean) => void): void {
  const prefix = kindPrefix(kind)
  const now = store.range({ prefix })
  assert(now.ok, 'the newest state can always be read')
  for (const { object } of now.value.entries) see(object, true)
  store.watch(prefix, now.value.revision, (events: readonly StoreEvent[]) => {
    for (const { type, entry } of events) see(entry.object, type !== 'delete')
  })
}
