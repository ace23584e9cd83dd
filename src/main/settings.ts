import { chmodSync, linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { defaultSettings, type Instance, readSettings, type Settings } from './instance.ts'
import { chooseSecurity, type SecurityOptions } from './security-options.ts'

/** What `up` was asked for. */
export type UpOptions = SecurityOptions &
  Readonly<{
    simulate?: number
    nodes?: number
    port?: number
    podCidr?: string
    serviceCidr?: string
    kubeletConfig?: string
    runtime?: string
  }>

const optionNames: Readonly<Record<string, string>> = {
  simulatedNodes: '--simulate',
  nodes: '--nodes',
  apiPort: '--port',
  podCidr: '--pod-cidr',
  serviceCidr: '--service-cidr',
  security: 'its security options',
  kubeletConfig: '--kubelet-config',
  runtime: '--runtime',
}

export function askedSettings(kept: Settings | undefined, options: UpOptions): Partial<Settings> {
  const { simulate, nodes, port, podCidr, serviceCidr, kubeletConfig, runtime } = options
  return {
    security: chooseSecurity(kept?.security ?? {}, options, process.cwd()),
    ...(simulate === undefined ? {} : { simulatedNodes: simulate }),
    ...(nodes === undefined ? {} : { nodes }),
    ...(port === undefined ? {} : { apiPort: port }),
    ...(podCidr === undefined ? {} : { podCidr }),
    ...(serviceCidr === undefined ? {} : { serviceCidr }),
    // An empty text takes back what was kept.
    ...(kubeletConfig === undefined
      ? {}
      : { kubeletConfig: kubeletConfig === '' ? '' : path.resolve(process.cwd(), kubeletConfig) }),
    ...(runtime === undefined ? {} : { runtime }),
  }
}

/**
 * The settings of a cluster that is to be started. What a cluster was made with stays, for addresses and nodes are in its state; its port
 * and security options may change. Throws with the mend when something else is asked for.
 */
export function chooseSettings(instance: Instance, kept: Settings | undefined, asked: Partial<Settings>): Settings {
  const settings = { ...(kept ?? defaultSettings), ...asked }
  const [changed] = differing(kept, settings).filter((key) => !changeable.includes(key))
  if (kept !== undefined && changed !== undefined) {
    throw new Error(
      `cluster "${instance.name}" was made with ${wording(changed, kept)}, and keeps it: leave ${optionNames[changed]} away, \`coracle delete\` it first, or use another --name`,
    )
  }
  return settings
}

/** Throws when a cluster that runs is asked to be another. */
export function checkAgrees(instance: Instance, kept: Settings | undefined, asked: Partial<Settings>): void {
  const [changed] = kept === undefined ? [] : differing(kept, { ...kept, ...asked })
  if (kept === undefined || changed === undefined) return
  throw new Error(
    `cluster "${instance.name}" is up with ${wording(changed, kept)}: leave ${optionNames[changed]} away, ${changeable.includes(changed) ? 'run `coracle down` first' : '`coracle delete` it first'}, or use another --name`,
  )
}

function differing(kept: Settings | undefined, settings: Settings): readonly (keyof Settings)[] {
  const keys = Object.keys(defaultSettings) as (keyof Settings)[]
  return kept === undefined ? [] : keys.filter((key) => !isDeepStrictEqual(kept[key], settings[key]))
}

/** What no object in the store depends on. */
const changeable: readonly (keyof Settings)[] = ['apiPort', 'security', 'kubeletConfig']

function wording(key: keyof Settings, kept: Settings): string {
  if (key === 'simulatedNodes' && kept.simulatedNodes === 0) return 'this machine as its node'
  if (key === 'security') return 'other security options'
  if (key === 'kubeletConfig' && kept.kubeletConfig === '') return 'no --kubelet-config'
  if (key === 'runtime' && kept.runtime === '') return 'the container engine that it brings'
  return `${optionNames[key]} ${kept[key]}`
}

export function makeFolders({ dataDirectory, runDirectory }: Instance): void {
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 })
  mkdirSync(runDirectory, { recursive: true, mode: 0o711 })
  // Users of pods that are nobody here reach what is theirs below these, and see nothing else.
  for (const folder of [dataDirectory, runDirectory, path.dirname(runDirectory)]) chmodSync(folder, 0o711)
}

/** Keeps the settings of a new cluster; false when another `up` has made it meanwhile. Whoever reads sees all of them or none. */
export function keepNewSettings(instance: Instance, settings: Settings): boolean {
  const draft = writeDraft(instance, settings)
  try {
    linkSync(draft, instance.settingsPath)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

export function replaceSettings(instance: Instance, settings: Settings): void {
  if (differing(readSettings(instance), settings).length > 0)
    renameSync(writeDraft(instance, settings), instance.settingsPath)
}

function writeDraft({ settingsPath }: Instance, settings: Settings): string {
  const draft = `${settingsPath}.${process.pid}`
  writeFileSync(draft, `${JSON.stringify(settings, null, 2)}\n`)
  return draft
}
