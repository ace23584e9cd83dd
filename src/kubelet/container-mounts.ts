import type { Container, VolumeMount } from '../api/kinds.generated.ts'
import { fail, ok, type Result } from '../api/result.ts'
import { DiskError } from '../ports/disk.ts'
import type { ContainerDevice, ImageMount, Mount } from '../runtime/pod-runtime.ts'
import type { Variable } from './env.ts'
import { expand } from './expansion.ts'
import type { KubeletDeps } from './kubelet-config.ts'
import type { KubeletPod } from './pod-containers.ts'
import { podDirectory, terminationLogPath } from './pod-paths.ts'
import type { MountedVolume } from './volumes/pod-volumes.ts'
import { bindSubPath } from './volumes/sub-path.ts'

export type MountInput = Readonly<{
  pod: KubeletPod
  container: Container
  attempt: number
  volumes: ReadonlyMap<string, MountedVolume>
  env: readonly Variable[]
}>

/** What every container finds at these places, made for the pod, unless it mounts something there itself. */
const podFiles = [
  ['/etc/hosts', 'etc-hosts'],
  ['/etc/hostname', 'hostname'],
  ['/etc/resolv.conf', 'resolv.conf'],
] as const

export type ContainerMounts = Readonly<{ mounts: readonly Mount[]; imageMounts: readonly ImageMount[] }>

type Deps = Pick<KubeletDeps, 'disk' | 'mounts' | 'config' | 'log'>

/** A container's mounts: its volumes, then the pod's files and the termination log. Errors are worded as the original's. */
export async function containerMounts(deps: Deps, input: MountInput): Promise<Result<ContainerMounts, string>> {
  const { pod, container, attempt } = input
  const mounts: Mount[] = []
  const imageMounts: ImageMount[] = []
  for (const [at, volumeMount] of (container.volumeMounts ?? []).entries()) {
    const image = imageOf(pod, volumeMount)
    if (image !== undefined) {
      const subPath = subPathOf(input, volumeMount)
      if (!subPath.ok) return subPath
      imageMounts.push({ image, containerPath: volumeMount.mountPath, subPath: subPath.value })
      continue
    }
    const mount = await mountOf(deps, input, volumeMount, at)
    if (!mount.ok) return mount
    mounts.push(mount.value)
  }
  const root = deps.config.rootDirectory
  const add = (containerPath: string, hostPath: string): void => {
    if ([...mounts, ...imageMounts].some((mount) => mount.containerPath === containerPath)) return
    mounts.push({ hostPath, containerPath, readOnly: false, propagation: 'private' })
  }
  for (const [place, file] of podFiles) add(place, `${podDirectory(root, pod.metadata.uid)}/${file}`)
  if (container.terminationMessagePath)
    add(container.terminationMessagePath, terminationLogPath(root, pod.metadata.uid, container.name, attempt))
  return ok({ mounts, imageMounts })
}

/** Volumes that the container sees as device files. */
export function volumeDevices(
  { volumeDevices: wanted = [] }: Container,
  volumes: ReadonlyMap<string, MountedVolume>,
): readonly ContainerDevice[] {
  return wanted.flatMap(({ name, devicePath }) => {
    const volume = volumes.get(name)
    if (volume?.isBlock === undefined) return []
    return [{ hostPath: volume.path, containerPath: devicePath, permissions: volume.readOnly ? 'r' : 'rwm' }]
  })
}

/** This engine can always do it: 'IfPossible' is as 'Enabled'. */
export function isRecursivelyReadOnly({ readOnly, recursiveReadOnly }: VolumeMount): boolean {
  return readOnly === true && (recursiveReadOnly === 'Enabled' || recursiveReadOnly === 'IfPossible')
}

function imageOf({ spec }: KubeletPod, { name }: VolumeMount): string | undefined {
  return spec.volumes?.find((volume) => volume.name === name)?.image?.reference
}

async function mountOf(deps: Deps, input: MountInput, mount: VolumeMount, at: number): Promise<Result<Mount, string>> {
  const volume = input.volumes.get(mount.name)
  const name = JSON.stringify(input.container.name)
  if (volume === undefined)
    return fail(`cannot find volume ${JSON.stringify(mount.name)} to mount into container ${name}`)
  const path = await pathOf(deps, input, mount, volume, at)
  if (!path.ok) return path
  return ok({
    hostPath: path.value,
    containerPath: mount.mountPath.startsWith('/') ? mount.mountPath : `/${mount.mountPath}`,
    readOnly: (mount.readOnly ?? false) || volume.readOnly,
    ...(isRecursivelyReadOnly(mount) ? { recursiveReadOnly: true } : {}),
    propagation:
      mount.mountPropagation === 'Bidirectional'
        ? 'bidirectional'
        : mount.mountPropagation === 'HostToContainer'
          ? 'host-to-container'
          : 'private',
  })
}

function subPathOf({ env }: MountInput, { subPath = '', subPathExpr = '' }: VolumeMount): Result<string, string> {
  const missing: string[] = []
  const lookUp = (variable: string) => env.find((candidate) => candidate.name === variable)?.value
  const path = subPathExpr === '' ? subPath : expand(subPathExpr, lookUp, (unknown) => missing.push(unknown))
  return missing.length === 0 ? ok(path) : fail(`missing value for ${missing.map((v) => JSON.stringify(v)).join(', ')}`)
}

async function pathOf(
  deps: Deps,
  input: MountInput,
  mount: VolumeMount,
  volume: MountedVolume,
  at: number,
): Promise<Result<string, string>> {
  const { pod, container, attempt } = input
  const { name } = mount
  const found = subPathOf(input, mount)
  if (!found.ok) return found
  const path = found.value
  if (path === '') return ok(volume.path)
  const directory = podDirectory(deps.config.rootDirectory, pod.metadata.uid)
  const target = `${directory}/volume-subpaths/${name}/${container.name}/${attempt}-${at}`
  const where = `volumeMount ${JSON.stringify(name)} of container ${JSON.stringify(container.name)}`
  try {
    const bound = await bindSubPath(deps.disk, deps.mounts, { volumePath: volume.path, subPath: path, target })
    if (bound.ok || path.startsWith('/') || path.includes('..')) return bound
    // What exactly is wrong would tell the pod's author about the node's files.
    deps.log.warn('a subPath was refused', { pod: pod.metadata.name, path, message: bound.error })
  } catch (error) {
    if (!(error instanceof DiskError)) throw error
    deps.log.warn('a subPath failed', { pod: pod.metadata.name, path, message: error.message })
  }
  return fail(`failed to prepare subPath for ${where}`)
}
