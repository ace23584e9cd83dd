import type { EndpointSlice, Service } from '../api/kinds.generated.ts'
import { objectKey, type Stored } from '../api/object.ts'
import type { Informer } from '../client/informer.ts'
import type { Clock, Timer } from '../ports/clock.ts'
import type { Firewall, FirewallError } from '../ports/firewall.ts'
import type { Log } from '../ports/log.ts'
import type { SandboxSpec } from '../runtime/pod-runtime.ts'
import { type Change, foldChanges } from './claims.ts'
import { planHostPorts } from './host-ports.ts'
import type { Entry } from './service-plan.ts'
import { makeServiceState, type OwnerChange, type ServiceState } from './service-state.ts'
import {
  type Declared,
  declaredIn,
  type ServiceTableConfig,
  serviceTable,
  serviceTableName,
  serviceUpdate,
} from './service-table.ts'
import { hasAffinity, staleAffinity, staleFlows } from './stale-flows.ts'

export type ServiceProxyConfig = Readonly<{
  /** The same as the pod network's: [a-z0-9-]. */
  name: string
  nodeName: string
  /** Where pods are: their packets to services keep their address. */
  clusterCidrs: readonly string[]
  serviceCidr: string
  /** Changes within this time go into one transaction. Default 5. */
  coalesceMs?: number
}>

export type ServiceProxyParts = Readonly<{
  informers: Readonly<{ services: Informer<Service>; endpointSlices: Informer<EndpointSlice> }>
  firewall: Firewall
  clock: Clock
  log: Log
  config: ServiceProxyConfig
}>

export interface ServiceProxy {
  /** Resolves when everything seen so far is in the kernel. */
  whenApplied(): Promise<void>
  /** Publishes a sandbox's ports; resolves when they are in the kernel. */
  publish(sandboxId: string, podAddress: string, mappings: SandboxSpec['portMappings']): Promise<void>
  unpublish(sandboxId: string): Promise<void>
  /** Stops following; the rules stay, so that services go on while the process is away. */
  stop(): Promise<void>
  /** Stops and takes the rules away. Throws when the host refuses. */
  teardown(): Promise<void>
}

const [firstRetryMs, longestRetryMs] = [1_000, 30_000]
/** conntrack is one process a flow: beyond this many at once, old flows are left to time out. */
const maxFlowsForgotten = 64

/**
 * Keeps the service table equal to what services and endpoint slices say: one full load, then only the elements that changed.
 * Event-driven; a failed update is followed by a full load, with back-off. Without conntrack(8) on the host, a UDP client that keeps
 * its port goes on being sent to an endpoint that has gone until its flow times out (30 to 120 s of silence).
 */
export function startServiceProxy({ informers, firewall, clock, log, config }: ServiceProxyParts): ServiceProxy {
  const table: ServiceTableConfig = { ...config, table: serviceTableName(config.name) }
  const state = makeServiceState(config.nodeName)
  const sync = makeSync({ state, firewall, log, table })
  let timer: Timer | undefined
  let running: Promise<void> = Promise.resolve()
  let failures = 0
  let stopped = false
  let ready = false
  const waiting: (() => void)[] = []

  const run = async (): Promise<void> => {
    timer = undefined
    const failed = await sync.run()
    failures = failed === undefined ? 0 : failures + 1
    if (failed !== undefined)
      log.error('cannot load the service rules', { code: failed.code, message: failed.message, failures })
    settleOrGoOn()
  }
  const settleOrGoOn = (): void => {
    if (sync.behind()) schedule()
    else for (const resolve of waiting.splice(0)) resolve()
  }
  const schedule = (): void => {
    if (stopped || !ready || timer !== undefined) return
    const delayMs =
      failures === 0 ? (config.coalesceMs ?? 5) : Math.min(firstRetryMs * 2 ** (failures - 1), longestRetryMs)
    timer = clock.after(delayMs, () => {
      running = running.then(run)
    })
  }
  const whenApplied = (): Promise<void> => {
    if (stopped || !sync.behind()) return Promise.resolve()
    schedule()
    return new Promise((resolve) => waiting.push(resolve))
  }
  const setPorts = (sandboxId: string, entries: readonly Entry[]): Promise<void> => {
    state.setEntries(`ports ${sandboxId}`, entries)
    schedule()
    return whenApplied()
  }
  const stop = async (): Promise<void> => {
    stopped = true
    timer?.cancel()
    await running
    for (const resolve of waiting.splice(0)) resolve()
  }
  follow(informers.services, state.setService, schedule)
  follow(informers.endpointSlices, state.setSlice, schedule)
  void Promise.all([informers.services.whenSynced(), informers.endpointSlices.whenSynced()]).then(() => {
    ready = true
    schedule()
  })
  return {
    whenApplied,
    publish: (sandboxId, podAddress, mappings) => setPorts(sandboxId, planHostPorts(podAddress, mappings)),
    unpublish: (sandboxId) => setPorts(sandboxId, []),
    stop,
    teardown: async () => {
      await stop()
      const removed = await firewall.remove(table.table)
      if (!removed.ok) throw new Error(`service proxy: cannot remove ${table.table}: ${removed.error.message}`)
    },
  }
}

function follow<T>(
  informer: Informer<T>,
  set: (key: string, object: Stored<T> | undefined) => void,
  changed: () => void,
): void {
  for (const object of informer.list()) set(objectKey(object), object)
  informer.onChange((before, after) => {
    const object = after ?? before
    if (object === undefined) return
    set(objectKey(object), after)
    changed()
  })
}

type Sync = Readonly<{ run(): Promise<FirewallError | undefined>; behind(): boolean }>

/** One step at a time from what the kernel holds to what the state wants. */
function makeSync({
  state,
  firewall,
  log,
  table,
}: Readonly<{ state: ServiceState; firewall: Firewall; log: Log; table: ServiceTableConfig }>): Sync {
  // Undefined: the kernel's content is unknown, so the next step is a full load.
  let declared: Declared | undefined
  let conntrackMissing = false
  let busy = false

  const loadAll = async (): Promise<FirewallError | undefined> => {
    const whole = serviceTable(table, state.desired())
    const result = await firewall.apply(whole)
    if (!result.ok) return result.error
    declared = declaredIn(whole)
    return undefined
  }
  const loadChanges = async (changes: readonly Change[], known: Declared): Promise<FirewallError | undefined> => {
    if (changes.length === 0) return undefined
    const update = serviceUpdate(table.table, changes, known)
    const result = await firewall.update(update)
    if (!result.ok) {
      declared = undefined
      return result.error
    }
    const added = declaredIn(update)
    declared = {
      lookups: new Set([...known.lookups, ...added.lookups]),
      chains: new Set([...known.chains, ...added.chains]),
    }
    return undefined
  }
  const cleanUp = async (owners: readonly OwnerChange[]): Promise<void> => {
    const affine = owners.filter(({ before }) => hasAffinity(before))
    if (affine.length > 0) await forgetClients(firewall, table.table, affine)
    const flows = owners.flatMap(({ before, after }) => staleFlows(before, after)).slice(0, maxFlowsForgotten)
    if (flows.length === 0 || conntrackMissing) return
    const forgotten = await firewall.forgetFlows(flows)
    if (forgotten.ok) return
    conntrackMissing = forgotten.error.code === 'Unavailable'
    log.warn('UDP clients may keep a backend that has gone until their flow times out', {
      reason: forgotten.error.message,
    })
  }
  return {
    behind: () => busy || declared === undefined || state.dirty(),
    run: async () => {
      busy = true
      const known = declared
      const { changes, owners } = state.settle()
      const failed = known === undefined ? await loadAll() : await loadChanges(foldChanges(changes), known)
      // At a full load it is not known what the kernel held before: nothing to compare with.
      if (failed === undefined && known !== undefined) await cleanUp(owners)
      busy = false
      return failed
    },
  }
}

async function forgetClients(firewall: Firewall, table: string, owners: readonly OwnerChange[]): Promise<void> {
  const remembered = await firewall.elements(table, 'affinity')
  if (!remembered.ok) return
  for (const key of staleAffinity(remembered.value, owners)) {
    // One by one: an element may time out at any moment, and one that is missing would undo the whole transaction.
    await firewall.update({ table, lookups: [], chains: [], changes: [{ lookup: 'affinity', remove: [key], add: [] }] })
  }
}
