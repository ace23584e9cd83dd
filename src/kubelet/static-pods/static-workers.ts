import { objectKey } from '../../api/object.ts'
import { isStaticPod } from '../critical-pod.ts'
import type { KubeletPod } from '../pod-containers.ts'
import type { PodWorker } from '../pod-worker.ts'
import type { ManifestFolder } from './manifest-folder.ts'

/** Keeps the workers of static pods as their manifests are, beginning now. */
export function followManifests(
  manifests: ManifestFolder,
  workers: ReadonlyMap<string, PodWorker>,
  begin: (pod: KubeletPod) => void,
  changed: () => void,
): Readonly<{ beginNext(): void }> {
  /** One whose manifest has changed begins when nothing is left of what it was. */
  const beginNext = (): void => {
    const names = new Set([...workers.values()].map((worker) => objectKey(worker.pod())))
    for (const pod of manifests.pods()) if (!names.has(objectKey(pod))) begin(pod)
  }
  manifests.onChange(() => {
    const present = new Set(manifests.pods().map(({ metadata }) => metadata.uid))
    for (const worker of workers.values()) if (isStaticPod(worker.pod()) && !present.has(worker.uid)) worker.removed()
    beginNext()
    changed()
  })
  beginNext()
  return { beginNext }
}
