/** Work on one key at a time, in the order it was asked for; different keys beside each other. */
export type KeyLock = <T>(key: string, work: () => Promise<T>) => Promise<T>

export function keyLock(): KeyLock {
  const tails = new Map<string, Promise<unknown>>()
  return (key, work) => {
    const run = (tails.get(key) ?? Promise.resolve()).then(work)
    const tail: Promise<unknown> = run
      .catch(() => {})
      .then(() => {
        if (tails.get(key) === tail) tails.delete(key)
      })
    tails.set(key, tail)
    return run
  }
}
