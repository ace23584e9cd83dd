/** client-go's Backoff, as the kubelet uses it: 10 s doubling to 5 min, forgotten after twice that. */
const initialMs = 10_000
const largestMs = 300_000

export type BackOffEntry = Readonly<{ delayMs: number; updatedAtMs: number }>

/** Waits between attempts, by key. A value: what changes it returns a new entry. */
export type BackOffTable = ReadonlyMap<string, BackOffEntry>

function expired(entry: BackOffEntry, sinceMs: number): boolean {
  return sinceMs - entry.updatedAtMs > 2 * largestMs
}

/** When the wait that began with the event ends; undefined when there is none, or it is over. */
export function backOffUntilMs(table: BackOffTable, key: string, sinceMs: number, nowMs: number): number | undefined {
  const entry = table.get(key)
  if (entry === undefined || expired(entry, sinceMs)) return undefined
  return nowMs - sinceMs < entry.delayMs ? sinceMs + entry.delayMs : undefined
}

/** The entry after one more attempt that follows an event at `sinceMs`. */
export function nextBackOff(table: BackOffTable, key: string, sinceMs: number, nowMs: number): BackOffEntry {
  const entry = table.get(key)
  const fresh = entry === undefined || expired(entry, sinceMs)
  return { delayMs: fresh ? initialMs : Math.min(entry.delayMs * 2, largestMs), updatedAtMs: nowMs }
}

/** A duration as Go prints it: '250ms', '10s', '2m40s', '5m0s'. */
export function goDuration(ms: number): string {
  if (ms > 0 && ms < 1000) return `${Math.floor(ms)}ms`
  const seconds = ms / 1000
  if (seconds < 60) return `${Number(seconds.toFixed(3))}s`
  const minutes = Math.floor(seconds / 60)
  const rest = `${minutes % 60}m${Number((seconds % 60).toFixed(3))}s`
  return minutes < 60 ? rest : `${Math.floor(minutes / 60)}h${rest}`
}
