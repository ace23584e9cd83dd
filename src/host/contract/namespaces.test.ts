import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
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
  const namespaces = linuxNamespaces({ processes: linuxProcesses(), directory })
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
})

describe('the simulated namespaces', () =>
  namespacesContract(() => {
    const clock = simClock()
    return { namespaces: simNamespaces({ clock }), run: simRun(clock), name: 'sim-a' }
  }))
