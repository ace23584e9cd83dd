import type { Disk, FileStat } from '../../ports/disk.ts'
import { BuildError } from './build-error.ts'
import { hasWildcards, pathPattern, rootedPath } from './go-path.ts'
import { type IgnorePatterns, isIgnored, mayHoldExceptions } from './ignore-patterns.ts'
import { lookBelow, resolveWithin, statOf } from './rooted-path.ts'

/** What one source of COPY means: a file or folder below the root. */
export type Source = Readonly<{
  /** As named, for the name that a file gets: 'src/link.txt'. */
  named: string
  /** Where it is, links followed. */
  path: string
  stat: FileStat
}>

export type FoundFile = Readonly<{
  /** Below the folder that is copied: 'lib/a.txt'. */
  path: string
  stat: FileStat
}>

/** The files and folders that a source names; none where a wildcard matches nothing. Throws BuildError for one that is not there. */
export async function findSources(disk: Disk, root: string, source: string): Promise<readonly Source[]> {
  const clean = rootedPath(source).slice(1)
  const names = hasWildcards(clean) ? await matchesOf(disk, root, clean) : [clean]
  const found: Source[] = []
  for (const named of names) {
    const path = await resolveWithin(lookBelow(disk, root), named, true)
    const stat = await statOf(disk, `${root}/${path}`)
    if (stat === undefined) throw new BuildError(`failed to compute cache key: "/${named}": not found`)
    found.push({ named, path, stat })
  }
  return found
}

/** By the rules of Go's path.Match, part by part, below the parts that have no wildcards. */
async function matchesOf(disk: Disk, root: string, pattern: string): Promise<readonly string[]> {
  const parts = pattern.split('/')
  const fixed = parts.slice(0, parts.findIndex(hasWildcards))
  const base = await resolveWithin(lookBelow(disk, root), fixed.join('/'), true)
  let folders: readonly string[] = [base]
  for (const part of parts.slice(fixed.length)) {
    const expression = pathPattern(part)
    if (expression === undefined) throw new BuildError(`syntax error in pattern: ${JSON.stringify(pattern)}`)
    const next: string[] = []
    for (const folder of folders) {
      const stat = await statOf(disk, `${root}/${folder}`)
      if (stat?.type !== 'directory') continue
      for (const name of await disk.list(`${root}/${folder}`))
        if (expression.test(name)) next.push(folder === '' ? name : `${folder}/${name}`)
    }
    folders = next
  }
  return folders
}

/**
 * All below a folder that `includes` takes (absent: all) and `excludes` does not leave out, with the folders above each, in order. Links
 * are links.
 */
export async function findFiles(
  disk: Disk,
  folder: string,
  excludes: IgnorePatterns,
  includes?: IgnorePatterns,
): Promise<readonly FoundFile[]> {
  const found = new Map<string, FoundFile>()
  const walk = async (below: string, above: readonly FoundFile[]): Promise<void> => {
    const paths = (await disk.list(`${folder}/${below}`)).map((name) => (below === '' ? name : `${below}/${name}`))
    const looked = paths.filter((path) => mayHoldExceptions(excludes) || !isIgnored(excludes, path))
    const stats = await Promise.all(looked.map((path) => disk.stat(`${folder}/${path}`)))
    for (const [at, stat] of stats.entries()) {
      const file: FoundFile = { path: looked[at] ?? '', stat }
      if (!isIgnored(excludes, file.path) && (includes === undefined || isIgnored(includes, file.path)))
        for (const each of [...above, file]) found.set(each.path, each)
      if (stat.type === 'directory') await walk(file.path, [...above, file])
    }
  }
  await walk('', [])
  return [...found.values()]
}
