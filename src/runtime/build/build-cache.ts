import type { Clock } from '../../ports/clock.ts'
import type { Disk } from '../../ports/disk.ts'
import { parseJsonObject, record, string } from '../images/image-config.ts'
import type { StoredLayer } from '../images/stored-image.ts'

/** What a step has made; without a layer where it changed nothing. */
export type CachedStep = Readonly<{ layer?: StoredLayer }>

/** Steps of earlier builds, by what they were made of. Its layers stay while they are remembered here. */
export interface BuildCache {
  find(key: string): CachedStep | undefined
  put(key: string, step: CachedStep): Promise<void>
  layers(): readonly StoredLayer[]
  /** Forgets all. Resolves with how many there were. */
  clear(): Promise<number>
}

type Entry = CachedStep & { usedAtMs: number }

/** Layers beyond this, counted unpacked, or beyond a tenth of the disk, are forgotten, those first that have not been used for longest. */
const mostBytes = 20 * 2 ** 30
const mostOfDisk = 0.1

export async function openBuildCache(disk: Disk, clock: Clock, folder: string): Promise<BuildCache> {
  await disk.makeDirectory(folder, 0o700)
  const file = `${folder}/steps.json`
  const entries = new Map<string, Entry>()
  if (await disk.exists(file))
    for (const [key, entry] of readEntries(new TextDecoder().decode(await disk.readFile(file)))) entries.set(key, entry)
  const save = async (): Promise<void> => {
    const text = JSON.stringify({ version: 1, steps: Object.fromEntries(entries) })
    await disk.writeFile(file, new TextEncoder().encode(text), { durable: true })
  }
  return {
    find(key) {
      const entry = entries.get(key)
      if (entry !== undefined) entry.usedAtMs = clock.nowMs()
      return entry
    },
    async put(key, step) {
      entries.set(key, { ...step, usedAtMs: clock.nowMs() })
      const { totalBytes } = await disk.space(folder)
      forgetOldest(entries, Math.min(mostBytes, totalBytes * mostOfDisk))
      await save()
    },
    layers: () => [...entries.values()].flatMap(({ layer }) => layer ?? []),
    async clear() {
      const count = entries.size
      entries.clear()
      await save()
      return count
    },
  }
}

function readEntries(text: string): readonly (readonly [string, Entry])[] {
  const { steps } = parseJsonObject(text) ?? {}
  return Object.entries(record(steps)).map(([key, value]) => {
    const { layer, usedAtMs } = record(value)
    const { digest, diffId, mediaType, sizeBytes } = record(layer)
    const known = { digest: string(digest), diffId: string(diffId), mediaType: string(mediaType) }
    return [
      key,
      {
        usedAtMs: Number(usedAtMs),
        ...(layer === undefined ? {} : { layer: { ...known, sizeBytes: Number(sizeBytes) } }),
      },
    ]
  })
}

function forgetOldest(entries: Map<string, Entry>, limitBytes: number): void {
  const sizes = new Map([...entries.values()].flatMap(({ layer }) => (layer ? [[layer.diffId, layer.sizeBytes]] : [])))
  let total = [...sizes.values()].reduce((sum, sizeBytes) => sum + sizeBytes, 0)
  const byAge = [...entries].sort(([, a], [, b]) => a.usedAtMs - b.usedAtMs)
  for (const [key, { layer }] of byAge) {
    if (total <= limitBytes) return
    entries.delete(key)
    total -= layer?.sizeBytes ?? 0
  }
}
