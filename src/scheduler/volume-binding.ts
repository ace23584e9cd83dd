import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  StorageClass,
  VolumeAttachment,
} from '../api/kinds.generated.ts'
import { matchesTerm } from '../api/node-selector.ts'
import { objectKey, type Stored } from '../api/object.ts'
import {
  claimNameOf,
  classNameOf,
  findMatchingVolume,
  isFullyBound,
  isReachableFrom,
  noProvisioner,
  selectedNode,
  waitsForConsumer,
} from '../api/persistent-volume.ts'
import { compareQuantities, quantity } from '../api/quantity.ts'
import { fail, ok, type Result } from '../api/result.ts'
import type { NodeInfo } from './node-info.ts'
import { hasCapacity } from './storage-capacity.ts'

type Claim = Stored<PersistentVolumeClaim>
type Volume = Stored<PersistentVolume>

/** What the scheduler knows of storage. */
export interface VolumeView {
  /** By 'namespace/name'. */
  claim(key: string): Claim | undefined
  volume(name: string): Volume | undefined
  volumes(): readonly Volume[]
  storageClass(name: string): Stored<StorageClass> | undefined
  csiDriver(name: string): Stored<CSIDriver> | undefined
  csiNode(nodeName: string): Stored<CSINode> | undefined
  capacities(): readonly Stored<CSIStorageCapacity>[]
  /** Of the node. */
  attachments(nodeName: string): readonly Stored<VolumeAttachment>[]
  /** Names of volumes that have been chosen for claims other than this one, and are not bound yet. */
  reserved(claimKey: string): ReadonlySet<string>
}

export const noVolumes: VolumeView = {
  claim: () => undefined,
  volume: () => undefined,
  volumes: () => [],
  storageClass: () => undefined,
  csiDriver: () => undefined,
  csiNode: () => undefined,
  capacities: () => [],
  attachments: () => [],
  reserved: () => new Set(),
}

/** A pod's claims: those that have a volume, and those that get one where the pod goes. */
export type PodClaims = Readonly<{ bound: readonly Claim[]; delayed: readonly Claim[] }>

/** How the claims that waited for the pod's node get their volumes there. */
export type VolumeChoice = Readonly<{
  toBind: readonly Readonly<{ claim: Claim; volume: Volume }>[]
  toProvision: readonly Claim[]
  /** All claims of the pod that are to be bound before it. */
  claims: readonly Claim[]
}>

/**
 * The pod's claims; undefined: it has none. The error says what is amiss with one of them wherever the pod would go (kube-scheduler's
 * VolumeBinding, PreFilter).
 */
export function podClaims(pod: Stored<Pod>, view: VolumeView): Result<PodClaims | undefined, string> {
  const bound: Claim[] = []
  const delayed: Claim[] = []
  let isImmediate = false
  for (const volume of pod.spec.volumes ?? []) {
    const name = claimNameOf(pod.metadata.name, volume)
    if (name === undefined) continue
    const claim = view.claim(objectKey({ metadata: { namespace: pod.metadata.namespace ?? '', name } }))
    const fault = claimFault(pod, name, claim, volume.ephemeral !== undefined)
    if (claim === undefined || fault !== undefined) return fail(fault ?? '')
    if (isFullyBound(claim)) bound.push(claim)
    else if (isDelayed(claim, view)) delayed.push(claim)
    else isImmediate = true
  }
  if (isImmediate) return fail('pod has unbound immediate PersistentVolumeClaims')
  return ok(bound.length + delayed.length === 0 ? undefined : { bound, delayed })
}

function claimFault(
  pod: Stored<Pod>,
  name: string,
  claim: Claim | undefined,
  isEphemeral: boolean,
): string | undefined {
  const quoted = JSON.stringify(name)
  if (claim === undefined) {
    return isEphemeral
      ? `waiting for ephemeral volume controller to create the persistentvolumeclaim ${quoted}`
      : `persistentvolumeclaim ${quoted} not found`
  }
  const { metadata, spec, status } = claim
  if (status.phase === 'Lost')
    return `persistentvolumeclaim ${quoted} bound to non-existent persistentvolume ${JSON.stringify(spec.volumeName ?? '')}`
  if (metadata.deletionTimestamp !== undefined) return `persistentvolumeclaim ${quoted} is being deleted`
  const isOwn = metadata.ownerReferences?.some(({ uid, controller }) => controller === true && uid === pod.metadata.uid)
  if (!isEphemeral || isOwn === true) return undefined
  const { namespace } = metadata
  return `PVC ${namespace}/${name} was not created for pod ${namespace}/${pod.metadata.name} (pod is not owner)`
}

/** A claim that names a volume is bound by its controller, whatever its class says. */
function isDelayed(claim: Claim, view: VolumeView): boolean {
  return (claim.spec.volumeName ?? '') === '' && waitsForConsumer(view.storageClass(classNameOf(claim)))
}

const unreachableVolume = "node(s) didn't match PersistentVolume's node affinity"
const noVolume = "node(s) didn't find available persistent volumes to bind"
const noSpace = 'node(s) did not have enough free storage'
const lostVolume = 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)'

/** How the claims get volumes on the node; the error holds the reasons why not (VolumeBinding, Filter). */
export function chooseVolumes(
  { bound, delayed }: PodClaims,
  { node, name: nodeName }: NodeInfo,
  view: VolumeView,
): Result<VolumeChoice, readonly string[]> {
  const volumes = bound.map(({ spec }) => view.volume(spec.volumeName ?? ''))
  const reasons: string[] = []
  if (volumes.some((volume) => volume !== undefined && !isReachableFrom(volume, node))) reasons.push(unreachableVolume)
  const toBind: { claim: Claim; volume: Volume }[] = []
  const toProvision: Claim[] = []
  const taken = new Set<string>()
  for (const claim of [...delayed].sort(bySize)) {
    const chosen = claim.metadata.annotations?.[selectedNode]
    const excluded = new Set([...taken, ...view.reserved(objectKey(claim))])
    const volume = chosen === undefined ? findMatchingVolume(claim, view.volumes(), { node, excluded }) : undefined
    if (volume !== undefined) {
      taken.add(volume.metadata.name)
      toBind.push({ claim, volume })
      continue
    }
    const isElsewhere = chosen !== undefined && chosen !== nodeName
    const fault = isElsewhere ? noVolume : provisioningFault(claim, node, view)
    if (fault !== undefined) {
      reasons.push(fault)
      break
    }
    toProvision.push(claim)
  }
  if (volumes.includes(undefined)) reasons.push(lostVolume)
  return reasons.length > 0 ? fail(reasons) : ok({ toBind, toProvision, claims: delayed })
}

/** Why no volume can be made for the claim where the node reaches it; undefined: one can. */
function provisioningFault(claim: Claim, node: NodeInfo['node'], view: VolumeView): string | undefined {
  const storageClass = view.storageClass(classNameOf(claim))
  const { provisioner = '', allowedTopologies = [] } = storageClass ?? {}
  if (storageClass === undefined || provisioner === '' || provisioner === noProvisioner) return noVolume
  const isAllowed =
    allowedTopologies.length === 0 ||
    allowedTopologies.some(({ matchLabelExpressions = [] }) => {
      const matchExpressions = matchLabelExpressions.map(({ key, values }) => ({ key, operator: 'In', values }))
      return matchesTerm({ matchExpressions }, node)
    })
  if (!isAllowed) return noVolume
  return hasCapacity(claim, storageClass, node, view) ? undefined : noSpace
}

function bySize(a: Claim, b: Claim): number {
  const sizeOf = ({ spec }: Claim) => quantity(spec.resources?.requests?.storage ?? '0')
  return compareQuantities(sizeOf(a), sizeOf(b))
}
