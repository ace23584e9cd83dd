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
  let listeners: Set<() => void> | undefined
  // No getter: an object literal with one has a hidden class of its own each time, and costs as much as twenty without.
  const signal: Ending & { aborted: boolean } = {
    aborted: false,
    addEventListener(_, listener) {
      if (signal.aborted) return
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
      if (signal.aborted) return
      signal.aborted = true
      for (const listener of listeners ?? []) listener()
      listeners = undefined
    },
  }
}
