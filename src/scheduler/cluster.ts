import type { Labels } from '../api/label-selector.ts'
import type { DeviceView } from './devices/device-view.ts'
import type { NodeInfo } from './node-info.ts'
import type { KeyedSelector, PodInfo } from './pod-info.ts'
import type { VolumeView } from './volume-binding.ts'

/** What a decision looks at. Nothing changes while one is being made. */
export interface ClusterView {
  /** In a fixed order. */
  readonly nodes: readonly NodeInfo[]
  node(name: string): NodeInfo | undefined
  /** Of the nodes: those that hold pods with (anti-)affinity terms of their own. */
  nodesWithAffinity(): readonly NodeInfo[]
  namespaceLabels(namespace: string): Labels
  /**
   * What selects the pod's siblings: the selectors of its services and of its owner, all together; undefined when nothing does.
   */
  siblingSelector(pod: PodInfo): KeyedSelector | undefined
  /** Pods that wait for a place on the node that preemption makes for them. */
  nominatedTo(nodeName: string): readonly PodInfo[]
  readonly volumes: VolumeView
  readonly devices: DeviceView
}

/** The view as it would be with one node changed. */
export function withNode(view: ClusterView, changed: NodeInfo): ClusterView {
  const nodes = view.nodes.map((node) => (node.name === changed.name ? changed : node))
  return {
    ...view,
    nodes,
    node: (name) => (name === changed.name ? changed : view.node(name)),
    nodesWithAffinity: () => nodes.filter(({ podsWithAffinity }) => podsWithAffinity.size > 0),
  }
}
