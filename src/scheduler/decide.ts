import { namedNodes } from '../api/node-selector.ts'
import type { Claim } from '../api/resource-claim.ts'
import { uidOf } from '../api/uid.ts'
import type { Random } from '../ports/random.ts'
import type { ClusterView } from './cluster.ts'
import { chooseDevices, claimToFree, type DeviceChoice } from './devices/choose-devices.ts'
import {
  type FilterState,
  filterState,
  filterWithNominated,
  type Hopeless,
  never,
  type Plugin,
  type Rejection,
} from './filters.ts'
import { fitMessage, nowhereMessage } from './fit-message.ts'
import type { NodeInfo } from './node-info.ts'
import type { PodInfo } from './pod-info.ts'
import { type Preemption, preempt } from './preemption.ts'
import { scoreNodes } from './scores.ts'
import { chooseVolumes, type VolumeChoice } from './volume-binding.ts'

export type Decision =
  | Readonly<{
      type: 'bind'
      nodeName: string
      score: number
      feasible: number
      looked: number
      /** What the pod's claims want done first. */
      volumes?: VolumeChoice
      /** What the pod's resource claims want written first. */
      devices?: DeviceChoice
    }>
  | Readonly<{
      type: 'unschedulable'
      /** For the pod's condition and event, worded as kube-scheduler words it. */
      message: string
      /** Which filters said no: what events are worth a new try. */
      plugins: ReadonlySet<Plugin>
      /** This claim's devices are to be given back: others may do. */
      claimToFree?: Claim
      /** Removing these pods makes room. */
      preemption?: Preemption
      /** Its nomination to a node has lost its point. */
      clearNomination: boolean
    }>

export type DecisionInput = Readonly<{
  pod: PodInfo
  view: ClusterView
  random: Random
  /** Where to begin looking, so that in large clusters all nodes get their turn. */
  startAt?: number
}>

const [fewestNodes, fewestPercent] = [100, 5]

/** Pure: where the pod goes, or why nowhere. */
export function scheduleOne({ pod, view, random, startAt = 0 }: DecisionInput): Decision {
  const named = namedNodes(pod.pod)
  const candidates = named === undefined ? view.nodes : view.nodes.filter(({ name }) => named.has(name))
  const prepared = filterState(pod, view)
  if (!prepared.ok) return nowhere(pod, view, prepared.error, random)
  const state = prepared.value
  const choices = (nodeName: string): Choices => ({
    ...volumesOn(nodeName, state, view),
    ...devicesOn(pod, nodeName, state, view, random),
  })
  const nominated = view.node(pod.pod.status.nominatedNodeName ?? '')
  // Its victims have gone for this pod: where it fits there, nothing else is looked at.
  if (
    nominated !== undefined &&
    candidates.includes(nominated) &&
    filterWithNominated(pod, nominated, state, view) === undefined
  ) {
    return { type: 'bind', nodeName: nominated.name, score: 0, feasible: 1, looked: 1, ...choices(nominated.name) }
  }
  const rejections = new Map<NodeInfo, Rejection>()
  const feasible: NodeInfo[] = []
  const wanted = feasibleNodesToFind(candidates.length)
  let looked = 0
  while (looked < candidates.length && feasible.length < wanted) {
    const node = candidates[(startAt + looked++) % candidates.length]
    if (node === undefined) break
    const rejected = filterWithNominated(pod, node, state, view)
    if (rejected === undefined) feasible.push(node)
    else rejections.set(node, rejected)
  }
  if (feasible.length === 0) return unschedulable(pod, view, rejections, named !== undefined, random, state)
  const chosen = best(pod, feasible, state, view, random)
  return { ...chosen, feasible: feasible.length, looked, ...choices(chosen.nodeName) }
}

type Choices = Readonly<{ volumes?: VolumeChoice; devices?: DeviceChoice }>

function devicesOn(
  { pod }: PodInfo,
  nodeName: string,
  { devices }: FilterState,
  view: ClusterView,
  random: Random,
): Readonly<{ devices?: DeviceChoice }> {
  const there = view.node(nodeName)
  const newShareId = (): string => uidOf(random.bytes(16))
  const choice = devices && there && chooseDevices(pod, devices, there.node, view.devices, newShareId)
  return choice?.ok ? { devices: choice.value } : {}
}

function volumesOn(
  nodeName: string,
  { claims }: FilterState,
  { node, volumes }: ClusterView,
): Readonly<{ volumes?: VolumeChoice }> {
  const there = node(nodeName)
  if (claims === undefined || claims.delayed.length === 0 || there === undefined) return {}
  const choice = chooseVolumes(claims, there, volumes)
  return choice.ok ? { volumes: choice.value } : {}
}

/** All of up to 100; of more, a share that falls with their number, but never below 5 % (adaptive percentageOfNodesToScore). */
export function feasibleNodesToFind(nodes: number): number {
  if (nodes < fewestNodes) return nodes
  const percent = Math.max(fewestPercent, 50 - Math.trunc(nodes / 125))
  return Math.max(fewestNodes, Math.trunc((nodes * percent) / 100))
}

function best(
  pod: PodInfo,
  feasible: readonly NodeInfo[],
  { devices }: FilterState,
  view: ClusterView,
  random: Random,
) {
  const [only] = feasible
  const scores = feasible.length === 1 ? [0] : scoreNodes(pod, feasible, view, devices)
  let chosen = only
  let highest = Number.NEGATIVE_INFINITY
  let equals = 0
  feasible.forEach((node, at) => {
    const score = scores[at] ?? 0
    if (score > highest) {
      chosen = node
      highest = score
      equals = 1
    } else if (score === highest && random.below(++equals) === 0) chosen = node
  })
  return { type: 'bind', nodeName: chosen?.name ?? '', score: highest } as const
}

function unschedulable(
  pod: PodInfo,
  view: ClusterView,
  rejections: Rejections,
  named: boolean,
  random: Random,
  { devices }: FilterState,
): Decision {
  const plugins = new Set<Plugin>([...rejections.values()].map(({ plugin }) => plugin))
  if (named) plugins.add('NodeAffinity')
  const nodes = view.nodes.length
  const absent = { count: nodes - rejections.size, reason: "node(s) didn't satisfy plugin(s) [NodeAffinity]" }
  const looked = [...rejections].filter(([, { plugin }]) => plugin === 'DynamicResources').map(([{ node }]) => node)
  const freed = devices && claimToFree(pod.pod, devices, looked, view.devices)
  return {
    ...refusal(pod, view, rejections, plugins, random, (after) =>
      fitMessage(nodes, rejections.values(), absent, after === '' ? '' : `${claimNote(devices, freed)}, ${after}`),
    ),
    ...(freed && { claimToFree: freed }),
  }
}

/** What DynamicResources says after its try to help (PostFilter), before preemption says what came of that. */
function claimNote(devices: FilterState['devices'], freed: Claim | undefined): string {
  if (devices === undefined) return 'no new claims to deallocate'
  if (freed === undefined) return 'still not schedulable'
  return `${freed === devices.leftOver ? 'deletion' : 'deallocation'} of ResourceClaim completed`
}

/** Something is amiss that no node can help. Where the original does not come to look at claims, it does not preempt either. */
function nowhere(pod: PodInfo, view: ClusterView, { plugin, why }: Hopeless, random: Random): Decision {
  const rejections = new Map(view.nodes.map((node) => [node, never(plugin, why)]))
  return refusal(pod, view, rejections, new Set([plugin]), random, (after) => {
    const said = plugin === 'DynamicResources' ? `${claimNote(undefined, undefined)}, ${after}` : 'not found'
    return nowhereMessage(view.nodes.length, why, said)
  })
}

type Rejections = ReadonlyMap<NodeInfo, Rejection>

function refusal(
  pod: PodInfo,
  view: ClusterView,
  rejections: Rejections,
  plugins: ReadonlySet<Plugin>,
  random: Random,
  message: (after: string) => string,
): Extract<Decision, Readonly<{ type: 'unschedulable' }>> {
  const found =
    view.nodes.length === 0
      ? ({ type: 'none', message: '', clear: true } as const)
      : preempt(pod, view, rejections, random)
  return {
    type: 'unschedulable',
    message: message(found.type === 'none' ? found.message : ''),
    plugins,
    clearNomination: found.type === 'none' && found.clear,
    ...(found.type === 'found' && { preemption: found.preemption }),
  }
}
