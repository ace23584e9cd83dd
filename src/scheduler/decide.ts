import { namedNodes } from '../api/node-selector.ts'
import type { Random } from '../ports/random.ts'
import type { ClusterView } from './cluster.ts'
import { filterState, filterWithNominated, type Plugin, type Rejection } from './filters.ts'
import { fitMessage } from './fit-message.ts'
import type { NodeInfo } from './node-info.ts'
import type { PodInfo } from './pod-info.ts'
import { type Preemption, preempt } from './preemption.ts'
import { scoreNodes } from './scores.ts'

export type Decision =
  | Readonly<{ type: 'bind'; nodeName: string; score: number; feasible: number; looked: number }>
  | Readonly<{
      type: 'unschedulable'
      /** For the pod's condition and event, worded as kube-scheduler words it. */
      message: string
      /** Which filters said no: what events are worth a new try. */
      plugins: ReadonlySet<Plugin>
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
  const state = filterState(pod, view)
  const nominated = view.node(pod.pod.status.nominatedNodeName ?? '')
  // Its victims have gone for this pod: where it fits there, nothing else is looked at.
  if (
    nominated !== undefined &&
    candidates.includes(nominated) &&
    filterWithNominated(pod, nominated, state, view) === undefined
  ) {
    return { type: 'bind', nodeName: nominated.name, score: 0, feasible: 1, looked: 1 }
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
  if (feasible.length === 0) return unschedulable(pod, view, rejections, named !== undefined, random)
  return { ...best(pod, feasible, view, random), feasible: feasible.length, looked }
}

/** All of up to 100; of more, a share that falls with their number, but never below 5 % (adaptive percentageOfNodesToScore). */
export function feasibleNodesToFind(nodes: number): number {
  if (nodes < fewestNodes) return nodes
  const percent = Math.max(fewestPercent, 50 - Math.trunc(nodes / 125))
  return Math.max(fewestNodes, Math.trunc((nodes * percent) / 100))
}

function best(pod: PodInfo, feasible: readonly NodeInfo[], view: ClusterView, random: Random) {
  const [only] = feasible
  const scores = feasible.length === 1 ? [0] : scoreNodes(pod, feasible, view)
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
  rejections: ReadonlyMap<NodeInfo, Rejection>,
  named: boolean,
  random: Random,
): Decision {
  const nodes = view.nodes.length
  const plugins = new Set<Plugin>([...rejections.values()].map(({ plugin }) => plugin))
  if (named) plugins.add('NodeAffinity')
  const found =
    nodes === 0 ? ({ type: 'none', message: '', clear: true } as const) : preempt(pod, view, rejections, random)
  const absent = { count: nodes - rejections.size, reason: "node(s) didn't satisfy plugin(s) [NodeAffinity]" }
  const after = found.type === 'none' ? found.message : ''
  const message = fitMessage(nodes, rejections.values(), absent, after)
  const clearNomination = found.type === 'none' && found.clear
  return {
    type: 'unschedulable',
    message,
    plugins,
    clearNomination,
    ...(found.type === 'found' && { preemption: found.preemption }),
  }
}
