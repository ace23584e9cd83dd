import type { Clock } from '../../ports/clock.ts'
import { type BuildCache, openBuildCache } from '../build/build-cache.ts'
import { type CacheMounts, openCacheMounts } from '../build/cache-mounts.ts'
import { type ImageStore, type ImageStoreOptions, makeImageStore } from '../images/image-store.ts'
import { type KeyLock, keyLock } from '../key-lock.ts'
import type { ContainerRecord } from './engine-record.ts'
import type { EngineState } from './engine-state.ts'

/** The images of one machine: engines that stand for several nodes of it share them. */
export type SharedImages = Readonly<{
  store: ImageStore
  /** By reference: who wants the same image at the same time finds its layers there. */
  locked: KeyLock
  /** Of the engines whose containers stand on them. */
  states: EngineState[]
  /** What builds leave for each other. */
  buildCache: BuildCache
  cacheMounts: CacheMounts
}>

const limits = { totalBytes: 64 * 2 ** 30, entries: 2_000_000 }

type Options = Omit<ImageStoreOptions, 'limits' | 'keptLayers'> & Readonly<{ clock: Clock }>

/** `directory`: where an engine keeps its images, as enginePaths has it. */
export async function openSharedImages(options: Options): Promise<SharedImages> {
  const { disk, codec, clock, directory } = options
  const buildCache = await openBuildCache(disk, clock, `${directory}/build-cache`)
  return {
    store: await makeImageStore({ ...options, limits, keptLayers: buildCache.layers }),
    locked: keyLock(),
    states: [],
    buildCache,
    cacheMounts: await openCacheMounts(disk, codec, `${directory}/build-cache/mounts`),
  }
}

/** On all nodes of the machine. */
export function imageUsers({ states }: SharedImages): readonly ContainerRecord[] {
  return states.flatMap(({ containers }) => [...containers.values()])
}

export function layersInUse(shared: SharedImages): ReadonlySet<string> {
  return new Set(imageUsers(shared).flatMap(({ diffIds }) => diffIds))
}
