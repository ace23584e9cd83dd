import type {
  LabelSelector,
  Pod,
  PodAffinityTerm,
  Toleration,
  TopologySpreadConstraint,
} from '../api/kinds.generated.ts'
import type { Labels } from '../api/label-selector.ts'
import {
  formatSelector,
  matchesLabels,
  type Requirement,
  type Selector,
  selectorFromObject,
} from '../api/label-selector.ts'
import type { Stored } from '../api/object.ts'
import { podRequests, podRequestsForScoring, type Resources } from './resources.ts'

/** A selector that has been parsed, with its text as an identity. */
export type KeyedSelector = Readonly<{ key: string; selector: Selector | undefined }>

/** A term of (anti-)affinity to other pods, parsed. */
export type AffinityTerm = Readonly<{
  namespaces: ReadonlySet<string>
  /** Namespaces by their labels, besides those that are named; undefined: none. */
  namespaceSelector: Selector | undefined
  selector: Selector | undefined
  topologyKey: string
  /** Of a preference: 1 to 100; a requirement's is 0. */
  weight: number
}>

export type SpreadConstraint = Readonly<{
  maxSkew: number
  topologyKey: string
  selector: KeyedSelector
  minDomains: number
  honorAffinity: boolean
  honorTaints: boolean
}>

export type HostPort = Readonly<{ ip: string; protocol: string; port: number }>

/** All that scheduling asks of a pod, worked out once. */
export type PodInfo = Readonly<{
  pod: Stored<Pod>
  key: string
  uid: string
  namespace: string
  labels: Readonly<Record<string, string>>
  priority: number
  terminating: boolean
  requests: Resources
  scoringRequests: Resources
  hostPorts: readonly HostPort[]
  tolerations: readonly Toleration[]
  requiredAffinity: readonly AffinityTerm[]
  requiredAntiAffinity: readonly AffinityTerm[]
  preferredAffinity: readonly AffinityTerm[]
  preferredAntiAffinity: readonly AffinityTerm[]
  /** DoNotSchedule, and ScheduleAnyway. */
  hardSpread: readonly SpreadConstraint[]
  softSpread: readonly SpreadConstraint[]
}>

export function podInfoOf(pod: Stored<Pod>): PodInfo {
  const { metadata, spec } = pod
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {}
  const term = (one: PodAffinityTerm): AffinityTerm => termOf(one, 0, pod)
  const weighted = ({
    weight,
    podAffinityTerm,
  }: Readonly<{ weight: number; podAffinityTerm: PodAffinityTerm }>): AffinityTerm =>
    termOf(podAffinityTerm, weight, pod)
  const spread = (when: string): readonly SpreadConstraint[] =>
    (spec.topologySpreadConstraints ?? [])
      .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === when)
      .map((c) => spreadOf(c, pod))
  return {
    pod,
    key: `${metadata.namespace ?? ''}/${metadata.name}`,
    uid: metadata.uid,
    namespace: metadata.namespace ?? '',
    labels: metadata.labels ?? {},
    priority: spec.priority ?? 0,
    terminating: metadata.deletionTimestamp !== undefined,
    requests: podRequests(pod),
    scoringRequests: podRequestsForScoring(pod),
    hostPorts: hostPortsOf(pod),
    tolerations: spec.tolerations ?? [],
    requiredAffinity: (podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(term),
    requiredAntiAffinity: (podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(term),
    preferredAffinity: (podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(weighted),
    preferredAntiAffinity: (podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(weighted),
    hardSpread: spread('DoNotSchedule'),
    softSpread: spread('ScheduleAnyway'),
  }
}

export function hasAffinity(info: PodInfo): boolean {
  return (
    info.requiredAffinity.length + info.requiredAntiAffinity.length > 0 ||
    info.preferredAffinity.length + info.preferredAntiAffinity.length > 0
  )
}

/** namespaceLabels: labels of the pod's own namespace. */
export function termMatches(term: AffinityTerm, pod: PodInfo, namespaceLabels: Labels): boolean {
  if (!term.namespaces.has(pod.namespace) && !matchesLabels(term.namespaceSelector, namespaceLabels)) return false
  return matchesLabels(term.selector, pod.labels)
}

export function keyed(selector: Selector | undefined): KeyedSelector {
  return { selector, key: selector === undefined ? '-' : formatSelector(selector) }
}

function termOf(term: PodAffinityTerm, weight: number, { metadata }: Stored<Pod>): AffinityTerm {
  const { namespaces = [], namespaceSelector, labelSelector, topologyKey, matchLabelKeys, mismatchLabelKeys } = term
  // Neither named nor selected: the pod's own namespace. An empty namespaceSelector selects all.
  const own = namespaces.length === 0 && namespaceSelector === undefined ? [metadata.namespace ?? ''] : namespaces
  const parsed = parse(labelSelector)
  return {
    namespaces: new Set(own),
    namespaceSelector: parse(namespaceSelector),
    selector: parsed && [
      ...parsed,
      ...sameLabels(matchLabelKeys, metadata.labels, 'in'),
      ...sameLabels(mismatchLabelKeys, metadata.labels, 'notin'),
    ],
    topologyKey,
    weight,
  }
}

function spreadOf(constraint: TopologySpreadConstraint, { metadata }: Stored<Pod>): SpreadConstraint {
  const {
    maxSkew,
    topologyKey,
    labelSelector,
    minDomains = 1,
    nodeAffinityPolicy,
    nodeTaintsPolicy,
    matchLabelKeys,
  } = constraint
  const parsed = parse(labelSelector)
  return {
    maxSkew,
    topologyKey,
    selector: keyed(parsed && [...parsed, ...sameLabels(matchLabelKeys, metadata.labels, 'in')]),
    minDomains,
    honorAffinity: nodeAffinityPolicy !== 'Ignore',
    honorTaints: nodeTaintsPolicy === 'Honor',
  }
}

function sameLabels(
  keys: readonly string[] | undefined,
  labels: Labels,
  operator: 'in' | 'notin',
): readonly Requirement[] {
  return (keys ?? []).flatMap((key) => {
    const value = labels?.[key]
    return value === undefined ? [] : [{ key, operator, values: [value] }]
  })
}

/** One that cannot be parsed cannot have passed validation; it matches nothing. */
function parse(object: LabelSelector | undefined): Selector | undefined {
  const parsed = selectorFromObject(object)
  return parsed.ok ? parsed.value : undefined
}

function hostPortsOf({ spec }: Stored<Pod>): readonly HostPort[] {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
  return [...sidecars, ...spec.containers].flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort = 0, hostIP = '', protocol = 'TCP' }) =>
      hostPort > 0 ? [{ ip: hostIP === '' ? '0.0.0.0' : hostIP, protocol, port: hostPort }] : [],
    ),
  )
}
