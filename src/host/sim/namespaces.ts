import { fail, ok } from '../../api/result.ts'
import type { Clock } from '../../ports/clock.ts'
import type { NamespaceError, Namespaces, PinnedNamespaces } from '../../ports/namespaces.ts'

export type NamespaceFaults = { pin?: NamespaceError | undefined; unpin?: NamespaceError | undefined }

export type SimNamespacesOptions = Readonly<{ clock: Clock; faults?: NamespaceFaults; pinMs?: number }>

export interface SimNamespaces extends Namespaces {
  /** The machine crashes: nothing is pinned any more. */
  crash(): void
}

/** Sysctls that belong to a namespace; a kernel refuses others there. */
const namespaced = /^(net\.|kernel\.(shm|msg|sem)|fs\.mqueue\.)/

export function simNamespaces({ clock, faults = {}, pinMs = 8 }: SimNamespacesOptions): SimNamespaces {
  const pinned = new Map<string, PinnedNamespaces>()
  return {
    async pin({ name, hostNetwork, hostIpc, processes, users, sysctls }) {
      await clock.sleep(pinMs)
      if (faults.pin !== undefined) return fail(faults.pin)
      if (pinned.has(name)) return fail({ code: 'Exists', message: `${name} exists` })
      const invalid = Object.keys(sysctls).find((key) => !namespaced.test(key))
      if (invalid !== undefined) return fail({ code: 'InvalidSysctl', message: `sysctl ${invalid}` })
      const made = {
        ...(hostNetwork ? {} : { netPath: `/run/netns/${name}`, utsPath: `/run/sim/${name}.uts` }),
        ...(hostIpc ? {} : { ipcPath: `/run/sim/${name}.ipc` }),
        ...(users === undefined ? {} : { userPath: `/run/sim/${name}.user` }),
        ...(processes ? { pidPath: `/run/sim/${name}.pid` } : {}),
      }
      pinned.set(name, made)
      return ok(made)
    },
    find: async (name) => pinned.get(name),
    list: async (prefix) => [...pinned.keys()].filter((name) => name.startsWith(prefix)).sort(),
    async unpin(name) {
      await clock.sleep(pinMs)
      if (faults.unpin !== undefined) return fail(faults.unpin)
      pinned.delete(name)
      return ok(undefined)
    },
    crash: () => pinned.clear(),
  }
}
