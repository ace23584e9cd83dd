import type { Container, PersistentVolume, Pod, PodSpec, Volume } from './kinds.generated.ts'
import type { ApiObject } from './object.ts'

type SomeContainer = Pick<Container, 'env' | 'envFrom'>
type NamedRef = Readonly<{ name?: string }> | null | undefined

/** Names of the Secrets that a pod takes something from, in its own namespace (pkg/api/v1/pod VisitPodSecretNames). */
export function secretNamesOf({ spec }: Pod): readonly string[] {
  if (spec === undefined) return []
  return filled([
    ...(spec.imagePullSecrets ?? []).map(({ name }) => name),
    ...containersOf(spec).flatMap(({ env, envFrom }) => [
      ...(envFrom ?? []).map(({ secretRef }) => secretRef?.name),
      ...(env ?? []).map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
    ]),
    ...(spec.volumes ?? []).flatMap(secretsOfVolume),
  ])
}

export function configMapNamesOf({ spec }: Pod): readonly string[] {
  if (spec === undefined) return []
  return filled([
    ...containersOf(spec).flatMap(({ env, envFrom }) => [
      ...(envFrom ?? []).map(({ configMapRef }) => configMapRef?.name),
      ...(env ?? []).map(({ valueFrom }) => valueFrom?.configMapKeyRef?.name),
    ]),
    ...(spec.volumes ?? []).flatMap(({ configMap, projected }) => [
      configMap?.name,
      ...(projected?.sources ?? []).map((source) => source.configMap?.name),
    ]),
  ])
}

export function claimNamesOf({ metadata, spec }: Pod): readonly string[] {
  return filled(
    (spec?.volumes ?? []).map(({ name, persistentVolumeClaim, ephemeral }) =>
      ephemeral ? `${metadata?.name}-${name}` : persistentVolumeClaim?.claimName,
    ),
  )
}

export function resourceClaimNamesOf({ spec, status }: Pod): readonly string[] {
  const made = new Map((status?.resourceClaimStatuses ?? []).map((one) => [one.name, one.resourceClaimName]))
  const extended = (status as Readonly<{ extendedResourceClaimStatus?: Readonly<{ resourceClaimName?: string }> }>)
    ?.extendedResourceClaimStatus
  return filled([
    ...(spec?.resourceClaims ?? []).map(({ name, resourceClaimName }) => resourceClaimName ?? made.get(name)),
    extended?.resourceClaimName,
  ])
}

function containersOf(spec: PodSpec): readonly SomeContainer[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])]
}

function secretsOfVolume(volume: Volume): readonly (string | undefined)[] {
  const { azureFile, cephfs, cinder, flexVolume, rbd, scaleIO, iscsi, storageos, csi } = volume
  const refs: readonly NamedRef[] = [
    ...[cephfs, cinder, flexVolume, rbd, scaleIO, iscsi, storageos].map((source) => source?.secretRef),
    csi?.nodePublishSecretRef,
    ...(volume.projected?.sources ?? []).map(({ secret }) => secret),
  ]
  return [azureFile?.secretName, volume.secret?.secretName, ...refs.map((ref) => ref?.name)]
}

function filled(names: readonly (string | undefined)[]): readonly string[] {
  return names.filter((name): name is string => name !== undefined && name !== '')
}

/** 'namespace/name' of the Secrets that a kubelet needs to mount the volume (persistentvolume VisitPVSecretNames). */
export function secretsOfPersistentVolume(volume: PersistentVolume): readonly string[] {
  const { claimRef, azureFile, cephfs, cinder, csi, flexVolume, iscsi, rbd, scaleIO, storageos } = volume.spec ?? {}
  const own = claimRef?.namespace ?? ''
  const refs: readonly (Readonly<{ name?: string; namespace?: string }> | null | undefined)[] = [
    azureFile ? { name: azureFile.secretName, namespace: azureFile.secretNamespace ?? own } : undefined,
    ...[cephfs, cinder, flexVolume, iscsi, rbd, scaleIO, storageos].map((source) => source?.secretRef),
    csi?.nodePublishSecretRef,
    csi?.nodeStageSecretRef,
    csi?.nodeExpandSecretRef,
  ]
  return refs.flatMap((ref) => (ref?.name ? [`${ref.namespace || own}/${ref.name}`] : []))
}

/** What the API server itself knows pods by that only a kubelet runs. */
export function isMirrorPod({ metadata }: Pick<ApiObject, 'metadata'>): boolean {
  return metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined
}

/** The first kind of API object that the pod needs, as pkg/api/pod HasAPIObjectReference names it. */
export function referredKind(pod: Pod): string | undefined {
  if (pod.spec?.serviceAccountName) return 'serviceaccounts'
  if (secretNamesOf(pod).length > 0) return 'secrets'
  if (configMapNamesOf(pod).length > 0) return 'configmaps'
  if ((pod.spec?.resourceClaims ?? []).length > 0) return 'resourceclaims'
  return (pod.spec?.volumes ?? []).map(kindOfVolume).find((kind) => kind !== undefined)
}

function kindOfVolume(volume: Volume): string | undefined {
  if (volume.configMap) return 'configmaps (via configmap volumes)'
  if (volume.secret) return 'secrets (via secret volumes)'
  if (volume.csi) return 'csidrivers (via CSI volumes)'
  if (volume.glusterfs) return 'endpoints (via glusterFS volumes)'
  if (volume.persistentVolumeClaim) return 'persistentvolumeclaims'
  if (volume.ephemeral) return 'persistentvolumeclaims (via ephemeral volumes)'
  if (volume.azureFile) return 'secrets (via azureFile volumes)'
  for (const source of volume.projected?.sources ?? []) {
    if (source.configMap) return 'configmaps (via projected volumes)'
    if (source.secret) return 'secrets (via projected volumes)'
    if (source.serviceAccountToken) return 'serviceaccounts (via projected volumes)'
    if (source.clusterTrustBundle) return 'clustertrustbundles'
    if (source.podCertificate) return 'podcertificates'
  }
  return undefined
}
