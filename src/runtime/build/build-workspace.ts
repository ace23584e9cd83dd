import type { EngineContext } from '../engine/engine-context.ts'
import { mountLayers } from '../engine/engine-image-mounts.ts'
import { layerName } from '../images/image-store.ts'
import type { StoredLayer } from '../images/stored-image.ts'
import { BuildError } from './build-error.ts'

/** The places of one build: all of it is gone when it ends. */
export interface Workspace {
  readonly folder: string
  readonly contextFolder: string
  /** A new path within the workspace's folder. */
  fresh(kind: string): string
  /** These layers as one tree, the lowest first. What is written there is lost. */
  view(layers: readonly StoredLayer[]): Promise<string>
  /** A tree of its own, for one that may write. */
  ownView(layers: readonly StoredLayer[]): Promise<string>
  /** The same of the context. */
  ownContext(): Promise<string>
  /** An empty folder in memory. */
  memory(sizeBytes: number, mode: number): Promise<string>
  close(): Promise<void>
}

export async function openWorkspace(context: EngineContext, id: string): Promise<Workspace> {
  const { disk, mounts, paths, log } = context
  const folder = `${paths.builds}/${id}`
  const mountFolder = `${paths.buildMounts}/${id}`
  const contextFolder = `${folder}/context`
  await disk.makeDirectory(paths.builds, 0o700)
  await disk.makeDirectory(paths.buildMounts, 0o711)
  await disk.makeDirectory(contextFolder)
  const views = new Map<string, Promise<string>>()
  let count = 0
  const next = (): string => {
    count += 1
    return String(count)
  }
  const mountView = async (layers: readonly StoredLayer[]): Promise<string> => {
    const name = next()
    const target = `${mountFolder}/${name}`
    const lower = layers.map(({ diffId }) => layerName(diffId)).reverse()
    const mounted = await mountLayers(context, lower, `${folder}/views/${name}`, target)
    if (!mounted.ok) throw new BuildError(mounted.error.message)
    return target
  }
  return {
    folder,
    contextFolder,
    fresh: (kind) => `${folder}/${kind}-${next()}`,
    view(layers) {
      const key = layers.map(({ diffId }) => diffId).join(' ')
      const view = views.get(key) ?? mountView(layers)
      views.set(key, view)
      return view
    },
    ownView: mountView,
    async ownContext() {
      const name = next()
      const [target, upper, work] = [
        `${mountFolder}/${name}`,
        `${folder}/views/${name}/upper`,
        `${folder}/views/${name}/work`,
      ]
      for (const each of [target, upper, work]) await disk.makeDirectory(each)
      const mounted = await mounts.mount([
        { type: 'overlay', target, lower: ['context'], lowerDirectory: folder, upper, work },
      ])
      if (!mounted.ok) throw new BuildError(mounted.error.message)
      return target
    },
    async memory(sizeBytes, mode) {
      const target = `${mountFolder}/${next()}`
      await disk.makeDirectory(target)
      const mounted = await mounts.mount([{ type: 'tmpfs', target, sizeBytes, mode }])
      if (!mounted.ok) throw new BuildError(mounted.error.message)
      return target
    },
    async close() {
      const unmounted = await mounts.unmount([mountFolder])
      if (!unmounted.ok) log.warn('cannot unmount what a build used', { error: unmounted.error.message })
      else for (const each of [mountFolder, folder]) await disk.remove(each)
    },
  }
}

/** What builds have left that ended with their process. */
export async function removeWorkspaces({ disk, mounts, paths, log }: EngineContext): Promise<void> {
  const unmounted = await mounts.unmount([paths.buildMounts])
  if (!unmounted.ok) log.warn('cannot unmount what a build left', { error: unmounted.error.message })
  else for (const each of [paths.buildMounts, paths.builds]) await disk.remove(each)
}
