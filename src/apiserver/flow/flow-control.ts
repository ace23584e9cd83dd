import { assert } from '../../api/assert.ts'
import type { Clock, Timer } from '../../ports/clock.ts'
import type { HttpHeaders, HttpRequest } from '../../ports/http.ts'
import type { User } from '../call.ts'
import type { RequestInfo } from '../request-info.ts'
import { borrow } from './borrowing.ts'
import type { FlowConfig, LevelConfig, SchemaConfig } from './flow-config.ts'
import { matchesSchema } from './flow-match.ts'
import type { FlowMeter, FlowMeters } from './flow-meter.ts'
import { type Fate, levelTurns, type Outcome, type Work } from './level-turns.ts'
import { type PriorityLevel, priorityLevel, queueConfigOf, widestRequest } from './priority-level.ts'
import type { QueueSetParts } from './queue-set.ts'
import { nominalLimits, type SeatLimits } from './seat-allocation.ts'
import { hashFlow } from './shuffle-shard.ts'
import { watchCount } from './watch-count.ts'
import { distinguish, estimateWork, oneSeat, type Sizes, type WorkEstimate } from './work-estimate.ts'

/** What a request is to flow control. */
export type Flow = Readonly<{ schema: SchemaConfig; level: PriorityLevel; meter: FlowMeter; hash: number }>

type Asked = Readonly<{ request: HttpRequest; info: RequestInfo; query: URLSearchParams }>

/** API priority and fairness: nobody's requests keep another's from being served. */
export interface FlowControl {
  flowOf(user: User, info: RequestInfo): Flow
  /** Serves the request when it is its turn; too many are refused with 429. */
  run(flow: Flow, asked: Asked, work: Work): Promise<Outcome>
  levels(): readonly PriorityLevel[]
  configure(config: FlowConfig): void
  /** Divides the seats anew from time to time, until it is stopped. */
  start(): void
  stop(): void
}

export type FlowParts = Readonly<{
  clock: Clock
  /** Seats in all: --max-requests-inflight and --max-mutating-requests-inflight together. */
  seats: number
  objects: Sizes['objects']
  meters: FlowMeters
}>

const borrowingMs = 10_000
const longRunning = ['exec', 'attach', 'portforward', 'log', 'proxy']

export function flowControl({ clock, seats, objects, meters }: FlowParts, initial: FlowConfig): FlowControl {
  let schemas: readonly SchemaConfig[] = []
  let known = new Map<string, Flow>()
  let timer: Timer | undefined
  const watches = watchCount()
  const sizes: Sizes = { objects, watchers: watches.of }
  const turns = levelTurns(clock)

  const configure = (config: FlowConfig): void => {
    turns.setLevels(levelsOf(config, turns.levels(), seats, turns.queueParts))
    schemas = config.schemas
    known = new Map()
  }
  const classify = (user: User, info: RequestInfo): Flow => {
    const schema = schemas.find(({ spec }) => matchesSchema(spec, user, info)) ?? schemas.at(-1)
    const name = schema?.spec.priorityLevelConfiguration.name
    const level = turns.levels().find(({ config }) => config.name === name)
    assert(schema !== undefined && level !== undefined, 'there is always a catch-all')
    const hash = hashFlow(schema.name, distinguish(schema.spec.distinguisherMethod?.type, user, info))
    return { schema, level, meter: meters.of(schema.name, level.config.name), hash }
  }
  const borrowOnAndOn = (): void => {
    timer = clock.after(borrowingMs, () => {
      borrow(turns.levels())
      borrowOnAndOn()
    })
  }
  configure(initial)
  return {
    configure,
    levels: turns.levels,
    flowOf(user, info) {
      const key = flowKey(user, info)
      const found = known.get(key) ?? classify(user, info)
      if (known.size >= rememberedFlows) known.clear()
      known.set(key, found)
      return found
    },
    run({ level, meter, hash }, { info, query, request }, work) {
      const isWatch = info.verb === 'watch'
      if (isWatch) watches.add(info, request.closed)
      else if (longRunning.includes(info.subresource)) return work()
      if (level.queues === undefined) return turns.exempt(level, meteredFate(clock, meter, oneSeat, isWatch), work)
      const estimate = estimateWork(info, query, sizes, widestRequest(level))
      const fate = meteredFate(clock, meter, estimate, isWatch)
      return turns.queued(level, { hash, estimate, request, fate }, work)
    },
    start: borrowOnAndOn,
    stop: () => timer?.cancel(),
  }
}

/** Of a request that has just come. */
function meteredFate(
  clock: Clock,
  meter: FlowMeter,
  { seats: initial, finalSeats }: WorkEstimate,
  isWatch: boolean,
): Fate {
  const seats = Math.max(initial, finalSeats)
  const enteredMs = clock.monotonicMs()
  let startedMs = enteredMs
  meter.entered(seats)
  return {
    started() {
      startedMs = clock.monotonicMs()
      meter.started(seats, (startedMs - enteredMs) / 1000)
    },
    ended: () => meter.ended(seats, (clock.monotonicMs() - startedMs) / 1000, isWatch),
    rejected: (reason) => meter.rejected(seats, (clock.monotonicMs() - enteredMs) / 1000, reason),
  }
}

/** The levels of a configuration, with what is under way in those that stay as they were. */
function levelsOf(
  config: FlowConfig,
  before: readonly PriorityLevel[],
  seats: number,
  parts: QueueSetParts,
): readonly PriorityLevel[] {
  const limits = nominalLimits(new Map([...config.levels].map(([name, { spec }]) => [name, spec])), seats)
  const levels = [...config.levels].map(([name, level]) => {
    const limit = limits.get(name) ?? { nominal: 0, least: 0, most: 0 }
    const old = before.find((one) => one.config.name === name)
    return kept(old, level, limit) ?? priorityLevel(level, limit, parts)
  })
  borrow(levels)
  return levels
}

const rememberedFlows = 2000

/** All that rules look at. */
function flowKey({ name, groups }: User, info: RequestInfo): string {
  const { isResource, verb, group, resource, subresource, namespace, path } = info
  const what = isResource ? `${group}/${resource}/${subresource} ${namespace}` : path
  return `${verb} ${what} ${name} ${groups.join(' ')}`
}

/** A level keeps its queues, and who waits in them, for as long as they are to be the same. */
function kept(level: PriorityLevel | undefined, config: LevelConfig, limits: SeatLimits): PriorityLevel | undefined {
  if (level === undefined) return undefined
  const [had, has] = [level.queueConfig, queueConfigOf(config)]
  const isSame =
    had?.queues === has?.queues && had?.handSize === has?.handSize && had?.queueLengthLimit === has?.queueLengthLimit
  if (!isSame) return undefined
  level.config = config
  level.limits = limits
  return level
}

export function flowHeaders({ schema, level }: Flow): HttpHeaders {
  return {
    'x-kubernetes-pf-flowschema-uid': schema.uid,
    'x-kubernetes-pf-prioritylevel-uid': level.config.uid,
  }
}
