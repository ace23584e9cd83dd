import { TarError } from './tar-header.ts'

type Node = Readonly<{ type: 'directory' | 'other' } | { type: 'symlink'; target: string }>

/**
 * What a layer's own entries have made so far. Every path is resolved here, in memory, so that nothing is ever written through a
 * symbolic link: a path that is handed out has only real directories above it.
 */
export interface LayerTree {
  /** Parts of the entry's path with links above it followed. Directories that are not there yet are in `missing`, topmost first. */
  place(path: string): Readonly<{ path: string; missing: readonly string[] }>
  find(path: string): Node | undefined
  add(path: string, node: Node): void
  /** Forgets the path and all below it. */
  remove(path: string): void
}

const deepest = 255
const mostLinks = 40

export function layerTree(): LayerTree {
  const nodes = new Map<string, Node>([['', { type: 'directory' }]])
  const place = (path: string) => {
    const parts = partsOf(path)
    const name = parts.pop()
    if (name === undefined) return { path: '', missing: [] }
    const parent = resolve(nodes, parts, path)
    const missing = parent.flatMap((_, at) => {
      const above = parent.slice(0, at + 1).join('/')
      return nodes.has(above) ? [] : [above]
    })
    return { path: [...parent, name].join('/'), missing }
  }
  return {
    place,
    find: (path) => nodes.get(path),
    add: (path, node) => void nodes.set(path, node),
    remove(path) {
      if (nodes.get(path)?.type === 'directory')
        for (const known of [...nodes.keys()]) if (known.startsWith(`${path}/`)) nodes.delete(known)
      nodes.delete(path)
    },
  }
}

/** The parts of an entry's path below the layer's root. Throws TarError for a path that leads out of it. */
function partsOf(path: string): string[] {
  if (path.startsWith('/')) throw new TarError(`${JSON.stringify(path)} is an absolute path`)
  if (path.includes('\0')) throw new TarError('a path holds a zero byte')
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) throw new TarError(`${JSON.stringify(path)} leads out of the layer`)
  if (parts.length > deepest) throw new TarError('a path is too deep')
  return parts
}

function resolve(nodes: ReadonlyMap<string, Node>, parts: readonly string[], entry: string): string[] {
  const left = [...parts]
  const done: string[] = []
  for (let links = 0; left.length > 0; ) {
    const part = left.shift() ?? ''
    if (part === '..') {
      if (done.pop() === undefined) throw new TarError(`${JSON.stringify(entry)} leads out of the layer by a link`)
      continue
    }
    const here = [...done, part].join('/')
    const node = nodes.get(here)
    if (node?.type === 'other') throw new TarError(`${JSON.stringify(entry)} lies below something that is no directory`)
    if (node?.type !== 'symlink') done.push(part)
    else {
      if (++links > mostLinks) throw new TarError(`${JSON.stringify(entry)} lies below a loop of links`)
      // An absolute target means the root of the image.
      if (node.target.startsWith('/')) done.length = 0
      left.unshift(...node.target.split('/').filter((step) => step !== '' && step !== '.'))
    }
  }
  return done
}
