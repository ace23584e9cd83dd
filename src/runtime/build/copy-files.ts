import type { Disk } from '../../ports/disk.ts'
import { BuildError } from './build-error.ts'
import type { CopyStep } from './build-step.ts'
import { type ChangeMode, parseFileMode } from './file-mode.ts'
import { baseName, hasWildcards, rootedPath } from './go-path.ts'
import { type IgnorePatterns, isIgnored, parseIgnorePatterns } from './ignore-patterns.ts'
import type { LayerDraft, Owner } from './layer-draft.ts'
import { entryOf, type LayerEntry } from './layer-entry.ts'
import { type FoundFile, findFiles, findSources, type Source } from './source-files.ts'

export type CopyOptions = Readonly<{
  disk: Disk
  draft: LayerDraft
  /** Absolute; with a slash at its end it is a folder. */
  destination: string
  /** Absent: files keep the owners that they have, and folders that are made belong to root. */
  owner?: Owner
  changeMode?: ChangeMode
  excludes: IgnorePatterns
  /** What is a link to a folder counts as that folder: so archives are unpacked. */
  followsLinks?: boolean
}>

const root: Owner = { uid: 0, gid: 0 }
const folderMode = 0o755

export function copyOptions(
  disk: Disk,
  draft: LayerDraft,
  { destination, chmod, excludes }: CopyStep,
  owner: Owner | undefined,
): CopyOptions {
  const patterns = parseIgnorePatterns(excludes)
  if (!patterns.ok) throw new BuildError(patterns.error)
  const mode = chmod === '' ? undefined : parseFileMode(chmod)
  if (mode?.ok === false) throw new BuildError(mode.error)
  return {
    disk,
    draft,
    destination,
    excludes: patterns.value,
    ...(owner === undefined ? {} : { owner }),
    ...(mode === undefined ? {} : { changeMode: mode.value }),
  }
}

/** COPY of one source, by the rules of BuildKit (github.com/tonistiigi/fsutil/copy). */
export async function copySource(options: CopyOptions, sourceRoot: string, source: string): Promise<void> {
  for (const found of await sourcesOf(options, sourceRoot, source)) await copyFound(options, sourceRoot, found)
}

/** What a source means, but for files that are left out: by their paths below the part of it that has no wildcards. */
export async function sourcesOf(
  { disk, excludes }: CopyOptions,
  sourceRoot: string,
  source: string,
): Promise<readonly Source[]> {
  const parts = rootedPath(source).slice(1).split('/')
  const fixed = parts.findIndex(hasWildcards)
  const depth = fixed < 0 ? parts.length - 1 : fixed
  return (await findSources(disk, sourceRoot, source)).filter(
    ({ named, stat }) => stat.type === 'directory' || !isIgnored(excludes, named.split('/').slice(depth).join('/')),
  )
}

export async function copyFound(options: CopyOptions, sourceRoot: string, found: Source): Promise<void> {
  const { disk, excludes } = options
  const from = found.path === '' ? sourceRoot : `${sourceRoot}/${found.path}`
  if (found.stat.type !== 'directory') return copyFile(options, from, baseName(found.named))
  await copyFolder(options, from, await findFiles(disk, from, excludes))
}

/** The content of a folder, into the destination. */
export async function copyFolder(options: CopyOptions, from: string, files: readonly FoundFile[]): Promise<void> {
  const { draft, destination } = options
  const target = await draft.resolve(destination)
  const existing = target === '' ? undefined : await draft.find(target)
  if (existing !== undefined && existing.type !== 'directory')
    throw new BuildError(`cannot copy to non-directory: /${target}`)
  await makeDestination(options, destination)
  const xattrs = await options.disk.readXattrs(
    from,
    files.map(({ path }) => path),
  )
  for (const { path, stat } of files) {
    const entry = await entryOf(options.disk, `${from}/${path}`, stat)
    if (entry === undefined) continue
    const own = xattrs.get(path)
    const place = target === '' ? path : `${target}/${path}`
    await putAt(options, place, own === undefined ? entry : { ...entry, xattrs: own }, from)
  }
}

/** A file, or what is neither file nor folder: into the destination, or in its place. */
export async function copyFile(options: CopyOptions, from: string, name: string, mode?: number): Promise<void> {
  const { disk } = options
  const entry = await entryOf(disk, from, await disk.stat(from))
  if (entry === undefined) throw new BuildError(`${name} is neither file, folder nor link`)
  const folder = from.slice(0, from.lastIndexOf('/'))
  const own = from.slice(folder.length + 1)
  const xattrs = (await disk.readXattrs(folder, [own])).get(own)
  await putFile(options, name, {
    ...entry,
    ...(mode === undefined ? {} : { mode }),
    ...(xattrs === undefined ? {} : { xattrs }),
  })
}

export async function putFile(options: CopyOptions, name: string, entry: LayerEntry): Promise<void> {
  const { draft, destination } = options
  const isFolder = destination.endsWith('/')
  await makeDestination(options, isFolder ? destination : destination.slice(0, destination.lastIndexOf('/') + 1))
  const target = await draft.resolve(destination)
  const existing = target === '' ? { type: 'directory' } : await draft.find(target)
  const place = existing?.type === 'directory' ? (target === '' ? name : `${target}/${name}`) : target
  await putAt(options, place, entry, name)
}

async function makeDestination({ draft, owner, changeMode }: CopyOptions, folder: string): Promise<void> {
  await draft.makeFolders(folder, changeMode?.(folderMode, true) ?? folderMode, owner ?? root)
}

/** `group` tells names of one file apart from those of another source. */
async function putAt(options: CopyOptions, path: string, entry: LayerEntry, group: string): Promise<void> {
  const { draft, owner, changeMode, followsLinks = false } = options
  const place = followsLinks ? await aboveResolved(draft, path) : path
  const existing = await draft.find(place)
  const isFolder = entry.type === 'directory'
  if (existing !== undefined && isFolder !== (existing.type === 'directory')) {
    if (isFolder && followsLinks && existing.type === 'symlink') return
    throw new BuildError(
      isFolder ? `cannot copy to non-directory: /${place}` : `cannot replace to directory /${place} with file`,
    )
  }
  const { mode } = entry
  await draft.put(place, {
    ...entry,
    ...owner,
    mode: changeMode === undefined || entry.type === 'symlink' ? mode : changeMode(mode, isFolder),
    ...(entry.inode === undefined ? {} : { inode: `${group}:${entry.inode}` }),
  })
}

async function aboveResolved(draft: LayerDraft, path: string): Promise<string> {
  const slash = path.lastIndexOf('/')
  if (slash < 0) return path
  const folder = await draft.resolve(path.slice(0, slash))
  return folder === '' ? path.slice(slash + 1) : `${folder}/${path.slice(slash + 1)}`
}

/** COPY --parents: the source with the folders above it, from the root or from where it says '/./'. */
export async function copyWithParents(options: CopyOptions, sourceRoot: string, source: string): Promise<void> {
  const { disk, excludes } = options
  const pivot = source.indexOf('/./')
  const above = pivot < 0 ? '/' : source.slice(0, pivot)
  const pattern = rootedPath(pivot < 0 ? source : source.slice(pivot + 3)).slice(1)
  const isRequired = !hasWildcards(source)
  for (const folder of await findSources(disk, sourceRoot, above)) {
    const from = folder.path === '' ? sourceRoot : `${sourceRoot}/${folder.path}`
    const wanted = pattern === '' ? undefined : parseIgnorePatterns([pattern])
    if (wanted?.ok === false) throw new BuildError(wanted.error)
    const files = await findFiles(disk, from, excludes, wanted?.value)
    if (files.length === 0 && isRequired)
      throw new BuildError(`failed to compute cache key: "${rootedPath(source.replace('/./', '/'))}": not found`)
    await copyFolder(options, from, files)
  }
}
