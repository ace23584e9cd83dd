import type { Ending } from '../../api/ending.ts'
import type { EngineContext } from '../engine/engine-context.ts'
import type { StoredLayer } from '../images/stored-image.ts'
import type { RegistryAuth } from '../pod-runtime.ts'
import type { Workspace } from './build-workspace.ts'
import type { BuildOptions } from './plan-build.ts'

/** What somebody asks for who wants an image built. */
export type BuildRequest = Readonly<{
  dockerfile: string
  options: Omit<BuildOptions, 'machine'>
  /** Names for the image. */
  tags: readonly string[]
  /** Nothing of earlier builds is used. */
  noCache: boolean
  /** Base images are pulled, though they are here. */
  pull: boolean
  /** Contents by their ids, in base64. */
  secrets: Readonly<Record<string, string>>
  /** For the registries of the images that are named, by their full names. */
  auths: Readonly<Record<string, readonly RegistryAuth[]>>
  network: 'default' | 'none' | 'host'
  /** No time in the image is later: seconds since 1970. */
  sourceDateEpoch?: number
}>

/** A build that is under way. */
export type BuildRun = Readonly<{
  context: EngineContext
  request: BuildRequest
  workspace: Workspace
  id: string
  epochMs: number
  /** Aborted when nobody wants it any more, or a step failed. */
  closed: Ending
  /** The layers of a stage, when it is built. */
  layersOf(stage: number): Promise<readonly StoredLayer[]>
}>
