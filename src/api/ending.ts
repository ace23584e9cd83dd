/**
 * Tells once that something has ended. It is as much of an AbortSignal as is used of one, and every AbortSignal is one; but it costs a
 * hundredth, and each request has several.
 */
export interface Ending {
  readonly aborted: boolean
  /** A listener that is there already is not added again. It is never called when the end has come before. */
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** Who brings the end about: with the names of an AbortController. */
export type Ender = Readonly<{ signal: Ending; abort(): void }>

export function makeEnder(): Ender {
  let aborted = false
  let listeners: Set<() => void> | undefined
  const signal: Ending = {
    get aborted() {
      return aborted
    },
    addEventListener(_, listener) {
      if (aborted) return
      listeners ??= new Set()
      listeners.add(listener)
    },
    removeEventListener(_, listener) {
      listeners?.delete(listener)
    },
  }
  return {
    signal,
    abort() {
      if (aborted) return
      aborted = true
      for (const listener of listeners ?? []) listener()
      listeners = undefined
    },
  }
}
