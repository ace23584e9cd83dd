import type { Refusal } from '../../api/refusal.ts'
import { ok, type Result } from '../../api/result.ts'
import type { Clock } from '../../ports/clock.ts'
import type { HttpRequest } from '../../ports/http.ts'
import type { Answer } from '../call.ts'
import { textResponse } from '../output/write-answer.ts'
import type { RejectReason } from './flow-meter.ts'
import { type LoopTime, loopTime } from './loop-time.ts'
import type { PriorityLevel } from './priority-level.ts'
import type { QueueSetParts, Ticket } from './queue-set.ts'
import { oneSeat, type WorkEstimate } from './work-estimate.ts'

export type Outcome = Result<Answer, Refusal>
export type Work = () => Promise<Outcome>

/** Who is told how a request fares: either that it was rejected, or that it started and then that it ended. */
export type Fate = Readonly<{ started(): void; ended(): void; rejected(reason: RejectReason): void }>

type Waiter = Readonly<{ hash: number; estimate: WorkEstimate; request: HttpRequest; fate: Fate }>

/** The levels take turns: each starts one of its requests, as long as the thread has time and the level seats. */
export interface LevelTurns {
  levels(): readonly PriorityLevel[]
  setLevels(levels: readonly PriorityLevel[]): void
  /** For the queue sets of levels. */
  readonly queueParts: QueueSetParts
  queued(level: PriorityLevel, waiter: Waiter, work: Work): Promise<Outcome>
  exempt(level: PriorityLevel, fate: Fate, work: Work): Promise<Outcome>
}

/** As apiserver: a quarter of the time that a request may take. */
const longestWaitMs = 15_000

export function levelTurns(clock: Clock): LevelTurns {
  let levels: readonly PriorityLevel[] = []
  let next = 0
  const dispatch = (): void => {
    for (let idle = 0; idle < levels.length && time.isLeft(); ) {
      next = (next + 1) % levels.length
      idle = levels[next]?.queues?.dispatch() === true ? 0 : idle + 1
    }
  }
  const time: LoopTime = loopTime(clock, dispatch)
  const free = (level: PriorityLevel, ticket: Ticket): void => {
    level.queues?.release(ticket)
    noteDemand(level)
    dispatch()
  }
  const serve = async (level: PriorityLevel, ticket: Ticket, fate: Fate, work: Work): Promise<Outcome> => {
    level.counts.dispatched += 1
    fate.started()
    try {
      return await timed(clock, time, ticket.work, work)
    } finally {
      fate.ended()
      level.queues?.finish(ticket)
      if (ticket.work.lingerMs === 0) free(level, ticket)
      else clock.after(ticket.work.lingerMs, () => free(level, ticket))
    }
  }
  return {
    levels: () => levels,
    setLevels(changed) {
      levels = changed
    },
    queueParts: { nowMs: clock.monotonicMs, mayStart: time.isLeft },
    queued: (level, { hash, estimate, request, fate }, work) =>
      new Promise((resolve) => {
        let stopWaiting = (): void => {}
        const entered = level.queues?.enter(estimate, hash, (ticket) => {
          stopWaiting()
          resolve(serve(level, ticket, fate, work))
        })
        if (entered === undefined || typeof entered === 'string') {
          level.counts.rejected += 1
          fate.rejected(entered ?? 'concurrency-limit')
          resolve(tooMany)
          return
        }
        noteDemand(level)
        dispatch()
        if (entered.queue?.waiting.includes(entered) !== true) return
        stopWaiting = waitAtMost(clock, request, (why) => {
          if (level.queues?.leave(entered) !== true) return
          level.counts.rejected += 1
          level.counts[why] += 1
          fate.rejected(why === 'timedOut' ? 'time-out' : 'cancelled')
          resolve(tooMany)
        })
      }),
    exempt: (level, fate, work) => serveExempt(clock, time, level, fate, work),
  }
}

async function serveExempt(
  clock: Clock,
  time: LoopTime,
  level: PriorityLevel,
  fate: Fate,
  work: Work,
): Promise<Outcome> {
  level.counts.dispatched += 1
  level.counts.exempt += 1
  noteDemand(level)
  fate.started()
  try {
    return await timed(clock, time, oneSeat, work)
  } finally {
    fate.ended()
    level.counts.exempt -= 1
    noteDemand(level)
  }
}

/** What the work does at once, before it first waits, is time of the thread. */
function timed(clock: Clock, time: LoopTime, { seats }: WorkEstimate, work: Work): Promise<Outcome> {
  const startedMs = clock.monotonicMs()
  const outcome = work()
  time.spend(clock.monotonicMs() - startedMs, seats)
  return outcome
}

function noteDemand(level: PriorityLevel): void {
  level.demand.set(level.queues?.seatsWanted() ?? level.counts.exempt)
}

function waitAtMost(clock: Clock, { closed }: HttpRequest, onEnd: (why: 'timedOut' | 'cancelled') => void): () => void {
  const gone = (): void => onEnd('cancelled')
  const timer = clock.after(longestWaitMs, () => onEnd('timedOut'))
  closed.addEventListener('abort', gone)
  return () => {
    timer.cancel()
    closed.removeEventListener('abort', gone)
  }
}

/** In plain text, as apiserver's filter answers. */
const tooMany: Outcome = ok({
  type: 'response',
  response: textResponse(429, 'Too many requests, please try again later.\n', {
    'retry-after': '1',
    'x-content-type-options': 'nosniff',
  }),
})
