import { type Disk, DiskError, type FileStat } from '../../ports/disk.ts'
import { BuildError } from './build-error.ts'

const mostLinks = 255

/** What is at a path, links not followed; undefined: nothing is. */
export type Look = (path: string) => Promise<Readonly<{ type: FileStat['type']; target?: string }> | undefined>

/** Looks at what is below a folder. */
export function lookBelow(disk: Disk, root: string): Look {
  return async (path) => {
    const stat = await statOf(disk, `${root}/${path}`)
    if (stat === undefined) return undefined
    return stat.type === 'symlink'
      ? { type: stat.type, target: await disk.readSymlink(`${root}/${path}`) }
      : { type: stat.type }
  }
}

/** Undefined: nothing is there. */
export async function statOf(disk: Disk, path: string): Promise<FileStat | undefined> {
  try {
    return await disk.stat(path)
  } catch (error) {
    if (error instanceof DiskError && (error.code === 'NotFound' || error.code === 'NotADirectory')) return undefined
    throw error
  }
}

/**
 * Where a path leads within a root, by the links that are there, each meant from that root: never out of it. Parts that do not exist are
 * kept as they are. The answer has no slash at either end; '' is the root.
 */
export async function resolveWithin(look: Look, path: string, followsLast: boolean): Promise<string> {
  const left = partsOf(path)
  const done: string[] = []
  for (let links = 0; left.length > 0; ) {
    const part = left.shift() ?? ''
    if (part === '..') {
      done.pop()
      continue
    }
    const here = [...done, part].join('/')
    const found = left.length === 0 && !followsLast ? undefined : await look(here)
    if (found?.target === undefined) {
      done.push(part)
      continue
    }
    if (++links > mostLinks) throw new BuildError(`too many links in ${path}`)
    // An absolute target means the root.
    if (found.target.startsWith('/')) done.length = 0
    left.unshift(...partsOf(found.target))
  }
  return done.join('/')
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.')
}
