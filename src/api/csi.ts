import { sha256Hex } from './sha256.ts'

/** The words in which kubelet, attach/detach controller and drivers' sidecars speak of volumes (k8s.io/kubernetes pkg/volume/csi). */

/** The name of the VolumeAttachment of a volume on a node. */
export function attachmentName(handle: string, driver: string, nodeName: string): string {
  return `csi-${sha256Hex(handle + driver + nodeName)}`
}

/** What nodes call a volume in status.volumesInUse and status.volumesAttached. */
export function uniqueVolumeName(driver: string, handle: string): string {
  return `kubernetes.io/csi/${driver}^${handle}`
}

/** The volume of which a node speaks by such a name. */
export function volumeOfUniqueName(name: string): Readonly<{ driver: string; handle: string }> | undefined {
  const [, driver, handle] = /^kubernetes\.io\/csi\/([^^]*)\^(.*)$/.exec(name) ?? []
  return driver === undefined || handle === undefined ? undefined : { driver, handle }
}

/** Of a volume that a pod's spec describes itself. */
export function inlineHandle(podUid: string, volumeName: string): string {
  return `csi-${sha256Hex(podUid + volumeName)}`
}

/** On a node: the ids by which drivers know it. */
export const nodeIdAnnotation = 'csi.volume.kubernetes.io/nodeid'
