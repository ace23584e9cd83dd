import { sha256Hex } from '../../api/sha256.ts'
import { pluginFolders } from '../plugins/plugin-folders.ts'
import { podDirectory } from '../pod-paths.ts'
import type { CsiVolume } from './csi-source.ts'

/** Where a volume lies below the kubelet's folder: the places of the original, which drivers' manifests and people know. */
export type CsiPaths = Readonly<{
  /** A folder of its own for the volume in the pod's. */
  folder: string
  /** Where the driver puts the volume for the pod; it makes the last part itself. */
  target: string
  /** Where it puts the volume for all pods of the node. */
  staging: string
  stagingFolder: string
}>

export function csiFolders(root: string, podUid: string): readonly string[] {
  const directory = podDirectory(root, podUid)
  return ['volumes', 'volumeDevices'].map((kind) => `${directory}/${kind}/kubernetes.io~csi`)
}

export function csiPaths(
  root: string,
  podUid: string,
  { name, driver, handle, isBlock }: Pick<CsiVolume, 'name' | 'driver' | 'handle' | 'isBlock'>,
): CsiPaths {
  const [volumes, devices] = csiFolders(root, podUid)
  const plugin = `${pluginFolders(root).plugins}/kubernetes.io/csi`
  if (isBlock) {
    const stagingFolder = `${plugin}/volumeDevices/staging/${name}`
    const target = `${plugin}/volumeDevices/publish/${name}/${podUid}`
    return { folder: `${devices}/${name}`, target, staging: stagingFolder, stagingFolder }
  }
  const stagingFolder = `${plugin}/${driver}/${sha256Hex(handle)}`
  return {
    folder: `${volumes}/${name}`,
    target: `${volumes}/${name}/mount`,
    staging: `${stagingFolder}/globalmount`,
    stagingFolder,
  }
}
