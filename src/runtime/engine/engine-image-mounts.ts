import { ok, type Result } from '../../api/result.ts'
import { DiskError } from '../../ports/disk.ts'
import { emptyLayerName, layerName } from '../images/image-store.ts'
import type { StoredImage } from '../images/stored-image.ts'
import type { ContainerSpec, RuntimeError } from '../pod-runtime.ts'
import { failed } from '../runtime-failure.ts'
import type { EngineContext } from './engine-context.ts'
import type { SandboxRecord } from './engine-record.ts'

export type MountedImages = Readonly<{
  /** What to show in the container, in the order of its image mounts. */
  paths: readonly string[]
  images: readonly StoredImage[]
}>

/** Where the layers of a sandbox's containers are, and who is their root. */
export type LayerOwner = Readonly<{ layerFolder: string; rootId: number }>

export function layerOwner({ images, paths }: EngineContext, { id, spec: { users } }: SandboxRecord): LayerOwner {
  if (users === undefined) return { layerFolder: images.layerFolder, rootId: 0 }
  return { layerFolder: paths.ownLayers(id), rootId: users.firstId }
}

/** Mounts the images that a container is to read, each by itself, below the container's own folder. */
export async function mountImages(
  context: EngineContext,
  id: string,
  owner: LayerOwner,
  { imageMounts = [] }: ContainerSpec,
): Promise<Result<MountedImages, RuntimeError>> {
  const paths: string[] = []
  const images: StoredImage[] = []
  for (const [at, { image: reference, subPath }] of imageMounts.entries()) {
    const image = context.images.find(reference)
    if (image === undefined) return failed(`image "${reference}" not found`, 'ImageNotFound')
    const names = image.layers.map(({ diffId }) => layerName(diffId)).reverse()
    const place = `${context.paths.writable(id)}/images/${at}`
    const mounted = await mountLayers(context, names, place, `${place}/root`, owner)
    if (!mounted.ok) return mounted
    const path = await withinImage(context, `${place}/root`, subPath)
    if (path === undefined)
      return failed(`failed to mount image volume "${reference}": sub path "${subPath}" not found`)
    paths.push(path)
    images.push(image)
  }
  return ok({ paths, images })
}

/** An overlay of layers, the topmost first, with a writable one beside the target. */
export async function mountLayers(
  { disk, mounts, images }: EngineContext,
  lower: readonly string[],
  writable: string,
  target: string,
  { layerFolder, rootId }: LayerOwner = { layerFolder: images.layerFolder, rootId: 0 },
): Promise<Result<void, RuntimeError>> {
  const [upper, work] = [`${writable}/upper`, `${writable}/work`]
  await Promise.all([disk.makeDirectory(upper), disk.makeDirectory(work), disk.makeDirectory(target)])
  await disk.setMode(upper, 0o755)
  if (rootId !== 0) await disk.setOwner(upper, rootId, rootId)
  // An image may have no layers at all; an overlay must have one.
  if (lower.length === 0) await disk.makeDirectory(`${images.layerFolder}/${emptyLayerName}`)
  const layers = lower.length === 0 ? [emptyLayerName] : lower
  const mounted = await mounts.mount([
    { type: 'overlay', target, lower: layers, lowerDirectory: layerFolder, upper, work },
  ])
  return mounted.ok ? ok(undefined) : failed(`failed to mount the container's root: ${mounted.error.message}`)
}

/** Links of an image lead nowhere here: they could lead out of it. */
async function withinImage({ disk }: EngineContext, root: string, subPath: string): Promise<string | undefined> {
  let path = root
  for (const part of subPath.split('/').filter((piece) => piece !== '' && piece !== '.')) {
    path = `${path}/${part}`
    try {
      if (part === '..' || (await disk.stat(path)).type === 'symlink') return undefined
    } catch (error) {
      if (error instanceof DiskError && error.code === 'NotFound') return undefined
      throw error
    }
  }
  return path
}
