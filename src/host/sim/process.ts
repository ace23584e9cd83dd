import { makeEnder } from '../../api/ending.ts'
import type { Clock, Timer } from '../../ports/clock.ts'
import type { HttpHandler, HttpResponse } from '../../ports/http.ts'
import type { ByteSink } from '../../ports/streams.ts'
import { brokenOff } from './http.ts'

/**
 * A process on a simulated machine. It sees the machine only through the ports that are handed to it here, so that killing it is
 * exact: from that moment no timer of its fires, no call of its returns, nothing calls it back, and nothing that it still has in hand
 * reaches the machine. What the machine holds — disk, containers, links — is left as it is.
 */
export interface SimProcess {
  isAlive(): boolean
  /** The port as this process sees it. */
  port<T extends object>(port: T): T
  clock(clock: Clock): Clock
  /** A handler of this process as others see it: its exchanges break off when the process ends. */
  serve(handler: HttpHandler): HttpHandler
  /** The handler of another process as this one sees it: what is open is closed when this one ends. */
  reach(handler: HttpHandler): HttpHandler
  kill(): void
}

export function simProcess(): SimProcess {
  const atEnd = new Set<() => void>()
  let alive = true
  const life: Life = { isAlive: () => alive, atEnd }
  const { isAlive } = life
  return {
    isAlive,
    port: (port) => seenFrom(isAlive, port),
    clock: (clock) => clockOf(isAlive, clock),
    serve: (handler) => served(life, handler),
    reach: (handler) => (request) =>
      isAlive()
        ? whileAlive(
            isAlive,
            handler(request).then((response) => cutAtEnd(life, response)),
          )
        : never(),
    kill() {
      alive = false
      for (const end of atEnd) end()
      atEnd.clear()
    },
  }
}

/** Whether the process lives, and what is to be broken off when it ends. */
type Life = Readonly<{ isAlive: () => boolean; atEnd: Set<() => void> }>

function clockOf(isAlive: () => boolean, clock: Clock): Clock {
  const after = (delayMs: number, run: () => void): Timer => clock.after(delayMs, () => isAlive() && run())
  return {
    nowMs: clock.nowMs,
    monotonicMs: clock.monotonicMs,
    after,
    sleep: (delayMs) => new Promise((resolve) => after(delayMs, resolve)),
  }
}

type Call = (...args: unknown[]) => unknown

/** A membrane: objects and functions that pass through it belong to one side and are seen from the other. */
function seenFrom<T>(isAlive: () => boolean, value: T): T {
  if (typeof value === 'function') return guarded(isAlive, value as unknown as Call) as unknown as T
  if (!isPlain(value)) return value
  return new Proxy(value as object, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target)
      return typeof member === 'function'
        ? guarded(isAlive, (...args) => Reflect.apply(member, target, args))
        : seenFrom(isAlive, member)
    },
  }) as T
}

/** Calls out end with the process, and so do those back into it: to the functions that it passes, also within plain options. */
function guarded(isAlive: () => boolean, call: Call): Call {
  return (...args) => {
    if (!isAlive()) return never()
    const result = call(...args.map((arg) => backInto(isAlive, arg)))
    if (!(result instanceof Promise)) return seenFrom(isAlive, result)
    return whileAlive(
      isAlive,
      result.then((value: unknown) => seenFrom(isAlive, value)),
    )
  }
}

function backInto(isAlive: () => boolean, arg: unknown): unknown {
  if (typeof arg !== 'function') return arg
  return (...args: unknown[]) => (isAlive() ? arg(...args) : undefined)
}

/** Made anew each time: whoever waits for a promise is kept alive by it. */
function never(): Promise<never> {
  return new Promise(() => {})
}

function whileAlive<T>(isAlive: () => boolean, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    promise.then(
      (value) => isAlive() && resolve(value),
      (error: unknown) => isAlive() && reject(error),
    )
  })
}

/** Objects with methods are looked through; data of the platform, and what only holds data, are as they are. */
function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (Symbol.asyncIterator in value) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype && Object.values(value).some((member) => typeof member === 'function')
}

function served(life: Life, handler: HttpHandler): HttpHandler {
  return async (request) => {
    if (!life.isAlive()) return brokenOff('connect: connection refused')
    const response = await new Promise<HttpResponse>((resolve, reject) => {
      const end = (): void => resolve(brokenOff('EOF'))
      life.atEnd.add(end)
      handler(request)
        .then(resolve, reject)
        .finally(() => life.atEnd.delete(end))
    })
    return cutAtEnd(life, response)
  }
}

/** The stream ends for both sides when the process does. Nothing is kept in between: what is written has been handed on. */
function cutAtEnd(life: Life, response: HttpResponse): HttpResponse {
  if (response.type !== 'stream') return response
  return {
    ...response,
    start(out: ByteSink) {
      const closed = makeEnder()
      const cut = (): void => {
        closed.abort()
        out.end()
      }
      if (!life.isAlive() || out.closed.aborted) cut()
      else life.atEnd.add(cut)
      out.closed.addEventListener('abort', () => {
        life.atEnd.delete(cut)
        closed.abort()
      })
      const { bufferedBytes, drained, end } = out
      const write = (chunk: Uint8Array): boolean => !closed.signal.aborted && out.write(chunk)
      response.start({ closed: closed.signal, write, bufferedBytes, drained, end })
    },
  }
}
