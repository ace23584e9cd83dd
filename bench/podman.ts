import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { alone, nodeFigures, podScript, residentKib, secondsOf, together } from './node.ts'
import type { Single } from './table.ts'

const exec = promisify(execFile)
/** How many commands are under way at once where many containers are started. */
const atOnce = 8

export function hasPodman(): boolean {
  return existsSync('/usr/bin/podman')
}

/**
 * The same containers by podman's command line, with storage of its own, of which nothing is left. They have no network, which spares
 * podman what ours pay for; runc, because crun refuses this under a hybrid cgroup tree.
 */
export async function benchPodman(busyboxArchive: string, bigArchive: string): Promise<readonly Single[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'coracle-podman-'))
  const mark = path.basename(folder)
  const podman = async (...args: readonly string[]): Promise<void> => {
    const places = ['--root', `${folder}/root`, '--runroot', `/run/${mark}`, '--tmpdir', `/run/${mark}/tmp`]
    await exec('podman', [...places, '--cgroup-manager', 'cgroupfs', '--runtime', 'runc', ...args])
  }
  const limits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=4096:4096', '--cgroup-parent', `/${mark}`]
  const start = (name: string): Promise<void> =>
    podman(
      'run',
      '--detach',
      '--network',
      'none',
      ...limits,
      '--name',
      name,
      '--entrypoint',
      podScript[0] ?? '',
      'busybox:1.36',
      ...podScript.slice(1),
    )
  try {
    await podman('load', '--input', busyboxArchive)
    await start('first')
    const times: number[] = []
    for (let at = 0; at < alone; at++) times.push(1_000 * (await secondsOf(() => start(`alone-${at}`))))
    await podman('rm', '--all', '--force', '--time', '30')
    const names = Array.from({ length: together }, (_, at) => `together-${at}`)
    const readySeconds = await secondsOf(() =>
      Promise.all(
        Array.from({ length: atOnce }, async () => {
          for (let name = names.pop(); name !== undefined; name = names.pop()) await start(name)
        }),
      ),
    )
    // Without containers nothing of podman runs.
    const memoryKib = residentKib([mark])
    const goneSeconds = await secondsOf(() => podman('rm', '--all', '--force', '--time', '30'))
    const imageSeconds = await secondsOf(() => podman('load', '--input', bigArchive))
    return nodeFigures({ times, readySeconds, goneSeconds, memoryKib, imageSeconds })
  } finally {
    await podman('system', 'reset', '--force').catch(() => {})
    for (const place of [folder, `/run/${mark}`]) rmSync(place, { recursive: true, force: true })
  }
}
