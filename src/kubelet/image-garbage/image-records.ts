import type { Image } from '../../runtime/pod-runtime.ts'

/** What is known of the use of an image. */
export type ImageRecord = Readonly<{
  id: string
  sizeBytes: number
  pinned: boolean
  firstSeenMs: number
  lastUsedMs: number
}>

/** The records after a look: images that are gone are forgotten, those in use were used now. */
export function detectImages(
  before: ReadonlyMap<string, ImageRecord>,
  images: readonly Image[],
  inUse: ReadonlySet<string>,
  nowMs: number,
): ReadonlyMap<string, ImageRecord> {
  return new Map(
    images.map(({ id, sizeBytes, pinned = false }) => {
      const known = before.get(id)
      const lastUsedMs = inUse.has(id) ? nowMs : (known?.lastUsedMs ?? Number.NEGATIVE_INFINITY)
      return [id, { id, sizeBytes, pinned, firstSeenMs: known?.firstSeenMs ?? nowMs, lastUsedMs }]
    }),
  )
}

/** Images that nobody uses, the one that was used longest ago first. */
export function removableImages(
  records: ReadonlyMap<string, ImageRecord>,
  inUse: ReadonlySet<string>,
): readonly ImageRecord[] {
  return [...records.values()]
    .filter(({ id, pinned }) => !inUse.has(id) && !pinned)
    .sort((a, b) => compare(a.lastUsedMs, b.lastUsedMs) || compare(a.firstSeenMs, b.firstSeenMs))
}

/** Infinities have no difference. */
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** How many bytes to give back when images may take up at most `high` percent; undefined: enough is free. */
export function bytesToFree(
  availableBytes: number,
  capacityBytes: number,
  thresholds: Readonly<{ highPercent: number; lowPercent: number }>,
): Readonly<{ bytes: number; usedPercent: number }> | undefined {
  const usedPercent = 100 - Math.floor((availableBytes * 100) / capacityBytes)
  if (usedPercent < thresholds.highPercent) return undefined
  const bytes = Math.floor((capacityBytes * (100 - thresholds.lowPercent)) / 100) - availableBytes
  return { bytes, usedPercent }
}

/** '1.5 GiB' */
export function formatSize(bytes: number): string {
  const units = ['KiB', 'MiB', 'GiB', 'TiB']
  if (bytes < 1024) return `${bytes} B`
  const power = Math.min(units.length, Math.floor(Math.log2(bytes) / 10))
  return `${(bytes / 1024 ** power).toFixed(1)} ${units[power - 1]}`
}
