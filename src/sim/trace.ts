import type { Keys } from '../ports/keys.ts'
import type { Store } from '../store/store.ts'

export type Trace = Readonly<{
  /** Of everything that has become visible so far: two runs with equal digests saw the same history, byte for byte. */
  digest(): string
  events(): number
}>

const encoder = new TextEncoder()

/** Follows the whole history of a store and folds it into one digest, event by event. */
export function traceStore(store: Store, keys: Pick<Keys, 'sha256'>): Trace {
  let digest = new Uint8Array(32)
  let events = 0
  const watch = store.watch('', store.revision(), (seen) => {
    for (const { type, revision, entry } of seen) {
      events += 1
      digest = Uint8Array.from(
        keys.sha256(joined(digest, encoder.encode(`${type} ${revision} ${entry.key} `), entry.json)),
      )
    }
  })
  if (!watch.ok) throw new Error('assertion failed: a store can be watched from its newest revision')
  return { digest: () => [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join(''), events: () => events }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
