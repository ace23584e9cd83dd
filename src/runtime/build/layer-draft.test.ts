import { describe, expect, it } from 'vitest'
import { simRun } from '../../host/contract/sim-run.ts'
import { simClock } from '../../host/sim/clock.ts'
import { simDisk } from '../../host/sim/disk.ts'
import { simRandom } from '../../host/sim/random.ts'
import { BuildError } from './build-error.ts'
import { type CopyOptions, copySource, copyWithParents } from './copy-files.ts'
import { parseFileMode } from './file-mode.ts'
import { parseIgnorePatterns } from './ignore-patterns.ts'
import { diffLayer } from './layer-diff.ts'
import { layerDraft } from './layer-draft.ts'
import { type LayerEntries, layerItems, sortedPaths } from './layer-entry.ts'

type Tree = Readonly<Record<string, string>>
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Paths ending in a slash are folders, '-> x' links, '= x' further names of a file, anything else files. */
async function machine(trees: Readonly<Record<string, Tree>>) {
  const clock = simClock()
  const disk = simDisk({ clock, random: simRandom(1) })
  const run = simRun(clock)
  for (const [root, tree] of Object.entries(trees)) {
    await run(disk.makeDirectory(root))
    for (const [path, content] of Object.entries(tree)) {
      const place = `${root}/${path.replace(/\/$/, '')}`
      await run(disk.makeDirectory(path.endsWith('/') ? place : place.slice(0, place.lastIndexOf('/')), 0o755))
      if (path.endsWith('/')) continue
      if (content.startsWith('-> ')) await run(disk.makeSymlink(place, content.slice(3)))
      else if (content.startsWith('= ')) await run(disk.makeHardLink(place, `${root}/${content.slice(2)}`))
      else if (content === 'whiteout') await run(disk.makeDevice(place, 'character', 0, 0, 0))
      else if (content === 'device') await run(disk.makeDevice(place, 'character', 10, 1, 0o600))
      else await run(disk.writeFile(place, bytes(content)))
    }
  }
  return { disk, run }
}

const ignore = (...patterns: readonly string[]) => {
  const parsed = parseIgnorePatterns(patterns)
  return parsed.ok ? parsed.value : []
}

type Copy = Partial<Omit<CopyOptions, 'disk' | 'draft'>> & Readonly<{ hasParents?: boolean }>

/** What COPY adds: paths, with the slash of a folder, and where links lead. */
async function copied(source: Tree, target: Tree, names: readonly string[], destination: string, more: Copy = {}) {
  const { disk, run } = await machine({ '/src': source, '/root': target, '/outside': { 'secret.txt': 'secret' } })
  const draft = layerDraft(disk, '/root')
  const options = { disk, draft, destination, excludes: [], ...more }
  const copy = more.hasParents === true ? copyWithParents : copySource
  for (const name of names) await run(copy(options, '/src', name))
  return { entries: draft.entries, shown: shown(draft.entries) }
}

function shown(entries: LayerEntries): readonly string[] {
  return sortedPaths(entries).map((path) => {
    const entry = entries.get(path)
    return `${path}${entry?.type === 'directory' ? '/' : ''}${entry?.target === undefined ? '' : ` -> ${entry.target}`}`
  })
}

const source: Tree = {
  'a.txt': 'a',
  'b.md': 'b',
  'dir/x': 'x',
  'dir/sub/y.md': 'y',
  'dir/to-x': '-> x',
  'link-dir': '-> dir',
  out: '-> ../../../../outside',
  'dir/out': '-> /outside/secret.txt',
}
const plain: Tree = { 'etc/passwd': 'p', 'app/': '', current: '-> /app', file: 'f' }

const copies: readonly (readonly [
  names: readonly string[],
  destination: string,
  paths: readonly string[],
  more?: Copy,
])[] = [
  [['a.txt'], '/new', ['new']],
  [['a.txt'], '/new/', ['new/', 'new/a.txt']],
  [['a.txt'], '/app', ['app/', 'app/a.txt']],
  [['a.txt'], '/x/y/z', ['x/', 'x/y/', 'x/y/z']],
  [['a.txt', 'b.md'], '/app/', ['app/', 'app/a.txt', 'app/b.md']],
  [['dir'], '/app', ['app/', 'app/out -> /outside/secret.txt', 'app/sub/', 'app/sub/y.md', 'app/to-x -> x', 'app/x']],
  [['dir/sub'], '/new', ['new/', 'new/y.md']],
  [['*.txt'], '/app/', ['app/', 'app/a.txt']],
  [['d*/s?b/*.md'], '/app/', ['app/', 'app/y.md']],
  [['nothing*'], '/app/', []],
  [['.'], '/c', ['c/', 'c/b.md'], { excludes: ignore('*', '!*.md') }],
  [
    ['dir'],
    '/c',
    ['c/', 'c/out -> /outside/secret.txt', 'c/sub/', 'c/to-x -> x', 'c/x'],
    { excludes: ignore('**/*.md') },
  ],
  [['*.*'], '/c/', ['c/', 'c/a.txt'], { excludes: ignore('*.md') }],
  [['dir/sub/y.md', 'a.txt'], '/c/', ['c/', 'c/a.txt', 'c/dir/', 'c/dir/sub/', 'c/dir/sub/y.md'], { hasParents: true }],
  [['dir/./sub/*.md'], '/c/', ['c/', 'c/sub/', 'c/sub/y.md'], { hasParents: true }],
  [['**/*.md'], '/c/', ['c/', 'c/b.md', 'c/dir/', 'c/dir/sub/', 'c/dir/sub/y.md'], { hasParents: true }],
  // Links that are named are followed, within the root of the source alone.
  [['link-dir/x'], '/c', ['c']],
  [['link-dir/sub'], '/c', ['c/', 'c/y.md']],
  // Links of the image lead within the image.
  [['a.txt'], '/current/', ['app/', 'app/a.txt']],
]

describe('COPY', () => {
  it.each(copies.map(([names, destination, paths, more = {}]) => ({ names, destination, paths, more })))(
    '$names to $destination',
    async ({ names, destination, paths, more }) => {
      expect((await copied(source, plain, names, destination, more)).shown).toEqual(paths)
    },
  )

  it.each<readonly [names: readonly string[], destination: string, refusal: string]>([
    [['none'], '/', 'failed to compute cache key: "/none": not found'],
    [['out/secret.txt'], '/', 'failed to compute cache key: "/out/secret.txt": not found'],
    [['../outside/secret.txt'], '/', 'failed to compute cache key: "/outside/secret.txt": not found'],
    [['dir'], '/file', 'cannot copy to non-directory: /file'],
    [['a.txt'], '/file/x', '/file is not a directory'],
  ])('%j to %s is refused', async (names, destination, refusal) => {
    await expect(copied(source, plain, names, destination)).rejects.toThrow(new BuildError(refusal))
  })

  it('never follows a link of the image out of it, and writes nowhere', async () => {
    const hostile: Tree = { app: '-> ../../../outside', etc: '-> /outside' }
    expect((await copied(source, hostile, ['a.txt'], '/app/')).shown).toEqual(['outside/', 'outside/a.txt'])
    expect((await copied(source, hostile, ['a.txt'], '/etc/x')).shown).toEqual(['outside/', 'outside/x'])
  })

  it('keeps folders above as they are, and gives what it makes the owner and mode that are asked for', async () => {
    const mode = parseFileMode('u=rwX,go=')
    const more = { owner: { uid: 5, gid: 6 }, ...(mode.ok ? { changeMode: mode.value } : {}) }
    const { entries } = await copied(source, plain, ['dir'], '/app/new', more)
    const facts = [...entries].map(([path, { uid, gid, mode: bits }]) => [path, uid, gid, bits])
    expect(facts).toEqual([
      ['app', 0, 0, 0o755],
      ['app/new', 5, 6, 0o700],
      ['app/new/out', 5, 6, 0o777],
      ['app/new/sub', 5, 6, 0o700],
      ['app/new/sub/y.md', 5, 6, 0o600],
      ['app/new/to-x', 5, 6, 0o777],
      ['app/new/x', 5, 6, 0o600],
    ])
  })
})

describe('the layer of a command', () => {
  it('has what is new, whiteouts for what is gone, markers for folders made anew, and never a device', async () => {
    const upper: Tree = {
      'new/file': 'n',
      'a/name': 'x',
      'b-other-name': '= a/name',
      'etc/gone': 'whiteout',
      'fresh/': '',
      'dev-node': 'device',
      'touched/': '',
      'empty/': '',
    }
    const { disk, run } = await machine({ '/upper': upper, '/lower': { 'touched/': '', 'etc/gone': 'g' } })
    const attribute = (path: string, name: string) => run(disk.setXattr(`/upper/${path}`, name, bytes('y')))
    await attribute('fresh', 'trusted.overlay.opaque')
    await attribute('touched', 'trusted.overlay.origin')
    await attribute('new/file', 'security.capability')
    await attribute('new/file', 'trusted.overlay.origin')
    const { entries, skipped } = await run(diffLayer(disk, '/upper', ['/lower']))
    expect(shown(entries)).toEqual([
      'a/',
      'a/name',
      'b-other-name',
      'empty/',
      'etc/',
      'etc/.wh.gone',
      'fresh/',
      'fresh/.wh..wh..opq',
      'new/',
      'new/file',
    ])
    expect(skipped).toEqual(['dev-node'])
    const items = [...layerItems(disk, entries, 86_400_000)]
    expect(items.find(({ path }) => path === 'b-other-name')).toMatchObject({ type: 'link', linkPath: 'a/name' })
    expect(Object.keys(items.find(({ path }) => path === 'new/file')?.xattrs ?? {})).toEqual(['security.capability'])
    expect(items.every(({ mtimeMs = 0 }) => mtimeMs <= 86_400_000 && mtimeMs % 1000 === 0)).toBe(true)
  })
})
