import { fail, ok, type Result } from '../../api/result.ts'
import type { EventType } from '../../client/event-recorder.ts'
import type { Timer } from '../../ports/clock.ts'
import { DiskError } from '../../ports/disk.ts'
import { durationMs } from '../configuration/kubelet-configuration.ts'
import type { KubeletDeps } from '../kubelet-config.ts'
import type { KubeletPod } from '../pod-containers.ts'
import { bytesToFree, detectImages, formatSize, type ImageRecord, removableImages } from './image-records.ts'

/** Kubernetes' ImageGCPeriod. */
const lookMs = 300_000

/** Removes images that nobody uses when they are old, or when the disk runs full: Kubernetes' image garbage collection. */
export interface ImageCollector {
  /** All that are in no use and older than the least age. */
  removeUnused(): Promise<void>
  stop(): void
}

export type ImageCollectorParts = Readonly<{
  pods(): readonly KubeletPod[]
  tellNode(type: EventType, reason: string, message: string): void
}>

type Deps = Pick<KubeletDeps, 'runtime' | 'clock' | 'log' | 'config'>

export function startImageCollector(deps: Deps, parts: ImageCollectorParts): ImageCollector {
  const { clock, log, config } = deps
  const { imageGCHighThresholdPercent, imageMaximumGCAge } = config.configuration
  const startedMs = clock.monotonicMs()
  const remover = makeRemover(deps, parts)
  let stopped = false
  let timer: Timer | undefined
  let failedBefore = false
  const loop = async (): Promise<void> => {
    const collected = await collect(deps, parts, remover, startedMs).catch(diskFailure)
    if (!collected.ok) {
      // Once is no news: the next look may find what it needs.
      if (failedBefore) parts.tellNode('Warning', 'ImageGCFailed', collected.error)
      log.warn('images could not be collected', { error: collected.error })
    }
    failedBefore = !collected.ok
    if (!stopped) timer = clock.after(lookMs, () => void loop())
  }
  const isOff = imageGCHighThresholdPercent === 100 && durationMs(imageMaximumGCAge) === 0
  if (isOff) log.info('images are never collected: imageGCHighThresholdPercent is 100')
  else void loop()
  return {
    async removeUnused() {
      const nowMs = clock.monotonicMs()
      const removed = await remover.free(await remover.candidates(nowMs), Number.POSITIVE_INFINITY, nowMs)
      if (!removed.ok) log.warn('images could not be removed', { error: removed.error })
    },
    stop() {
      stopped = true
      timer?.cancel()
    },
  }
}

async function collect(
  { runtime, clock, log, config }: Deps,
  parts: ImageCollectorParts,
  remover: Remover,
  startedMs: number,
): Promise<Result<void, string>> {
  const { configuration } = config
  const nowMs = clock.monotonicMs()
  const aged = await remover.removeOld(await remover.candidates(nowMs), nowMs, startedMs)
  if (!aged.ok) return aged
  const { freeBytes, totalBytes } = await runtime.imageFileSystem()
  if (totalBytes === 0) {
    const message = 'invalid capacity 0 on image filesystem'
    parts.tellNode('Warning', 'InvalidDiskCapacity', message)
    return fail(message)
  }
  const wanted = bytesToFree(freeBytes, totalBytes, {
    highPercent: configuration.imageGCHighThresholdPercent,
    lowPercent: configuration.imageGCLowThresholdPercent,
  })
  if (wanted === undefined) return ok(undefined)
  log.info('images are removed: the disk is over the high threshold', { ...wanted })
  const freed = await remover.free(aged.value, wanted.bytes, nowMs)
  if (!freed.ok) return freed
  if (freed.value >= wanted.bytes) return ok(undefined)
  const message =
    `Insufficient free disk space on the node's image filesystem (${wanted.usedPercent}% of ${formatSize(totalBytes)} used). ` +
    `Failed to free sufficient space by deleting unused images (freed ${freed.value} bytes). ` +
    'Investigate disk usage, as it could be used by active images, logs, volumes, or other data.'
  parts.tellNode('Warning', 'FreeDiskSpaceFailed', message)
  return fail(message)
}

function diskFailure(error: unknown): Result<void, string> {
  if (error instanceof DiskError) return fail(error.message)
  throw error
}

type Remover = Readonly<{
  /** In the order in which they go. */
  candidates(nowMs: number): Promise<readonly ImageRecord[]>
  /** Those that have not been used for too long; resolves with the others. */
  removeOld(
    images: readonly ImageRecord[],
    nowMs: number,
    startedMs: number,
  ): Promise<Result<readonly ImageRecord[], string>>
  /** Resolves with the bytes that the images had. */
  free(images: readonly ImageRecord[], bytes: number, nowMs: number): Promise<Result<number, string>>
}>

function makeRemover({ runtime, log, config }: Deps, { pods }: ImageCollectorParts): Remover {
  const { imageMinimumGCAge, imageMaximumGCAge } = config.configuration
  const [leastMs, mostMs] = [durationMs(imageMinimumGCAge), durationMs(imageMaximumGCAge)]
  let records: ReadonlyMap<string, ImageRecord> = new Map()
  const inUse = async (): Promise<ReadonlySet<string>> => {
    const references = [
      ...runtime.containers().flatMap(({ imageId, image }) => [imageId, image]),
      ...pods().flatMap(({ spec }) => (spec.volumes ?? []).flatMap(({ image }) => image?.reference ?? [])),
    ]
    const found = await Promise.all([...new Set(references)].map((reference) => runtime.imageStatus(reference)))
    return new Set(found.flatMap((image) => image?.id ?? []))
  }
  const remove = async ({ id, sizeBytes }: ImageRecord): Promise<string | undefined> => {
    log.info('an image is removed', { image: id, sizeBytes })
    const removed = await runtime.removeImage(id)
    return removed.ok ? undefined : removed.error.message
  }
  return {
    async candidates(nowMs) {
      const used = await inUse()
      records = detectImages(records, await runtime.listImages(), used, nowMs)
      return removableImages(records, used)
    },
    async removeOld(images, nowMs, startedMs) {
      // How long images were not used before this kubelet began, it cannot know.
      if (mostMs === 0 || nowMs - startedMs <= mostMs) return ok(images)
      const failures: string[] = []
      const left: ImageRecord[] = []
      for (const image of images) {
        const failure = nowMs - image.lastUsedMs > mostMs ? await remove(image) : ''
        if (failure !== undefined) left.push(image)
        if (failure) failures.push(failure)
      }
      if (failures.length === 0) return ok(left)
      return fail(
        `wanted to free images older than ${imageMaximumGCAge}, encountered errors in image deletion: ${aggregate(failures)}`,
      )
    },
    async free(images, bytes, nowMs) {
      const failures: string[] = []
      let freed = 0
      for (const image of images) {
        // It may have come just now for a container that is about to start.
        if (nowMs - image.firstSeenMs < leastMs) continue
        const failure = await remove(image)
        if (failure !== undefined) failures.push(failure)
        else freed += image.sizeBytes
        if (freed >= bytes) break
      }
      if (failures.length === 0) return ok(freed)
      return fail(
        `wanted to free ${bytes} bytes, but freed ${freed} bytes space with errors in image deletion: ${aggregate(failures)}`,
      )
    },
  }
}

function aggregate(failures: readonly string[]): string {
  return failures.length === 1 ? (failures[0] ?? '') : `[${failures.join(', ')}]`
}
