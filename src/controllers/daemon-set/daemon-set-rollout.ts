import type { Pod } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import { isPodAvailable, isPodReady } from '../pod-state.ts'
import { type DaemonSetObject, type Eligibility, isOfHash } from './daemon-set-pods.ts'

/** A node that has pods of the set or wants one. */
export type NodeState = Readonly<{ name: string; wants: Eligibility; pods: readonly Stored<Pod>[] }>
export type NodeChange = Readonly<{ create: readonly string[]; remove: readonly Stored<Pod>[] }>
export type Rollout = Readonly<{ daemonSet: DaemonSetObject; nodes: readonly NodeState[]; hash: string; nowMs: number }>

type Pair = Readonly<{ node: NodeState; fresh: readonly Stored<Pod>[]; old: readonly Stored<Pod>[] }>

/** A share of the nodes that want a pod, rounded up. */
function amount(value: number | string | undefined, ofTotal: number): number {
  if (typeof value !== 'string') return value ?? 0
  return Math.ceil((Number(value.replace('%', '')) * ofTotal) / 100)
}

export function allowsSurge({ spec }: DaemonSetObject): boolean {
  const { type, rollingUpdate } = spec.updateStrategy ?? {}
  return type === 'RollingUpdate' && amount(rollingUpdate?.maxSurge, 100) > 0
}

/** Which pods of older templates go now, and on which nodes a new one starts beside the old. */
export function rollOut(rollout: Rollout): NodeChange {
  const { daemonSet, nodes, hash } = rollout
  if (daemonSet.spec.updateStrategy?.type !== 'RollingUpdate') return { create: [], remove: [] }
  const { rollingUpdate } = daemonSet.spec.updateStrategy
  const desired = nodes.filter(({ wants }) => wants.starts).length
  const pairs = nodes.map((node) => {
    const living = node.pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    const fresh = living.filter((pod) => isOfHash(pod, hash))
    return { node, fresh, old: living.filter((pod) => !fresh.includes(pod)) }
  })
  const surge = amount(rollingUpdate?.maxSurge, desired)
  if (surge > 0) return surging(rollout, pairs, surge, desired)
  return replacing(rollout, pairs, Math.max(1, amount(rollingUpdate?.maxUnavailable, desired)))
}

function availability({ daemonSet, nowMs }: Rollout): (pod: Stored<Pod>) => boolean {
  return (pod) => isPodAvailable(pod, daemonSet.spec.minReadySeconds ?? 0, nowMs)
}

/** Old pods that are not available go at once, others while no more than maxUnavailable nodes are without. */
function replacing(rollout: Rollout, pairs: readonly Pair[], maxUnavailable: number): NodeChange {
  const isAvailable = availability(rollout)
  const broken: Stored<Pod>[] = []
  const candidates: Stored<Pod>[] = []
  let unavailable = 0
  for (const { fresh, old } of pairs) {
    const [only] = old
    if (only === undefined || fresh.length > 0 || old.length > 1) {
      const isFine = old.length === 0 && fresh.length === 1 && fresh.every(isAvailable)
      if (!isFine) unavailable += 1
    } else if (isAvailable(only)) candidates.push(only)
    else {
      broken.push(only)
      unavailable += 1
    }
  }
  return { create: [], remove: [...broken, ...candidates.slice(0, Math.max(0, maxUnavailable - unavailable))] }
}

/** A new pod starts beside the old one, which goes when the new one is available. */
function surging(rollout: Rollout, pairs: readonly Pair[], maxSurge: number, desired: number): NodeChange {
  const isAvailable = availability(rollout)
  const [remove, leaving]: [Stored<Pod>[], Stored<Pod>[]] = [[], []]
  const [now, candidates]: [string[], string[]] = [[], []]
  let [surging, available] = [0, 0]
  for (const { node, fresh, old } of pairs) {
    const [only] = old
    if (old.length > 1 || fresh.length > 1) {
      surging += 1
      continue
    }
    if ((only === undefined ? fresh : old).some(isAvailable)) available += 1
    if (only === undefined) continue
    if (fresh.length > 0) {
      if (fresh.every(isAvailable)) remove.push(only)
      else surging += 1
    } else if (!node.wants.starts) (isAvailable(only) ? leaving : remove).push(only)
    else (isAvailable(only) ? candidates : now).push(node.name)
  }
  return {
    create: [...now, ...candidates.slice(0, Math.max(0, maxSurge - surging))],
    remove: [...remove, ...leaving.slice(0, Math.max(0, available - desired))],
  }
}

/** At most one living pod on a node, or an old ready one beside a new one while the set surges: which are too many. */
export function surplusOn({ pods }: NodeState, { daemonSet, hash, nowMs }: Rollout): readonly Stored<Pod>[] {
  const byAge = [...pods].sort((a, b) => {
    const [left, right] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '']
    return left === right ? (a.metadata.name < b.metadata.name ? -1 : 1) : left < right ? -1 : 1
  })
  const scheduledFirst = [...byAge.filter(isScheduled), ...byAge.filter((pod) => !isScheduled(pod))]
  if (!allowsSurge(daemonSet)) return scheduledFirst.slice(1)
  const fresh = byAge.filter((pod) => isOfHash(pod, hash))
  const old = byAge.filter((pod) => !isOfHash(pod, hash))
  const [oldest] = old
  const [newest] = fresh
  const minReadySeconds = daemonSet.spec.minReadySeconds ?? 0
  const isReplaced =
    oldest !== undefined &&
    newest !== undefined &&
    (!isPodReady(oldest) || isPodAvailable(newest, minReadySeconds, nowMs))
  return [...fresh.slice(1), ...(isReplaced ? old : old.slice(1))]
}

function isScheduled({ spec }: Stored<Pod>): boolean {
  return (spec.nodeName ?? '') !== ''
}
