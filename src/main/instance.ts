import { readFileSync } from 'node:fs'
import path from 'node:path'

/** One cluster on this machine: its name scopes every folder, link, table and cgroup that it makes. */
export type Instance = Readonly<{
  name: string
  /** Outlives `down`: state, keys, images. */
  dataDirectory: string
  /** Gone after a reboot: sockets, pids, namespaces. */
  runDirectory: string
  logPath: string
  socketPath: string
  settingsPath: string
}>

/** What is chosen when a cluster is made, and kept from then on. */
export type Settings = Readonly<{
  apiPort: number
  podCidr: string
  serviceCidr: string
  nodePortFirst: number
  nodePortLast: number
  /** Nodes that run no containers; 0: this machine is the one node. */
  simulatedNodes: number
}>

export const defaultSettings: Settings = {
  apiPort: 6443,
  podCidr: '10.244.0.0/24',
  serviceCidr: '10.96.0.0/16',
  nodePortFirst: 30000,
  nodePortLast: 32767,
  simulatedNodes: 0,
}

export function instanceNamed(name: string, isRoot: boolean, home: string): Instance {
  const dataDirectory = isRoot ? `/var/lib/coracle/${name}` : path.join(home, '.local/share/coracle', name)
  const runDirectory = isRoot ? `/run/coracle/${name}` : path.join(dataDirectory, 'run')
  return {
    name,
    dataDirectory,
    runDirectory,
    logPath: path.join(dataDirectory, 'coracle.log'),
    socketPath: path.join(runDirectory, 'coracle.sock'),
    settingsPath: path.join(dataDirectory, 'settings.json'),
  }
}

/** Undefined for a cluster that was never made. */
export function readSettings(instance: Instance): Settings | undefined {
  try {
    return { ...defaultSettings, ...JSON.parse(readFileSync(instance.settingsPath, 'utf8')) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Error(
      `${instance.settingsPath} cannot be read (${(error as Error).message}): mend it, or run \`coracle delete\``,
    )
  }
}
