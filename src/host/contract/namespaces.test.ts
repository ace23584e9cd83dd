import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { linuxNamespaces } from '../linux/namespaces.ts'
import { findProgram } from '../linux/oci-runtime.ts'
import { linuxProcesses } from '../linux/processes.ts'
import { simClock } from '../sim/clock.ts'
import { simNamespaces } from '../sim/namespaces.ts'
import { namespacesContract } from './namespaces.ts'
import { simRun } from './sim-run.ts'

const able =
  process.getuid?.() === 0 && ['unshare', 'nsenter', 'ip'].every((program) => findProgram(program) !== undefined)

describe.runIf(able)('the namespaces of Linux', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'coracle-namespaces-'))
  const namespaces = linuxNamespaces({ processes: linuxProcesses(), directory: `${directory}/namespaces` })
  const prefix = `coratest-${process.pid}-`
  let count = 0
  afterAll(async () => {
    for (const name of await namespaces.list(prefix)) await namespaces.unpin(name)
    rmSync(directory, { recursive: true, force: true })
  })
  const next = (): string => {
    count += 1
    return `${prefix}${count}`
  }
  namespacesContract(() => ({ namespaces, run: (promise) => promise, name: next() }))

  it('have the host name, the sysctls and a loopback that is up', async () => {
    const name = next()
    const pinned = await namespaces.pin({
      name,
      hostname: 'box',
      hostNetwork: false,
      hostIpc: false,
      processes: false,
      sysctls: { 'net.core.somaxconn': '123', 'kernel.msgmax': '4096' },
    })
    if (!pinned.ok) throw new Error(pinned.error.message)
    const { netPath, utsPath, ipcPath } = pinned.value
    const enter = (command: string): string =>
      execFileSync('nsenter', [`--net=${netPath}`, `--uts=${utsPath}`, `--ipc=${ipcPath}`, 'sh', '-c', command])
        .toString()
        .trim()
    expect(enter('cat /proc/sys/kernel/hostname /proc/sys/net/core/somaxconn /proc/sys/kernel/msgmax')).toBe(
      'box\n123\n4096',
    )
    expect(enter('ip -br link show lo')).toMatch(/^lo\s+UNKNOWN\s.*LOWER_UP/)
    await namespaces.unpin(name)
  })

  it('belong to users who are others outside, and set what is theirs', async () => {
    const name = next()
    const shared = { hostname: 'box', hostNetwork: false, hostIpc: false, processes: true }
    const users = { firstId: 131_072, count: 65_536 }
    const pinned = await namespaces.pin({ name, ...shared, users, sysctls: { 'kernel.msgmax': '4096' } })
    if (!pinned.ok) throw new Error(pinned.error.message)
    const { userPath, netPath, ipcPath, pidPath } = pinned.value
    const enter = (...argv: string[]): string =>
      execFileSync('nsenter', [...argv])
        .toString()
        .trim()
    const all = [`--user=${userPath}`, `--net=${netPath}`, `--ipc=${ipcPath}`]
    const seen = enter(...all, 'sh', '-c', 'cat /proc/self/uid_map /proc/sys/kernel/msgmax')
    expect(seen.split(/\s+/).slice(0, 4)).toEqual(['0', '131072', '65536', '4096'])
    const first = readFileSync(`${pidPath}-process`, 'utf8').trim()
    expect(readFileSync(`/proc/${first}/status`, 'utf8')).toMatch(/^Uid:\t131072\t/m)
    await namespaces.unpin(name)
  })

  it('keep a process namespace alive, and end all that is in it with it', async () => {
    const name = next()
    const request = { name, hostname: 'box', hostNetwork: true, hostIpc: true, processes: true, sysctls: {} }
    const pinned = await namespaces.pin(request)
    if (!pinned.ok || pinned.value.pidPath === undefined) throw new Error('not pinned')
    const enter = [`--pid=${pinned.value.pidPath}`, '--wdns=/', 'sh', '-c']
    const inside = spawn('nsenter', [...enter, 'echo started; exec sleep 1000'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    await once(inside.stdout, 'data')
    const ended = once(inside, 'exit')
    expect(execFileSync('nsenter', [...enter, 'kill -0 1 && echo alive']).toString()).toBe('alive\n')
    await namespaces.unpin(name)
    expect((await ended)[1]).toBe('SIGKILL')
  })
})

describe('the simulated namespaces', () =>
  namespacesContract(() => {
    const clock = simClock()
    return { namespaces: simNamespaces({ clock }), run: simRun(clock), name: 'sim-a' }
  }))
