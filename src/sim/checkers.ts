import type { Deployment, Pod, ReplicaSet } from '../api/kinds.generated.ts'
import type { ApiObject, Stored } from '../api/object.ts'
import type { Scenario } from './scenario.ts'

export type Seen = Readonly<{
  deployments: readonly Stored<Deployment>[]
  replicaSets: readonly Stored<ReplicaSet>[]
  pods: readonly Stored<Pod>[]
  /** Names of the nodes that live. */
  liveNodes: ReadonlySet<string>
}>

/** Liveness: what is still not as it was asked for, in words; empty when all has converged. */
export function unconverged(
  scenario: Scenario,
  { deployments, replicaSets, pods, liveNodes }: Seen,
): readonly string[] {
  const faults: string[] = []
  for (const { name, replicas } of scenario.deployments) {
    const status = deployments.find(({ metadata }) => metadata.name === name)?.status
    const available = status?.availableReplicas ?? 0
    if (available !== replicas || status?.replicas !== replicas)
      faults.push(`deployment ${name}: ${available} of ${replicas} available, ${status?.replicas ?? 0} there`)
  }
  const wanted = scenario.deployments.reduce((sum, { replicas }) => sum + replicas, 0)
  if (pods.length !== wanted) faults.push(`${pods.length} pods instead of ${wanted}`)
  for (const { metadata, spec, status } of pods) {
    const { phase, reason = '', message = '' } = status
    if (!isReady(status.conditions))
      faults.push(`pod ${metadata.name} on ${spec.nodeName} is not ready (${phase} ${reason} ${message})`)
    if (!liveNodes.has(spec.nodeName ?? ''))
      faults.push(`pod ${metadata.name} is on ${spec.nodeName ?? 'no node'}, which does not live`)
  }
  if (replicaSets.length !== scenario.deployments.length) faults.push(`${replicaSets.length} replica sets`)
  return faults
}

function isReady(conditions: readonly Readonly<{ type: string; status: string }>[] = []): boolean {
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
}

/** Safety: what one change of an object must never do. */
export function changeViolations(object: ApiObject, before: ApiObject | undefined): readonly string[] {
  if (object.kind !== 'Pod' || before === undefined || object.metadata.uid !== before.metadata.uid) return []
  const [now, then] = [object as unknown as Stored<Pod>, before as unknown as Stored<Pod>]
  const faults: string[] = []
  if (then.spec.nodeName !== undefined && now.spec.nodeName !== then.spec.nodeName)
    faults.push(`pod ${now.metadata.name} went from ${then.spec.nodeName} to ${now.spec.nodeName}`)
  if (hasEnded(then) && now.status.phase !== then.status.phase)
    faults.push(`pod ${now.metadata.name} went from ${then.status.phase} to ${now.status.phase}`)
  return faults
}

/**
 * Safety, at every moment: what must never be, however things fail. On a node that has lost power the API shows addresses that nobody has
 * any more until the pods run again, and they may be given out anew: those of `restored` nodes are not compared.
 */
export function violations(
  { pods }: Pick<Seen, 'pods'>,
  scenario: Scenario,
  allocatableMillis: number,
  restored: ReadonlySet<string> = new Set(),
): readonly string[] {
  const live = pods.filter((pod) => !hasEnded(pod))
  const settled = live.filter(({ spec }) => !restored.has(spec.nodeName ?? ''))
  return [...overcommitted(live, allocatableMillis), ...sharedAddresses(settled), ...surplus(live, scenario)]
}

function hasEnded({ status }: Stored<Pod>): boolean {
  return status.phase === 'Succeeded' || status.phase === 'Failed'
}

function overcommitted(pods: readonly Stored<Pod>[], allocatableMillis: number): readonly string[] {
  const usedMillis = new Map<string, number>()
  for (const { spec } of pods) {
    if (spec.nodeName === undefined) continue
    const millis = spec.containers.reduce((sum, { resources }) => sum + cpuMillis(resources?.requests?.cpu), 0)
    usedMillis.set(spec.nodeName, (usedMillis.get(spec.nodeName) ?? 0) + millis)
  }
  return [...usedMillis].flatMap(([node, millis]) =>
    millis > allocatableMillis ? [`${node} has ${millis}m of ${allocatableMillis}m CPU promised`] : [],
  )
}

/** A pod that is being deleted may have given its address back already. */
function sharedAddresses(pods: readonly Stored<Pod>[]): readonly string[] {
  const holders = new Map<string, string>()
  const faults: string[] = []
  for (const { metadata, spec, status } of pods) {
    if (status.podIP === undefined || metadata.deletionTimestamp !== undefined) continue
    const place = `${spec.nodeName} ${status.podIP}`
    const other = holders.get(place)
    if (other !== undefined) faults.push(`pods ${other} and ${metadata.name} share ${place}`)
    holders.set(place, metadata.name)
  }
  return faults
}

/** Never more pods than a rolling update with the default maxSurge of 25 % may make. */
function surplus(pods: readonly Stored<Pod>[], { deployments }: Scenario): readonly string[] {
  return deployments.flatMap(({ name, replicas }) => {
    const own = pods.filter(
      ({ metadata }) => metadata.labels?.app === name && metadata.deletionTimestamp === undefined,
    ).length
    const most = replicas + Math.ceil(replicas / 4)
    return own > most ? [`deployment ${name} has ${own} pods, and may have ${most}`] : []
  })
}

function cpuMillis(amount: string | undefined): number {
  if (amount === undefined) return 0
  return amount.endsWith('m') ? Number(amount.slice(0, -1)) : Number(amount) * 1000
}
