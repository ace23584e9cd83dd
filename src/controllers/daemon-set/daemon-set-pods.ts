import type { DaemonSet, Node, Pod, Toleration } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import { matchesNodeAffinity } from '../../api/node-selector.ts'
import type { Stored } from '../../api/object.ts'
import type { Draft } from '../../client/client.ts'
import { revisionHashLabel } from '../controller-revision.ts'
import { tolerates } from '../node-lifecycle/taints.ts'
import { controllerRef } from '../owner.ts'

export type DaemonSetObject = Stored<DaemonSet> & Readonly<{ spec: NonNullable<DaemonSet['spec']> }>
type PodSpec = NonNullable<Pod['spec']>

const taint = (name: string, effect: string): Toleration => ({
  key: `node.kubernetes.io/${name}`,
  operator: 'Exists',
  effect,
})

/** Daemons stay on nodes in trouble, and start on those that are closed to others. */
function daemonTolerations({ hostNetwork, tolerations = [] }: PodSpec): readonly Toleration[] {
  const own = [
    taint('not-ready', 'NoExecute'),
    taint('unreachable', 'NoExecute'),
    taint('disk-pressure', 'NoSchedule'),
    taint('memory-pressure', 'NoSchedule'),
    taint('pid-pressure', 'NoSchedule'),
    taint('unschedulable', 'NoSchedule'),
    ...(hostNetwork === true ? [taint('network-unavailable', 'NoSchedule')] : []),
  ]
  const isOwn = (each: Toleration): boolean =>
    own.some(({ key, effect }) => each.key === key && each.effect === effect && each.operator === 'Exists')
  return [...tolerations.filter((each) => !isOwn(each)), ...own]
}

export type Eligibility = Readonly<{ starts: boolean; stays: boolean }>

/** Whether the set wants a pod on the node, and whether one that is there may stay (NodeShouldRunDaemonPod). */
export function eligibility({ spec }: DaemonSetObject, node: Stored<Node>): Eligibility {
  const pod: PodSpec = spec.template.spec ?? { containers: [] }
  const named = (pod.nodeName ?? '') === '' || pod.nodeName === node.metadata.name
  if (!named || !matchesNodeAffinity({ spec: pod }, node)) return { starts: false, stays: false }
  const tolerations = daemonTolerations(pod)
  const bad = (node.spec.taints ?? []).filter((each) => !tolerations.some((toleration) => tolerates(toleration, each)))
  const evicts = bad.some(({ effect }) => effect === 'NoExecute')
  return { starts: !evicts && !bad.some(({ effect }) => effect === 'NoSchedule'), stays: !evicts }
}

/** Node affinity by name: the scheduler binds the pod to the node that it is for, when it fits. */
export function podForNode(daemonSet: DaemonSetObject, nodeName: string, hash: string): Draft<Pod> {
  const { metadata = {}, spec = { containers: [] } } = daemonSet.spec.template
  const { labels, annotations, finalizers } = metadata
  const generation = daemonSet.metadata.annotations?.['deprecated.daemonset.template.generation']
  return {
    metadata: {
      generateName: `${daemonSet.metadata.name}-`,
      namespace: daemonSet.metadata.namespace ?? '',
      labels: {
        ...labels,
        [revisionHashLabel]: hash,
        ...(generation === undefined ? {} : { 'pod-template-generation': generation }),
      },
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
      ownerReferences: [controllerRef(kinds.daemonSets, daemonSet)],
    },
    spec: {
      ...spec,
      tolerations: daemonTolerations(spec),
      affinity: { ...spec.affinity, nodeAffinity: toNode(spec, nodeName) },
    },
  }
}

function toNode({ affinity }: PodSpec, nodeName: string) {
  const { requiredDuringSchedulingIgnoredDuringExecution: _, ...rest } = affinity?.nodeAffinity ?? {}
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: [nodeName] }]
  return { ...rest, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] } }
}

/** The node a pod is on, or is for. */
export function nodeOf({ spec }: Stored<Pod>): string {
  if ((spec.nodeName ?? '') !== '') return spec.nodeName ?? ''
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  for (const { matchFields = [] } of required?.nodeSelectorTerms ?? []) {
    const field = matchFields.find(({ key, operator }) => key === 'metadata.name' && operator === 'In')
    if (field?.values?.length === 1) return field.values[0] ?? ''
  }
  return ''
}

export function isOfHash({ metadata }: Stored<Pod>, hash: string): boolean {
  return metadata.labels?.[revisionHashLabel] === hash
}
