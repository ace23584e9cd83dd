import { fail, ok, type Result } from '../../api/result.ts'
import type { HostDevice } from '../../ports/containers.ts'
import type { CdiDeviceNode, CdiHook, CdiMount, ContainerEdits } from '../cdi/cdi-spec.ts'
import type { ContainerDevice } from '../pod-runtime.ts'
import type { OciMount } from './container-mounts.ts'

/** A device file as the container sees it, and what it may do with it: 'rwm'. */
export type GrantedDevice = Readonly<{ device: HostDevice; access: string }>

/** The device files of the machine at a path, and below it where that is a folder. */
export type DeviceSource = (path: string) => Promise<readonly HostDevice[]>

/** The devices that a container is given one by one, beside those that a privileged one has anyway. */
export async function grantedDevices(
  devices: readonly ContainerDevice[],
  edits: readonly ContainerEdits[],
  source: DeviceSource,
): Promise<Result<readonly GrantedDevice[], string>> {
  const granted = new Map<string, GrantedDevice>()
  for (const { hostPath, containerPath, permissions } of devices) {
    const found = await source(hostPath)
    if (found.length === 0)
      return fail(
        `failed to generate container spec: error gathering device information while adding custom device ${JSON.stringify(hostPath)}: not a device node`,
      )
    for (const device of found) {
      const path = containerPath + device.path.slice(hostPath.length)
      granted.set(path, { device: { ...device, path }, access: permissions === '' ? 'rwm' : permissions })
    }
  }
  for (const node of edits.flatMap(({ deviceNodes = [] }) => deviceNodes)) {
    const device = await deviceOf(node, source)
    if (device === undefined)
      return fail(
        `CDI device injection failed: failed to stat CDI host device ${JSON.stringify(node.hostPath ?? node.path)}`,
      )
    granted.set(node.path, { device, access: node.permissions ?? 'rwm' })
  }
  return ok([...granted.values()])
}

/** What the specification leaves out is as on the machine. */
async function deviceOf(node: CdiDeviceNode, source: DeviceSource): Promise<HostDevice | undefined> {
  const { path, hostPath = path, type, major, minor, fileMode, uid, gid } = node
  const isWhole = type !== undefined && major !== undefined && minor !== undefined
  const [found] = isWhole ? [] : await source(hostPath)
  if (!isWhole && found === undefined) return undefined
  return {
    path,
    type: (type ?? found?.type) === 'b' ? 'b' : 'c',
    major: major ?? found?.major ?? 0,
    minor: minor ?? found?.minor ?? 0,
    fileMode: fileMode ?? found?.fileMode ?? 0o666,
    uid: uid ?? found?.uid ?? 0,
    gid: gid ?? found?.gid ?? 0,
  }
}

export function editedMounts(edits: readonly ContainerEdits[]): readonly OciMount[] {
  return edits.flatMap(({ mounts = [] }) => mounts).map(mountOf)
}

function mountOf({ hostPath, containerPath, type = 'bind', options = [] }: CdiMount): OciMount {
  const isBind = type !== 'bind' || options.some((option) => option === 'bind' || option === 'rbind')
  return { destination: containerPath, type, source: hostPath, options: isBind ? options : ['rbind', ...options] }
}

/** By the names that the OCI runtime specification gives them. */
export function editedHooks(
  edits: readonly ContainerEdits[],
): Readonly<Record<string, readonly Omit<CdiHook, 'hookName'>[]>> {
  const hooks: Record<string, Omit<CdiHook, 'hookName'>[]> = {}
  for (const { hookName, ...hook } of edits.flatMap((each) => each.hooks ?? [])) {
    const same = hooks[hookName] ?? []
    same.push(hook)
    hooks[hookName] = same
  }
  return hooks
}
