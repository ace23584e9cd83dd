import type { LevelConfig } from './flow-config.ts'
import { type QueueConfig, type QueueSet, type QueueSetParts, type QueueSetState, queueSet } from './queue-set.ts'
import type { SeatLimits } from './seat-allocation.ts'
import { type SeatDemand, seatDemand } from './seat-demand.ts'

/** A priority level at work. */
export interface PriorityLevel {
  config: LevelConfig
  limits: SeatLimits
  /** What it may use now, after lending and borrowing. */
  currentLimit: number
  /** Absent where nobody of the level ever waits. */
  readonly queues: QueueSet | undefined
  readonly queueConfig: QueueConfig | undefined
  readonly demand: SeatDemand
  readonly counts: { dispatched: number; rejected: number; timedOut: number; cancelled: number; exempt: number }
}

export function priorityLevel(config: LevelConfig, limits: SeatLimits, parts: QueueSetParts): PriorityLevel {
  const queueConfig = queueConfigOf(config)
  return {
    config,
    limits,
    currentLimit: limits.nominal,
    queues: queueConfig && queueSet(queueConfig, parts, limits.nominal),
    queueConfig,
    demand: seatDemand(parts.nowMs),
    counts: { dispatched: 0, rejected: 0, timedOut: 0, cancelled: 0, exempt: 0 },
  }
}

/** Undefined for an exempt level; no queues where its requests are rejected instead. */
export function queueConfigOf({ spec }: LevelConfig): QueueConfig | undefined {
  if (spec.type === 'Exempt') return undefined
  const response = spec.limited?.limitResponse
  if (response?.type !== 'Queue') return { queues: 0, handSize: 0, queueLengthLimit: 0 }
  const { queues = 64, handSize = 8, queueLengthLimit = 50 } = response.queuing ?? {}
  return { queues, handSize, queueLengthLimit }
}

export function stateOf({ queues, counts, currentLimit }: PriorityLevel): QueueSetState {
  if (queues !== undefined) return queues.state()
  const executing = counts.exempt
  return { activeQueues: 0, waiting: 0, waitingSeats: 0, executing, seatsInUse: executing, limit: currentLimit }
}

const widestShare = 0.15

/** How many seats of its level one request may take at most, as in the original; 0 where nothing is queued, and no bound is known. */
export function widestRequest({ limits: { nominal }, queueConfig }: PriorityLevel): number {
  if (queueConfig === undefined || queueConfig.queues === 0) return 0
  return Math.max(1, Math.min(Math.ceil(nominal * widestShare), Math.floor(nominal / queueConfig.handSize)))
}
