import type { Clock } from '../../ports/clock.ts'

/** Resolves when it is one's turn: `burst` at once, then `perSecond`, in the order of asking (client-go's flowcontrol). */
export function tokenBucket(
  clock: Clock,
  { perSecond, burst }: Readonly<{ perSecond: number; burst: number }>,
): () => Promise<void> {
  const intervalMs = 1000 / perSecond
  /** When the bucket would be full. */
  let fullAtMs = clock.nowMs()
  return async () => {
    const nowMs = clock.nowMs()
    fullAtMs = Math.max(fullAtMs, nowMs) + intervalMs
    const waitMs = fullAtMs - nowMs - burst * intervalMs
    if (waitMs > 0) await clock.sleep(waitMs)
  }
}
