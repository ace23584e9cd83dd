import { accessSync, constants, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import type { Processes } from '../../ports/processes.ts'
import type { CgroupLayout } from './cgroup-layout.ts'

const folders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

export function findProgram(name: string): string | undefined {
  return folders
    .map((folder) => `${folder}/${name}`)
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

/** crun is preferred: it is twice as fast, and smaller. */
export function findOciRuntime(): string | undefined {
  return findProgram('crun') ?? findProgram('runc')
}

/** What runc tells since it can (1.2); every crun can. */
export async function mapsOwners(processes: Processes, runtime: string): Promise<boolean> {
  const asked = await processes.run({ argv: [runtime, 'features'] }, { timeoutMs: 10_000, outputLimitBytes: 1 << 20 })
  if (!asked.ok || asked.value.exitCode !== 0) return false
  const told = JSON.parse(Buffer.from(asked.value.stdout).toString('utf8')) as Features
  return told.linux?.mountExtensions?.idmap?.enabled === true
}

type Features = Readonly<{
  linux?: Readonly<{ mountExtensions?: Readonly<{ idmap?: Readonly<{ enabled?: boolean }> }> }>
}>

/**
 * crun refuses to make a container on a hybrid machine while controllers stay on its v2 hierarchy, although it would not use them.
 * There it runs in a mount namespace of its own without that hierarchy; nothing changes outside. Only making and entering
 * containers needs it.
 */
export async function wrapRuntime(runtime: string, layout: CgroupLayout, directory: string): Promise<string> {
  if (!runtime.endsWith('/crun') || layout.type !== 'split' || layout.unifiedRoot === undefined) return runtime
  if (readFileSync(`${layout.unifiedRoot}/cgroup.controllers`, 'utf8').trim() === '') return runtime
  await mkdir(directory, { recursive: true, mode: 0o711 })
  const wrapper = `${directory}/crun-without-unified`
  await writeFile(wrapper, wrapperText(runtime, layout.unifiedRoot), { mode: 0o755 })
  return wrapper
}

function wrapperText(runtime: string, unifiedRoot: string): string {
  // Propagation stays as it is, for containers whose mounts shall be seen outside; so the parent is made private first, lest the
  // host lose the hierarchy too.
  const inside = `mount --make-private /sys/fs/cgroup && umount -l ${unifiedRoot} && exec ${runtime} "$@"`
  return `#!/bin/sh\nexec unshare --mount --propagation unchanged sh -c '${inside}' crun "$@"\n`
}
