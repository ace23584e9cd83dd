import { unreachable } from '../../api/assert.ts'
import type { StoredLayer } from '../images/stored-image.ts'
import { resolveOwner } from '../plan/container-user.ts'
import { isArchive, unpackArchive } from './build-archive.ts'
import type { CachedStep } from './build-cache.ts'
import { BuildError } from './build-error.ts'
import type { BuildRun } from './build-run.ts'
import type { BuildSandboxes } from './build-sandboxes.ts'
import type { BuildStep, CopyStep, RunStep, WorkdirStep } from './build-step.ts'
import {
  copyFile,
  copyFolder,
  copyFound,
  copyOptions,
  copySource,
  copyWithParents,
  putFile,
  sourcesOf,
} from './copy-files.ts'
import { layerDraft, type Owner } from './layer-draft.ts'
import type { LayerEntries } from './layer-entry.ts'
import { isRemote } from './plan-step.ts'
import { fetchRemoteFile } from './remote-file.ts'
import { lookBelow, resolveWithin, statOf } from './rooted-path.ts'
import { runCommand } from './run-command.ts'
import { layersFrom, sourceRoot } from './run-mounts.ts'
import { findFiles } from './source-files.ts'
import { digestEntries, writeLayer } from './write-layer.ts'

export type PerformedStep = Readonly<{
  /** Absent: nothing was changed. */
  layer?: StoredLayer
  isCached: boolean
}>

export type StepParts = Readonly<{
  run: BuildRun
  sandboxes: BuildSandboxes
  /** What the step stands on, the lowest first. */
  layers: readonly StoredLayer[]
  tell(text: string): void
}>

/** Does a step, unless an earlier build has done just that. Throws BuildError, DiskError. */
export async function performStep(parts: StepParts, step: BuildStep): Promise<PerformedStep> {
  switch (step.type) {
    case 'run': {
      const key = await runKey(parts, step)
      return viaCache(parts, key, async (keep) => {
        const network = step.network === 'default' ? parts.run.request.network : step.network
        const { id: sandboxId, mounts } = await parts.sandboxes.of(network)
        await runCommand(parts.run, step, { layers: parts.layers, sandboxId, mounts, tell: parts.tell, keep })
      })
    }
    case 'copy':
      return asLayer(parts, await copyEntries(parts, step))
    case 'workdir':
      return asLayer(parts, await workdirEntries(parts, step))
    default:
      return unreachable(step)
  }
}

/** What files are copied is known before a layer is made of them: their content is the key. */
async function asLayer(parts: StepParts, entries: LayerEntries): Promise<PerformedStep> {
  const { context, epochMs } = parts.run
  const key = `copy ${await digestEntries(context, entries, epochMs)}`
  return viaCache(parts, key, (keep) => keep(entries))
}

async function viaCache(
  { run }: StepParts,
  key: string,
  make: (keep: (entries: LayerEntries) => Promise<void>) => Promise<void>,
): Promise<PerformedStep> {
  const { context, request, epochMs } = run
  const { images } = context
  const { buildCache } = context.sharedImages
  const known = request.noCache ? undefined : buildCache.find(key)
  if (known !== undefined && known.layer === undefined) return { isCached: true }
  if (known?.layer !== undefined && (await images.hasBlob(known.layer.digest))) {
    await images.ensureLayer(known.layer)
    return { layer: known.layer, isCached: true }
  }
  let made: CachedStep = {}
  await make(async (entries) => {
    if (entries.size > 0) made = { layer: await writeLayer(context, entries, epochMs) }
  })
  await buildCache.put(key, made)
  return { ...made, isCached: false }
}

/** All that a command can see: the layers beneath it, its words and variables, and what is mounted for it to read. */
async function runKey({ run, layers }: StepParts, step: RunStep): Promise<string> {
  const { context, epochMs, request } = run
  const { proxyEnv: _, mounts, ...rest } = step
  const seen: unknown[] = []
  for (const mount of mounts) {
    const { from } = mount
    if (mount.type !== 'bind' || from === undefined) seen.push(mount)
    else if (from.type === 'context') seen.push([mount, await contextDigest(run, mount.source)])
    else seen.push([{ ...mount, from: '' }, (await layersFrom(run, from)).map(({ diffId }) => diffId)])
  }
  const { args, env, user, workingDir, network, script } = rest
  const facts = [args, env, user, workingDir, network, request.network, script, seen, epochMs]
  const hash = context.codec.sha256()
  hash.update(new TextEncoder().encode(JSON.stringify([layers.map(({ diffId }) => diffId), facts])))
  return `run ${hash.hex()}`
}

async function contextDigest(run: BuildRun, source: string): Promise<string> {
  const { context, workspace, epochMs } = run
  const { disk } = context
  const draft = layerDraft(disk, workspace.fresh('nothing'))
  const options = { disk, draft, destination: '/found/', excludes: [] }
  await copySource(options, workspace.contextFolder, source)
  return digestEntries(context, draft.entries, epochMs)
}

async function workdirEntries({ run, layers }: StepParts, { path, user }: WorkdirStep): Promise<LayerEntries> {
  const root = await run.workspace.view(layers)
  const draft = layerDraft(run.context.disk, root)
  await draft.makeFolders(path, 0o755, user === '' ? { uid: 0, gid: 0 } : await ownerOf(run, root, user))
  return draft.entries
}

/** Names mean what the image's own files say. */
async function ownerOf({ context: { disk } }: BuildRun, root: string, text: string): Promise<Owner> {
  const read = async (name: string): Promise<string> => {
    const path = `${root}/${await resolveWithin(lookBelow(disk, root), `/etc/${name}`, true)}`
    const stat = await statOf(disk, path)
    return stat?.type === 'file' && stat.sizeBytes <= 1 << 20 ? new TextDecoder().decode(await disk.readFile(path)) : ''
  }
  const owner = resolveOwner(text, { passwd: await read('passwd'), group: await read('group') })
  if (!owner.ok) throw new BuildError(owner.error)
  return owner.value
}

async function copyEntries(parts: StepParts, step: CopyStep): Promise<LayerEntries> {
  const { run, layers } = parts
  const { disk } = run.context
  const from = await sourceRoot(run, step.from)
  // A linked copy knows nothing of what is beneath it.
  const root = await run.workspace.view(step.isLink ? [] : layers)
  const draft = layerDraft(disk, root)
  const options = copyOptions(disk, draft, step, step.chown === '' ? undefined : await ownerOf(run, root, step.chown))
  for (const source of step.sources) {
    if (step.isAdd && isRemote(source)) await addRemote(parts, step, source, options)
    else if (step.hasParents) await copyWithParents(options, from, source)
    else if (step.unpack ?? step.isAdd) await addLocal(parts, from, source, options)
    else await copySource(options, from, source)
  }
  for (const { name, content } of step.files) {
    const bytes = new TextEncoder().encode(content)
    const file = {
      type: 'file',
      mode: 0o644,
      uid: 0,
      gid: 0,
      mtimeMs: Number.POSITIVE_INFINITY,
      content: bytes,
    } as const
    await putFile(options, name, file)
  }
  return draft.entries
}

type Options = ReturnType<typeof copyOptions>

async function addRemote({ run }: StepParts, step: CopyStep, url: string, options: Options): Promise<void> {
  const { context, workspace, closed } = run
  const folder = workspace.fresh('remote')
  await context.disk.makeDirectory(folder)
  const { name, path, mtimeMs } = await fetchRemoteFile(context, url, `${folder}/file`, step.checksum, closed)
  await context.disk.setMtimeMs(path, mtimeMs)
  if (step.unpack === true && (await isArchive(context, path))) return addArchive(run, path, options)
  await copyFile(options, path, name, 0o600)
}

/** Archives among the sources are unpacked, others copied. */
async function addLocal({ run }: StepParts, from: string, source: string, options: Options): Promise<void> {
  const { context } = run
  for (const found of await sourcesOf(options, from, source)) {
    const file = `${from}/${found.path}`
    if (found.stat.type === 'file' && (await isArchive(context, file))) await addArchive(run, file, options)
    else await copyFound(options, from, found)
  }
}

async function addArchive({ context, workspace }: BuildRun, file: string, options: Options): Promise<void> {
  const folder = workspace.fresh('archive')
  await unpackArchive(context, file, folder)
  const into = options.destination.endsWith('/') ? options.destination : `${options.destination}/`
  const files = await findFiles(context.disk, folder, options.excludes)
  await copyFolder({ ...options, destination: into, followsLinks: true }, folder, files)
}
