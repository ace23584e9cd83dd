import type { PriorityLevel } from './priority-level.ts'
import { allotSeats } from './seat-allocation.ts'

/** Divides the server's seats anew among the levels, by what each has wanted of late: apiserver's updateBorrowing. */
export function borrow(levels: readonly PriorityLevel[]): void {
  const wanted = levels.map((level) => ({ level, ...level.demand.next() }))
  const exempt = wanted.filter(({ level }) => level.queues === undefined)
  const limited = wanted.filter(({ level }) => level.queues !== undefined)
  let left = levels.reduce((sum, { limits }) => sum + limits.nominal, 0)
  for (const { level, high } of exempt) {
    level.currentLimit = Math.max(level.limits.least, high)
    left -= level.currentLimit
  }
  const claimants = limited.map(({ level: { limits }, high, smoothed }) => {
    const least = Math.max(limits.least, Math.min(limits.nominal, high))
    return { floor: limits.least, least, most: limits.most, target: Math.max(least, smoothed) }
  })
  const seats = shared(left, claimants)
  for (const [at, { level }] of limited.entries()) {
    level.currentLimit = Math.round(seats[at] ?? level.currentLimit)
    level.queues?.setLimit(level.currentLimit)
  }
}

type Wish = Readonly<{ floor: number; least: number; most: number; target: number }>

/** Where the exempt leave too little, everybody keeps what may not be lent, and a like part of what they had beyond it. */
function shared(seats: number, wishes: readonly Wish[]): readonly (number | undefined)[] {
  const floors = wishes.reduce((sum, { floor }) => sum + floor, 0)
  const leasts = wishes.reduce((sum, { least }) => sum + least, 0)
  if (seats <= floors) return wishes.map(({ floor }) => floor)
  if (seats <= leasts) {
    const part = (seats - floors) / (leasts - floors)
    return wishes.map(({ floor, least }) => floor + (least - floor) * part)
  }
  return allotSeats(seats, wishes) ?? []
}
