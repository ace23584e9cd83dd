import { assert } from '../../api/assert.ts'
import { dealer } from './shuffle-shard.ts'
import type { WorkEstimate } from './work-estimate.ts'

export type QueueConfig = Readonly<{
  /** 0: nobody waits. */
  queues: number
  handSize: number
  queueLengthLimit: number
}>

export type Rejection = 'queue-full' | 'concurrency-limit'

/** A request in the set: waiting, at work, or lingering on its final seats. */
export interface Ticket {
  readonly work: WorkEstimate
  readonly queue: Queue | undefined
  readonly arrivalR: number
  readonly start: (ticket: Ticket) => void
  startedMs: number
}

type Queue = {
  readonly waiting: Ticket[]
  executing: number
  seatsInUse: number
  /** The virtual time at which the next request of the queue would start, had every queue a server of its own. */
  nextDispatchR: number
}

export type QueueSetState = Readonly<{
  activeQueues: number
  waiting: number
  waitingSeats: number
  executing: number
  seatsInUse: number
  limit: number
}>

export type QueueState = Readonly<{
  waiting: number
  waitingSeats: number
  /** In seats times milliseconds, as is the next. */
  waitingWork: number
  nextDispatchR: number
  executing: number
  seatsInUse: number
}>

/**
 * Fair queuing over the seats of one priority level: of the requests at the queues' heads that one starts whose virtual finish comes
 * first. Virtual time R runs so that every active queue gets an equal share of the seats. Source: apiserver's fairqueuing/queueset.
 */
export interface QueueSet {
  /** `start` is called when it is the request's turn, by dispatch(). */
  enter(work: WorkEstimate, flowHash: number, start: (ticket: Ticket) => void): Ticket | Rejection
  /** Starts the next request, if there is one and it has room. */
  dispatch(): boolean
  /** The request has been served; its final seats are taken still. */
  finish(ticket: Ticket): void
  /** Its final seats are free, too. */
  release(ticket: Ticket): void
  /** Takes a waiting request out; false where it has started. */
  leave(ticket: Ticket): boolean
  setLimit(seats: number): void
  state(): QueueSetState
  queueStates(): readonly QueueState[]
  /** Seats in use and seats waited for. */
  seatsWanted(): number
}

/** What a request is taken to need until it has shown what it does, as in the original. */
const estimatedMs = 3

export type QueueSetParts = Readonly<{
  nowMs(): number
  /** Whether anything may start now: see loop-time.ts. */
  mayStart(): boolean
}>

type State = {
  readonly config: QueueConfig
  readonly parts: QueueSetParts
  readonly queues: readonly Queue[]
  readonly handOf: (flowHash: number) => readonly number[]
  /** Queues with requests; the one that was served last comes last. */
  readonly active: Set<Queue>
  waiting: number
  waitingSeats: number
  executing: number
  seatsInUse: number
  enqueued: number
  limit: number
  /** Virtual time, in seats times milliseconds, as of `lastMs`. */
  nowR: number
  lastMs: number
}

export function queueSet(config: QueueConfig, parts: QueueSetParts, limit: number): QueueSet {
  const queues = Array.from({ length: config.queues }, newQueue)
  const none = { waiting: 0, waitingSeats: 0, executing: 0, seatsInUse: 0, enqueued: 0 }
  const handOf = dealer(config.queues, config.handSize)
  const set: State = {
    config,
    parts,
    queues,
    handOf,
    active: new Set(),
    ...none,
    limit,
    nowR: 0,
    lastMs: parts.nowMs(),
  }
  return {
    enter: (work, flowHash, start) =>
      config.queues === 0 ? enterWithoutQueue(set, work, start) : enqueue(set, work, flowHash, start),
    dispatch: () => dispatch(set),
    finish: (ticket) => finish(set, ticket),
    release: (ticket) => release(set, ticket),
    leave: (ticket) => leave(set, ticket),
    setLimit(seats) {
      syncTime(set)
      set.limit = seats
    },
    state: () => ({
      activeQueues: set.active.size,
      waiting: set.waiting,
      waitingSeats: set.waitingSeats,
      executing: set.executing,
      seatsInUse: set.seatsInUse,
      limit: set.limit,
    }),
    queueStates: () => set.queues.map(stateOfQueue),
    seatsWanted: () => set.seatsInUse + set.waitingSeats,
  }
}

/** Virtual time has run since it was last looked at as the state has been since: call this before changing that. */
function syncTime(set: State): void {
  const ms = set.parts.nowMs()
  const seats = Math.min(set.seatsInUse + set.waitingSeats, set.limit)
  if (set.active.size > 0) set.nowR += (seats / set.active.size) * (ms - set.lastMs)
  set.lastMs = ms
}

function enterWithoutQueue(set: State, work: WorkEstimate, start: Ticket['start']): Ticket | Rejection {
  syncTime(set)
  if (!fits(set, Math.max(work.seats, work.finalSeats))) return 'concurrency-limit'
  const ticket: Ticket = { work, queue: undefined, arrivalR: set.nowR, start, startedMs: 0 }
  begin(set, ticket)
  start(ticket)
  return ticket
}

function enqueue(set: State, work: WorkEstimate, flowHash: number, start: Ticket['start']): Ticket | Rejection {
  syncTime(set)
  const { queueLengthLimit } = set.config
  const queue = shortest(set.queues, set.handOf(flowHash), set.enqueued)
  set.enqueued += 1
  const isHeldUp = set.seatsInUse >= set.limit || !set.parts.mayStart()
  if (isHeldUp && queue.waiting.length >= queueLengthLimit) return 'queue-full'
  if (!set.active.has(queue)) queue.nextDispatchR = set.nowR
  set.active.add(queue)
  const ticket: Ticket = { work, queue, arrivalR: set.nowR, start, startedMs: 0 }
  queue.waiting.push(ticket)
  set.waiting += 1
  set.waitingSeats += widthOf(ticket)
  return ticket
}

function dispatch(set: State): boolean {
  if (set.waiting === 0 || set.seatsInUse >= set.limit || !set.parts.mayStart()) return false
  syncTime(set)
  const queue = earliestFinish(set.active)
  const [ticket] = queue?.waiting ?? []
  if (queue === undefined || ticket === undefined || !fits(set, widthOf(ticket))) return false
  takeOut(set, ticket, 0)
  begin(set, ticket)
  set.active.delete(queue)
  set.active.add(queue)
  keepFromThePast(queue)
  ticket.start(ticket)
  return true
}

function finish(set: State, { queue, work, startedMs }: Ticket): void {
  syncTime(set)
  set.executing -= 1
  if (queue === undefined) return
  queue.executing -= 1
  queue.nextDispatchR -= work.seats * (estimatedMs - (set.parts.nowMs() - startedMs))
  settle(set, queue)
}

function release(set: State, ticket: Ticket): void {
  syncTime(set)
  set.seatsInUse -= widthOf(ticket)
  if (ticket.queue !== undefined) ticket.queue.seatsInUse -= widthOf(ticket)
  assert(set.seatsInUse >= 0, 'no more seats are given back than were taken')
}

function leave(set: State, ticket: Ticket): boolean {
  syncTime(set)
  const { queue } = ticket
  const at = queue?.waiting.indexOf(ticket) ?? -1
  if (queue === undefined || at < 0) return false
  takeOut(set, ticket, at)
  settle(set, queue)
  return true
}

/** One that is wider than everything has to be alone. */
function fits({ executing, seatsInUse, limit }: State, seats: number): boolean {
  return seats > limit ? executing === 0 : seatsInUse + seats <= limit
}

function begin(set: State, ticket: Ticket): void {
  set.executing += 1
  set.seatsInUse += widthOf(ticket)
  ticket.startedMs = set.parts.nowMs()
  if (ticket.queue === undefined) return
  ticket.queue.executing += 1
  ticket.queue.seatsInUse += widthOf(ticket)
  ticket.queue.nextDispatchR += workOf(ticket)
}

function takeOut(set: State, ticket: Ticket, at: number): void {
  ticket.queue?.waiting.splice(at, 1)
  set.waiting -= 1
  set.waitingSeats -= widthOf(ticket)
}

function settle(set: State, queue: Queue): void {
  if (queue.waiting.length === 0 && queue.executing === 0) set.active.delete(queue)
  else keepFromThePast(queue)
}

function stateOfQueue({ waiting, executing, seatsInUse, nextDispatchR }: Queue): QueueState {
  const waitingSeats = waiting.reduce((sum, ticket) => sum + widthOf(ticket), 0)
  return {
    waiting: waiting.length,
    waitingSeats,
    waitingWork: waitingWork(waiting),
    nextDispatchR,
    executing,
    seatsInUse,
  }
}

function waitingWork(waiting: readonly Ticket[]): number {
  return waiting.reduce((sum, ticket) => sum + workOf(ticket), 0)
}

function newQueue(): Queue {
  return { waiting: [], executing: 0, seatsInUse: 0, nextDispatchR: 0 }
}

function widthOf({ work }: Pick<Ticket, 'work'>): number {
  return Math.max(work.seats, work.finalSeats)
}

/** In seats times milliseconds. */
function workOf({ work }: Ticket): number {
  return work.seats * estimatedMs + work.finalSeats * work.lingerMs
}

/** Of the queues in the hand that with the least work waiting; which one comes first among equals changes from request to request. */
function shortest(queues: readonly Queue[], hand: readonly number[], offset: number): Queue {
  let found: Queue | undefined
  let least = Number.POSITIVE_INFINITY
  for (let at = 0; at < hand.length; at++) {
    const queue = queues[hand[(offset + at) % hand.length] ?? 0]
    const waiting = queue === undefined ? least : waitingWork(queue.waiting)
    if (waiting >= least) continue
    least = waiting
    found = queue
  }
  assert(found !== undefined, 'a hand holds at least one queue')
  return found
}

/** Where the request at the head would be done first, and of equals the one that was served longest ago. */
function earliestFinish(active: ReadonlySet<Queue>): Queue | undefined {
  let earliest = Number.POSITIVE_INFINITY
  let found: Queue | undefined
  for (const queue of active) {
    const [head] = queue.waiting
    if (head === undefined) continue
    const finish = queue.nextDispatchR + workOf(head)
    if (finish >= earliest) continue
    earliest = finish
    found = queue
  }
  return found
}

/** A queue that used less than its share saves nothing up: no request starts, in virtual time, before it came. */
function keepFromThePast(queue: Queue): void {
  const [head] = queue.waiting
  if (head !== undefined) queue.nextDispatchR = Math.max(queue.nextDispatchR, head.arrivalR)
}
