import type { Disk } from '../../ports/disk.ts'
import type { Log } from '../../ports/log.ts'
import type { Mounts } from '../../ports/mounts.ts'
import type { KubeletConfig } from '../kubelet-config.ts'

/** Where plugins and drivers meet the kubelet, below its folder: the places of the original. */
export type PluginFolders = Readonly<{
  /** Where plugins put the sockets by which they register. */
  registry: string
  /** Drivers' own sockets, and where volumes are staged. */
  plugins: string
  devicePlugins: string
  podResources: string
}>

export function pluginFolders(root: string): PluginFolders {
  return {
    registry: `${root}/plugins_registry`,
    plugins: `${root}/plugins`,
    devicePlugins: `${root}/device-plugins`,
    podResources: `${root}/pod-resources`,
  }
}

/** A path of the kubelet's as drivers know it. */
export function driverPath({ rootDirectory, driverRoot = rootDirectory }: KubeletConfig, path: string): string {
  return path.startsWith(`${rootDirectory}/`) ? driverRoot + path.slice(rootDirectory.length) : path
}

type Deps = Readonly<{ disk: Disk; mounts: Mounts; log: Log; config: KubeletConfig }>

/** Makes what drivers mount, in containers of their own, be seen here and in other containers: their folders become shared mounts. */
export async function shareDriverFolders({ disk, mounts, log, config }: Deps): Promise<void> {
  const folders = [`${config.rootDirectory}/pods`, pluginFolders(config.rootDirectory).plugins]
  for (const folder of folders) await disk.makeDirectory(folder, 0o750)
  const known = new Set((await Promise.all(folders.map((folder) => mounts.list(folder)))).flat())
  const missing = folders.filter((folder) => !known.has(folder))
  const shared = await mounts.mount(missing.map((target) => ({ type: 'shared', target })))
  if (!shared.ok)
    log.warn('volumes that drivers mount in containers are not seen here', { message: shared.error.message })
}
