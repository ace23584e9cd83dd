import type { Ending } from '../../api/ending.ts'
import { ok, type Result } from '../../api/result.ts'
import type { OnBuildProgress } from '../build/build-progress.ts'
import type { BuildRequest } from '../build/build-run.ts'
import type { BuiltImage } from '../build/commit-image.ts'
import { type BuildFailure, performBuild } from '../build/perform-build.ts'
import type { ImageConfig } from '../images/image-config.ts'
import { formatImageReference, parseImageReference } from '../images/image-reference.ts'
import { loadArchive } from '../images/load-archive.ts'
import { type Pushed, pushImage } from '../images/push-image.ts'
import { saveArchive } from '../images/save-archive.ts'
import type { StoredImage } from '../images/stored-image.ts'
import type { OnProgress } from '../images/transfer-progress.ts'
import type { Image, RegistryAuth, RuntimeError } from '../pod-runtime.ts'
import { failed } from '../runtime-failure.ts'
import type { EngineContext } from './engine-context.ts'
import { contentFailure, pull } from './engine-images.ts'
import { imageUsers, layersInUse } from './shared-images.ts'

export type ImageDetails = Readonly<{ image: StoredImage; config: ImageConfig }>
export type Pruned = Readonly<{ images: readonly string[]; freedBytes: number }>

/** References are tags, digest references, ids or beginnings of ids. What is not there is ImageNotFound. */
export interface ImageCommands {
  /** A docker-archive or OCI layout as a tar; resolves with the names, or ids, of its images. */
  load(chunks: AsyncIterable<Uint8Array>): Promise<Result<readonly string[], RuntimeError>>
  /** The images as a tar that load takes; read it before one of them is removed. */
  save(references: readonly string[]): Result<AsyncIterable<Uint8Array>, RuntimeError>
  pull(reference: string, auths: readonly RegistryAuth[], onProgress: OnProgress): Promise<Result<Image, RuntimeError>>
  push(reference: string, auths: readonly RegistryAuth[], onProgress: OnProgress): Promise<Result<Pushed, RuntimeError>>
  tag(reference: string, name: string): Promise<Result<string, RuntimeError>>
  inspect(reference: string): Promise<Result<ImageDetails, RuntimeError>>
  /** Builds an image; what happens is told, and an end of `closed` ends it. */
  build(
    request: BuildRequest,
    contextTar: AsyncIterable<Uint8Array>,
    onProgress: OnBuildProgress,
    closed: Ending,
  ): Promise<Result<BuiltImage, BuildFailure>>
  /** Takes the tag away, and with the last one the image. Refused while a container uses it, unless forced. */
  remove(reference: string, isForced: boolean): Promise<Result<readonly string[], RuntimeError>>
  /** Removes images that no container uses, those without a tag or all, and what builds have left for each other; all: their cache mounts too. */
  prune(isAll: boolean): Promise<Result<Pruned, RuntimeError>>
}

const archiveLimits = { totalBytes: 64 * 2 ** 30, entries: 100_000 }

export function imageCommands(context: EngineContext): ImageCommands {
  return {
    load: (chunks) => load(context, chunks),
    save: (references) => save(context, references),
    pull: (reference, auths, onProgress) => pull(context, reference, auths, onProgress),
    push: (reference, auths, onProgress) => push(context, reference, auths, onProgress),
    tag: (reference, name) => tag(context, reference, name),
    inspect: (reference) => inspect(context, reference),
    build: (...call) => performBuild(context, ...call),
    remove: (reference, isForced) => remove(context, reference, isForced),
    prune: (isAll) => prune(context, isAll),
  }
}

async function load(
  context: EngineContext,
  chunks: AsyncIterable<Uint8Array>,
): Promise<Result<readonly string[], RuntimeError>> {
  const { images, codec } = context
  try {
    return ok(await images.ingest(() => loadArchive(images, codec, chunks, archiveLimits)))
  } catch (error) {
    return contentFailure(error, 'cannot load the image')
  } finally {
    await images.collect(layersInUse(context.sharedImages))
  }
}

function save(context: EngineContext, references: readonly string[]): Result<AsyncIterable<Uint8Array>, RuntimeError> {
  const found: StoredImage[] = []
  for (const reference of references) {
    const image = find(context, reference)
    if (!image.ok) return image
    found.push(image.value)
  }
  return ok(saveArchive(context.images, found))
}

async function push(
  context: EngineContext,
  text: string,
  auths: readonly RegistryAuth[],
  onProgress: OnProgress,
): Promise<Result<Pushed, RuntimeError>> {
  const image = find(context, text)
  if (!image.ok) return image
  const reference = parseImageReference(text)
  if (!reference.ok || reference.value.digest !== undefined)
    return failed(
      `"${text}" names no tag to push to: give the image a name with \`coracle image tag\``,
      'InvalidArgument',
    )
  const { http, clock, images } = context
  try {
    const pushed = await images.ingest(() =>
      pushImage({ http, clock, store: images, onProgress }, image.value, reference.value, auths),
    )
    return pushed.ok ? pushed : failed(pushed.error.message)
  } catch (error) {
    return contentFailure(error, `failed to push "${text}"`)
  } finally {
    await images.collect(layersInUse(context.sharedImages))
  }
}

async function tag(context: EngineContext, text: string, name: string): Promise<Result<string, RuntimeError>> {
  const image = find(context, text)
  if (!image.ok) return image
  const reference = parseImageReference(name)
  if (!reference.ok) return failed(`couldn't parse image name "${name}": ${reference.error}`, 'InvalidImageName')
  if (reference.value.digest !== undefined)
    return failed(`"${name}" is no tag: leave the digest out`, 'InvalidArgument')
  const tagged = formatImageReference(reference.value)
  await context.images.add({ ...image.value, tags: [tagged] })
  return ok(tagged)
}

async function inspect(context: EngineContext, text: string): Promise<Result<ImageDetails, RuntimeError>> {
  const image = find(context, text)
  if (!image.ok) return image
  const config = await context.images.readConfig(image.value.id)
  return config.ok ? ok({ image: image.value, config: config.value }) : failed(config.error)
}

async function remove(
  context: EngineContext,
  text: string,
  isForced: boolean,
): Promise<Result<readonly string[], RuntimeError>> {
  const image = find(context, text)
  if (!image.ok) return image
  const { id, tags } = image.value
  const user = imageUsers(context.sharedImages).find((container) => container.imageId === id)
  const isLast = tags.length <= 1 || !tags.includes(nameOf(text))
  if (user !== undefined && isLast && !isForced) {
    const message = `image "${text}" is used by container ${user.id.slice(0, 12)}: delete its pod first, or say --force`
    return failed(message, 'InvalidArgument')
  }
  try {
    await context.images.remove(tags.includes(nameOf(text)) ? nameOf(text) : id, layersInUse(context.sharedImages))
    return ok(isLast ? [...tags, id] : [nameOf(text)])
  } catch (error) {
    return contentFailure(error, 'cannot remove the image')
  }
}

async function prune(context: EngineContext, isAll: boolean): Promise<Result<Pruned, RuntimeError>> {
  const { images } = context
  const used = new Set(imageUsers(context.sharedImages).map(({ imageId }) => imageId))
  const unused = images.list().filter(({ id, tags }) => !used.has(id) && (isAll || tags.length === 0))
  try {
    await context.sharedImages.buildCache.clear()
    if (isAll) await context.sharedImages.cacheMounts.clear()
    const inUse = layersInUse(context.sharedImages)
    // Nothing is collected before the last has gone, so that all of it is counted.
    await images.ingest(async () => {
      for (const { id } of unused) await images.remove(id, inUse)
    })
    const freedBytes = await images.collect(inUse)
    return ok({ images: unused.flatMap(({ id, tags }) => (tags.length === 0 ? [id] : tags)), freedBytes })
  } catch (error) {
    return contentFailure(error, 'cannot remove the images')
  }
}

const shortestId = 4

/** By any name, or by a beginning of its id that only it has. */
function find({ images }: EngineContext, text: string): Result<StoredImage, RuntimeError> {
  const named = images.find(text)
  if (named !== undefined) return ok(named)
  const digits = text.replace(/^sha256:/, '')
  const byId =
    /^[0-9a-f]+$/.test(digits) && digits.length >= shortestId
      ? images.list().filter(({ id }) => id.startsWith(`sha256:${digits}`))
      : []
  const [only, ...others] = byId
  if (only === undefined) return failed(`image "${text}" not found`, 'ImageNotFound')
  return others.length === 0 ? ok(only) : failed(`several images have ids that begin with ${text}`, 'InvalidArgument')
}

function nameOf(text: string): string {
  const reference = parseImageReference(text)
  return reference.ok ? formatImageReference(reference.value) : text
}
