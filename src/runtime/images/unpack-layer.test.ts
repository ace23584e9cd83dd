import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { simRun } from '../../host/contract/sim-run.ts'
import { linuxDisk } from '../../host/linux/disk.ts'
import { simClock } from '../../host/sim/clock.ts'
import { simDisk } from '../../host/sim/disk.ts'
import { simRandom } from '../../host/sim/random.ts'
import { readTar } from './tar-reader.ts'
import { type TarItem, writeTar } from './tar-writer.ts'
import { unpackLayer } from './unpack-layer.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const file = (at: string, text = 'x', more: Partial<TarItem> = {}): TarItem => ({
  path: at,
  content: bytes(text),
  ...more,
})
const symlink = (at: string, linkPath: string): TarItem => ({ path: at, type: 'symlink', linkPath })
const limits = { totalBytes: 1 << 20, entries: 100 }

function simulated() {
  const clock = simClock()
  const disk = simDisk({ clock, random: simRandom(1) })
  const run = simRun(clock)
  const unpack = async (items: readonly TarItem[]) => {
    await run(disk.makeDirectory('/layer'))
    return run(unpackLayer(disk, '/layer', writeTar(items), limits))
  }
  const text = async (at: string) => new TextDecoder().decode(await run(disk.readFile(`/layer/${at}`)))
  return { disk, run, unpack, text }
}

describe('unpacking a layer', () => {
  it('writes files, links, modes and owners, and makes parents that the archive does not name', async () => {
    const { disk, run, unpack, text } = simulated()
    await unpack([
      file('./a/b/c', 'deep', { mode: 0o4755, uid: 7, gid: 8, mtimeMs: 5_000 }),
      { path: 'a/hard', type: 'link', linkPath: 'a/b/c' },
      symlink('soft', '/a/b'),
      file('soft/through', 'by the link'),
      { path: 'fifo', type: 'fifo', mode: 0o600 },
    ])
    expect(await text('a/hard')).toBe('deep')
    expect(await text('a/b/through')).toBe('by the link')
    expect(await run(disk.stat('/layer/a/b/c'))).toMatchObject({ mode: 0o4755, uid: 7, gid: 8, mtimeMs: 5_000 })
    expect(await run(disk.readSymlink('/layer/soft'))).toBe('/a/b')
    expect((await run(disk.stat('/layer/fifo'))).type).toBe('fifo')
    expect((await run(disk.stat('/layer/a'))).mode).toBe(0o755)
  })

  it('lets a later entry replace an earlier one, and a directory keep what is in it', async () => {
    const { disk, run, unpack, text } = simulated()
    await unpack([
      file('x', 'one'),
      file('x', 'two'),
      file('d/keep', 'kept'),
      { path: 'd', type: 'directory', mode: 0o700 },
      symlink('s', 'd'),
      { path: 's', type: 'directory' },
      file('s/own', 'own'),
    ])
    expect([await text('x'), await text('d/keep'), await text('s/own')]).toEqual(['two', 'kept', 'own'])
    expect(await run(disk.list('/layer/d'))).toEqual(['keep'])
    expect((await run(disk.stat('/layer/d'))).mode).toBe(0o700)
  })

  it('translates whiteouts, wherever in the archive they stand', async () => {
    const { disk, run, unpack } = simulated()
    await unpack([file('d/.wh.gone'), file('.wh.back'), file('back/new'), file('own'), file('.wh.own')])
    expect((await run(disk.stat('/layer/d/gone'))).type).toBe('character')
    expect((await run(disk.stat('/layer/back'))).type).toBe('directory')
    expect((await run(disk.stat('/layer/own'))).type).toBe('file')
  })

  const hostile: readonly (readonly [string, readonly TarItem[], RegExp])[] = [
    ['an absolute path', [file('/etc/passwd')], /absolute path/],
    ['a path that climbs', [file('a/../../x')], /leads out/],
    ['a path below a link that climbs', [symlink('up', '../..'), file('up/x')], /leads out of the layer by a link/],
    ['a hard link to outside', [{ path: 'h', type: 'link', linkPath: '../../etc/shadow' }], /leads out/],
    ['an absolute hard link', [{ path: 'h', type: 'link', linkPath: '/etc/shadow' }], /absolute path/],
    ['a hard link to nothing', [{ path: 'h', type: 'link', linkPath: 'none' }], /not there/],
    ['a path below a file', [file('f'), file('f/x')], /no directory/],
    ['a loop of links', [symlink('a', 'b'), symlink('b', 'a'), file('a/x')], /loop/],
    ['a disk', [{ path: 'sda', type: 'block', major: 8, minor: 0 }], /device/],
    ['memory', [{ path: 'mem', type: 'character', major: 1, minor: 1 }], /device/],
    ['too many entries', Array.from({ length: 101 }, (_, at) => file(`f${at}`)), /more than 100 entries/],
    ['too much content', [{ path: 'big', content: new Uint8Array((1 << 20) + 1) }], /larger than/],
    ['a whiteout of the folder itself', [file('d/.wh..')], /hides no name/],
    ['a file in place of the root', [file('.')], /root/],
  ]
  it.each(hostile)('refuses %s', async (_, items, message) => {
    await expect(simulated().unpack(items)).rejects.toThrow(message)
  })

  it('never writes through a link, whatever the archive holds', async () => {
    const name = fc.constantFrom('a', 'b', 'c', '..', '.', '')
    const somePath = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
    const item = fc.oneof(
      somePath.map((at): TarItem => file(at)),
      somePath.map((at): TarItem => ({ path: at, type: 'directory' })),
      fc
        .tuple(
          somePath,
          fc.oneof(
            somePath,
            somePath.map((at) => `/${at}`),
          ),
        )
        .map(([at, to]): TarItem => symlink(at, to)),
      fc.tuple(somePath, somePath).map(([at, to]): TarItem => ({ path: at, type: 'link', linkPath: to })),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(item, { maxLength: 12 }), async (items) => {
        const { disk, run, unpack } = simulated()
        await run(disk.makeDirectory('/a'))
        await unpack(items).catch(() => {})
        expect(await run(disk.list('/'))).toEqual(['a', 'layer'])
        expect(await run(disk.list('/a'))).toEqual([])
      }),
      { numRuns: 150 },
    )
  })
})

describe('a tar archive', () => {
  it('comes back as it was written, long names, large numbers and attributes included', async () => {
    const long = `${'d/'.repeat(80)}name`
    const items: TarItem[] = [
      file(long, 'content', { uid: 3_000_000, gid: 4_000_000, xattrs: { 'user.x': bytes('a\nb') } }),
      symlink('l', `${'t'.repeat(150)}`),
      file('ünï'),
    ]
    const entries = []
    for await (const entry of readTar(writeTar(items))) {
      let content = ''
      for await (const chunk of entry.content) content += new TextDecoder().decode(chunk)
      entries.push({ ...entry, content })
    }
    expect(entries.map((entry) => entry.path)).toEqual([long, 'l', 'ünï'])
    expect(entries[0]).toMatchObject({ uid: 3_000_000, gid: 4_000_000, content: 'content' })
    expect(entries[0]?.xattrs.get('user.x')).toEqual(bytes('a\nb'))
    expect(entries[1]?.linkPath).toBe('t'.repeat(150))
  })

  it.each([
    ['is no tar', new Uint8Array(1024).fill(65), /checksum/],
    ['ends within a header', new Uint8Array(100).fill(1), /unexpected end/],
  ])('that %s gets one clear message', async (_, content, message) => {
    async function* all() {
      yield content
    }
    const read = async () => {
      for await (const _entry of readTar(all()));
    }
    await expect(read()).rejects.toThrow(message)
  })

  it('that ends within a file says so', async () => {
    async function* cut() {
      for await (const chunk of writeTar([{ path: 'f', content: new Uint8Array(2000) }])) {
        if (chunk.length > 1500) {
          yield chunk.subarray(0, 900)
          return
        }
        yield chunk
      }
    }
    const read = async () => {
      for await (const entry of readTar(cut())) for await (const _ of entry.content);
    }
    await expect(read()).rejects.toThrow(/unexpected end/)
  })
})

describe.runIf(process.getuid?.() === 0)('unpacking on Linux', () => {
  const base = mkdtempSync(path.join(tmpdir(), 'coracle-layer-'))
  afterAll(() => rmSync(base, { recursive: true, force: true }))

  it('makes character devices of whiteouts, and keeps special modes', async () => {
    const items = [
      file('.wh.gone'),
      file('bin/su', 'x', { mode: 0o4755, uid: 5 }),
      { path: 't', type: 'directory' as const, mode: 0o1777 },
    ]
    await unpackLayer(linuxDisk(), base, writeTar(items), limits)
    expect(lstatSync(`${base}/gone`).isCharacterDevice()).toBe(true)
    expect(lstatSync(`${base}/gone`).rdev).toBe(0)
    expect(lstatSync(`${base}/bin/su`).mode & 0o7777).toBe(0o4755)
    expect(lstatSync(`${base}/t`).mode & 0o7777).toBe(0o1777)
    expect(readFileSync(`${base}/bin/su`, 'utf8')).toBe('x')
    expect(readdirSync(base).sort()).toEqual(['bin', 'gone', 't'])
    expect(existsSync(`${base}/.wh.gone`)).toBe(false)
  })
})
