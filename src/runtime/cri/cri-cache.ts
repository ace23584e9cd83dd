import type { RuntimeEvent } from '../pod-runtime.ts'

/** Things of the runtime by their ids, as they were when they were last heard of. */
export interface CriCache<T> {
  all(): readonly T[]
  get(id: string): T | undefined
  put(id: string, value: T): void
  drop(id: string): void
  /** A moment, for `unchangedSince`. */
  now(): number
  /** Nothing was heard of it since: a list that was asked for then knows of it what we do, or more. */
  unchangedSince(id: string, moment: number): boolean
  /** No list from before this moment will come any more. */
  settle(moment: number): void
}

/** `tell` is called when what is known has changed in a way that `differs` sees, or has come or gone. */
export function criCache<T>(differs: (a: T, b: T) => boolean, tell: (value: T) => void): CriCache<T> {
  const values = new Map<string, T>()
  /** When each was last heard of, the removed ones too. */
  const heard = new Map<string, number>()
  let moment = 0
  return {
    all: () => [...values.values()],
    get: (id) => values.get(id),
    put(id, value) {
      const known = values.get(id)
      values.set(id, value)
      heard.set(id, ++moment)
      if (known === undefined || differs(known, value)) tell(value)
    },
    drop(id) {
      const known = values.get(id)
      values.delete(id)
      heard.set(id, ++moment)
      if (known !== undefined) tell(known)
    },
    now: () => moment,
    unchangedSince: (id, then) => (heard.get(id) ?? 0) <= then,
    settle(then) {
      for (const [id, at] of heard) if (at <= then && !values.has(id)) heard.delete(id)
    },
  }
}

/** Listeners, and a way to tell them. */
export function runtimeEvents() {
  const listeners: ((event: RuntimeEvent) => void)[] = []
  return {
    onEvent: (listener: (event: RuntimeEvent) => void): void => void listeners.push(listener),
    tell(event: RuntimeEvent): void {
      for (const listener of listeners) listener(event)
    },
  }
}
