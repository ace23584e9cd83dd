import type { Container } from '../../api/kinds.generated.ts'
import { quantityMilli } from '../../api/quantity.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { isInitContainer, isSidecar, type KubeletPod } from '../pod-containers.ts'
import { amountOf, qosClass } from '../qos-class.ts'
import { type CpuSet, common, union, without } from './cpu-set.ts'
import { allCpus, type CpuTopology, cpusIn, cpusPerCore, unitsOf } from './cpu-topology.ts'
import { hasNode, type NumaMask, nodesOf } from './numa-mask.ts'
import { takeCpus } from './take-cpus.ts'
import { hintsFor, type ProviderHints } from './topology-hints.ts'

/** Which processors containers have to themselves, and which all others share. As the original's static policy of the CPU manager. */
export type CpuState = Readonly<{
  shared: CpuSet
  /** By pod and container. */
  exclusive: ReadonlyMap<string, ReadonlyMap<string, CpuSet>>
}>

export type CpuRules = Readonly<{
  topology: CpuTopology
  /** Never given to one container alone. */
  reserved: CpuSet
  /** full-pcpus-only: containers get whole cores. */
  wholeCores: boolean
  /** strict-cpu-reservation: the shared ones do not have the reserved ones either. */
  strictReservation: boolean
}>

export type CpuFault = Readonly<{ reason: string; message: string }>

export function freshState({ topology, reserved, strictReservation }: CpuRules): CpuState {
  const all = allCpus(topology)
  return { shared: strictReservation ? without(all, reserved) : all, exclusive: new Map() }
}

/** Why what was written down does not fit the machine or the configuration. */
export function stateFault({ topology, reserved, strictReservation }: CpuRules, state: CpuState): string | undefined {
  const { shared } = state
  const text = (cpus: CpuSet): string => JSON.stringify(cpus.join(','))
  const kept = common(reserved, shared)
  if (strictReservation && kept.length > 0)
    return `some of strictly reserved cpus: ${text(kept)} are present in defaultCpuSet: ${text(shared)}`
  if (!strictReservation && kept.length < reserved.length)
    return `not all reserved cpus: ${text(reserved)} are present in defaultCpuSet: ${text(shared)}`
  const owned = [...state.exclusive.values()].flatMap((containers) => [...containers.values()])
  if (owned.some((cpus) => common(cpus, shared).length > 0))
    return `cpusets overlap with default cpuset ${text(shared)}`
  const known = owned.reduce(union, shared)
  const all = strictReservation ? without(allCpus(topology), reserved) : allCpus(topology)
  if (known.length === all.length && known.every((cpu) => all.includes(cpu))) return undefined
  return `current set of available CPUs ${text(all)} doesn't match with CPUs in state ${text(known)}`
}

/** How many processors the container has to itself: whole ones of a Guaranteed pod. What pods ask for as a whole is shared. */
export function exclusiveCount(pod: KubeletPod, { resources }: Container): number {
  if (qosClass(pod) !== 'Guaranteed' || pod.spec.resources !== undefined) return 0
  const milli = Number(quantityMilli(amountOf(resources?.requests ?? resources?.limits, 'cpu')))
  return milli % 1000 === 0 ? milli / 1000 : 0
}

/** At a time: containers that run together, or an init container with the sidecars before it. */
function podCount(pod: KubeletPod): number {
  let [sidecars, largestInit] = [0, 0]
  for (const container of pod.spec.initContainers ?? []) {
    const own = exclusiveCount(pod, container)
    if (isSidecar(container)) sidecars += own
    else largestInit = Math.max(largestInit, sidecars + own)
  }
  const running = pod.spec.containers.reduce((sum, container) => sum + exclusiveCount(pod, container), sidecars)
  return Math.max(running, largestInit)
}

/** What init containers that end leave to those after them. */
export function reusableCpus(state: CpuState, pod: KubeletPod): CpuSet {
  const own = state.exclusive.get(pod.metadata.uid) ?? new Map<string, CpuSet>()
  let reusable: CpuSet = []
  for (const container of [...(pod.spec.initContainers ?? []), ...pod.spec.containers]) {
    const cpus = own.get(container.name) ?? []
    const passes = isInitContainer(pod, container.name) && !isSidecar(container)
    reusable = passes ? union(reusable, cpus) : without(reusable, cpus)
  }
  return reusable
}

export function containerHints(rules: CpuRules, state: CpuState, pod: KubeletPod, container: Container): ProviderHints {
  const count = exclusiveCount(pod, container)
  if (count === 0) return new Map()
  const owned = state.exclusive.get(pod.metadata.uid)?.get(container.name)
  if (owned !== undefined) return owned.length === count ? cpuHints(rules, owned, [], count) : new Map([['cpu', []]])
  return cpuHints(rules, without(state.shared, rules.reserved), reusableCpus(state, pod), count)
}

export function podHints(rules: CpuRules, state: CpuState, pod: KubeletPod): ProviderHints {
  const count = podCount(pod)
  if (count === 0) return new Map()
  const owned = [...(state.exclusive.get(pod.metadata.uid)?.values() ?? [])].reduce(union, [])
  if (owned.length === count) return cpuHints(rules, owned, [], count)
  return cpuHints(rules, without(state.shared, rules.reserved), union(reusableCpus(state, pod), owned), count)
}

function cpuHints({ topology }: CpuRules, available: CpuSet, reusable: CpuSet, count: number): ProviderHints {
  const nodeOf = new Map(topology.cpus.map(({ cpu, numaNode }) => [cpu, numaNode]))
  const isIn = (mask: NumaMask) => (cpu: number) => hasNode(mask, nodeOf.get(cpu) ?? 0)
  const hints = hintsFor(unitsOf(topology.cpus, 'numaNode'), (mask) => ({
    ever: topology.cpus.filter(({ cpu }) => isIn(mask)(cpu)).length >= count,
    now: reusable.every(isIn(mask)) && reusable.length + available.filter(isIn(mask)).length >= count,
  }))
  return new Map([['cpu', hints]])
}

/** The state once the container has its processors: of these nodes, as far as there are any. A container that has some keeps them. */
export function giveCpus(
  rules: CpuRules,
  state: CpuState,
  pod: KubeletPod,
  container: Container,
  nodes: NumaMask | undefined,
): Result<CpuState, CpuFault> {
  const { uid } = pod.metadata
  const count = exclusiveCount(pod, container)
  const own = state.exclusive.get(uid) ?? new Map<string, CpuSet>()
  if (count === 0) return ok(state)
  const fault = rules.wholeCores ? coreFault(rules, state, count) : undefined
  if (fault !== undefined) return fail({ reason: 'SMTAlignmentError', message: fault })
  if (own.has(container.name)) return ok(state)
  const available = union(without(state.shared, rules.reserved), reusableCpus(state, pod))
  const given = takeAligned(rules, available, count, nodes)
  if (!given.ok)
    return fail({
      reason: 'UnexpectedAdmissionError',
      message: `Allocate failed due to ${given.error}, which is unexpected`,
    })
  return ok({
    shared: without(state.shared, given.value),
    exclusive: new Map(state.exclusive).set(uid, new Map(own).set(container.name, given.value)),
  })
}

function takeAligned(
  { topology }: CpuRules,
  available: CpuSet,
  count: number,
  nodes: NumaMask | undefined,
): Result<CpuSet, string> {
  const near = nodes === undefined ? [] : nodesOf(nodes).flatMap((node) => cpusIn(topology.cpus, 'numaNode', node))
  const aligned = common(available, near)
  const first = takeCpus(topology, aligned, Math.min(count, aligned.length))
  if (!first.ok) return first
  const rest = takeCpus(topology, without(available, first.value), count - first.value.length)
  return rest.ok ? ok(union(first.value, rest.value)) : rest
}

function coreFault({ topology, reserved }: CpuRules, { shared }: CpuState, count: number): string | undefined {
  const perCore = cpusPerCore(topology)
  if (count % perCore !== 0)
    return `SMT Alignment Error: requested ${count} cpus not multiple cpus per core = ${perCore}`
  const cores = topology.cpus.filter(({ cpu }) => reserved.includes(cpu)).map(({ core }) => core)
  const siblings = topology.cpus.filter(({ core }) => cores.includes(core)).map(({ cpu }) => cpu)
  const free = without(shared, siblings).length
  if (count <= free) return undefined
  return `SMT Alignment Error: not enough free physical CPUs: available physical CPUs = ${free}, requested CPUs = ${count}, CPUs per core = ${perCore}`
}

/** The state once nothing is the pod's any more. */
export function takeBackCpus(state: CpuState, podUid: string): CpuState {
  const own = state.exclusive.get(podUid)
  if (own === undefined) return state
  const exclusive = new Map(state.exclusive)
  exclusive.delete(podUid)
  return { shared: [...own.values()].reduce(union, state.shared), exclusive }
}
