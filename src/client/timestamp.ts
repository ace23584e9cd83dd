/** RFC 3339 in whole seconds, as metav1.Time travels: '2026-01-01T00:00:00Z'. */
export function timestampOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

/** RFC 3339 with microseconds, as metav1.MicroTime travels. */
export function microTimestampOf(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z')
}

/** Milliseconds since the epoch, or undefined where there is no such time. */
export function msOfTimestamp(timestamp: string | undefined): number | undefined {
  if (timestamp === undefined) return undefined
  const ms = Date.parse(timestamp)
  return Number.isNaN(ms) ? undefined : ms
}
