import { ok, type Result } from '../../api/result.ts'
import type { ContainerStatus, OciConfig } from '../../ports/containers.ts'
import { type ContainerEdits, editsFor } from '../cdi/cdi-spec.ts'
import { readCdiSpecs } from '../cdi/read-cdi.ts'
import type { ImageConfig } from '../images/image-config.ts'
import { layerName } from '../images/image-store.ts'
import type { StoredImage } from '../images/stored-image.ts'
import { grantedDevices } from '../plan/container-devices.ts'
import { type PlanInput, planContainer } from '../plan/plan-container.ts'
import { stopSignalNumber } from '../plan/stop-signal.ts'
import { readUserFiles } from '../plan/user-files.ts'
import type { Container, ContainerSpec, RuntimeError } from '../pod-runtime.ts'
import { failed, withinDisk } from '../runtime-failure.ts'
import type { EngineContext } from './engine-context.ts'
import { layerOwner, mountImages, mountLayers } from './engine-image-mounts.ts'
import { type ContainerRecord, containerOf, type SandboxRecord } from './engine-record.ts'

const sigkill = 9
/** How long the kernel may take to end a killed container before we give up waiting. */
const killWithinMs = 30_000
/** What containerd reports for a container that did not start, and for one whose end nobody saw. */
const startErrorExitCode = 128
const unknownExitCode = 255

/** What a container stands on: an image, or the layers of one that is being built. */
export type ContainerBase = Readonly<{ image: StoredImage; config: ImageConfig }>

export function createContainer(
  context: EngineContext,
  sandboxId: string,
  spec: ContainerSpec,
): Promise<Result<Container, RuntimeError>> {
  return withinDisk(async () => {
    const image = context.images.find(spec.image)
    if (image === undefined) return failed(`image "${spec.image}" not found`, 'ImageNotFound')
    const config = await context.images.readConfig(image.id)
    if (!config.ok) return failed(config.error)
    return createContainerOn(context, sandboxId, spec, { image, config: config.value })
  })
}

export function createContainerOn(
  context: EngineContext,
  sandboxId: string,
  spec: ContainerSpec,
  base: ContainerBase,
): Promise<Result<Container, RuntimeError>> {
  return withinDisk(async () => {
    const { state, random, clock } = context
    const { image } = base
    const sandbox = state.sandboxes.get(sandboxId)
    if (sandbox === undefined) return failed(`sandbox ${sandboxId} does not exist`, 'NotFound')
    if (sandbox.state !== 'ready') return failed(`sandbox ${sandboxId} is not ready`)
    const id = [...random.bytes(32)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    const prepared = await prepare(context, id, sandbox, spec, base)
    if (!prepared.ok) {
      await release(context, id)
      return prepared
    }
    const record: ContainerRecord = {
      id,
      sandboxId,
      spec,
      imageId: image.id,
      imageRef: image.digests[0] ?? image.id,
      diffIds: [image, ...prepared.value.images].flatMap(({ layers }) => layers.map(({ diffId }) => diffId)),
      stopSignal: spec.stopSignal ?? prepared.value.stopSignal,
      state: 'created',
      createdAtMs: clock.nowMs(),
    }
    if (state.sandboxes.get(sandboxId)?.state !== 'ready') {
      await release(context, id)
      return failed(`sandbox ${sandboxId} was stopped meanwhile`)
    }
    await state.putContainer(record)
    return ok(containerOf(record, sandbox.spec.pod))
  })
}

/** Plans the container, mounts its root and writes its configuration. */
async function prepare(
  context: EngineContext,
  id: string,
  sandbox: SandboxRecord,
  spec: ContainerSpec,
  { image, config }: ContainerBase,
): Promise<Result<Readonly<{ stopSignal: string; images: readonly StoredImage[] }>, RuntimeError>> {
  const { images, paths, containers, disk, log } = context
  const names = image.layers.map(({ diffId }) => layerName(diffId)).reverse()
  const localSeccomp = await readLocalSeccomp(context, spec)
  if (!localSeccomp.ok) return localSeccomp
  const owner = layerOwner(context, sandbox)
  const shown = await mountImages(context, id, owner, spec)
  if (!shown.ok) return shown
  const edits = await editsOf(context, spec)
  if (!edits.ok) return edits
  const granted = await grantedDevices(spec.devices ?? [], edits.value, containers.hostDevices)
  if (!granted.ok) return failed(granted.error)
  const targetPid = spec.targetId === undefined ? undefined : await runningPid(context, spec.targetId)
  if (spec.targetId !== undefined && targetPid === undefined)
    return failed(`invalid target container: container "${spec.targetId}" is not running`)
  const plan = planContainer({
    spec,
    image: config,
    userFiles: await readUserFiles(disk, images.layerFolder, names),
    sandbox: sandboxPart(context, sandbox),
    rootPath: paths.root(id),
    imagePaths: shown.value.paths,
    ...(targetPid === undefined ? {} : { targetPid }),
    cgroupsPath: paths.cgroup(`${sandbox.spec.cgroupParent}/${id}`),
    host: containers.host,
    devices: spec.security.privileged ? await containers.hostDevices() : [],
    granted: granted.value,
    edits: edits.value,
    localSeccomp: localSeccomp.value,
    annotations: annotationsOf(sandbox, spec),
  })
  if (!plan.ok) return failed(plan.error)
  for (const note of plan.value.notes) log.warn(note, { container: id, name: spec.name })
  const mounted = await mountLayers(context, names, paths.writable(id), paths.root(id), owner)
  if (!mounted.ok) return mounted
  await disk.writeFile(paths.containerConfig(id), new TextEncoder().encode(JSON.stringify(plan.value.config)), {
    mode: 0o600,
  })
  return ok({ stopSignal: config.stopSignal, images: shown.value.images })
}

function sandboxPart({ paths }: EngineContext, { id, spec, namespaces }: SandboxRecord): PlanInput['sandbox'] {
  const { hostname, hostIpc, processes, users, files = {} } = spec
  return {
    hostname,
    namespaces,
    shmPath: hostIpc ? '/dev/shm' : paths.shm(id),
    ...(processes === undefined ? {} : { processes }),
    ...(users === undefined ? {} : { users }),
    files: Object.fromEntries(Object.keys(files).map((name) => [name, paths.sandboxFile(id, name)])),
  }
}

export async function runningPid({ containers }: EngineContext, id: string): Promise<number | undefined> {
  const status = (await containers.list()).get(id)
  return status?.state === 'running' && status.pid > 0 ? status.pid : undefined
}

async function editsOf(
  context: EngineContext,
  { cdiDevices = [] }: ContainerSpec,
): Promise<Result<readonly ContainerEdits[], RuntimeError>> {
  if (cdiDevices.length === 0) return ok([])
  const edits = editsFor(cdiDevices, await readCdiSpecs(context))
  return edits.ok ? edits : failed(edits.error)
}

function annotationsOf(
  { id, spec: { pod } }: SandboxRecord,
  { name, image, annotations }: ContainerSpec,
): Record<string, string> {
  return {
    ...annotations,
    'io.kubernetes.cri.sandbox-id': id,
    'io.kubernetes.cri.sandbox-name': pod.name,
    'io.kubernetes.cri.sandbox-namespace': pod.namespace,
    'io.kubernetes.cri.sandbox-uid': pod.uid,
    'io.kubernetes.cri.container-name': name,
    'io.kubernetes.cri.image-name': image,
  }
}

async function readLocalSeccomp(
  { disk }: EngineContext,
  { security: { seccomp } }: ContainerSpec,
): Promise<Result<unknown, RuntimeError>> {
  if (typeof seccomp === 'string') return ok(undefined)
  if (!(await disk.exists(seccomp.localhostProfile)))
    return failed(`failed to load seccomp profile: open ${seccomp.localhostProfile}: no such file or directory`)
  try {
    return ok(JSON.parse(new TextDecoder().decode(await disk.readFile(seccomp.localhostProfile))) as unknown)
  } catch {
    return failed(`failed to load seccomp profile: ${seccomp.localhostProfile} is no JSON`)
  }
}

/** Everything a container holds; what is not there is no error. */
async function release(
  { containers, mounts, disk, paths }: EngineContext,
  id: string,
): Promise<Result<void, RuntimeError>> {
  const removed = await containers.remove(id)
  if (!removed.ok) return failed(removed.error.message)
  const unmounted = await mounts.unmount([paths.root(id), `${paths.writable(id)}/images`])
  if (!unmounted.ok) return failed(unmounted.error.message)
  await Promise.all([disk.remove(paths.root(id)), disk.remove(paths.writable(id))])
  return ok(undefined)
}

export function startContainer(context: EngineContext, id: string): Promise<Result<void, RuntimeError>> {
  return withinDisk(() => context.locked(id, () => start(context, id)))
}

async function start(context: EngineContext, id: string): Promise<Result<void, RuntimeError>> {
  const { state, containers, clock, disk } = context
  const record = state.containers.get(id)
  if (record === undefined) return failed(`container ${id} does not exist`, 'NotFound')
  if (record.state !== 'created') return failed(`container ${id} is ${record.state}, not created`)
  const config = await readConfig(context, id)
  const { logPath, stdin, stdinOnce } = record.spec
  if (logPath !== '') await disk.makeDirectory(logPath.slice(0, logPath.lastIndexOf('/')), 0o755)
  const begunAtMs = clock.nowMs()
  // Readers see it running before its end can be told.
  const running: ContainerRecord = { ...record, state: 'running', startedAtMs: begunAtMs }
  const started = await containers.start({
    id,
    config,
    logPath,
    stdin: stdin ? (stdinOnce ? 'once' : 'open') : 'closed',
  })
  if (!started.ok) {
    const message = `failed to create containerd task: failed to create shim task: OCI runtime create failed: ${started.error.message}`
    const ended = { state: 'exited', exitCode: startErrorExitCode, reason: 'StartError', message } as const
    await state.putContainer({ ...record, ...ended, startedAtMs: 0, finishedAtMs: clock.nowMs() })
    return failed(message)
  }
  // Its end may have been told while start was on its way back.
  if (state.containers.get(id)?.state === 'created') await state.putContainer(running)
  return ok(undefined)
}

export async function readConfig({ disk, paths }: EngineContext, id: string): Promise<OciConfig> {
  return JSON.parse(new TextDecoder().decode(await disk.readFile(paths.containerConfig(id)))) as OciConfig
}

/** The kernel's word on how a container ended, in the terms of a pod's status. */
export function ended(record: ContainerRecord, status: ContainerStatus, nowMs: number): ContainerRecord {
  if (status.state === 'running') return { ...record, state: 'running', startedAtMs: status.startedAtMs }
  if (status.state === 'lost') {
    const message = 'the container ended while nobody could see how'
    const startedAtMs = record.startedAtMs ?? record.createdAtMs
    return {
      ...record,
      state: 'exited',
      exitCode: unknownExitCode,
      reason: 'Unknown',
      message,
      startedAtMs,
      finishedAtMs: nowMs,
    }
  }
  const { exitCode, oomKilled, startedAtMs, finishedAtMs } = status
  const reason = oomKilled ? 'OOMKilled' : exitCode === 0 ? 'Completed' : 'Error'
  return { ...record, state: 'exited', exitCode, reason, startedAtMs, finishedAtMs }
}

export async function stopContainer(
  context: EngineContext,
  id: string,
  graceSeconds: number,
): Promise<Result<void, RuntimeError>> {
  const { state, containers } = context
  const record = state.containers.get(id)
  if (record === undefined) return ok(undefined)
  if (record.state === 'created') {
    const never = { state: 'exited', exitCode: 0, reason: 'Completed', finishedAtMs: context.clock.nowMs() } as const
    await context.locked(id, async () => {
      if (state.containers.get(id)?.state === 'created') await state.putContainer({ ...record, ...never })
    })
  }
  if (state.containers.get(id)?.state !== 'running') return ok(undefined)
  if (graceSeconds > 0) {
    await containers.kill(id, stopSignalNumber(record.stopSignal))
    if (await endsWithin(context, id, graceSeconds * 1000)) return ok(undefined)
  }
  await containers.kill(id, sigkill)
  if (await endsWithin(context, id, killWithinMs)) return ok(undefined)
  return failed(`container ${id} did not end within ${killWithinMs / 1000} seconds of being killed`)
}

async function endsWithin({ state, clock }: EngineContext, id: string, timeoutMs: number): Promise<boolean> {
  let giveUp = (): void => {}
  const late = new Promise<void>((resolve) => {
    giveUp = resolve
  })
  const timer = clock.after(timeoutMs, giveUp)
  await Promise.race([state.whenEnded(id), late])
  timer.cancel()
  return state.containers.get(id)?.state !== 'running'
}

export function removeContainer(context: EngineContext, id: string): Promise<Result<void, RuntimeError>> {
  return withinDisk(() =>
    context.locked(id, async () => {
      if (!context.state.containers.has(id)) return ok(undefined)
      const released = await release(context, id)
      if (released.ok) await context.state.dropContainer(id)
      return released
    }),
  )
}
