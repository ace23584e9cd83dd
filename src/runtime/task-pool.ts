/** Runs tasks beside each other, a bounded number at a time. After a failure it takes no more; drain() tells it. */
export interface TaskPool {
  /** Resolves when the task has been started. Rejects with the first failure of any task. */
  add(task: () => Promise<void>): Promise<void>
  /** Resolves when all have ended; rejects with the first failure. */
  drain(): Promise<void>
}

export function taskPool(limit: number): TaskPool {
  const running = new Set<Promise<void>>()
  let failure: Readonly<{ error: unknown }> | undefined
  const check = (): void => {
    if (failure !== undefined) throw failure.error
  }
  return {
    async add(task) {
      while (running.size >= limit) await Promise.race(running)
      check()
      const run: Promise<void> = task().then(
        () => void running.delete(run),
        (error: unknown) => {
          running.delete(run)
          failure ??= { error }
        },
      )
      running.add(run)
    },
    async drain() {
      while (running.size > 0) await Promise.race(running)
      check()
    },
  }
}
