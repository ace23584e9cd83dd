import type {
  PersistentVolumeClaim,
  Pod,
  PodTemplateSpec,
  StatefulSet,
  StatefulSetSpec,
} from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import type { Draft } from '../../client/client.ts'
import { isPodAvailable, isPodReady } from '../pod-state.ts'
import { podFromTemplate } from '../pod-template.ts'

export type SetObject = Stored<StatefulSet> & Readonly<{ spec: StatefulSetSpec }>

export const podNameLabel = 'statefulset.kubernetes.io/pod-name'
export const podIndexLabel = 'apps.kubernetes.io/pod-index'
/** Of a pod: the name of the revision that it is made of. */
export const revisionLabel = 'controller-revision-hash'

/** The number behind the set's name; undefined for names that are not the set's. */
export function ordinalOf({ metadata }: Pick<SetObject, 'metadata'>, podName: string): number | undefined {
  const digits = /^(.*)-([0-9]+)$/.exec(podName)
  return digits?.[1] === metadata.name ? Number(digits[2]) : undefined
}

export function firstOrdinal({ spec }: SetObject): number {
  return spec.ordinals?.start ?? 0
}

export function replicasOf({ spec }: SetObject): number {
  return spec.replicas ?? 1
}

export function isInRange(set: SetObject, ordinal: number): boolean {
  return ordinal >= firstOrdinal(set) && ordinal < firstOrdinal(set) + replicasOf(set)
}

export function podName({ metadata }: SetObject, ordinal: number): string {
  return `${metadata.name}-${ordinal}`
}

export function revisionOf({ metadata }: Stored<Pod>): string {
  return metadata.labels?.[revisionLabel] ?? ''
}

export function isAvailable(pod: Stored<Pod>, { spec }: SetObject, nowMs: number): boolean {
  return isPodAvailable(pod, spec.minReadySeconds ?? 0, nowMs)
}

export function isRunningAndReady(pod: Stored<Pod>): boolean {
  return pod.status.phase === 'Running' && isPodReady(pod)
}

export function isDying({ metadata }: Stored<Pod>): boolean {
  return metadata.deletionTimestamp !== undefined
}

export function claimName(template: PersistentVolumeClaim, set: SetObject, ordinal: number): string {
  return `${template.metadata?.name ?? ''}-${set.metadata.name}-${ordinal}`
}

/** A template as a revision has it. */
export type Version = Readonly<{ template: PodTemplateSpec; revision: string }>

export function newPod(set: SetObject, { template, revision }: Version, ordinal: number): Draft<Pod> {
  const name = podName(set, ordinal)
  const draft = podFromTemplate(kinds.statefulSets, set, template)
  const { generateName: _, ...metadata } = draft.metadata as NonNullable<Pod['metadata']>
  return {
    ...draft,
    metadata: {
      ...metadata,
      name,
      labels: {
        ...metadata.labels,
        [podNameLabel]: name,
        [podIndexLabel]: String(ordinal),
        [revisionLabel]: revision,
      },
    },
    spec: {
      ...(draft.spec ?? { containers: [] }),
      hostname: name,
      ...(set.spec.serviceName ? { subdomain: set.spec.serviceName } : {}),
      volumes: volumesOf(set, draft.spec?.volumes ?? [], ordinal),
    },
  }
}

type Volumes = NonNullable<NonNullable<Pod['spec']>['volumes']>

/** The set's claims come before the volumes of the template, and in place of those with their names. */
function volumesOf(set: SetObject, volumes: Volumes, ordinal: number): Volumes {
  const templates = set.spec.volumeClaimTemplates ?? []
  const names = new Set(templates.map(({ metadata }) => metadata?.name ?? ''))
  const claims = templates.map((template) => ({
    name: template.metadata?.name ?? '',
    persistentVolumeClaim: { claimName: claimName(template, set, ordinal) },
  }))
  return [...claims, ...volumes.filter(({ name }) => !names.has(name))]
}

/** The labels by which the pod's own Service finds it, and its claims. */
export function hasIdentity(set: SetObject, pod: Stored<Pod>, ordinal: number): boolean {
  const volumes = new Map((pod.spec.volumes ?? []).map((volume) => [volume.name, volume]))
  const hasClaims = (set.spec.volumeClaimTemplates ?? []).every((template) => {
    const volume = volumes.get(template.metadata?.name ?? '')
    return volume?.persistentVolumeClaim?.claimName === claimName(template, set, ordinal)
  })
  return pod.metadata.labels?.[podNameLabel] === pod.metadata.name && hasClaims
}

export function withIdentity(set: SetObject, pod: Stored<Pod>, ordinal: number): Stored<Pod> {
  const labels = {
    ...pod.metadata.labels,
    [podNameLabel]: pod.metadata.name,
    [podIndexLabel]: String(ordinal),
  }
  const volumes = volumesOf(set, pod.spec.volumes ?? [], ordinal)
  return { ...pod, metadata: { ...pod.metadata, labels }, spec: { ...pod.spec, volumes } }
}

export function newClaim(
  set: SetObject,
  template: PersistentVolumeClaim,
  ordinal: number,
): Draft<PersistentVolumeClaim> {
  const { labels, annotations } = template.metadata ?? {}
  return {
    metadata: {
      name: claimName(template, set, ordinal),
      namespace: set.metadata.namespace ?? '',
      labels: { ...labels, ...set.spec.selector.matchLabels },
      ...(annotations === undefined ? {} : { annotations }),
    },
    ...(template.spec === undefined ? {} : { spec: template.spec }),
  } as Draft<PersistentVolumeClaim>
}
