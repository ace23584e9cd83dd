import type {
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  Volume as PodVolume,
  StorageClass,
} from './kinds.generated.ts'
import { matchesLabels, selectorFromObject } from './label-selector.ts'
import { matchesNodeSelector } from './node-selector.ts'
import type { Stored } from './object.ts'
import { compareQuantities, quantity } from './quantity.ts'

/** The words in which claims, volumes, the scheduler and provisioners speak to each other (k8s.io/component-helpers storage/volume). */
export const bindCompleted = 'pv.kubernetes.io/bind-completed'
export const boundByController = 'pv.kubernetes.io/bound-by-controller'
export const selectedNode = 'volume.kubernetes.io/selected-node'
export const provisionedBy = 'pv.kubernetes.io/provisioned-by'
export const storageProvisioner = 'volume.kubernetes.io/storage-provisioner'
export const betaStorageProvisioner = 'volume.beta.kubernetes.io/storage-provisioner'
const betaDefaultClassAnnotation = 'storageclass.beta.kubernetes.io/is-default-class'
export const defaultClassAnnotation = 'storageclass.kubernetes.io/is-default-class'
/** What is in use is deleted only when it is so no more. */
export const claimFinalizer = 'kubernetes.io/pvc-protection'
export const volumeFinalizer = 'kubernetes.io/pv-protection'
export const attributesClassFinalizer = 'kubernetes.io/vac-protection'
/** A class whose volumes are made by hand. */
export const noProvisioner = 'kubernetes.io/no-provisioner'

export const betaClassAnnotation = 'volume.beta.kubernetes.io/storage-class'

type Claim = Stored<PersistentVolumeClaim>
type Volume = Stored<PersistentVolume>

type Classed = Readonly<{
  metadata?: PersistentVolume['metadata'] | undefined
  spec?: Readonly<{ storageClassName?: string }> | undefined
}>

/** Of a claim or of a volume; '' asks for volumes without a class. */
export function classNameOf({ metadata, spec }: Classed): string {
  return metadata?.annotations?.[betaClassAnnotation] ?? spec?.storageClassName ?? ''
}

export function claimNamesClass({ metadata, spec }: PersistentVolumeClaim): boolean {
  return metadata?.annotations?.[betaClassAnnotation] !== undefined || spec?.storageClassName !== undefined
}

/** Binding waits until a pod that uses the claim has been given a node. */
export function waitsForConsumer(storageClass: StorageClass | undefined): boolean {
  return storageClass?.volumeBindingMode === 'WaitForFirstConsumer'
}

/** The one that claims without a class get: of several the newest, then the first by name (util.GetDefaultClass). */
export function defaultStorageClass(classes: readonly Stored<StorageClass>[]): Stored<StorageClass> | undefined {
  const [first] = classes
    .filter(({ metadata: { annotations } }) => {
      return annotations?.[defaultClassAnnotation] === 'true' || annotations?.[betaDefaultClassAnnotation] === 'true'
    })
    .sort((a, b) => {
      const [madeA = '', madeB = ''] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp]
      return madeA === madeB ? (a.metadata.name < b.metadata.name ? -1 : 1) : madeA > madeB ? -1 : 1
    })
  return first
}

/** Whether the volume is the claim's, or was made for a claim of this name that nobody has seen yet. */
export function isBoundTo({ spec }: PersistentVolume, { metadata }: Claim): boolean {
  const { claimRef } = spec ?? {}
  if (claimRef === undefined || claimRef.name !== metadata.name || claimRef.namespace !== metadata.namespace)
    return false
  return (claimRef.uid ?? '') === '' || claimRef.uid === metadata.uid
}

export function isFullyBound({ metadata, spec }: Claim): boolean {
  return (spec.volumeName ?? '') !== '' && metadata.annotations?.[bindCompleted] !== undefined
}

/** Whether pods on the node can use the volume. */
export function isReachableFrom({ spec }: PersistentVolume, node: Node): boolean {
  const required = spec?.nodeAffinity?.required
  return required === undefined || matchesNodeSelector(required, node)
}

/** Why the volume cannot serve the claim that asks for it by name; undefined: it can. Worded as the original's events. */
export function mismatch(volume: Volume, claim: Claim): string | undefined {
  if (volume.metadata.deletionTimestamp !== undefined)
    return `the volume is marked for deletion ${JSON.stringify(volume.metadata.name)}`
  if (!isLargeEnough(volume, claim)) return 'requested PV is too small'
  if (classNameOf(volume) !== classNameOf(claim)) return 'storageClassName does not match'
  if (attributesClass(volume) !== attributesClass(claim)) return 'volumeAttributesClassName does not match'
  if (volumeMode(volume) !== volumeMode(claim)) return 'incompatible volumeMode'
  return allowsModes(volume, claim) ? undefined : 'incompatible accessMode'
}

export type MatchOptions = Readonly<{
  /** Where the pod is to run: only volumes that can be reached from there. */
  node?: Node
  /** Names of volumes that are spoken for. */
  excluded?: ReadonlySet<string>
  /** Only a volume that was made for the claim: others wait for the pod's node. */
  onlyOwn?: boolean
}>

/** The smallest volume that serves the claim; one that is already the claim's comes first. */
export function findMatchingVolume(
  claim: Claim,
  volumes: readonly Volume[],
  { node, excluded = new Set(), onlyOwn = false }: MatchOptions = {},
): Volume | undefined {
  const candidates = volumes.filter(
    (volume) =>
      !excluded.has(volume.metadata.name) &&
      (volume.spec.claimRef === undefined || isBoundTo(volume, claim)) &&
      isLargeEnough(volume, claim) &&
      volumeMode(volume) === volumeMode(claim) &&
      attributesClass(volume) === attributesClass(claim) &&
      volume.metadata.deletionTimestamp === undefined,
  )
  const canReach = (volume: Volume): boolean => node === undefined || isReachableFrom(volume, node)
  const own = candidates.find((volume) => isBoundTo(volume, claim))
  if (own !== undefined) return canReach(own) ? own : undefined
  if (onlyOwn) return undefined
  const free = candidates.filter((volume) => isFree(volume, claim) && canReach(volume))
  // Without a node in mind, a volume that allows no more than is asked for comes before a smaller one that does.
  const modes = node === undefined ? Math.min(...free.map(countModes)) : undefined
  return smallest(modes === undefined ? free : free.filter((volume) => countModes(volume) === modes))
}

function countModes({ spec }: Volume): number {
  return spec.accessModes?.length ?? 0
}

function isFree(volume: Volume, claim: Claim): boolean {
  const selector = selectorFromObject(claim.spec.selector ?? {})
  return (
    volume.status.phase === 'Available' &&
    classNameOf(volume) === classNameOf(claim) &&
    allowsModes(volume, claim) &&
    selector.ok &&
    matchesLabels(selector.value, volume.metadata.labels ?? {})
  )
}

function smallest(volumes: readonly Volume[]): Volume | undefined {
  let found: Volume | undefined
  for (const volume of volumes) {
    if (found === undefined || compareQuantities(sizeOf(volume), sizeOf(found)) < 0) found = volume
  }
  return found
}

function sizeOf({ spec }: PersistentVolume) {
  return quantity(spec?.capacity?.storage ?? '0')
}

function isLargeEnough(volume: Volume, { spec }: Claim): boolean {
  return compareQuantities(sizeOf(volume), quantity(spec.resources?.requests?.storage ?? '0')) >= 0
}

export function volumeMode({ spec }: PersistentVolume | PersistentVolumeClaim): string {
  return spec?.volumeMode ?? 'Filesystem'
}

function attributesClass({ spec }: PersistentVolume | PersistentVolumeClaim): string {
  return spec?.volumeAttributesClassName ?? ''
}

function allowsModes(volume: Volume, claim: Claim): boolean {
  return (claim.spec.accessModes ?? []).every((mode) => volume.spec.accessModes?.includes(mode))
}

/** The claim that a volume of a pod stands for; undefined where it needs none. An ephemeral volume has one of its own, by its name. */
export function claimNameOf(podName: string, volume: PodVolume): string | undefined {
  if (volume.ephemeral !== undefined) return `${podName}-${volume.name}`
  return volume.persistentVolumeClaim?.claimName
}

/** Keys of the claims that the pod uses. */
export function claimKeysOf({ metadata, spec }: Pod): readonly string[] {
  const { name = '', namespace = '' } = metadata ?? {}
  return (spec?.volumes ?? []).flatMap((volume) => {
    const claim = claimNameOf(name, volume)
    return claim === undefined ? [] : [`${namespace}/${claim}`]
  })
}
