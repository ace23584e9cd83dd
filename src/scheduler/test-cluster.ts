import type { Node, NodeSpec, ObjectMeta, Pod, PodSpec, PodStatus } from '../api/kinds.generated.ts'
import type { Stored } from '../api/object.ts'
import type { ClusterView } from './cluster.ts'
import { makeClusterCache, type Surroundings } from './cluster-cache.ts'
import { noDevices } from './devices/device-view.ts'
import { podInfoOf } from './pod-info.ts'
import { noVolumes } from './volume-binding.ts'

/** Objects as short as a test wants to write them. */

let uids = 0

export type PodParts = Readonly<{
  labels?: ObjectMeta['labels']
  cpu?: string
  memory?: string
  nodeName?: string
  priority?: number
  spec?: Partial<PodSpec>
  status?: PodStatus
  meta?: ObjectMeta
}>

export function testPod(name: string, parts: PodParts = {}): Stored<Pod> {
  const { labels = {}, cpu, memory, nodeName, priority, spec = {}, status = {}, meta = {} } = parts
  const requests = { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'x',
      uid: `uid-${uids++}`,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels,
      ...meta,
    },
    spec: {
      containers: [{ name: 'c', resources: { requests } }],
      ...(nodeName !== undefined && { nodeName }),
      ...(priority !== undefined && { priority }),
      ...spec,
    },
    status,
  }
}

export type NodeParts = Readonly<{
  labels?: ObjectMeta['labels']
  allocatable?: Readonly<Record<string, string>>
  spec?: NodeSpec
}>

export function testNode(name: string, { labels = {}, allocatable = {}, spec = {} }: NodeParts = {}): Stored<Node> {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      uid: `node-${name}`,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { 'kubernetes.io/hostname': name, ...labels },
    },
    spec,
    status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110', ...allocatable } },
  }
}

/** A view of these nodes and of the pods that run on them. */
export function viewOf(
  nodes: readonly Stored<Node>[],
  pods: readonly Stored<Pod>[] = [],
  surroundings: Partial<Surroundings> = {},
): ClusterView {
  const none = { namespaceLabels: () => ({}), siblingSelector: () => undefined, volumes: noVolumes, devices: noDevices }
  const cache = makeClusterCache({ ...none, ...surroundings })
  for (const node of nodes) cache.setNode(node.metadata.name, node)
  for (const pod of pods) cache.setPod(podInfoOf(pod), pod.spec.nodeName ?? '')
  return cache.view
}
