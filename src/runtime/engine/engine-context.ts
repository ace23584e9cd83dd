import type { ImageStore } from '../images/image-store.ts'
import type { KeyLock } from '../key-lock.ts'
import type { EngineOptions, EnginePaths } from './engine-parts.ts'
import type { EngineState } from './engine-state.ts'
import type { SharedImages } from './shared-images.ts'

/** What every operation of the engine works with. */
export type EngineContext = EngineOptions &
  Readonly<{
    paths: EnginePaths
    state: EngineState
    sharedImages: SharedImages
    /** The store of sharedImages. */
    images: ImageStore
    locked: KeyLock
  }>
