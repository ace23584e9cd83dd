import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { linuxMounts } from '../linux/mounts.ts'
import { linuxNamespaces } from '../linux/namespaces.ts'
import { linuxProcesses } from '../linux/processes.ts'
import { simClock } from '../sim/clock.ts'
import { simMounts } from '../sim/mounts.ts'
import { mountsContract } from './mounts.ts'
import { simRun } from './sim-run.ts'

const base = mkdtempSync(path.join(tmpdir(), 'coracle-mounts-'))
const mounts = linuxMounts({ processes: linuxProcesses() })

describe.runIf(process.getuid?.() === 0)('the mounts of Linux', () => {
  afterAll(async () => {
    await mounts.unmount([base])
    rmSync(base, { recursive: true, force: true })
  })
  const ownFolder = () => {
    const folder = mkdtempSync(`${base}/x y`)
    const makeFolders = async (names: readonly string[]) => {
      for (const name of names) mkdirSync(`${folder}/${name}`, { recursive: true })
    }
    return { folder, makeFolders }
  }
  mountsContract(() => ({ mounts, run: (promise) => promise, ...ownFolder() }))

  it('lets the upper layer hide the lower ones, which stay as they are', async () => {
    const { folder, makeFolders } = ownFolder()
    await makeFolders(['l/a', 'l/b', 'u', 'w', 'm'])
    writeFileSync(`${folder}/l/a/file`, 'lower')
    writeFileSync(`${folder}/l/b/file`, 'middle')
    const [target, upper, work] = [`${folder}/m`, `${folder}/u`, `${folder}/w`]
    await mounts.mount([{ type: 'overlay', target, lower: ['b', 'a'], lowerDirectory: `${folder}/l`, upper, work }])
    expect(readFileSync(`${folder}/m/file`, 'utf8')).toBe('middle')
    writeFileSync(`${folder}/m/file`, 'changed')
    expect(readFileSync(`${folder}/l/b/file`, 'utf8')).toBe('middle')
    await mounts.unmount([target])
  })

  it('binds a folder read-only', async () => {
    const { folder, makeFolders } = ownFolder()
    await makeFolders(['source', 'target'])
    await mounts.mount([{ type: 'bind', source: `${folder}/source`, target: `${folder}/target`, readOnly: true }])
    expect(() => writeFileSync(`${folder}/target/x`, '')).toThrow(/EROFS/)
    await mounts.unmount([`${folder}/target`])
  })

  it('shows a folder with the owners that a user namespace has for it', async () => {
    const { folder, makeFolders } = ownFolder()
    await makeFolders(['source', 'target'])
    writeFileSync(`${folder}/source/file`, '')
    const name = `coratest-${process.pid}-mounts`
    const namespaces = linuxNamespaces({ processes: linuxProcesses(), directory: `${folder}/namespaces` })
    const shared = { hostname: 'box', hostNetwork: false, hostIpc: false, processes: false, sysctls: {} }
    const pinned = await namespaces.pin({ name, ...shared, users: { firstId: 65_536, count: 65_536 } })
    if (!pinned.ok || pinned.value.userPath === undefined) throw new Error('not pinned')
    const { userPath: userNamespace } = pinned.value
    const [source, target] = [`${folder}/source`, `${folder}/target`]
    const mounted = await mounts.mount([{ type: 'idmapped', source, target, userNamespace }])
    expect(mounted.ok && statSync(`${target}/file`).uid).toBe(65_536)
    await mounts.unmount([target])
    const refused = await mounts.mount([{ type: 'idmapped', source: '/proc', target, userNamespace }])
    expect(!refused.ok && refused.error.code).toBe('Unsupported')
    await namespaces.unpin(name)
  })

  it('shows what is mounted below a shared folder wherever the folder is shown', async () => {
    const { folder, makeFolders } = ownFolder()
    await makeFolders(['shared/volume', 'elsewhere'])
    await mounts.mount([
      { type: 'shared', target: `${folder}/shared` },
      { type: 'bind', source: `${folder}/shared`, target: `${folder}/elsewhere`, readOnly: false },
      { type: 'tmpfs', target: `${folder}/elsewhere/volume`, sizeBytes: 1 << 20, mode: 0o755 },
    ])
    writeFileSync(`${folder}/elsewhere/volume/file`, 'seen')
    expect(readFileSync(`${folder}/shared/volume/file`, 'utf8')).toBe('seen')
    await mounts.unmount([`${folder}/elsewhere`, `${folder}/shared`])
  })

  it('detaches a mount that is in use', async () => {
    const { folder, makeFolders } = ownFolder()
    await makeFolders(['busy'])
    await mounts.mount([{ type: 'tmpfs', target: `${folder}/busy`, sizeBytes: 1 << 20, mode: 0o755 }])
    const held = openSync(`${folder}/busy/file`, 'w')
    expect((await mounts.unmount([`${folder}/busy`])).ok).toBe(true)
    closeSync(held)
    expect(execFileSync('cat', ['/proc/self/mountinfo']).toString()).not.toContain('busy')
  })
})

describe('the simulated mounts', () =>
  mountsContract(() => {
    const clock = simClock()
    const made = new Set<string>()
    const disk = { exists: async (path: string) => made.has(path) } as never
    const makeFolders = async (names: readonly string[]) => {
      for (const name of names) made.add(`/x/${name}`)
    }
    return { mounts: simMounts({ clock, disk }), run: simRun(clock), folder: '/x', makeFolders }
  }))
