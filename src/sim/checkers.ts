import type { Deployment, Pod, ReplicaSet } from '../api/kinds.generated.ts'
import type { Stored } from '../api/object.ts'
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
    if (!isReady(status.conditions)) faults.push(`pod ${metadata.name} is not ready (${status.phase})`)
    if (!liveNodes.has(spec.nodeName ?? ''))
      faults.push(`pod ${metadata.name} is on ${spec.nodeName ?? 'no node'}, which does not live`)
  }
  if (replicaSets.length !== scenario.deployments.length) faults.push(`${replicaSets.length} replica sets`)
  return faults
}

function isReady(conditions: readonly Readonly<{ type: string; status: string }>[] = []): boolean {
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
}

/** Safety, at every moment: what must never be, however things fail. */
export function violations({ pods }: Pick<Seen, 'pods'>, allocatableMillis: number): readonly string[] {
  const faults: string[] = []
  const usedMillis = new Map<string, number>()
  const addresses = new Map<string, string>()
  for (const { metadata, spec, status } of pods) {
    const { nodeName } = spec
    if (nodeName === undefined || status.phase === 'Succeeded' || status.phase === 'Failed') continue
    const millis = spec.containers.reduce(
      (sum, { resources }) => sum + Number.parseInt(resources?.requests?.cpu ?? '0', 10),
      0,
    )
    usedMillis.set(nodeName, (usedMillis.get(nodeName) ?? 0) + millis)
    const place = `${nodeName} ${status.podIP}`
    const other = addresses.get(place)
    if (status.podIP !== undefined && other !== undefined && metadata.deletionTimestamp === undefined)
      faults.push(`pods ${other} and ${metadata.name} share ${place}`)
    addresses.set(place, metadata.name)
  }
  for (const [node, millis] of usedMillis)
    if (millis > allocatableMillis) faults.push(`${node} has ${millis}m of ${allocatableMillis}m CPU promised`)
  return faults
}
