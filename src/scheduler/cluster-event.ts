import type { Node } from '../api/kinds.generated.ts'
import type { Plugin } from './filters.ts'

/** What happens in a cluster that may let a pod run that could not. PodDelete: room was made on a node, in whatever way. */
export type ClusterEvent =
  | 'NodeAdd'
  | 'NodeAllocatable'
  | 'NodeLabel'
  | 'NodeTaint'
  | 'NodeDelete'
  | 'PodAdd'
  | 'PodLabel'
  | 'PodDelete'
  /** A claim, a volume, a class of storage, a driver or its capacity has come or changed. */
  | 'Volume'
  /** What drivers can do on a node has changed, or a volume has been detached. */
  | 'Attachment'
  /** A resource claim, a class or a slice of devices has. */
  | 'Device'

/** As kube-scheduler labels them. What comes from several kinds alike is told by the first of them. */
export const eventLabels: Readonly<Record<ClusterEvent, string>> = {
  NodeAdd: 'NodeAdd',
  NodeAllocatable: 'NodeUpdateNodeAllocatable',
  NodeLabel: 'NodeUpdateNodeLabel',
  NodeTaint: 'NodeUpdateNodeTaint',
  NodeDelete: 'NodeDelete',
  PodAdd: 'AssignedPodAdd',
  PodLabel: 'AssignedPodUpdatePodLabel',
  PodDelete: 'AssignedPodDelete',
  Volume: 'PersistentVolumeClaimAdd',
  Attachment: 'CSINodeUpdate',
  Device: 'ResourceClaimUpdate',
}

/** kube-scheduler's EventsToRegister, plugin by plugin. */
const helpful: Readonly<Record<Plugin, ReadonlySet<ClusterEvent>>> = {
  NodeUnschedulable: new Set(['NodeAdd', 'NodeTaint']),
  NodeName: new Set(['NodeAdd']),
  TaintToleration: new Set(['NodeAdd', 'NodeTaint']),
  NodeAffinity: new Set(['NodeAdd', 'NodeLabel']),
  NodePorts: new Set(['NodeAdd', 'PodDelete']),
  NodeResourcesFit: new Set(['NodeAdd', 'NodeAllocatable', 'PodDelete']),
  VolumeRestrictions: new Set(['NodeAdd', 'PodDelete', 'Volume']),
  NodeVolumeLimits: new Set(['NodeAdd', 'PodDelete', 'Volume', 'Attachment']),
  VolumeBinding: new Set(['NodeAdd', 'NodeLabel', 'Volume']),
  DynamicResources: new Set(['NodeAdd', 'NodeLabel', 'PodDelete', 'Device']),
  PodTopologySpread: new Set(['NodeAdd', 'NodeDelete', 'NodeLabel', 'NodeTaint', 'PodAdd', 'PodLabel', 'PodDelete']),
  InterPodAffinity: new Set(['NodeAdd', 'NodeLabel', 'PodAdd', 'PodLabel', 'PodDelete']),
}

/** Whether it is worth trying again a pod that these plugins rejected. Without a plugin there was no node at all. */
export function mayHelp(event: ClusterEvent, plugins: ReadonlySet<Plugin>): boolean {
  if (plugins.size === 0) return event === 'NodeAdd'
  for (const plugin of plugins) if (helpful[plugin].has(event)) return true
  return false
}

/** Heartbeats change none of what scheduling looks at. */
export function nodeEvents(before: Node | undefined, after: Node | undefined): readonly ClusterEvent[] {
  if (after === undefined) return ['NodeDelete']
  if (before === undefined) return ['NodeAdd']
  const events: ClusterEvent[] = []
  if (differ(before.status?.allocatable, after.status?.allocatable)) events.push('NodeAllocatable')
  if (differ(before.metadata?.labels, after.metadata?.labels)) events.push('NodeLabel')
  if (differ(taintsOf(before), taintsOf(after))) events.push('NodeTaint')
  return events
}

function taintsOf({ spec }: Node): unknown {
  return [
    spec?.unschedulable ?? false,
    ...(spec?.taints ?? []).map(({ key, value = '', effect }) => [key, value, effect]),
  ]
}

export function differ(a: unknown, b: unknown): boolean {
  return a !== b && JSON.stringify(a) !== JSON.stringify(b)
}
