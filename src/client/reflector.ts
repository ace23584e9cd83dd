import { type Ending, makeEnder } from '../api/ending.ts'
import type { Status } from '../api/kinds.generated.ts'
import { groupResource, type Kind } from '../api/kinds.ts'
import { objectKey, type Stored } from '../api/object.ts'
import type { Clock, Timer } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Random } from '../ports/random.ts'
import { makeBackOff } from './back-off.ts'
import type { Client, ListOptions, WatchEvent } from './client.ts'

/** Where a reflector keeps what it sees. */
export type Target<T> = Readonly<{
  /** Everything there is, as of the version. */
  replace(objects: readonly Stored<T>[], resourceVersion: string): void
  put(object: Stored<T>, resourceVersion: string): void
  remove(object: Stored<T>, resourceVersion: string): void
  /** Nothing has changed up to this version. */
  bookmark(resourceVersion: string): void
}>

export type ReflectorDeps<T> = Readonly<{
  client: Client
  kind: Kind<T>
  options: ListOptions
  target: Target<T>
  clock: Clock
  random: Random
  log: Log
}>

/** How a list or watch came to its end. 'unknown': the server knows no such request. */
type Ended = 'again' | 'expired' | 'failed' | 'unknown'

/** What has been seen; absent: not yet all that there is. */
type Position = { resourceVersion?: string }

/** client-go lets each watch live 5 to 10 minutes, so that reconnecting spreads. */
const shortestWatchSeconds = 300
/** A watch that ends sooner than this without an event is treated as failed: else the loop would run hot. */
const shortWatchMs = 1000
/** A streaming list that is silent for this long, and has not come to its end, has none. client-go warns of it after as long. */
const silentMs = 10_000

/**
 * Keeps the target equal to the API: a streaming list that goes on as a watch, then watches that resume where the last one ended. A
 * version that has expired, or a watch that is refused, leads to a new list; every failure waits longer than the one before. A server
 * that knows no streaming lists is asked for plain ones from then on.
 */
export function startReflector<T>(deps: ReflectorDeps<T>): Readonly<{ stop(): void }> {
  const closed = makeEnder()
  void reflect(deps, closed.signal)
  return { stop: () => closed.abort() }
}

async function reflect<T>(deps: ReflectorDeps<T>, closed: Ending): Promise<void> {
  const backOff = makeBackOff(deps.clock, deps.random)
  let streams = true
  while (!closed.aborted) {
    const position: Position = {}
    const ended = streams ? await streamList(deps, position, closed) : await list(deps, position)
    if (ended !== 'expired' && position.resourceVersion !== undefined) await follow(deps, position, closed)
    else if (ended === 'unknown' && streams) {
      streams = false
      continue
    }
    await pause(deps.clock, backOff.nextMs(), closed)
  }
}

async function list<T>(deps: ReflectorDeps<T>, position: Position): Promise<Ended> {
  const listed = await deps.client.list(deps.kind, deps.options)
  if (!listed.ok) {
    warn(deps, 'cannot list', listed.error)
    return 'failed'
  }
  deps.target.replace(listed.value.items, listed.value.resourceVersion)
  position.resourceVersion = listed.value.resourceVersion
  return 'again'
}

/** A list that goes on as a watch. A server that has never heard of them may leave the end of what there is unsaid. */
async function streamList<T>(deps: ReflectorDeps<T>, position: Position, closed: Ending): Promise<Ended> {
  const { clock, target } = deps
  const given = makeEnder()
  const giveUp = (): void => given.abort()
  closed.addEventListener('abort', giveUp)
  let isHeard = true
  let timer: Timer | undefined
  const listen = (): void => {
    timer = clock.after(silentMs, () => (isHeard ? listen() : giveUp()))
    isHeard = false
  }
  listen()
  const present = new Map<string, Stored<T>>()
  const ended = await watchOnce(deps, position, given.signal, (event) => {
    if (position.resourceVersion !== undefined) return apply(target, event)
    isHeard = true
    if (event.type === 'DELETED') present.delete(objectKey(event.object))
    else if (event.type !== 'BOOKMARK') present.set(objectKey(event.object), event.object)
    else if (event.endsInitial) {
      timer?.cancel()
      target.replace([...present.values()], event.resourceVersion)
      present.clear()
      return event.resourceVersion
    }
    return undefined
  })
  timer?.cancel()
  closed.removeEventListener('abort', giveUp)
  return given.signal.aborted && !closed.aborted ? 'unknown' : ended
}

/** Watches on and on from the version; returns when only a new list can help. */
async function follow<T>(deps: ReflectorDeps<T>, position: Position, closed: Ending): Promise<void> {
  const backOff = makeBackOff(deps.clock, deps.random)
  const see = (event: Told<T>): string => apply(deps.target, event)
  while (!closed.aborted) {
    const startMs = deps.clock.monotonicMs()
    const versionBefore = position.resourceVersion
    const ended = await watchOnce(deps, position, closed, see)
    if (ended === 'expired' || ended === 'unknown' || closed.aborted) return
    const tooShort = deps.clock.monotonicMs() - startMs < shortWatchMs && position.resourceVersion === versionBefore
    if (ended === 'failed' || tooShort) await pause(deps.clock, backOff.nextMs(), closed)
    else backOff.reset()
  }
}

type Told<T> = Exclude<WatchEvent<T>, { type: 'ERROR' }>

/** One watch; `see` gives the version that an event leads to. */
async function watchOnce<T>(
  deps: ReflectorDeps<T>,
  position: Position,
  closed: Ending,
  see: (event: Told<T>) => string | undefined,
): Promise<Ended> {
  const timeoutSeconds = shortestWatchSeconds + deps.random.below(shortestWatchSeconds)
  const watch = await deps.client.watch(deps.kind, { ...deps.options, ...position, timeoutSeconds, closed })
  if (!watch.ok) return endOf(deps, watch.error)
  for await (const event of watch.value) {
    if (closed.aborted) return 'again'
    if (event.type === 'ERROR') return endOf(deps, event.status)
    const resourceVersion = see(event)
    if (resourceVersion !== undefined) position.resourceVersion = resourceVersion
  }
  return 'again'
}

/** The version that the event brings the target to. */
function apply<T>(target: Target<T>, event: Told<T>): string {
  if (event.type === 'BOOKMARK') {
    target.bookmark(event.resourceVersion)
    return event.resourceVersion
  }
  const { resourceVersion } = event.object.metadata
  if (event.type === 'DELETED') target.remove(event.object, resourceVersion)
  else target.put(event.object, resourceVersion)
  return resourceVersion
}

/** What says that the parameters of a request, or watching itself, are unknown. */
const unknownCodes: ReadonlySet<number> = new Set([400, 405, 422])

function endOf<T>(deps: ReflectorDeps<T>, status: Status): Ended {
  const { code = 500, reason } = status
  if (code === 410 || reason === 'Expired' || reason === 'Gone') return 'expired'
  warn(deps, 'watch failed', status)
  if (unknownCodes.has(code)) return 'unknown'
  // These pass: the version is still good. Anything else may be about the version, and a list settles it.
  return code === 429 || code >= 500 ? 'failed' : 'expired'
}

function warn<T>(deps: ReflectorDeps<T>, what: string, status: Status): void {
  deps.log.warn(`${what} ${groupResource(deps.kind)}`, { code: status.code, message: status.message })
}

/** Waits, or until closed. */
async function pause(clock: Clock, delayMs: number, closed: Ending): Promise<void> {
  if (closed.aborted) return
  await new Promise<void>((resolve) => {
    const done = (): void => {
      timer.cancel()
      closed.removeEventListener('abort', done)
      resolve()
    }
    const timer = clock.after(delayMs, done)
    closed.addEventListener('abort', done)
  })
}
