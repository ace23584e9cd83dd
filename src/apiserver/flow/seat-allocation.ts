import type { PriorityLevelConfigurationSpec } from '../../api/kinds.generated.ts'

/** How many seats a level has by its configuration, and between which bounds it may lend and borrow. */
export type SeatLimits = Readonly<{ nominal: number; least: number; most: number }>

type Specs = ReadonlyMap<string, PriorityLevelConfigurationSpec>

/** Each level gets its share of the server's seats, rounded up: apiserver's flowcontrol controller. */
export function nominalLimits(levels: Specs, serverSeats: number): ReadonlyMap<string, SeatLimits> {
  const shares = [...levels.values()].reduce((sum, spec) => sum + sharesOf(spec), 0)
  const nominals = new Map(
    [...levels].map(([name, spec]) => [name, shares === 0 ? 0 : Math.ceil((serverSeats * sharesOf(spec)) / shares)]),
  )
  return new Map([...levels].map(([name, spec]) => [name, limitsOf(spec, nominals.get(name) ?? 0, serverSeats)]))
}

function sharesOf({ type, exempt, limited }: PriorityLevelConfigurationSpec): number {
  return type === 'Exempt' ? (exempt?.nominalConcurrencyShares ?? 0) : (limited?.nominalConcurrencyShares ?? 30)
}

function limitsOf(
  { type, exempt, limited }: PriorityLevelConfigurationSpec,
  nominal: number,
  serverSeats: number,
): SeatLimits {
  const lendable = (type === 'Exempt' ? exempt?.lendablePercent : limited?.lendablePercent) ?? 0
  const borrowing = type === 'Exempt' ? undefined : limited?.borrowingLimitPercent
  const least = nominal - Math.round((nominal * lendable) / 100)
  // Without a limit a level may borrow whatever there is.
  const most = typeof borrowing === 'number' ? nominal + Math.round((nominal * borrowing) / 100) : nominal + serverSeats
  return { nominal, least, most }
}

export type Claimant = Readonly<{ least: number; most: number; target: number }>

const leastTarget = 0.001
const rounds = 64

/**
 * Divides the seats: each claimant gets the same proportion of its target, held within its bounds, so that all get `seats` together.
 * Undefined where the bounds do not allow that. The proportion is found by halving: what is allotted grows with it.
 */
export function allotSeats(seats: number, claimants: readonly Claimant[]): readonly number[] | undefined {
  const sum = (pick: (claimant: Claimant) => number): number => claimants.reduce((all, one) => all + pick(one), 0)
  if (sum(({ least }) => least) > seats || sum(({ most }) => most) < seats) return undefined
  const held = (proportion: number, { least, most, target }: Claimant): number =>
    Math.max(least, Math.min(most, proportion * Math.max(target, leastTarget)))
  let low = 0
  let high = Math.max(0, ...claimants.map(({ most, target }) => most / Math.max(target, leastTarget)))
  for (let round = 0; round < rounds; round++) {
    const middle = (low + high) / 2
    if (sum((one) => held(middle, one)) < seats) low = middle
    else high = middle
  }
  return claimants.map((one) => held(high, one))
}
