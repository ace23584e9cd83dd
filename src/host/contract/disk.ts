import { describe, expect, it } from 'vitest'
import { type Disk, DiskError } from '../../ports/disk.ts'

export type DiskUnderTest = Readonly<{
  disk: Disk
  /** An empty folder of the test's own. */
  folder: string
  /** Waits for what the disk does, letting its time pass. */
  run<T>(doing: Promise<T>): Promise<T>
  /** Device nodes and owners can be made. */
  privileged: boolean
}>

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (content: Uint8Array): string => new TextDecoder().decode(content)

/** What every Disk keeps to. */
export function diskContract(
  name: string,
  use: (body: (under: DiskUnderTest) => Promise<void>) => () => Promise<void>,
): void {
  describe(`${name} disk`, () => {
    filesContract(use)
    appendContract(use)
    namesContract(use)
    attributesContract(use)
    xattrsContract(use)
    lockContract(use)
    watchContract(use)
  })
}

type Use = Parameters<typeof diskContract>[1]

async function codeOf(doing: Promise<unknown>): Promise<string> {
  try {
    await doing
  } catch (error) {
    return error instanceof DiskError ? error.code : String(error)
  }
  return 'no error'
}

async function all(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let joined = ''
  for await (const chunk of chunks) joined += text(chunk)
  return joined
}

async function* chunksOf(...texts: readonly string[]): AsyncIterable<Uint8Array> {
  for (const each of texts) yield bytes(each)
}

function filesContract(use: Use): void {
  it(
    'reads back what was written, whole or from an offset',
    use(async ({ disk, folder, run }) => {
      await run(disk.writeFile(`${folder}/a`, bytes('coracle'), { mode: 0o640, durable: true }))
      expect(text(await run(disk.readFile(`${folder}/a`)))).toBe('coracle')
      expect(await run(all(disk.readChunks(`${folder}/a`, 3)))).toBe('acle')
      expect(await run(disk.stat(`${folder}/a`))).toMatchObject({ type: 'file', sizeBytes: 7, mode: 0o640 })
    }),
  )
  it(
    'replaces a file with a new one, and leaves nothing beside it',
    use(async ({ disk, folder, run }) => {
      await run(disk.writeFile(`${folder}/a`, bytes('old and longer')))
      const before = await run(disk.stat(`${folder}/a`))
      await run(disk.writeFile(`${folder}/a`, bytes('new')))
      expect(text(await run(disk.readFile(`${folder}/a`)))).toBe('new')
      expect((await run(disk.stat(`${folder}/a`))).inode).not.toBe(before.inode)
      expect(await run(disk.list(folder))).toEqual(['a'])
    }),
  )
  it(
    'writes what comes in chunks, to a new file only',
    use(async ({ disk, folder, run }) => {
      await run(disk.writeChunks(`${folder}/a`, chunksOf('co', 'ra', 'cle'), { durable: true }))
      expect(text(await run(disk.readFile(`${folder}/a`)))).toBe('coracle')
      expect(await codeOf(run(disk.writeChunks(`${folder}/a`, chunksOf('x'))))).toBe('Exists')
    }),
  )
  it(
    'says with a code why a file cannot be read or written',
    use(async ({ disk, folder, run }) => {
      await run(disk.writeFile(`${folder}/a`, bytes('a')))
      expect(await codeOf(run(disk.readFile(`${folder}/none`)))).toBe('NotFound')
      expect(await codeOf(run(all(disk.readChunks(`${folder}/none`))))).toBe('NotFound')
      expect(await codeOf(run(disk.readFile(folder)))).toBe('IsADirectory')
      expect(await codeOf(run(disk.readFile(`${folder}/a/b`)))).toBe('NotADirectory')
      expect(await codeOf(run(disk.writeFile(`${folder}/none/a`, bytes('a'))))).toBe('NotFound')
      expect(await codeOf(run(disk.list(`${folder}/a`)))).toBe('NotADirectory')
    }),
  )
  it(
    'tells the room that is left',
    use(async ({ disk, folder, run }) => {
      const { freeBytes, totalBytes, freeInodes, totalInodes, deviceName } = await run(disk.space(folder))
      expect(deviceName).not.toBe('')
      expect(freeBytes).toBeGreaterThan(0)
      expect(totalBytes).toBeGreaterThanOrEqual(freeBytes)
      expect(totalInodes).toBeGreaterThanOrEqual(freeInodes)
      expect(await codeOf(run(disk.space(`${folder}/none`)))).toBe('NotFound')
    }),
  )
  it(
    'tells what a tree takes up, each file once',
    use(async ({ disk, folder, run }) => {
      await run(disk.makeDirectory(`${folder}/tree/inner`))
      const before = await run(disk.usage(`${folder}/tree`))
      await run(disk.writeFile(`${folder}/tree/inner/a`, new Uint8Array(100_000)))
      await run(disk.makeHardLink(`${folder}/tree/b`, `${folder}/tree/inner/a`))
      await run(disk.makeSymlink(`${folder}/tree/up`, '..'))
      const { bytes: used, inodes } = await run(disk.usage(`${folder}/tree`))
      expect([before.inodes, inodes]).toEqual([2, 4])
      expect(used - before.bytes).toBeGreaterThanOrEqual(100_000)
      expect(used - before.bytes).toBeLessThan(200_000)
      expect(await run(disk.usage(`${folder}/none`))).toEqual({ bytes: 0, inodes: 0 })
    }),
  )
}

function appendContract(use: Use): void {
  it(
    'appends chunks in order and goes on after opening again',
    use(async ({ disk, folder, run }) => {
      const first = await run(disk.openAppend(`${folder}/log`))
      await run(first.append([bytes('one '), bytes('two ')]))
      await run(first.sync())
      expect(first.sizeBytes()).toBe(8)
      await run(first.close())
      const second = await run(disk.openAppend(`${folder}/log`))
      await run(second.append([bytes('three')]))
      await run(second.close())
      expect(text(await run(disk.readFile(`${folder}/log`)))).toBe('one two three')
    }),
  )
  it(
    'cuts the file before appending where asked',
    use(async ({ disk, folder, run }) => {
      await run(disk.writeFile(`${folder}/log`, bytes('good torn')))
      const log = await run(disk.openAppend(`${folder}/log`, 5))
      expect(log.sizeBytes()).toBe(5)
      await run(log.append([bytes('new')]))
      await run(log.sync())
      await run(log.close())
      expect(text(await run(disk.readFile(`${folder}/log`)))).toBe('good new')
    }),
  )
  it(
    'appends very many chunks at once',
    use(async ({ disk, folder, run }) => {
      const log = await run(disk.openAppend(`${folder}/log`))
      const chunk = bytes('x'.repeat(1000))
      await run(log.append(Array.from({ length: 3000 }, () => chunk)))
      await run(log.close())
      expect((await run(disk.stat(`${folder}/log`))).sizeBytes).toBe(3_000_000)
    }),
  )
}

function namesContract(use: Use): void {
  it(
    'makes folders with their parents, and lists names in order',
    use(async ({ disk, folder, run }) => {
      await run(disk.makeDirectory(`${folder}/a/b/c`))
      await run(disk.makeDirectory(`${folder}/a/b/c`))
      for (const name of ['z', 'B', 'a']) await run(disk.writeFile(`${folder}/a/b/${name}`, bytes(name)))
      expect(await run(disk.list(`${folder}/a/b`))).toEqual(['B', 'a', 'c', 'z'])
    }),
  )
  it(
    'renames over what is there',
    use(async ({ disk, folder, run }) => {
      await run(disk.writeFile(`${folder}/a`, bytes('a')))
      await run(disk.writeFile(`${folder}/b`, bytes('b')))
      await run(disk.rename(`${folder}/a`, `${folder}/b`, { durable: true }))
      expect(text(await run(disk.readFile(`${folder}/b`)))).toBe('a')
      expect(await run(disk.exists(`${folder}/a`))).toBe(false)
      expect(await codeOf(run(disk.rename(`${folder}/a`, `${folder}/b`)))).toBe('NotFound')
    }),
  )
  it(
    'does not rename over a folder that holds something',
    use(async ({ disk, folder, run }) => {
      await run(disk.makeDirectory(`${folder}/a`))
      await run(disk.makeDirectory(`${folder}/b/c`))
      expect(await codeOf(run(disk.rename(`${folder}/a`, `${folder}/b`)))).toBe('NotEmpty')
      await run(disk.rename(`${folder}/b`, `${folder}/a`))
      expect(await run(disk.list(`${folder}/a`))).toEqual(['c'])
    }),
  )
  it(
    'removes whole trees and what is not there',
    use(async ({ disk, folder, run }) => {
      await run(disk.makeDirectory(`${folder}/a/b`))
      await run(disk.writeFile(`${folder}/kept`, bytes('kept')))
      await run(disk.makeSymlink(`${folder}/a/link`, `${folder}/kept`))
      await run(disk.remove(`${folder}/a`))
      await run(disk.remove(`${folder}/a`))
      await run(disk.remove(`${folder}/kept/below`))
      expect(await run(disk.list(folder))).toEqual(['kept'])
    }),
  )
  it(
    'keeps links: symbolic ones are followed to read, hard ones are the file itself',
    use(async ({ disk, folder, run }) => {
      await run(disk.makeDirectory(`${folder}/d`))
      await run(disk.writeFile(`${folder}/d/a`, bytes('a')))
      await run(disk.makeSymlink(`${folder}/soft`, 'd'))
      await run(disk.makeHardLink(`${folder}/hard`, `${folder}/d/a`))
      expect(await run(disk.readSymlink(`${folder}/soft`))).toBe('d')
      expect(text(await run(disk.readFile(`${folder}/soft/a`)))).toBe('a')
      expect((await run(disk.stat(`${folder}/soft`))).type).toBe('symlink')
      const [hard, original] = [await run(disk.stat(`${folder}/hard`)), await run(disk.stat(`${folder}/d/a`))]
      expect(hard.inode).toBe(original.inode)
      expect(await codeOf(run(disk.makeSymlink(`${folder}/soft`, 'x')))).toBe('Exists')
      await run(disk.makeSymlink(`${folder}/dangling`, 'nowhere'))
      expect(await run(disk.exists(`${folder}/dangling`))).toBe(true)
    }),
  )
}

function attributesContract(use: Use): void {
  it(
    'sets modes and times, of a link itself where it is one',
    use(async ({ disk, folder, run }) => {
      await run(disk.writeFile(`${folder}/a`, bytes('a')))
      await run(disk.makeSymlink(`${folder}/link`, 'a'))
      await run(disk.setMode(`${folder}/a`, 0o4755))
      await run(disk.setMtimeMs(`${folder}/a`, 1_700_000_000_000))
      await run(disk.setMtimeMs(`${folder}/link`, 1_600_000_000_000))
      await run(disk.setMode(`${folder}/link`, 0o600))
      expect(await run(disk.stat(`${folder}/a`))).toMatchObject({ mode: 0o4755, mtimeMs: 1_700_000_000_000 })
      expect((await run(disk.stat(`${folder}/link`))).mtimeMs).toBe(1_600_000_000_000)
    }),
  )
  it(
    'makes fifos',
    use(async ({ disk, folder, run }) => {
      await run(disk.makeFifo(`${folder}/fifo`, 0o622))
      expect(await run(disk.stat(`${folder}/fifo`))).toMatchObject({ type: 'fifo', mode: 0o622 })
      expect(await codeOf(run(disk.makeFifo(`${folder}/fifo`, 0o622)))).toBe('Exists')
    }),
  )
  it(
    'makes devices, sets owners and extended attributes where that is allowed',
    use(async ({ disk, folder, run, privileged }) => {
      if (!privileged) return
      await run(disk.makeDevice(`${folder}/null`, 'character', 1, 3, 0o666))
      await run(disk.setOwner(`${folder}/null`, 12, 34))
      expect(await run(disk.stat(`${folder}/null`))).toMatchObject({ type: 'character', uid: 12, gid: 34, mode: 0o666 })
      await run(disk.makeDirectory(`${folder}/opaque`))
      await run(disk.setMtimeMs(`${folder}/opaque`, 1_600_000_000_000))
      await run(disk.setXattr(`${folder}/opaque`, 'trusted.overlay.opaque', bytes('y')))
      expect((await run(disk.stat(`${folder}/opaque`))).mtimeMs).toBe(1_600_000_000_000)
      expect(await run(disk.stat(`${folder}/null`))).toMatchObject({ major: 1, minor: 3, links: 1 })
    }),
  )
}

/** cap_net_raw=ep, as the kernel keeps it. */
const capability = new Uint8Array([1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])

function xattrsContract(use: Use): void {
  it(
    'reads extended attributes, whatever the names and contents',
    use(async ({ disk, folder, run, privileged }) => {
      const name = `a "b" \\n c\n${'long'.repeat(40)}`
      await run(disk.makeDirectory(`${folder}/d/${name}`))
      await run(disk.writeFile(`${folder}/d/file`, bytes('x'.repeat(1000))))
      if (privileged) await run(disk.setXattr(`${folder}/d/file`, 'security.capability', capability))
      await run(disk.makeHardLink(`${folder}/d/link`, `${folder}/d/file`))
      await run(disk.makeSymlink(`${folder}/d/soft`, '/nowhere'))
      expect((await run(disk.stat(`${folder}/d/file`))).links).toBe(2)
      const paths = ['', name, 'file', 'link', 'soft']
      if (!privileged) return expect(await run(disk.readXattrs(`${folder}/d`, paths))).toEqual(new Map())
      await run(disk.setXattr(`${folder}/d/${name}`, 'trusted.overlay.opaque', bytes('y')))
      await run(disk.setXattr(`${folder}/d`, 'trusted.coracle', new Uint8Array([0, 10, 255])))
      const found = await run(disk.readXattrs(`${folder}/d`, paths))
      expect([...found].sort()).toEqual([
        ['', new Map([['trusted.coracle', new Uint8Array([0, 10, 255])]])],
        [name, new Map([['trusted.overlay.opaque', bytes('y')]])],
        ['file', new Map([['security.capability', capability]])],
        ['link', new Map([['security.capability', capability]])],
      ])
      expect(await run(disk.readXattrs(`${folder}/d`, ['soft']))).toEqual(new Map())
      expect(await codeOf(run(disk.readXattrs(`${folder}/d`, ['none'])))).toBe('NotFound')
      expect(text(await run(disk.readFile(`${folder}/d/file`)))).toBe('x'.repeat(1000))
    }),
  )
}

function lockContract(use: Use): void {
  it(
    'gives a lock to one holder at a time',
    use(async ({ disk, folder, run }) => {
      const first = await run(disk.lock(`${folder}/lock`))
      expect(first.ok).toBe(true)
      expect((await run(disk.lock(`${folder}/lock`))).ok).toBe(false)
      if (first.ok) await run(first.release())
      const second = await run(disk.lock(`${folder}/lock`))
      expect(second.ok).toBe(true)
      if (second.ok) await run(second.release())
    }),
  )
}

function watchContract(use: Use): void {
  it(
    'tells of names that come and go in a folder, until it is stopped',
    use(async ({ disk, folder, run }) => {
      let told = 0
      let heard = (): void => {}
      const next = (): Promise<void> => new Promise((resolve) => (heard = resolve))
      const watch = await run(
        disk.watch(folder, () => {
          told += 1
          heard()
        }),
      )
      for (const change of [
        () => disk.makeDirectory(`${folder}/a`),
        () => disk.makeFifo(`${folder}/b`, 0o600),
        () => disk.rename(`${folder}/b`, `${folder}/c`),
        () => disk.remove(`${folder}/c`),
      ]) {
        const coming = next()
        await run(change())
        await run(coming)
      }
      watch.stop()
      const before = told
      await run(disk.makeDirectory(`${folder}/d`))
      expect(told).toBe(before)
      expect(await codeOf(run(disk.watch(`${folder}/none`, () => {})))).toBe('NotFound')
    }),
  )
}
