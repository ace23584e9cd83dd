import { ok, type Result } from '../../api/result.ts'
import type { RuntimeError, Sandbox, SandboxSpec } from '../pod-runtime.ts'
import { failed, withinDisk } from '../runtime-failure.ts'
import { removeContainer, stopContainer } from './engine-containers.ts'
import type { EngineContext } from './engine-context.ts'
import { type SandboxRecord, sandboxOf } from './engine-record.ts'

/** What runtime classes may name: the default, and the OCI runtimes that this engine drives. */
export const handlers: readonly string[] = ['', 'runc', 'crun']

const shmBytes = 64 << 20

/** Any user may bind low ports and send pings: what matters on a host is nothing in a namespace of one's own (containerd 2). */
const lowPorts = { 'net.ipv4.ip_unprivileged_port_start': '0' }
/** Not where these groups are unknown: among users of one's own. */
const pings = { 'net.ipv4.ping_group_range': '0 2147483647' }

export function runSandbox(context: EngineContext, spec: SandboxSpec): Promise<Result<Sandbox, RuntimeError>> {
  return withinDisk(async () => {
    const { random, clock, state } = context
    const taken = [...state.sandboxes.values()].some(
      (other) => other.spec.pod.uid === spec.pod.uid && other.spec.attempt === spec.attempt,
    )
    const { handler = '' } = spec
    if (!handlers.includes(handler))
      return failed(`failed to get sandbox runtime: no runtime for ${JSON.stringify(handler)} is configured`)
    if (spec.users !== undefined && (spec.hostNetwork || spec.hostIpc === true || spec.processes === 'node'))
      return failed('a pod with users of its own cannot share a namespace of the node', 'InvalidArgument')
    if (taken) return failed(`sandbox ${spec.pod.name}/${spec.attempt} exists already`, 'AlreadyExists')
    const id = hex(random.bytes(32))
    const made = await makeParts(context, id, spec)
    if (!made.ok) {
      await releaseParts(context, id)
      await context.disk.remove(context.paths.sandboxFiles(id))
      return made
    }
    const record: SandboxRecord = { id, spec, state: 'ready', createdAtMs: clock.nowMs(), ...made.value }
    await state.putSandbox(record)
    return ok(sandboxOf(record))
  })
}

/** Whether pods can have users of their own here: what kernel, file system and runtime say of it is not enough, so one is made. */
export async function hasUserNamespaces(context: EngineContext): Promise<boolean> {
  const { containers, random, log } = context
  if (!containers.host.mapsOwners) return false
  const id = hex(random.bytes(32))
  const made = await makeParts(context, id, probe)
  if (!made.ok) log.warn('pods can have no user namespaces here', { error: made.error.message })
  const released = await releaseParts(context, id)
  return made.ok && released.ok
}

const probe: SandboxSpec = {
  pod: { name: 'probe', namespace: '', uid: '' },
  attempt: 0,
  ...{ hostname: 'probe', hostNetwork: false, isIsolated: true },
  users: { firstId: 65_536, count: 65_536 },
  ...{ logDirectory: '', cgroupParent: '', sysctls: {}, portMappings: [] },
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Namespaces, addresses and shared memory. What was made before a failure is for releaseParts to undo. */
async function makeParts(
  { namespaces, network, mounts, disk, images, paths }: EngineContext,
  id: string,
  {
    hostname,
    hostNetwork,
    hostIpc = false,
    isIsolated = false,
    processes,
    sysctls,
    portMappings,
    files = {},
    users,
  }: SandboxSpec,
): Promise<Result<Pick<SandboxRecord, 'ips' | 'namespaces'>, RuntimeError>> {
  const writeFiles = async () => {
    if (Object.keys(files).length > 0) await disk.makeDirectory(paths.sandboxFiles(id), 0o711)
    for (const [name, text] of Object.entries(files))
      await disk.writeFile(paths.sandboxFile(id, name), new TextEncoder().encode(text), { mode: 0o644 })
  }
  const shm = async () => {
    await disk.makeDirectory(paths.shm(id))
    return mounts.mount([{ type: 'tmpfs', target: paths.shm(id), sizeBytes: shmBytes, mode: 0o1777 }])
  }
  const net = async () => {
    const all = hostNetwork ? sysctls : { ...lowPorts, ...(users === undefined ? pings : {}), ...sysctls }
    const shared = { hostNetwork, hostIpc, processes: processes === 'pod', ...(users && { users }) }
    const pinned = await namespaces.pin({ name: paths.namespace(id), hostname, ...shared, sysctls: all })
    if (!pinned.ok) return pinned
    const { netPath, userPath } = pinned.value
    if (userPath !== undefined) {
      const target = paths.ownLayers(id)
      await disk.makeDirectory(target, 0o711)
      const mounted = await mounts.mount([
        { type: 'idmapped', source: images.layerFolder, target, userNamespace: userPath },
      ])
      if (!mounted.ok) return mounted
    }
    if (hostNetwork || isIsolated || netPath === undefined) return ok({ namespaces: pinned.value, ips: [] })
    const attached = await network.attach(id, netPath, portMappings)
    return attached.ok ? ok({ namespaces: pinned.value, ips: attached.value.ips }) : attached
  }
  const [mounted, made] = await Promise.all([shm(), net(), writeFiles()])
  if (!made.ok) return failed(`failed to set up the sandbox's namespaces and network: ${made.error.message}`)
  return mounted.ok ? made : failed(`failed to mount the sandbox's shared memory: ${mounted.error.message}`)
}

/** Gives back what a sandbox holds; what is not there is no error. Resolves with what could not be given back. */
async function releaseParts(
  { namespaces, network, mounts, disk, paths, log }: EngineContext,
  id: string,
  netPath = `/run/netns/${paths.namespace(id)}`,
): Promise<Result<void, RuntimeError>> {
  const detached = await network.detach(id, netPath)
  const [unpinned, unmounted] = await Promise.all([
    namespaces.unpin(paths.namespace(id)),
    mounts.unmount([paths.shm(id), paths.ownLayers(id)]),
  ])
  const failure = [detached, unpinned, unmounted].find((result) => !result.ok)
  if (failure !== undefined && !failure.ok) {
    log.warn('cannot give back all of a sandbox', { sandbox: id, error: failure.error.message })
    return failed(failure.error.message)
  }
  await Promise.all([disk.remove(paths.shm(id)), disk.remove(paths.ownLayers(id))])
  return ok(undefined)
}

export function stopSandbox(context: EngineContext, id: string): Promise<Result<void, RuntimeError>> {
  return withinDisk(() =>
    context.locked(id, async () => {
      const record = context.state.sandboxes.get(id)
      if (record === undefined) return ok(undefined)
      const stopped = await Promise.all(
        containersOf(context, id).map((container) => stopContainer(context, container, 0)),
      )
      const failure = stopped.find((result) => !result.ok)
      if (failure !== undefined) return failure
      const released = await releaseParts(context, id, record.namespaces.netPath)
      if (released.ok && record.state !== 'not-ready') await context.state.putSandbox({ ...record, state: 'not-ready' })
      return released
    }),
  )
}

export async function removeSandbox(context: EngineContext, id: string): Promise<Result<void, RuntimeError>> {
  const stopped = await stopSandbox(context, id)
  if (!stopped.ok) return stopped
  return withinDisk(async () => {
    const record = context.state.sandboxes.get(id)
    if (record === undefined) return ok(undefined)
    const removed = await Promise.all(containersOf(context, id).map((container) => removeContainer(context, container)))
    const failure = removed.find((result) => !result.ok)
    if (failure !== undefined) return failure
    await context.disk.remove(context.paths.sandboxFiles(id))
    await context.state.dropSandbox(id)
    await removeCgroup(context, record.spec.cgroupParent)
    return ok(undefined)
  })
}

function containersOf({ state }: EngineContext, sandboxId: string): readonly string[] {
  return [...state.containers.values()].filter((record) => record.sandboxId === sandboxId).map(({ id }) => id)
}

/** A pod's cgroup goes with its last sandbox, unless somebody else has made it. */
async function removeCgroup({ cgroups, paths, state, log }: EngineContext, cgroupParent: string): Promise<void> {
  if (!paths.ownsCgroup(cgroupParent)) return
  if ([...state.sandboxes.values()].some(({ spec }) => spec.cgroupParent === cgroupParent)) return
  const removed = await cgroups.remove(paths.cgroup(cgroupParent))
  if (!removed.ok) log.warn('cannot remove a cgroup', { path: cgroupParent, error: removed.error.message })
}
