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
