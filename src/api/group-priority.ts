import { apiVersionOf, type Kind } from './kinds.ts'

/** As in an APIService: both higher where clients should look first. */
export type GroupPriority = Readonly<{ groupPriorityMinimum: number; versionPriority: number }>

type GroupVersion = Pick<Kind, 'group' | 'version'>

/** [of the group, of the version within it]: kube-apiserver 1.36's own table. */
const priorities: Readonly<Record<string, readonly [group: number, version: number]>> = {
  v1: [18000, 1],
  'apps/v1': [17800, 15],
  'events.k8s.io/v1': [17750, 15],
  'authentication.k8s.io/v1': [17700, 15],
  'authorization.k8s.io/v1': [17600, 15],
  'autoscaling/v2': [17500, 30],
  'autoscaling/v1': [17500, 15],
  'batch/v1': [17400, 15],
  'certificates.k8s.io/v1': [17300, 15],
  'networking.k8s.io/v1': [17200, 15],
  'policy/v1': [17100, 15],
  'rbac.authorization.k8s.io/v1': [17000, 15],
  'storage.k8s.io/v1': [16800, 15],
  'admissionregistration.k8s.io/v1': [16700, 15],
  'apiextensions.k8s.io/v1': [16700, 15],
  'scheduling.k8s.io/v1': [16600, 15],
  'coordination.k8s.io/v1': [16500, 15],
  'node.k8s.io/v1': [16300, 15],
  'discovery.k8s.io/v1': [16200, 15],
  'resource.k8s.io/v1': [16200, 21],
  'flowcontrol.apiserver.k8s.io/v1': [16100, 21],
}

/** The aggregator's own group has no APIService, and stands before all others. */
const aggregatorGroup = 'apiregistration.k8s.io'

/** What CustomResourceDefinitions make. */
const customPriority: GroupPriority = { groupPriorityMinimum: 1000, versionPriority: 100 }

/** Of a group version that this server serves itself. */
export function groupPriority(of: GroupVersion): GroupPriority {
  if (of.group === aggregatorGroup) return { groupPriorityMinimum: Number.MAX_SAFE_INTEGER, versionPriority: 15 }
  const [group, version] = priorities[apiVersionOf(of)] ?? []
  return group === undefined || version === undefined
    ? customPriority
    : { groupPriorityMinimum: group, versionPriority: version }
}

/** Sorts group versions into the order in which clients should prefer them. */
export function comparePriority(a: GroupVersion, b: GroupVersion): number {
  const [left, right] = [groupPriority(a), groupPriority(b)]
  if (a.group !== b.group) {
    return right.groupPriorityMinimum - left.groupPriorityMinimum || (a.group < b.group ? -1 : 1)
  }
  return right.versionPriority - left.versionPriority
}
