import type { Timer } from '../../ports/clock.ts'
import { DiskError, type DiskWatch } from '../../ports/disk.ts'
import { durationMs } from '../configuration/kubelet-configuration.ts'
import type { KubeletDeps } from '../kubelet-config.ts'
import type { KubeletPod } from '../pod-containers.ts'
import { podOfManifest } from './manifest-pod.ts'

/** The original reads no larger manifests. */
const largestBytes = 10 * 2 ** 20

/** The node's static pods, as the files of the folder say now. */
export interface ManifestFolder {
  pods(): readonly KubeletPod[]
  /** Called after they have changed. */
  onChange(listener: () => void): void
  stop(): void
}

type Deps = Pick<KubeletDeps, 'disk' | 'clock' | 'log' | 'config'>

const noFolder: ManifestFolder = { pods: () => [], onChange() {}, stop() {} }

/** Reads staticPodPath, a folder of manifests or one file, when something in it changes and now and then. Resolves when it is read once. */
export async function openManifestFolder(deps: Deps): Promise<ManifestFolder> {
  const { clock, disk, log, config } = deps
  const { staticPodPath: path, fileCheckFrequency } = config.configuration
  if (path === '') return noFolder
  const listeners: (() => void)[] = []
  let pods: readonly KubeletPod[] = []
  let watch: DiskWatch | undefined
  let timer: Timer | undefined
  let stopped = false
  let reading: Promise<void> = Promise.resolve()
  const read = async (): Promise<void> => {
    const now = await readManifests(deps, path, pods)
    if (stopped || sameIds(pods, now)) return
    pods = now
    for (const listener of listeners) listener()
  }
  const readNext = (): Promise<void> => {
    reading = reading
      .then(read)
      .catch((error: unknown) => log.error('manifests could not be read', { path, error: String(error) }))
    return reading
  }
  const watchFolder = async (): Promise<void> => {
    try {
      watch ??= await disk.watch(path, () => void readNext())
    } catch (error) {
      // It may yet be made.
      if (!(error instanceof DiskError)) throw error
    }
  }
  const loop = async (): Promise<void> => {
    await watchFolder()
    await readNext()
    if (stopped) watch?.stop()
    else timer = clock.after(durationMs(fileCheckFrequency), () => void loop())
  }
  await loop()
  return {
    pods: () => pods,
    onChange: (listener) => void listeners.push(listener),
    stop() {
      stopped = true
      timer?.cancel()
      watch?.stop()
    },
  }
}

function sameIds(a: readonly KubeletPod[], b: readonly KubeletPod[]): boolean {
  return a.length === b.length && a.every((pod, at) => pod.metadata.uid === b[at]?.metadata.uid)
}

/** A manifest that says what it said before is the pod that it was before. What cannot be read is told of, and left out. */
async function readManifests(deps: Deps, path: string, before: readonly KubeletPod[]): Promise<readonly KubeletPod[]> {
  const found = new Map<string, KubeletPod>()
  for (const file of await manifestFiles(deps, path)) {
    const pod = await readManifest(deps, file)
    if (pod === undefined) continue
    const name = `${pod.metadata.namespace}/${pod.metadata.name}`
    found.set(name, before.find(({ metadata }) => metadata.uid === pod.metadata.uid) ?? pod)
  }
  return [...found.values()]
}

async function manifestFiles({ disk }: Deps, path: string): Promise<readonly string[]> {
  try {
    const names = await disk.list(path)
    return names.filter((name) => !name.startsWith('.')).map((name) => `${path}/${name}`)
  } catch (error) {
    if (!(error instanceof DiskError)) throw error
    if (error.code === 'NotFound') return []
    if (error.code === 'NotADirectory') return [path]
    throw error
  }
}

async function readManifest({ disk, log, config, clock }: Deps, file: string): Promise<KubeletPod | undefined> {
  try {
    const text = await disk.readFile(file)
    if (text.length > largestBytes) throw new DiskError('Other', file, `${file} is larger than 10 MiB`)
    const pod = podOfManifest(text, { file, nodeName: config.nodeName, nowMs: clock.nowMs() })
    if (pod.ok) return pod.value
    log.error('a manifest could not be understood', { file, error: pod.error })
  } catch (error) {
    if (!(error instanceof DiskError)) throw error
    // It may have been removed meanwhile; folders within the folder are none of ours.
    if (error.code !== 'NotFound') log.error('a manifest could not be read', { file, error: error.message })
  }
  return undefined
}
