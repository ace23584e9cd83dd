import type { EmptyDirVolumeSource, Volume } from '../../api/kinds.generated.ts'
import { quantityNumber } from '../../api/quantity.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { DiskError } from '../../ports/disk.ts'
import { inlineCsiVolume, persistentCsiVolume } from '../csi/csi-source.ts'
import type { CsiVolumes } from '../csi/csi-volumes.ts'
import { growClaim } from '../csi/grow-claim.ts'
import type { KubeletDeps } from '../kubelet-config.ts'
import type { KubeletPod } from '../pod-containers.ts'
import { memoryDirectory, podDirectory } from '../pod-paths.ts'
import { amountOf } from '../qos-class.ts'
import { writeAtomically } from './atomic-directory.ts'
import { hostPath } from './host-path.ts'
import { hasGroup, setGroup } from './ownership.ts'
import { payloadFault } from './payload.ts'
import { type ClaimedVolume, claimedVolume, localVolume } from './persistent-volume.ts'
import { type PayloadParts, volumePayload } from './projected-payload.ts'

export type VolumeFailure = Readonly<{ volume: string; message: string }>

/** Where a volume lies on the node, and whether containers may only read it. */
export type MountedVolume = Readonly<{
  path: string
  readOnly: boolean
  /** A device file, for containers that name it in volumeDevices. */
  isBlock?: true
  /** Whoever serves it is to be told again and again what the pod is, or asked to let it grow. */
  remounts?: true
}>

export type VolumeDeps = Pick<KubeletDeps, 'client' | 'disk' | 'mounts' | 'clock' | 'log' | 'config'> &
  Readonly<{ csi: CsiVolumes }>

/** Sets up all volumes of a pod, or brings them up to date: to be called again whenever what they show has changed. */
export async function setUpVolumes(
  deps: VolumeDeps,
  parts: PayloadParts,
  pod: KubeletPod,
): Promise<Result<ReadonlyMap<string, MountedVolume>, VolumeFailure>> {
  const volumes = new Map<string, MountedVolume>()
  for (const volume of pod.spec.volumes ?? []) {
    // The runtime mounts it for each container.
    if (volume.image !== undefined) continue
    const mounted = await guarded(() => setUpOne(deps, parts, pod, volume))
    if (!mounted.ok) return fail({ volume: volume.name, message: mounted.error })
    volumes.set(volume.name, mounted.value)
  }
  return ok(volumes)
}

async function guarded<T>(task: () => Promise<Result<T, string>>): Promise<Result<T, string>> {
  try {
    return await task()
  } catch (error) {
    if (error instanceof DiskError) return fail(error.message)
    throw error
  }
}

async function setUpOne(
  deps: VolumeDeps,
  parts: PayloadParts,
  pod: KubeletPod,
  volume: Volume,
): Promise<Result<MountedVolume, string>> {
  if (volume.hostPath !== undefined) {
    const path = await hostPath(deps.disk, volume.hostPath)
    return path.ok ? ok({ path: path.value, readOnly: false }) : path
  }
  if (volume.persistentVolumeClaim !== undefined || volume.ephemeral !== undefined)
    return claimed(deps, parts, pod, volume)
  if (volume.csi !== undefined) return deps.csi.setUp(pod, parts.tokens, inlineCsiVolume(pod, volume, volume.csi))
  if (volume.emptyDir !== undefined) return emptyDir(deps, pod, volume.name, volume.emptyDir)
  const payload = await volumePayload(parts, pod, volume)
  if (payload === undefined) return fail('this kind of volume is not supported')
  if (!payload.ok) return payload
  const fault = payloadFault(payload.value)
  if (fault !== undefined) return fail(fault)
  const { disk, clock } = deps
  const path = `${memoryDirectory(deps.config.rootDirectory)}/${pod.metadata.uid}/${volume.name}`
  await disk.makeDirectory(path)
  await disk.setMode(path, 0o777)
  const group = pod.spec.securityContext?.fsGroup
  const changed = await writeAtomically(disk, path, payload.value, versionName(clock.nowMs()), async (version) => {
    if (group !== undefined) await setGroup(disk, version, group, true)
  })
  if (changed && group !== undefined) await setGroup(disk, path, group, true)
  return ok({ path, readOnly: true })
}

async function claimed(
  deps: VolumeDeps,
  { tokens }: PayloadParts,
  pod: KubeletPod,
  volume: Volume,
): Promise<Result<MountedVolume, string>> {
  const found = await claimedVolume(deps.client, pod, volume)
  if (!found.ok) return found
  const csi = persistentCsiVolume(found.value.volume, found.value.readOnly)
  if (csi === undefined) return local(deps, pod, volume, found.value)
  const mounted = await deps.csi.setUp(pod, tokens, csi)
  if (!mounted.ok) return mounted
  const grown = await growClaim(deps, pod, csi, found.value)
  return grown.ok ? ok({ ...mounted.value, remounts: true }) : grown
}

/** The folder of the claim's volume. It is given to the pod's fsGroup once, when the pod first has it. */
async function local(
  { disk, config }: VolumeDeps,
  pod: KubeletPod,
  volume: Volume,
  claimed: ClaimedVolume,
): Promise<Result<MountedVolume, string>> {
  const found = localVolume(claimed)
  if (!found.ok) return found
  const { readOnly } = claimed
  const { path, takesGroup, isBlock } = found.value
  if (!(await disk.exists(path))) return fail(`path ${JSON.stringify(path)} does not exist`)
  const { fsGroup, fsGroupChangePolicy } = pod.spec.securityContext ?? {}
  const mark = `${podDirectory(config.rootDirectory, pod.metadata.uid)}/volumes/kubernetes.io~local-volume/${volume.name}`
  if (fsGroup !== undefined && takesGroup && !(await disk.exists(mark))) {
    if (fsGroupChangePolicy !== 'OnRootMismatch' || !(await hasGroup(disk, path, fsGroup)))
      await setGroup(disk, path, fsGroup, readOnly)
    await disk.makeDirectory(mark)
  }
  return ok({ path, readOnly, ...(isBlock ? { isBlock } : {}) })
}

/** '..2026_01_02_03_04_05.123456789': as the original names its versions. */
function versionName(nowMs: number): string {
  const [date = '', time = ''] = new Date(nowMs).toISOString().split('T')
  return `..${date.replaceAll('-', '_')}_${time.replace('Z', '').replaceAll(':', '_')}000000`
}

async function emptyDir(
  deps: VolumeDeps,
  pod: KubeletPod,
  name: string,
  { medium = '', sizeLimit }: EmptyDirVolumeSource,
): Promise<Result<MountedVolume, string>> {
  const { disk, mounts, config } = deps
  const path = `${podDirectory(config.rootDirectory, pod.metadata.uid)}/volumes/kubernetes.io~empty-dir/${name}`
  const inMemory = medium === 'Memory'
  const isMount = inMemory && (await mounts.list(path)).includes(path)
  const fresh = inMemory ? !isMount : !(await disk.exists(path))
  if (!fresh) return ok({ path, readOnly: false })
  if (medium !== '' && !inMemory) return fail(`unknown storage medium ${JSON.stringify(medium)}`)
  await disk.makeDirectory(path)
  if (inMemory) {
    const limitBytes = sizeLimit === undefined ? 0 : quantityNumber(amountOf({ sizeLimit }, 'sizeLimit'))
    // Without a limit of its own, half of the machine's memory, which is tmpfs's own default.
    const sizeBytes = limitBytes > 0 ? limitBytes : Math.floor(config.capacity.memoryBytes / 2)
    const mounted = await mounts.mount([{ type: 'tmpfs', target: path, sizeBytes, mode: 0o777 }])
    if (!mounted.ok) return fail(mounted.error.message)
  }
  await disk.setMode(path, 0o777)
  const group = pod.spec.securityContext?.fsGroup
  if (group !== undefined) await setGroup(disk, path, group, false)
  return ok({ path, readOnly: false })
}

/** Takes the pod's volumes away with what is in them. Host paths stay. */
export async function tearDownVolumes({ disk, mounts, config, csi }: VolumeDeps, uid: string): Promise<void> {
  const directory = podDirectory(config.rootDirectory, uid)
  const given = await csi.tearDown(uid)
  if (!given.ok) throw new DiskError('Other', directory, given.error)
  const targets = await mounts.list(directory)
  if (targets.length > 0) {
    const unmounted = await mounts.unmount(targets)
    if (!unmounted.ok) throw new DiskError('Other', directory, unmounted.error.message)
  }
  await disk.remove(`${directory}/volumes`)
  await disk.remove(`${directory}/volumeDevices`)
  await disk.remove(`${directory}/volume-subpaths`)
  await disk.remove(`${memoryDirectory(config.rootDirectory)}/${uid}`)
}

/** Mounts the one tmpfs in which secrets and tokens lie, unless an earlier kubelet has. Without the right to, they lie on the disk. */
export async function mountMemoryDirectory({ disk, mounts, config, log }: Omit<VolumeDeps, 'csi'>): Promise<void> {
  const path = memoryDirectory(config.rootDirectory)
  await disk.makeDirectory(path, 0o755)
  if ((await mounts.list(path)).includes(path)) return
  const sizeBytes = Math.floor(config.capacity.memoryBytes / 2)
  const mounted = await mounts.mount([{ type: 'tmpfs', target: path, sizeBytes, mode: 0o755 }])
  if (!mounted.ok) log.warn('secrets will lie on the disk: no memory file system', { message: mounted.error.message })
}
