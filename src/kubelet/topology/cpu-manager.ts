import type { Result } from '../../api/result.ts'
import { type Disk, DiskError } from '../../ports/disk.ts'
import { keyLock } from '../../runtime/key-lock.ts'
import type { LinuxResources } from '../../runtime/pod-runtime.ts'
import type { KubeletConfig } from '../kubelet-config.ts'
import { cpuRules } from './cpu-rules.ts'
import { type CpuSet, formatCpuSet, parseCpuSet, union, without } from './cpu-set.ts'
import { type CpuRules, type CpuState, freshState, stateFault, takeBackCpus } from './exclusive-cpus.ts'

/** Which processors containers may use: all alike, but for those that have some to themselves. */
export interface CpuManager {
  /** Undefined: no container has any to itself (cpuManagerPolicy none). */
  readonly rules: CpuRules | undefined
  state(): CpuState
  /** The pod has these from now on; written down before this resolves. */
  give(podUid: string, own: ReadonlyMap<string, CpuSet>): Promise<void>
  release(podUid: string): Promise<void>
  /** Of the container's own; empty where it shares. */
  exclusive(podUid: string, container: string): CpuSet
  /** What its cgroup says of processors. One that has its own is not held to a share of time on them. */
  settings(podUid: string, container: string): Pick<LinuxResources, 'cpusetCpus' | 'cpuQuotaUs' | 'cpuPeriodUs'>
}

type Place = Readonly<{ disk: Disk; config: KubeletConfig }>

const noCpus: CpuState = { shared: [], exclusive: new Map() }

/** Rejects, in the original's words, where the configuration does not fit the machine or what containers have. */
export async function openCpuManager({ disk, config }: Place): Promise<CpuManager> {
  const path = `${config.rootDirectory}/cpu_manager_state`
  const found = cpuRules(config)
  if (!found.ok) throw new Error(found.error)
  const rules = found.value
  if (rules === undefined) {
    await disk.remove(path)
    return sharing
  }
  let state = (await readState(disk, path)) ?? freshState(rules)
  const fault = stateFault(rules, state)
  if (fault !== undefined)
    throw new Error(`start cpu manager error: ${fault}; drain the node, and remove the policy state file ${path}`)
  const locked = keyLock()
  const keep = (next: CpuState): Promise<void> => {
    state = next
    return locked('state', () => disk.writeFile(path, encode(state), { mode: 0o600, durable: true }))
  }
  await keep(state)
  const exclusive = (podUid: string, container: string): CpuSet => state.exclusive.get(podUid)?.get(container) ?? []
  return {
    rules,
    state: () => state,
    // Others may have given theirs back meanwhile.
    give: (podUid, own) =>
      keep({
        shared: without(state.shared, [...own.values()].reduce(union, [])),
        exclusive: new Map(state.exclusive).set(podUid, own),
      }),
    async release(podUid) {
      if (state.exclusive.has(podUid)) await keep(takeBackCpus(state, podUid))
    },
    exclusive,
    settings(podUid, container) {
      const own = exclusive(podUid, container)
      if (own.length === 0) return { cpusetCpus: formatCpuSet(state.shared) }
      return { cpusetCpus: formatCpuSet(own), cpuQuotaUs: -1 }
    },
  }
}

const sharing: CpuManager = {
  rules: undefined,
  state: () => noCpus,
  give: async () => {},
  release: async () => {},
  exclusive: () => [],
  settings: () => ({}),
}

/** The original's file, without its checksum: a rename never shows half of it. */
type Written = Readonly<{
  policyName: string
  defaultCpuSet: string
  entries: Readonly<Record<string, Readonly<Record<string, string>>>>
}>

function encode({ shared, exclusive }: CpuState): Uint8Array {
  const texts = [...exclusive].map(([uid, own]) => [
    uid,
    Object.fromEntries([...own].map(([name, cpus]) => [name, formatCpuSet(cpus)])),
  ])
  const written: Written = {
    policyName: 'static',
    defaultCpuSet: formatCpuSet(shared),
    entries: Object.fromEntries(texts),
  }
  return new TextEncoder().encode(JSON.stringify(written))
}

/** Undefined where there is none. */
async function readState(disk: Disk, path: string): Promise<CpuState | undefined> {
  try {
    const written = JSON.parse(new TextDecoder().decode(await disk.readFile(path))) as Written
    const pods = Object.entries(written.entries).map(([uid, own]) => [
      uid,
      new Map(Object.entries(own).map(([name, text]) => [name, cpusOf(text)])),
    ])
    return { shared: cpusOf(written.defaultCpuSet), exclusive: new Map(pods as [string, Map<string, CpuSet>][]) }
  } catch (error) {
    if ((error instanceof DiskError && error.code === 'NotFound') || error instanceof SyntaxError) return undefined
    throw error
  }
}

function cpusOf(text: string): CpuSet {
  const parsed: Result<CpuSet, string> = parseCpuSet(text)
  return parsed.ok ? parsed.value : []
}
