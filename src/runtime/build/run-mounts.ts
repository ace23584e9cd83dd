import { decodeBase64 } from '../../api/base64.ts'
import type { StoredLayer } from '../images/stored-image.ts'
import type { Mount } from '../pod-runtime.ts'
import { BuildError } from './build-error.ts'
import type { BuildRun } from './build-run.ts'
import type { PlannedMount, RunStep, SourceRef } from './build-step.ts'
import { copyFolder } from './copy-files.ts'
import { baseName } from './go-path.ts'
import { layerDraft } from './layer-draft.ts'
import { lookBelow, resolveWithin, statOf } from './rooted-path.ts'
import { findFiles } from './source-files.ts'

export type RunMounts = Readonly<{
  mounts: readonly Mount[]
  env: readonly string[]
  /** Gives caches back to those who wait. */
  release(): void
}>

const secretFolderBytes = 16 << 20
const largestTmpfsBytes = 2 ** 40

/** Makes ready what a command is to find mounted. Throws BuildError, DiskError. */
export async function makeRunMounts(run: BuildRun, step: RunStep): Promise<RunMounts> {
  const mounts: Mount[] = []
  const env: string[] = []
  const releases: (() => void)[] = []
  const release = (): void => {
    for (const each of releases) each()
  }
  const add = (hostPath: string, containerPath: string, readOnly: boolean): void =>
    void mounts.push({ hostPath, containerPath, readOnly, propagation: 'private' })
  try {
    for (const mount of step.mounts) {
      if (mount.type === 'secret') await addSecret(run, mount, add, env)
      else if (mount.type === 'tmpfs')
        add(await run.workspace.memory(mount.sizeBytes || largestTmpfsBytes, 0o1777), mount.target, mount.isReadOnly)
      else if (mount.type === 'cache') await addCache(run, mount, add, releases)
      else add(await bindSource(run, mount), mount.target, mount.isReadOnly)
    }
    if (step.script !== undefined) await addScript(run, step.script, add)
  } catch (error) {
    release()
    throw error
  }
  return { mounts, env, release }
}

type Add = (hostPath: string, containerPath: string, readOnly: boolean) => void

async function addSecret(run: BuildRun, mount: PlannedMount, add: Add, env: string[]): Promise<void> {
  const { context, request, workspace } = run
  const text = Object.hasOwn(request.secrets, mount.id) ? request.secrets[mount.id] : undefined
  if (text === undefined) {
    if (mount.isRequired) throw new BuildError(`secret ${mount.id}: not found`)
    return
  }
  const content = decodeBase64(text)
  if (mount.env !== undefined) {
    env.push(`${mount.env === '' ? mount.id : mount.env}=${new TextDecoder().decode(content)}`)
    return
  }
  const { disk } = context
  const file = `${await workspace.memory(secretFolderBytes, 0o700)}/${baseName(mount.target)}`
  await disk.writeFile(file, content, { mode: mount.mode ?? 0o400 })
  await disk.setOwner(file, mount.uid ?? 0, mount.gid ?? 0)
  add(file, mount.target, true)
}

async function addCache(run: BuildRun, mount: PlannedMount, add: Add, releases: (() => void)[]): Promise<void> {
  const { context } = run
  const { disk } = context
  const taken = await context.sharedImages.cacheMounts.take(mount.id, mount.sharing, async (folder) => {
    if (mount.from !== undefined) await fill(run, mount, folder)
    await disk.setMode(folder, mount.mode ?? 0o755)
    await disk.setOwner(folder, mount.uid ?? 0, mount.gid ?? 0)
  })
  releases.push(taken.release)
  add(taken.folder, mount.target, mount.isReadOnly)
}

/** What a cache begins with. */
async function fill(run: BuildRun, mount: PlannedMount, folder: string): Promise<void> {
  const { disk } = run.context
  const source = await bindSource(run, mount)
  const draft = layerDraft(disk, folder)
  await copyFolder({ disk, draft, destination: '/', excludes: [] }, source, await findFiles(disk, source, []))
  for (const [path, { type, mode, uid, gid, target, content }] of draft.entries) {
    const place = `${folder}/${path}`
    if (type === 'directory') await disk.makeDirectory(place)
    else if (type === 'symlink') await disk.makeSymlink(place, target ?? '')
    else if (type === 'file' && content !== undefined && !(content instanceof Uint8Array))
      await disk.writeChunks(place, disk.readChunks(content.path))
    else continue
    await disk.setOwner(place, uid, gid)
    await disk.setMode(place, mode)
  }
}

/** A file or folder of a stage, an image or the context; one that may be written to is a copy. */
async function bindSource(run: BuildRun, mount: PlannedMount): Promise<string> {
  const { disk } = run.context
  const root = await sourceRoot(run, mount.from ?? { type: 'context' }, !mount.isReadOnly)
  const path = await resolveWithin(lookBelow(disk, root), mount.source, true)
  if ((await statOf(disk, `${root}/${path}`)) === undefined)
    throw new BuildError(`failed to compute cache key: "/${path}": not found`)
  return path === '' ? root : `${root}/${path}`
}

export async function sourceRoot(run: BuildRun, from: SourceRef, isWritten = false): Promise<string> {
  const { workspace } = run
  if (from.type === 'context') return isWritten ? workspace.ownContext() : workspace.contextFolder
  const layers = await layersFrom(run, from)
  return isWritten ? workspace.ownView(layers) : workspace.view(layers)
}

export async function layersFrom(
  { context, layersOf }: BuildRun,
  from: Exclude<SourceRef, { type: 'context' }>,
): Promise<readonly StoredLayer[]> {
  if (from.type === 'stage') return layersOf(from.index)
  const image = context.images.find(from.reference)
  if (image === undefined) throw new BuildError(`${from.reference}: not found`)
  return image.layers
}

async function addScript(
  { context: { disk }, workspace }: BuildRun,
  { name, content }: NonNullable<RunStep['script']>,
  add: Add,
): Promise<void> {
  const folder = workspace.fresh('script')
  await disk.makeDirectory(folder)
  await disk.setMode(folder, 0o755)
  await disk.writeFile(`${folder}/${name}`, new TextEncoder().encode(content), { mode: 0o755 })
  add(folder, '/dev/pipes', true)
}
