import { driverPath } from '../plugins/plugin-folders.ts'
import type { VolumeSpace } from '../usage/volume-usage.ts'
import type { CsiDriver } from './csi-drivers.ts'
import { csiPaths } from './csi-paths.ts'
import type { CsiVolume } from './csi-source.ts'
import type { CsiVolumesDeps } from './csi-volumes.ts'

/** What the driver tells of a volume that it has published for the pod (the original's csi metrics: NodeGetVolumeStats). */
export async function csiSpace(
  { config }: Pick<CsiVolumesDeps, 'config'>,
  driver: CsiDriver,
  podUid: string,
  volume: CsiVolume,
): Promise<VolumeSpace | undefined> {
  const capabilities = await driver.capabilities()
  if (!capabilities.ok || !capabilities.value.has('GET_VOLUME_STATS')) return undefined
  const answer = await driver.client.NodeGetVolumeStats({
    volumeId: volume.handle,
    volumePath: driverPath(config, csiPaths(config.rootDirectory, podUid, volume).target),
  })
  if (!answer.ok) return undefined
  const { usage } = answer.value
  const bytes = usage.find(({ unit }) => unit === 'BYTES')
  const inodes = usage.find(({ unit }) => unit === 'INODES')
  return {
    ...(bytes && {
      availableBytes: Number(bytes.available),
      capacityBytes: Number(bytes.total),
      usedBytes: Number(bytes.used),
    }),
    ...(inodes && {
      inodesFree: Number(inodes.available),
      inodes: Number(inodes.total),
      inodesUsed: Number(inodes.used),
    }),
  }
}
