import type { Node } from '../api/kinds.generated.ts'
import type { ClusterView } from './cluster.ts'
import { makeNodeInfo, type NodeInfo } from './node-info.ts'
import { makeNominations } from './nominations.ts'
import type { PodInfo } from './pod-info.ts'

/**
 * The cluster as the scheduler sees it: what the informers say, and what it has decided itself and not yet read back (assumed pods).
 * Changes pod by pod; nothing is ever recounted.
 */
export interface ClusterCache {
  readonly view: ClusterView
  setNode(name: string, node: Node | undefined): void
  /** A pod that runs, or is to run, on a node. Replaces what was known of it. */
  setPod(info: PodInfo, nodeName: string): void
  /** Gives whether it was there. */
  removePod(uid: string): boolean
  /** As setPod, until the informer tells of it, or forget. */
  assume(info: PodInfo, nodeName: string): void
  isAssumed(uid: string): boolean
  forget(uid: string): void
  nominate(info: PodInfo, nodeName: string | undefined): void
  sizes(): Readonly<{ assumed_pods: number; nodes: number; pods: number }>
}

export type Surroundings = Pick<ClusterView, 'namespaceLabels' | 'siblingSelector' | 'volumes' | 'devices'>

export function makeClusterCache(surroundings: Surroundings): ClusterCache {
  const byName = new Map<string, NodeInfo>()
  const nodeOfPod = new Map<string, string>()
  /** Pods of nodes that are not known (yet, or any more). */
  const homeless = new Map<string, Map<string, PodInfo>>()
  const assumed = new Set<string>()
  const nominations = makeNominations()
  let nodes: readonly NodeInfo[] = []
  let withAffinity: readonly NodeInfo[] | undefined

  const removePod = (uid: string): boolean => {
    const nodeName = nodeOfPod.get(uid)
    assumed.delete(uid)
    if (nodeName === undefined) return false
    nodeOfPod.delete(uid)
    withAffinity = undefined
    byName.get(nodeName)?.remove(uid)
    dropFrom(homeless, nodeName, uid)
    return true
  }
  const setPod = (info: PodInfo, nodeName: string): void => {
    removePod(info.uid)
    nodeOfPod.set(info.uid, nodeName)
    withAffinity = undefined
    const node = byName.get(nodeName)
    if (node !== undefined) node.add(info)
    else homeless.set(nodeName, (homeless.get(nodeName) ?? new Map<string, PodInfo>()).set(info.uid, info))
  }
  const setNode = (name: string, node: Node | undefined): void => {
    const known = byName.get(name)
    withAffinity = undefined
    if (node === undefined) {
      if (known !== undefined && known.pods.size > 0) homeless.set(name, new Map(known.pods))
      byName.delete(name)
    } else if (known !== undefined) known.setNode(node)
    else {
      byName.set(name, makeNodeInfo(node, homeless.get(name)?.values()))
      homeless.delete(name)
    }
    nodes = [...byName.values()]
  }
  const view: ClusterView = {
    ...surroundings,
    get nodes() {
      return nodes
    },
    node: (name) => byName.get(name),
    nodesWithAffinity: () => {
      withAffinity ??= nodes.filter(({ podsWithAffinity }) => podsWithAffinity.size > 0)
      return withAffinity
    },
    nominatedTo: nominations.to,
  }
  return {
    view,
    setNode,
    setPod,
    removePod,
    nominate: nominations.set,
    assume(info, nodeName) {
      setPod(info, nodeName)
      assumed.add(info.uid)
    },
    isAssumed: (uid) => assumed.has(uid),
    forget(uid) {
      if (assumed.has(uid)) removePod(uid)
    },
    sizes: () => ({ assumed_pods: assumed.size, nodes: nodes.length, pods: nodeOfPod.size }),
  }
}

function dropFrom(byNode: Map<string, Map<string, PodInfo>>, nodeName: string, uid: string): void {
  const pods = byNode.get(nodeName)
  pods?.delete(uid)
  if (pods?.size === 0) byNode.delete(nodeName)
}
