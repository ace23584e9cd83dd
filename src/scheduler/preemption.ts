import type { Random } from '../ports/random.ts'
import { type ClusterView, withNode } from './cluster.ts'
import { filterState, filterWithNominated, never, type Rejection } from './filters.ts'
import { fitMessage } from './fit-message.ts'
import type { NodeInfo } from './node-info.ts'
import type { PodInfo } from './pod-info.ts'

export type Preemption = Readonly<{ nodeName: string; victims: readonly PodInfo[] }>

export type PreemptionOutcome =
  | Readonly<{ type: 'found'; preemption: Preemption }>
  /** message stands behind the reasons in the pod's condition. clear: an earlier nomination of the pod has lost its point. */
  | Readonly<{ type: 'none'; message: string; clear: boolean }>

/** DefaultPreemptionArgs: at least 100 candidates, or a tenth of the nodes. */
const [fewestCandidates, candidatePercent] = [100, 10]
const notHelpful = 'Preemption is not helpful for scheduling'
const noVictims: Pick<Rejection, 'reasons'> = { reasons: ['No preemption victims found for incoming pod'] }

/** Pure: which less important pods would have to go so that this one fits, on the node where that costs least. */
export function preempt(
  pod: PodInfo,
  view: ClusterView,
  rejections: ReadonlyMap<NodeInfo, Rejection>,
  random: Random,
): PreemptionOutcome {
  const refusal = ineligible(pod, view, rejections)
  if (refusal !== undefined) return { type: 'none', message: `preemption: ${refusal}`, clear: false }
  const potential = [...rejections].filter(([, { resolvable }]) => resolvable).map(([node]) => node)
  const wanted = Math.max(fewestCandidates, Math.trunc((potential.length * candidatePercent) / 100))
  const offset = potential.length === 0 ? 0 : random.below(potential.length)
  const candidates: Preemption[] = []
  const statuses: Pick<Rejection, 'reasons'>[] = []
  for (let at = 0; at < potential.length && candidates.length < wanted; at++) {
    const node = potential[(offset + at) % potential.length]
    if (node === undefined) break
    const outcome = victimsOn(node, pod, view)
    if ('victims' in outcome) candidates.push({ nodeName: node.name, victims: outcome.victims })
    else statuses.push(outcome)
  }
  const [first, ...others] = candidates
  if (first !== undefined) return { type: 'found', preemption: others.reduce(cheaper, first) }
  const absent = { count: view.nodes.length - statuses.length, reason: notHelpful }
  return { type: 'none', message: `preemption: ${fitMessage(view.nodes.length, statuses, absent, '')}`, clear: true }
}

function ineligible(pod: PodInfo, view: ClusterView, rejections: ReadonlyMap<NodeInfo, Rejection>): string | undefined {
  if (pod.pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.'
  const nominated = view.node(pod.pod.status.nominatedNodeName ?? '')
  if (nominated === undefined || rejections.get(nominated)?.resolvable === false) return undefined
  const making = [...nominated.pods.values()].some((other) => other.priority < pod.priority && isPreempted(other))
  return making ? 'not eligible due to a terminating pod on the nominated node.' : undefined
}

function isPreempted({ terminating, pod }: PodInfo): boolean {
  const disrupted = pod.status.conditions?.find(({ type }) => type === 'DisruptionTarget')
  return terminating && disrupted?.status === 'True' && disrupted.reason === 'PreemptionByScheduler'
}

/** Takes all less important pods away, then gives back as many as the pod leaves room for, the most important first. */
function victimsOn(
  node: NodeInfo,
  pod: PodInfo,
  view: ClusterView,
): Readonly<{ victims: readonly PodInfo[] }> | Pick<Rejection, 'reasons'> {
  const potential = [...node.pods.values()].filter(({ priority }) => priority < pod.priority).sort(byImportance)
  if (potential.length === 0) return noVictims
  const trial = node.clone()
  for (const { uid } of potential) trial.remove(uid)
  const changed = withNode(view, trial)
  const check = (): Rejection | undefined => {
    const state = filterState(pod, changed)
    return state.ok ? filterWithNominated(pod, trial, state.value, changed) : never(state.error.plugin, state.error.why)
  }
  const rejected = check()
  if (rejected !== undefined) return rejected
  const victims: PodInfo[] = []
  for (const candidate of potential) {
    trial.add(candidate)
    if (check() === undefined) continue
    trial.remove(candidate.uid)
    victims.push(candidate)
  }
  // Something else than these pods was in the way, and has gone by itself.
  return victims.length === 0 ? noVictims : { victims }
}

/** MoreImportantPod: higher priority, then running longer. */
function byImportance(a: PodInfo, b: PodInfo): number {
  if (a.priority !== b.priority) return b.priority - a.priority
  const [left, right] = [startOf(a), startOf(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

/** One that has not started yet counts as starting now, later than any that has. */
function startOf({ pod }: PodInfo): string {
  return pod.status.startTime ?? '9999'
}

/** pickOneNodeForPreemption without disruption budgets: the least important highest victim, the smaller sum, fewer, started later. */
function cheaper(a: Preemption, b: Preemption): Preemption {
  for (const cost of [highest, sum, count]) {
    const difference = cost(b) - cost(a)
    if (difference !== 0) return difference < 0 ? b : a
  }
  return earliestOfHighest(b) > earliestOfHighest(a) ? b : a
}

function highest({ victims }: Preemption): number {
  return victims[0]?.priority ?? Number.NEGATIVE_INFINITY
}

/** Shifted so that many victims of negative priority do not look cheaper than few. */
function sum({ victims }: Preemption): number {
  return victims.reduce((total, { priority }) => total + priority + 2 ** 31, 0)
}

function count({ victims }: Preemption): number {
  return victims.length
}

function earliestOfHighest(candidate: Preemption): string {
  const top = candidate.victims.filter(({ priority }) => priority === highest(candidate)).map(startOf)
  return top.sort()[0] ?? ''
}
