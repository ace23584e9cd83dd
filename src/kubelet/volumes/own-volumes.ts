import type { PersistentVolume } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import { objectKey, type Stored } from '../../api/object.ts'
import type { Informer } from '../../client/informer.ts'
import { type InformerDeps, startInformer } from '../../client/start-informer.ts'
import type { WorkQueue } from '../../client/work-queue.ts'
import { isOwnVolume } from './provisioning-step.ts'

/** The local volumes of a node, watched from the first one on: most nodes never have any. */
export interface OwnVolumes {
  get(name: string): Stored<PersistentVolume> | undefined
  /** This node is about to make one. */
  begin(): void
  /** Resolves when those that it had from before are known. */
  readonly looked: Promise<void>
  stop(): void
}

type Deps = Omit<InformerDeps<PersistentVolume>, 'kind'> & Readonly<{ nodeName: string }>

/** Looks whether the node has any, and goes on watching if so. Each that is there or changes is put into the queue. */
export function watchOwnVolumes({ nodeName, ...deps }: Deps, queue: Pick<WorkQueue, 'add'>): OwnVolumes {
  let makes = false
  let volumes: Informer<PersistentVolume> | undefined
  const watch = (): Informer<PersistentVolume> => {
    const started = startInformer({ ...deps, kind: kinds.persistentVolumes })
    started.onChange((_, after) => void (after && queue.add(objectKey(after))))
    volumes = started
    return started
  }
  const look = async (): Promise<void> => {
    const found = watch()
    await found.whenSynced()
    if (makes || found.list().some((volume) => isOwnVolume(volume, nodeName))) return
    found.stop()
    volumes = undefined
  }
  return {
    get: (name) => volumes?.get(name),
    begin() {
      makes = true
      if (volumes === undefined) watch()
    },
    looked: look(),
    stop: () => volumes?.stop(),
  }
}
