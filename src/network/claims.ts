import { assert } from '../api/assert.ts'
import type { Entry } from './service-plan.ts'

/** Desired content of the service table: lookup → key → value (undefined in sets). */
export type Desired = ReadonlyMap<string, ReadonlyMap<string, string | undefined>>

export type Change = Readonly<{ lookup: string; key: string; before?: Held; after?: Held }>
type Held = Readonly<{ value: string | undefined }>
type Claim = Readonly<{ owner: string; value: string | undefined }>

/**
 * Who wants which element. Several may want the same one: endpoints shared by services (the same value), or two services with one
 * external IP and port. The owner with the lowest name wins then, so that the outcome never depends on the order of events.
 */
export interface Claims {
  /** What an owner wants from now on ([]: nothing), and what that changes. */
  replace(owner: string, entries: readonly Entry[]): readonly Change[]
  entriesOf(owner: string): readonly Entry[]
  desired(): Desired
}

export function makeClaims(): Claims {
  const lookups = new Map<string, Map<string, readonly Claim[]>>()
  const byOwner = new Map<string, readonly Entry[]>()

  const claimsOn = ({ lookup, key }: Entry): readonly Claim[] => lookups.get(lookup)?.get(key) ?? []
  const set = ({ lookup, key }: Entry, claims: readonly Claim[]): void => {
    const keys = lookups.get(lookup) ?? new Map<string, readonly Claim[]>()
    if (claims.length === 0) keys.delete(key)
    else keys.set(key, claims)
    lookups.set(lookup, keys)
  }
  const replace: Claims['replace'] = (owner, entries) => {
    const touched = new Map<string, Readonly<{ entry: Entry; before: Held | undefined }>>()
    const touch = (entry: Entry): void => {
      const id = `${entry.lookup} ${entry.key}`
      if (!touched.has(id)) touched.set(id, { entry, before: winner(claimsOn(entry)) })
    }
    for (const entry of byOwner.get(owner) ?? []) {
      touch(entry)
      set(
        entry,
        claimsOn(entry).filter((claim) => claim.owner !== owner),
      )
    }
    for (const entry of entries) {
      touch(entry)
      const others = claimsOn(entry)
      assert(!others.some((claim) => claim.owner === owner), `${owner} claims ${entry.lookup} ${entry.key} twice`)
      set(entry, [...others, { owner, value: entry.value }])
    }
    if (entries.length === 0) byOwner.delete(owner)
    else byOwner.set(owner, entries)
    return [...touched.values()].flatMap(({ entry, before }) => changeOf(entry, before, winner(claimsOn(entry))))
  }
  const desired = (): Desired => {
    const held = new Map<string, Map<string, string | undefined>>()
    for (const [lookup, keys] of lookups) {
      const values = new Map<string, string | undefined>()
      for (const [key, claims] of keys) values.set(key, winner(claims)?.value)
      if (values.size > 0) held.set(lookup, values)
    }
    return held
  }
  return { replace, entriesOf: (owner) => byOwner.get(owner) ?? [], desired }
}

/** Pure: what makes `before` into `after`. */
export function diffDesired(before: Desired, after: Desired): readonly Change[] {
  const changes: Change[] = []
  for (const lookup of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [before.get(lookup), after.get(lookup)]
    for (const key of new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])])) {
      changes.push(...changeOf({ lookup, key }, heldIn(old, key), heldIn(now, key)))
    }
  }
  return changes
}

/** What changes in a row come down to: the first before and the last after of each element. */
export function foldChanges(changes: readonly Change[]): readonly Change[] {
  const folded = new Map<string, Change>()
  for (const change of changes) {
    const id = `${change.lookup} ${change.key}`
    const earlier = folded.get(id)
    const [next] = changeOf(change, earlier === undefined ? change.before : earlier.before, change.after)
    if (next === undefined) folded.delete(id)
    else folded.set(id, next)
  }
  return [...folded.values()]
}

function heldIn(keys: ReadonlyMap<string, string | undefined> | undefined, key: string): Held | undefined {
  return keys?.has(key) === true ? { value: keys.get(key) } : undefined
}

function changeOf(
  { lookup, key }: Readonly<{ lookup: string; key: string }>,
  before: Held | undefined,
  after: Held | undefined,
): readonly Change[] {
  if (before === undefined && after === undefined) return []
  if (before !== undefined && after !== undefined && before.value === after.value) return []
  return [{ lookup, key, ...(before && { before }), ...(after && { after }) }]
}

function winner(claims: readonly Claim[]): Held | undefined {
  let lowest: Claim | undefined
  for (const claim of claims) if (lowest === undefined || claim.owner < lowest.owner) lowest = claim
  return lowest && { value: lowest.value }
}
