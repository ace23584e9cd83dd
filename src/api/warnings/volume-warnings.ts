import type {
  KeyToPath,
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  Volume,
  VolumeProjection,
} from '../kinds.generated.ts'
import { betaClassAnnotation } from '../persistent-volume.ts'
import { child, index, keyed } from '../validation/field-error.ts'
import { fraction, nodeTermWarnings, type Warnings } from './field-warnings.ts'

/** In the original's order. */
const deprecatedSources: Readonly<Record<string, string>> = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  ephemeral: '',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
}

/** Where a field's name in a warning is not the field's. */
const misspelt: Readonly<Record<string, string>> = { storageos: 'storageOS' }

export function volumeWarnings(field: string, volumes: readonly Volume[]): Warnings {
  return [
    ...volumes.flatMap((volume, at) => sourceWarnings(index(field, at), volume)),
    ...volumes.flatMap(overlapWarnings),
  ]
}

function sourceWarnings(field: string, volume: Volume): Warnings {
  return Object.entries(deprecatedSources).flatMap(([name, message]) => {
    if (volume[name as keyof Volume] === undefined) return []
    const path = child(field, misspelt[name] ?? name)
    const claim = volume.ephemeral?.volumeClaimTemplate?.spec
    if (name !== 'ephemeral') return [`${path}: ${message}`]
    return claim === undefined ? [] : claimSpecWarnings(child(path, 'volumeClaimTemplate', 'spec'), claim)
  })
}

type Placed = Readonly<{ path: string; source: string }>

function shown({ path, source }: Placed): string {
  return source === '' ? JSON.stringify(path) : `${JSON.stringify(path)} (${source})`
}

function placed(items: readonly Readonly<Pick<KeyToPath, 'path'>>[], source: string): readonly Placed[] {
  return items.map(({ path }) => ({ path, source }))
}

/** Files that would lie in each other's place. */
function overlapWarnings({ name, configMap, secret, downwardAPI, projected }: Volume): Warnings {
  const of = (kind: string, items: readonly Readonly<Pick<KeyToPath, 'path'>>[] | undefined): Warnings =>
    overlaps(placed(items ?? [], '')).map(
      (pair) => `volume ${JSON.stringify(name)} (${kind}): overlapping paths: ${pair}`,
    )
  const sources = projected?.sources ?? []
  return [
    ...of(`ConfigMap ${JSON.stringify(configMap?.name ?? '')}`, configMap?.items),
    ...of(`Secret ${JSON.stringify(secret?.secretName ?? '')}`, secret?.items),
    ...of('DownwardAPI', downwardAPI?.items),
    ...sources
      .filter((source) => Object.keys(source).length === 0)
      .map(() => `volume ${JSON.stringify(name)} (Projected) has no sources provided`),
    ...overlaps(sources.flatMap(projectedPaths)).map(
      (pair) => `volume ${JSON.stringify(name)} (Projected): overlapping paths: ${pair}`,
    ),
  ]
}

function projectedPaths(projection: VolumeProjection): readonly Placed[] {
  const { configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate } = projection
  if (configMap?.items !== undefined)
    return placed(configMap.items, `ConfigMap ${JSON.stringify(configMap.name ?? '')}`)
  if (secret?.items !== undefined) return placed(secret.items, `Secret ${JSON.stringify(secret.name ?? '')}`)
  if (downwardAPI?.items !== undefined) return placed(downwardAPI.items, 'DownwardAPI')
  if (serviceAccountToken !== undefined) return placed([serviceAccountToken], 'ServiceAccountToken')
  if (clusterTrustBundle !== undefined) {
    const { path, name, signerName = '' } = clusterTrustBundle
    return placed([{ path }], `ClusterTrustBundle ${JSON.stringify(name ?? signerName)}`)
  }
  const { certificateChainPath = '', keyPath = '', credentialBundlePath = '' } = podCertificate ?? {}
  const parts = { chain: certificateChainPath, key: keyPath, 'credential bundle': credentialBundlePath }
  return Object.entries(parts)
    .filter(([, path]) => path !== '')
    .map(([part, path]) => ({ path, source: `PodCertificate ${part}` }))
}

function overlaps(all: readonly Placed[]): Warnings {
  const trimmed = all.map(({ path, source }) => ({ path: path.replace(/\/+$/, ''), source }))
  return trimmed.flatMap((one, at) =>
    trimmed
      .slice(0, at)
      .filter((other) => one.path !== '' && other.path !== '' && isWithin(one.path, other.path))
      .map((other) => `${shown(one)} with ${shown(other)}`),
  )
}

function isWithin(a: string, b: string): boolean {
  return `${a}/`.startsWith(`${b}/`) || `${b}/`.startsWith(`${a}/`)
}

export function claimWarnings({ metadata, spec = {} }: PersistentVolumeClaim): Warnings {
  const isAnnotated = metadata?.annotations?.[betaClassAnnotation] !== undefined
  const message = 'deprecated since v1.8; use "storageClassName" attribute instead'
  return [
    ...(isAnnotated ? [`${keyed('metadata.annotations', betaClassAnnotation)}: ${message}`] : []),
    ...claimSpecWarnings('spec', spec),
  ]
}

export function claimSpecWarnings(field: string, { resources }: PersistentVolumeClaimSpec): Warnings {
  const at = (list: string): string => keyed(child(field, 'resources', list), 'storage')
  return [
    ...fraction(at('requests'), resources?.requests?.storage),
    ...fraction(at('limits'), resources?.limits?.storage),
  ]
}

const deprecatedAnnotations: Readonly<Record<string, string>> = {
  [betaClassAnnotation]: 'deprecated since v1.8; use "storageClassName" attribute instead',
  'volume.beta.kubernetes.io/mount-options': 'deprecated since v1.31; use "mountOptions" attribute instead',
}
const recycled =
  'The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.'
const goneSources = ['cephfs', 'photonPersistentDisk', 'scaleIO', 'storageos', 'glusterfs', 'rbd'] as const

export function persistentVolumeWarnings({ metadata, spec = {} }: PersistentVolume): Warnings {
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms ?? []
  return [
    ...Object.entries(deprecatedAnnotations).flatMap(([key, message]) =>
      metadata?.annotations?.[key] === undefined ? [] : [`${keyed('metadata.annotations', key)}: ${message}`],
    ),
    ...(spec.persistentVolumeReclaimPolicy === 'Recycle' ? [`spec.persistentVolumeReclaimPolicy: ${recycled}`] : []),
    ...terms.flatMap((term, at) =>
      nodeTermWarnings(index('spec.nodeAffinity.required.nodeSelectorTerms', at), term, false),
    ),
    ...goneSources.flatMap((name) =>
      spec[name] === undefined ? [] : [`${child('spec', misspelt[name] ?? name)}: ${deprecatedSources[name]}`],
    ),
  ]
}
