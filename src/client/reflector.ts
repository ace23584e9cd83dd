import { type Ending, makeEnder } from '../api/ending.ts'
import type { Status } from '../api/kinds.generated.ts'
import { groupResource, type Kind } from '../api/kinds.ts'
import type { Stored } from '../api/object.ts'
import type { Clock } from '../ports/clock.ts'
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

/** How a watch came to its end. */
type Ended = 'again' | 'expired' | 'failed'

/** client-go lets each watch live 5 to 10 minutes, so that reconnecting spreads. */
const shortestWatchSeconds = 300
/** A watch that ends sooner than this without an event is treated as failed: else the loop would run hot. */
const shortWatchMs = 1000

/**
 * Keeps the target equal to the API: one list, then watches that resume where the last one ended. A version that has expired, or a
 * watch that is refused, leads to a new list; every failure waits longer than the one before.
 */
export function startReflector<T>(deps: ReflectorDeps<T>): Readonly<{ stop(): void }> {
  const closed = makeEnder()
  void reflect(deps, closed.signal)
  return { stop: () => closed.abort() }
}

async function reflect<T>(deps: ReflectorDeps<T>, closed: Ending): Promise<void> {
  const backOff = makeBackOff(deps.clock, deps.random)
  while (!closed.aborted) {
    const listed = await deps.client.list(deps.kind, deps.options)
    if (closed.aborted) return
    if (listed.ok) {
      deps.target.replace(listed.value.items, listed.value.resourceVersion)
      await follow(deps, listed.value.resourceVersion, closed)
    } else warn(deps, 'cannot list', listed.error)
    await pause(deps.clock, backOff.nextMs(), closed)
  }
}

/** Watches on and on from the version; returns when only a new list can help. */
async function follow<T>(deps: ReflectorDeps<T>, fromVersion: string, closed: Ending): Promise<void> {
  const backOff = makeBackOff(deps.clock, deps.random)
  const position = { resourceVersion: fromVersion }
  while (!closed.aborted) {
    const startMs = deps.clock.monotonicMs()
    const versionBefore = position.resourceVersion
    const ended = await watchOnce(deps, position, closed)
    if (ended === 'expired' || closed.aborted) return
    const tooShort = deps.clock.monotonicMs() - startMs < shortWatchMs && position.resourceVersion === versionBefore
    if (ended === 'failed' || tooShort) await pause(deps.clock, backOff.nextMs(), closed)
    else backOff.reset()
  }
}

async function watchOnce<T>(
  deps: ReflectorDeps<T>,
  position: { resourceVersion: string },
  closed: Ending,
): Promise<Ended> {
  const timeoutSeconds = shortestWatchSeconds + deps.random.below(shortestWatchSeconds)
  const { resourceVersion } = position
  const watch = await deps.client.watch(deps.kind, { ...deps.options, resourceVersion, timeoutSeconds, closed })
  if (!watch.ok) return endOf(deps, watch.error)
  for await (const event of watch.value) {
    if (closed.aborted) return 'again'
    if (event.type === 'ERROR') return endOf(deps, event.status)
    position.resourceVersion = apply(deps.target, event)
  }
  return 'again'
}

/** The version that the event brings the target to. */
function apply<T>(target: Target<T>, event: Exclude<WatchEvent<T>, { type: 'ERROR' }>): string {
  if (event.type === 'BOOKMARK') {
    target.bookmark(event.resourceVersion)
    return event.resourceVersion
  }
  const { resourceVersion } = event.object.metadata
  if (event.type === 'DELETED') target.remove(event.object, resourceVersion)
  else target.put(event.object, resourceVersion)
  return resourceVersion
}

function endOf<T>(deps: ReflectorDeps<T>, status: Status): Ended {
  if (status.code === 410 || status.reason === 'Expired' || status.reason === 'Gone') return 'expired'
  warn(deps, 'watch failed', status)
  // These pass: the version is still good. Anything else may be about the version, and a list settles it.
  return status.code === 429 || (status.code ?? 500) >= 500 ? 'failed' : 'expired'
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
