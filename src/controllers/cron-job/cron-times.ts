import type { CronSchedule } from '../../api/cron-schedule.ts'
import type { CronJob } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import { msOfTimestamp } from '../../client/timestamp.ts'

/** What of a schedule has been missed, and which of it is the newest. */
export type Missed = Readonly<{ earliestMs: number; recentMs?: number; isMany: boolean; isSome: boolean }>

const manyMissed = 100
/** Looked again a little after the time, so that clocks agree that it has come. */
const deltaMs = 100

/** The newest time at or before now since the last one that was dealt with; guessed where there are many, as the original does. */
export function missedTimes(
  { metadata, spec, status }: Stored<CronJob>,
  schedule: CronSchedule,
  nowMs: number,
  heedsDeadline: boolean,
): Missed {
  const created = msOfTimestamp(metadata.creationTimestamp) ?? nowMs
  const last = msOfTimestamp(status?.lastScheduleTime) ?? created
  const deadlineSeconds = heedsDeadline ? spec?.startingDeadlineSeconds : undefined
  const earliestMs = deadlineSeconds === undefined ? last : Math.max(last, nowMs - deadlineSeconds * 1000)
  const first = schedule.next(earliestMs)
  const second = first === undefined ? undefined : schedule.next(first)
  if (first === undefined || nowMs < first) return { earliestMs, isMany: false, isSome: false }
  if (second === undefined || nowMs < second) return { earliestMs, recentMs: first, isMany: false, isSome: false }
  const stepMs = second - first
  const count = Math.floor((nowMs - first) / stepMs) + 1
  let recentMs: number | undefined
  let at = schedule.next(first + (count - 2) * stepMs)
  while (at !== undefined && at <= nowMs) {
    recentMs = at
    at = schedule.next(at)
  }
  const found = { earliestMs, isMany: count > manyMissed, isSome: true }
  return recentMs === undefined ? found : { ...found, recentMs }
}

/** How long until the next time; undefined where there will be none. */
export function nextTimeMs(cronJob: Stored<CronJob>, schedule: CronSchedule, nowMs: number): number | undefined {
  const { earliestMs, recentMs, isSome } = missedTimes(cronJob, schedule, nowMs, false)
  const next = schedule.next(recentMs ?? (isSome ? nowMs : earliestMs))
  return next === undefined ? undefined : Math.max(0, next - nowMs) + deltaMs
}
