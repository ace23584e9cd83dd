import { matchesTerm } from '../api/node-selector.ts'
import type { ClusterView } from './cluster.ts'
import { chooseDevices, type PodDevices, preferenceOf } from './devices/choose-devices.ts'
import type { NodeInfo } from './node-info.ts'
import { affinityScore, affinityWeights } from './pod-affinity.ts'
import type { PodInfo } from './pod-info.ts'
import type { Resources } from './resources.ts'
import { countUnwelcome } from './taints.ts'
import { spreadScores } from './topology-spread.ts'

const maxScore = 100
/** kube-scheduler's default profile. */
const weights = { taints: 3, nodeAffinity: 2, spread: 2, podAffinity: 2, fit: 1, balance: 1, devices: 2 } as const

/** The sum of all weighted scores for each of the nodes. */
export function scoreNodes(
  pod: PodInfo,
  nodes: readonly NodeInfo[],
  view: ClusterView,
  devices?: PodDevices,
): readonly number[] {
  const totals = new Array<number>(nodes.length).fill(0)
  const add = (scores: readonly number[] | undefined, weight: number): void => {
    scores?.forEach((score, at) => {
      totals[at] = (totals[at] ?? 0) + score * weight
    })
  }
  add(taintScores(pod, nodes), weights.taints)
  add(nodeAffinityScores(pod, nodes), weights.nodeAffinity)
  add(spreadScores(pod, nodes, view), weights.spread)
  add(podAffinityScores(pod, nodes, view), weights.podAffinity)
  add(
    nodes.map((node) => leastAllocated(pod, node)),
    weights.fit,
  )
  if (!isBestEffort(pod.requests))
    add(
      nodes.map((node) => balance(pod, node)),
      weights.balance,
    )
  add(devices && deviceScores(pod, devices, nodes, view), weights.devices)
  return totals
}

/** Nodes where requests get what they would rather have are better (DynamicResources, Score). Undefined: no request has a choice. */
function deviceScores(
  { pod }: PodInfo,
  devices: PodDevices,
  nodes: readonly NodeInfo[],
  view: ClusterView,
): readonly number[] | undefined {
  if (!devices.open.some(({ spec }) => spec.devices?.requests?.some((one) => one.firstAvailable !== undefined)))
    return undefined
  return normalize(
    nodes.map(({ node }) => {
      const choice = chooseDevices(pod, devices, node, view.devices)
      return choice.ok ? preferenceOf(choice.value) : 0
    }),
  )
}

/** Fewer taints that would rather not have the pod are better. Undefined: the same for all nodes. */
function taintScores({ tolerations }: PodInfo, nodes: readonly NodeInfo[]): readonly number[] | undefined {
  if (nodes.every(({ taints }) => taints.length === 0)) return undefined
  const counts = nodes.map(({ taints }) => countUnwelcome(tolerations, taints))
  return normalize(counts).map((score) => maxScore - score)
}

function nodeAffinityScores({ pod }: PodInfo, nodes: readonly NodeInfo[]): readonly number[] | undefined {
  const preferred = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution
  if (preferred === undefined || preferred.length === 0) return undefined
  const sums = nodes.map(({ node }) => {
    let sum = 0
    for (const { weight, preference } of preferred) if (matchesTerm(preference, node)) sum += weight
    return sum
  })
  return normalize(sums)
}

function podAffinityScores(pod: PodInfo, nodes: readonly NodeInfo[], view: ClusterView): readonly number[] | undefined {
  const byTopology = affinityWeights(pod, view)
  if (byTopology === undefined) return undefined
  const sums = nodes.map((node) => affinityScore(byTopology, node))
  const lowest = Math.min(...sums)
  const range = Math.max(...sums) - lowest
  return sums.map((sum) => (range === 0 ? 0 : Math.trunc((maxScore * (sum - lowest)) / range)))
}

/** The share of cpu and memory that would stay free. */
function leastAllocated({ scoringRequests }: PodInfo, { scoringRequested, allocatable }: NodeInfo): number {
  const cpu = freeShare(scoringRequested.milliCpu + scoringRequests.milliCpu, allocatable.milliCpu)
  const memory = freeShare(scoringRequested.memoryBytes + scoringRequests.memoryBytes, allocatable.memoryBytes)
  const known = (allocatable.milliCpu > 0 ? 1 : 0) + (allocatable.memoryBytes > 0 ? 1 : 0)
  return known === 0 ? 0 : Math.trunc((cpu + memory) / known)
}

function freeShare(requested: number, capacity: number): number {
  return capacity === 0 || requested > capacity ? 0 : Math.trunc(((capacity - requested) * maxScore) / capacity)
}

/** Around 75; more where the pod makes the use of cpu and memory more even, less where it makes it less so. */
function balance({ requests }: PodInfo, { requested, allocatable }: NodeInfo): number {
  const after = evenness(
    requested.milliCpu + requests.milliCpu,
    requested.memoryBytes + requests.memoryBytes,
    allocatable,
  )
  const before = evenness(requested.milliCpu, requested.memoryBytes, allocatable)
  return maxScore / 2 + Math.trunc((maxScore / 2 + after - before) / 2)
}

function evenness(milliCpu: number, memoryBytes: number, allocatable: Resources): number {
  if (allocatable.milliCpu === 0 || allocatable.memoryBytes === 0) return maxScore
  const deviation =
    Math.abs(Math.min(1, milliCpu / allocatable.milliCpu) - Math.min(1, memoryBytes / allocatable.memoryBytes)) / 2
  return Math.trunc((1 - deviation) * maxScore)
}

function isBestEffort({ milliCpu, memoryBytes }: Resources): boolean {
  return milliCpu === 0 && memoryBytes === 0
}

function normalize(values: readonly number[]): readonly number[] {
  const highest = Math.max(0, ...values)
  return values.map((value) => (highest === 0 ? 0 : Math.trunc((maxScore * value) / highest)))
}
