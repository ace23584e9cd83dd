import { describe, expect, it } from 'vitest'
import { simClock } from '../../host/sim/clock.ts'
import { simDisk } from '../../host/sim/disk.ts'
import { simMounts } from '../../host/sim/mounts.ts'
import { simRandom } from '../../host/sim/random.ts'
import { writeAtomically } from './atomic-directory.ts'
import { hostPath } from './host-path.ts'
import { setGroup } from './ownership.ts'
import { configMapPayload, type Payload, payloadFault } from './payload.ts'
import { bindSubPath, resolveWithin } from './sub-path.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

function world() {
  const clock = simClock()
  const disk = simDisk({ clock, random: simRandom(1) })
  const mounts = simMounts({ clock, disk })
  const settle = async <T>(promise: Promise<T>): Promise<T> => {
    let done = false
    const mark = (): void => {
      done = true
    }
    promise.then(mark, mark)
    await clock.runUntilTrue(() => done, clock.nowMs() + 3_600_000)
    return promise
  }
  const read = async (path: string): Promise<string> => new TextDecoder().decode(await settle(disk.readFile(path)))
  return { disk, mounts, settle, read }
}

const files = (content: Readonly<Record<string, string>>): Payload =>
  new Map(Object.entries(content).map(([path, text]) => [path, { content: bytes(text), mode: 0o640 }]))

describe('a folder that changes at once', () => {
  it('shows the files through one link, with their modes', async () => {
    const { disk, settle, read } = world()
    await settle(disk.makeDirectory('/v'))
    await settle(writeAtomically(disk, '/v', files({ a: '1', 'dir/b': '2' }), '..v1', async () => {}))
    expect(await settle(disk.list('/v'))).toEqual(['..data', '..v1', 'a', 'dir'])
    expect(await settle(disk.readSymlink('/v/a'))).toBe('..data/a')
    expect(await settle(disk.readSymlink('/v/..data'))).toBe('..v1')
    expect(await read('/v/..v1/dir/b')).toBe('2')
    expect((await settle(disk.stat('/v/..v1/a'))).mode & 0o777).toBe(0o640)
  })

  it('switches over to a new version, and forgets what is gone', async () => {
    const { disk, settle, read } = world()
    await settle(disk.makeDirectory('/v'))
    const none = async (): Promise<void> => {}
    await settle(writeAtomically(disk, '/v', files({ a: '1', b: '2' }), '..v1', none))
    expect(await settle(writeAtomically(disk, '/v', files({ a: '1', b: '2' }), '..v2', none))).toBe(false)
    expect(await settle(writeAtomically(disk, '/v', files({ a: '9', c: '3' }), '..v3', none))).toBe(true)
    expect(await settle(disk.list('/v'))).toEqual(['..data', '..v3', 'a', 'c'])
    expect(await read('/v/..v3/a')).toBe('9')
  })

  it.each([
    ['/etc/passwd', 'must be relative path'],
    ['a/../../b', "must not contain '..'"],
    ['..data', "must not start with '..'"],
    ['', 'must not be empty'],
  ])('does not take the path %j', (path, fault) => {
    expect(payloadFault(files({ [path]: 'x' }))).toContain(fault)
  })

  it('takes only the keys that are asked for', () => {
    const configMap = { data: { a: '1', b: '2' } }
    const options = { items: [{ key: 'a', path: 'x/a', mode: 0o400 }], defaultMode: 0o644, optional: false }
    const payload = configMapPayload(configMap, options)
    expect(payload.ok && [...payload.value]).toEqual([['x/a', { content: bytes('1'), mode: 0o400 }]])
    const missing = configMapPayload(configMap, { ...options, items: [{ key: 'z', path: 'z' }] })
    expect(!missing.ok && missing.error).toBe('configmap references non-existent config key: z')
  })
})

describe('a subPath', () => {
  it('is made where it is missing, and bound to a place of its own', async () => {
    const { disk, mounts, settle } = world()
    await settle(disk.makeDirectory('/v'))
    const bound = await settle(bindSubPath(disk, mounts, { volumePath: '/v', subPath: 'x/y', target: '/t/0' }))
    expect(bound).toEqual({ ok: true, value: '/t/0' })
    expect((await settle(disk.stat('/v/x/y'))).type).toBe('directory')
    expect(await settle(mounts.list('/t'))).toEqual(['/t/0'])
  })

  it('follows links within the volume', async () => {
    const { disk, settle } = world()
    await settle(disk.makeDirectory('/v/real'))
    await settle(disk.writeFile('/v/real/f', bytes('x')))
    await settle(disk.makeSymlink('/v/link', 'real/f'))
    expect((await settle(resolveWithin(disk, '/v', 'link', false)))?.path).toBe('/v/real/f')
  })

  it.each([
    ['an absolute link', '/etc'],
    ['a link upward', '../../etc'],
    ['a link to itself', 'evil'],
  ])('does not leave the volume by %s', async (_, target) => {
    const { disk, mounts, settle } = world()
    await settle(disk.makeDirectory('/v'))
    await settle(disk.makeDirectory('/etc'))
    await settle(disk.makeSymlink('/v/evil', target))
    const bound = await settle(bindSubPath(disk, mounts, { volumePath: '/v', subPath: 'evil', target: '/t/0' }))
    expect(bound.ok).toBe(false)
    expect(await settle(mounts.list('/t'))).toEqual([])
  })

  it.each(['/abs', 'a/../..'])('is refused when it is %j', async (subPath) => {
    const { disk, mounts, settle } = world()
    await settle(disk.makeDirectory('/v'))
    const bound = await settle(bindSubPath(disk, mounts, { volumePath: '/v', subPath, target: '/t/0' }))
    expect(!bound.ok && bound.error).toMatch(/SubPath/)
  })
})

describe('a path of the node', () => {
  it.each([
    ['DirectoryOrCreate', '/new', true],
    ['FileOrCreate', '/dir/new', true],
    ['Directory', '/dir', true],
    ['Directory', '/dir/f', false],
    ['File', '/dir', false],
    ['File', '/none', false],
    ['', '/none', true],
    ['Socket', '/dir/f', false],
  ])('of type %j at %s: %s', async (type, path, good) => {
    const { disk, settle } = world()
    await settle(disk.makeDirectory('/dir'))
    await settle(disk.writeFile('/dir/f', bytes('x')))
    expect((await settle(hostPath(disk, { path, type }))).ok).toBe(good)
  })
})

describe('the fsGroup', () => {
  it('owns what is in the volume, and what will be', async () => {
    const { disk, settle } = world()
    await settle(disk.makeDirectory('/v/d'))
    await settle(disk.writeFile('/v/d/f', bytes('x'), { mode: 0o600 }))
    await settle(setGroup(disk, '/v', 2000, false))
    const [folder, file] = [await settle(disk.stat('/v/d')), await settle(disk.stat('/v/d/f'))]
    expect([folder.gid, file.gid]).toEqual([2000, 2000])
    expect([folder.mode & 0o2070, file.mode & 0o7777]).toEqual([0o2070, 0o660])
  })
})
