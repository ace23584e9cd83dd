const minuteSeconds = 60
const hourSeconds = 3600
const daySeconds = 24 * hourSeconds

/** A duration as kubectl shows ages: '45s', '2m5s', '3h4m', '5d', '2y35d'. Source: k8s.io/apimachinery duration.HumanDuration. */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000)
  // Clocks of two machines may differ a little.
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 2 * minuteSeconds) return `${seconds}s`
  if (seconds < 10 * minuteSeconds) return pair(seconds, minuteSeconds, 'm', 1, 's')
  if (seconds < 3 * hourSeconds) return `${Math.floor(seconds / minuteSeconds)}m`
  if (seconds < 8 * hourSeconds) return pair(seconds, hourSeconds, 'h', minuteSeconds, 'm')
  if (seconds < 48 * hourSeconds) return `${Math.floor(seconds / hourSeconds)}h`
  if (seconds < 8 * daySeconds) return pair(seconds, daySeconds, 'd', hourSeconds, 'h')
  if (seconds < 2 * 365 * daySeconds) return `${Math.floor(seconds / daySeconds)}d`
  if (seconds < 8 * 365 * daySeconds) return pair(seconds, 365 * daySeconds, 'y', daySeconds, 'd')
  return `${Math.floor(seconds / (365 * daySeconds))}y`
}

/** '3h4m', and '3h' when the smaller part is nothing. */
function pair(seconds: number, large: number, largeUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((seconds % large) / small)
  return `${Math.floor(seconds / large)}${largeUnit}${rest === 0 ? '' : `${rest}${smallUnit}`}`
}

/** How long ago a timestamp was; '<unknown>' when it is not set. */
export function humanAge(timestamp: string | undefined | null, nowMs: number): string {
  return timestamp === undefined || timestamp === null ? '<unknown>' : humanDuration(nowMs - Date.parse(timestamp))
}
