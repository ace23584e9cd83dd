import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import type { SecurityFiles } from '../apiserver/configuration/security.ts'
import { parseCidr } from '../network/address.ts'

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
  /** Nodes that run no containers; 0: real ones instead. */
  simulatedNodes: number
  /** Real nodes: this machine, and from 2 on further ones in network namespaces of it. */
  nodes: number
  /** Files that say who may enter, who may do what, what is recorded and how what is stored is encrypted. */
  security: SecurityFiles
  /** A KubeletConfiguration; '' is none. */
  kubeletConfig: string
  /** Endpoint of the container runtime: 'unix:///run/containerd/containerd.sock'; '' is our own engine. */
  runtime: string
}>

export const defaultSettings: Settings = {
  apiPort: 6443,
  podCidr: '10.244.0.0/24',
  serviceCidr: '10.96.0.0/16',
  nodePortFirst: 30000,
  nodePortLast: 32767,
  simulatedNodes: 0,
  nodes: 1,
  security: {},
  kubeletConfig: '',
  runtime: '',
}

/** The cluster of that name of whoever runs this: root's are the machine's, anybody else's are below their home. */
export function instanceNamed(name: string): Instance {
  const isRoot = process.getuid?.() === 0
  const dataDirectory = path.join(
    isRoot ? '/var/lib/coracle' : path.join(homeDirectory(), '.local/share/coracle'),
    name,
  )
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

export function homeDirectory(): string {
  let home = ''
  try {
    home = homedir()
  } catch {
    // The user has no entry in the password file either.
  }
  if (path.isAbsolute(home)) return home
  throw new Error('no home directory is known: set HOME to a folder that you may write to')
}

/** Undefined for a cluster that was never made. Throws with the mend when it cannot be understood. */
export function readSettings(instance: Instance): Settings | undefined {
  try {
    return parseSettings(readFileSync(instance.settingsPath, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Error(
      `${instance.settingsPath} cannot be read (${(error as Error).message}): mend it, or give the cluster up with \`coracle delete\``,
    )
  }
}

/** Throws with what is wrong. */
function parseSettings(text: string): Settings {
  const read: unknown = JSON.parse(text)
  if (typeof read !== 'object' || read === null || Array.isArray(read)) throw new Error('it is not a JSON object')
  const settings: Readonly<Record<string, unknown>> = { ...defaultSettings, ...read }
  for (const [key, standard] of Object.entries(defaultSettings)) {
    const value = settings[key]
    if (!isRight(key, standard, value)) throw new Error(`${key} is ${JSON.stringify(value)}`)
  }
  return settings as Settings
}

function isRight(key: string, standard: unknown, value: unknown): boolean {
  if (key === 'security') return typeof value === 'object' && value !== null
  if (key === 'kubeletConfig' || key === 'runtime') return typeof value === 'string'
  return typeof standard === 'number' ? Number.isSafeInteger(value) && Number(value) >= 0 : isCidr(value)
}

function isCidr(value: unknown): boolean {
  return typeof value === 'string' && parseCidr(value) !== undefined
}
