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
export function comparePriority(a: GroupVersion & GroupPriority, b: GroupVersion & GroupPriority): number {
  if (a.group !== b.group) return b.groupPriorityMinimum - a.groupPriorityMinimum || (a.group < b.group ? -1 : 1)
  return b.versionPriority - a.versionPriority || compareVersions(a.version, b.version)
}

/** apimachinery's CompareKubeAwareVersionStrings, the preferred first: v2, v1, v1beta2, v1beta1, v1alpha1, then all others by name. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [rankOf(a), rankOf(b)]
  if (left === undefined || right === undefined) {
    if (left !== right) return left === undefined ? 1 : -1
    return a < b ? -1 : a > b ? 1 : 0
  }
  const at = left.findIndex((part, index) => part !== right[index])
  return at < 0 ? 0 : (right[at] ?? 0) - (left[at] ?? 0)
}

const stages = ['alpha', 'beta']

function rankOf(version: string): readonly number[] | undefined {
  const [, major, stage, minor] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version) ?? []
  if (major === undefined) return undefined
  return [stage === undefined ? stages.length : stages.indexOf(stage), Number(major), Number(minor ?? 0)]
}
