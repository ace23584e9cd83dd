import { inlineHandle } from '../../api/csi.ts'
import type { CSIVolumeSource, PersistentVolume, SecretReference, Volume } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import type { KubeletPod } from '../pod-containers.ts'

/** A volume of a CSI driver as one pod uses it. */
export type CsiVolume = Readonly<{
  /** The name of its folders: the persistent volume's, or the pod's for it. */
  name: string
  driver: string
  handle: string
  lifecycle: 'Persistent' | 'Ephemeral'
  isBlock: boolean
  readOnly: boolean
  fsType: string
  attributes: Readonly<Record<string, string>>
  accessModes: readonly string[]
  mountOptions: readonly string[]
  stageSecret?: SecretReference
  publishSecret?: SecretReference
  expandSecret?: SecretReference
}>

/** Undefined: the volume is of another kind. */
export function persistentCsiVolume(
  { metadata, spec }: Stored<PersistentVolume>,
  readOnly: boolean,
): CsiVolume | undefined {
  const { csi } = spec
  if (csi === undefined) return undefined
  const { nodeStageSecretRef, nodePublishSecretRef, nodeExpandSecretRef } = csi
  return {
    name: metadata.name,
    driver: csi.driver,
    handle: csi.volumeHandle,
    lifecycle: 'Persistent',
    isBlock: spec.volumeMode === 'Block',
    readOnly: readOnly || csi.readOnly === true,
    fsType: csi.fsType ?? '',
    attributes: csi.volumeAttributes ?? {},
    accessModes: spec.accessModes ?? [],
    mountOptions: spec.mountOptions ?? [],
    ...(nodeStageSecretRef && { stageSecret: nodeStageSecretRef }),
    ...(nodePublishSecretRef && { publishSecret: nodePublishSecretRef }),
    ...(nodeExpandSecretRef && { expandSecret: nodeExpandSecretRef }),
  }
}

/** One that exists as long as the pod does. */
export function inlineCsiVolume(pod: KubeletPod, { name }: Volume, source: CSIVolumeSource): CsiVolume {
  const { namespace = '', uid } = pod.metadata
  const secret = source.nodePublishSecretRef?.name
  return {
    name,
    driver: source.driver,
    handle: inlineHandle(uid, name),
    lifecycle: 'Ephemeral',
    isBlock: false,
    readOnly: source.readOnly ?? false,
    fsType: source.fsType ?? '',
    attributes: source.volumeAttributes ?? {},
    accessModes: [],
    mountOptions: [],
    ...(secret === undefined ? {} : { publishSecret: { name: secret, namespace } }),
  }
}

/** What podInfoOnMount tells the driver of the pod. */
export function podAttributes(
  { metadata, spec }: KubeletPod,
  { lifecycle }: CsiVolume,
): Readonly<Record<string, string>> {
  return {
    'csi.storage.k8s.io/pod.name': metadata.name,
    'csi.storage.k8s.io/pod.namespace': metadata.namespace ?? '',
    'csi.storage.k8s.io/pod.uid': metadata.uid,
    'csi.storage.k8s.io/serviceAccount.name': spec.serviceAccountName ?? '',
    'csi.storage.k8s.io/ephemeral': String(lifecycle === 'Ephemeral'),
  }
}

const singleNode = { ReadWriteOnce: 'SINGLE_NODE_WRITER', ReadWriteOncePod: 'SINGLE_NODE_WRITER' } as const
const tellingApart = {
  ReadWriteOnce: 'SINGLE_NODE_MULTI_WRITER',
  ReadWriteOncePod: 'SINGLE_NODE_SINGLE_WRITER',
} as const
const multiNode = { ReadOnlyMany: 'MULTI_NODE_READER_ONLY', ReadWriteMany: 'MULTI_NODE_MULTI_WRITER' } as const

/** In CSI's terms; drivers differ in whether they can tell one pod from several on the same node. */
export function volumeCapability(
  { accessModes, isBlock, fsType, mountOptions }: CsiVolume,
  tellsWritersApart: boolean,
  group: number | undefined,
) {
  const modes = { ...multiNode, ...(tellsWritersApart ? tellingApart : singleNode) }
  const [accessMode = 'ReadWriteOnce'] = accessModes
  const mode = modes[accessMode as keyof typeof modes] ?? 'UNKNOWN'
  const volumeMountGroup = group === undefined ? '' : String(group)
  return {
    accessMode: { mode },
    ...(isBlock ? { block: {} } : { mount: { fsType, mountFlags: mountOptions, volumeMountGroup } }),
  }
}

/** Whether the kubelet itself gives the volume to the pod's fsGroup (CSIDriver.spec.fsGroupPolicy). */
export function takesGroup({ readOnly, fsType, lifecycle, accessModes, isBlock }: CsiVolume, policy: string): boolean {
  if (policy === 'None' || readOnly || isBlock) return false
  if (policy === 'File') return true
  return fsType !== '' && (lifecycle === 'Ephemeral' || accessModes.includes('ReadWriteOnce'))
}
