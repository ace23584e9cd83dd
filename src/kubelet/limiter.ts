/** Lets so many tasks run at a time, in the order in which they came. */
export type Limiter = <T>(task: () => Promise<T>) => Promise<T>

export function makeLimiter(concurrency: number): Limiter {
  const waiting: (() => void)[] = []
  let running = 0
  return async (task) => {
    if (running >= concurrency) await new Promise<void>((resolve) => waiting.push(resolve))
    else running += 1
    try {
      return await task()
    } finally {
      const next = waiting.shift()
      // The place is handed on, so that nobody who comes in between takes it.
      if (next === undefined) running -= 1
      else next()
    }
  }
}
