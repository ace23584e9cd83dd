import { ok, type Result } from '../../api/result.ts'
import type { OciConfig } from '../../ports/containers.ts'
import { removeWorkspaces } from '../build/build-workspace.ts'
import { imageOf } from '../images/image-store.ts'
import { keyLock } from '../key-lock.ts'
import { podCgroups } from '../pod-cgroups.ts'
import type { Image, LinuxResources, PodRuntime, RuntimeError, RuntimeStatus } from '../pod-runtime.ts'
import { failed } from '../runtime-failure.ts'
import {
  createContainer,
  ended,
  readConfig,
  removeContainer,
  runningPid,
  startContainer,
  stopContainer,
} from './engine-containers.ts'
import type { EngineContext } from './engine-context.ts'
import { type ImageCommands, imageCommands } from './engine-image-commands.ts'
import { pull, removeImage } from './engine-images.ts'
import { attach, exec, execSync, portForward, reopenLog } from './engine-io.ts'
import { type EngineOptions, enginePaths } from './engine-parts.ts'
import { reconcile } from './engine-reconcile.ts'
import { type ContainerRecord, containerOf, type SandboxRecord, sandboxOf } from './engine-record.ts'
import { handlers, hasUserNamespaces, removeSandbox, runSandbox, stopSandbox } from './engine-sandboxes.ts'
import { engineState } from './engine-state.ts'
import { containerStats, type UsageDetail, usageDetail, writableLayer } from './engine-stats.ts'
import { openSharedImages, type SharedImages } from './shared-images.ts'

export type Engine = PodRuntime &
  Readonly<{
    /** What people do with images, beside what pods need of them. */
    readonly images: ImageCommands
    /** For a further engine on this machine. */
    readonly sharedImages: SharedImages
    /** All that is remembered of a sandbox or container; undefined: there is none. */
    sandboxRecord(id: string): SandboxRecord | undefined
    containerRecord(id: string): ContainerRecord | undefined
    /** First process of a container that runs, as the machine counts. */
    processOf(id: string): Promise<number | undefined>
    /** What a container that runs has used, for metrics; undefined: there are no figures. */
    usageDetail(id: string): Promise<UsageDetail | undefined>
    /** The configuration that the container was made with, for whoever wants to see it. */
    containerConfig(id: string): Promise<OciConfig | undefined>
    /** Stops watching. Containers go on, and the next engine over the same folders finds them. */
    shutdown(): Promise<void>
    /** Removes every sandbox and container with all they hold, also what a crash left behind. Images stay. */
    teardown(): Promise<void>
  }>

export async function makeEngine(options: EngineOptions): Promise<Engine> {
  const { disk, clock, containers, log } = options
  const paths = enginePaths(options)
  const { sandboxRecords, containerRecords, writables, roots, shms, allOwnLayers, allSandboxFiles } = paths
  for (const folder of [sandboxRecords, containerRecords, writables, roots, shms, allOwnLayers, allSandboxFiles])
    await disk.makeDirectory(folder, 0o711)
  const sharedImages = options.sharedImages ?? (await openSharedImages({ ...options, directory: paths.images }))
  const state = engineState(disk, paths, log)
  sharedImages.states.push(state)
  const images = sharedImages.store
  const context: EngineContext = { ...options, paths, sharedImages, images, state, locked: keyLock() }
  containers.onExit((id, status) => {
    const record = state.containers.get(id)
    if (record === undefined || record.state === 'exited') return
    void state.putContainer(ended(record, status, clock.nowMs()))
    void endLeftovers(context, record)
  })
  await reconcile(context)
  await removeBuilds(context)
  return engineOf(context)
}

/** It lives in the kubelet's own process: where it does not run, nobody asks. */
function engineStatus(userNamespaces: boolean): RuntimeStatus {
  return {
    version: '0.1.0',
    handlers: handlers.map((name) => ({ name, recursiveReadOnlyMounts: true, userNamespaces })),
    supplementalGroupsPolicy: true,
  }
}

function engineOf(context: EngineContext): Engine {
  // Found out once, when somebody asks.
  let userNamespaces: Promise<boolean> | undefined
  const { state, images, containers } = context
  const { limitCgroup, cgroupUsage, machineUsage } = podCgroups(context, context.name, context.cgroupPaths)
  return {
    name: 'coracle',
    async status() {
      userNamespaces ??= hasUserNamespaces(context)
      return engineStatus(await userNamespaces)
    },
    runSandbox: (spec) => runSandbox(context, spec),
    stopSandbox: (id) => stopSandbox(context, id),
    removeSandbox: (id) => removeSandbox(context, id),
    createContainer: (sandboxId, spec) => createContainer(context, sandboxId, spec),
    startContainer: (id) => startContainer(context, id),
    stopContainer: (id, graceSeconds) => stopContainer(context, id, graceSeconds),
    removeContainer: (id) => removeContainer(context, id),
    updateResources: (id, resources) => updateResources(context, id, resources),
    limitCgroup,
    cgroupUsage,
    machineUsage,
    sandboxes: () => [...state.sandboxes.values()].filter(({ spec }) => spec.isBuild !== true).map(sandboxOf),
    containers: () =>
      [...state.containers.values()].flatMap((record) => {
        const spec = state.sandboxes.get(record.sandboxId)?.spec
        return spec === undefined || spec.isBuild === true ? [] : [containerOf(record, spec.pod)]
      }),
    onEvent: state.onEvent,
    execSync: (...call) => execSync(context, ...call),
    exec: (...call) => exec(context, ...call),
    attach: (id, io) => attach(context, id, io),
    portForward: (sandboxId, port) => portForward(context, sandboxId, port),
    stats: () => containerStats(context),
    writableLayer: (id) => writableLayer(context, id),
    imageFileSystem: () => context.disk.space(context.paths.writables),
    async imageStatus(reference) {
      const found = images.find(reference)
      return found === undefined ? undefined : imageOf(found)
    },
    listImages: async () => imagesFor(context),
    pullImage: (reference, auths) => pull(context, reference, auths),
    removeImage: (reference) => removeImage(context, reference),
    images: imageCommands(context),
    sharedImages: context.sharedImages,
    sandboxRecord: (id) => state.sandboxes.get(id),
    containerRecord: (id) => state.containers.get(id),
    processOf: (id) => runningPid(context, id),
    usageDetail: (id) => usageDetail(context, id),
    containerConfig: async (id) => (state.containers.has(id) ? readConfig(context, id) : undefined),
    reopenLog: (id) => reopenLog(context, id),
    async shutdown() {
      await userNamespaces
      containers.close()
    },
    async teardown() {
      await userNamespaces
      await teardown(context)
    },
  }
}

/** What containers of other nodes of this machine stand on is not this node's to remove. */
function imagesFor({ images, sharedImages, state }: EngineContext): readonly Image[] {
  const others = sharedImages.states.filter((other) => other !== state)
  const pinned = new Set(others.flatMap(({ containers }) => [...containers.values()].map(({ imageId }) => imageId)))
  return images
    .list()
    .map(imageOf)
    .map((image) => (pinned.has(image.id) ? { ...image, pinned: true } : image))
}

async function updateResources(
  { state, containers }: EngineContext,
  id: string,
  resources: LinuxResources,
): Promise<Result<void, RuntimeError>> {
  const record = state.containers.get(id)
  if (record === undefined) return failed(`container ${id} does not exist`, 'NotFound')
  if (record.state === 'running') {
    const updated = await containers.updateLimits(id, resources)
    if (!updated.ok) return failed(updated.error.message)
  }
  await state.putContainer({ ...record, spec: { ...record.spec, resources } })
  return ok(undefined)
}

/** In a process namespace of its own, all ends with the first process. In one that is shared, what it has left goes on. */
async function endLeftovers({ state, cgroups, paths, log }: EngineContext, record: ContainerRecord): Promise<void> {
  const sandbox = state.sandboxes.get(record.sandboxId)
  if (sandbox === undefined || (sandbox.spec.processes === undefined && record.spec.targetId === undefined)) return
  const killed = await cgroups.killAll(paths.cgroup(`${sandbox.spec.cgroupParent}/${record.id}`))
  if (!killed.ok)
    log.warn('cannot end what a container left behind', { container: record.id, error: killed.error.message })
}

/** A build ends with the process that it was begun in. */
async function removeBuilds(context: EngineContext): Promise<void> {
  const left = [...context.state.sandboxes.values()].filter(({ spec }) => spec.isBuild === true)
  for (const { id } of left) await removeSandbox(context, id)
  await removeWorkspaces(context)
}

async function teardown(context: EngineContext): Promise<void> {
  const { state, cgroups, paths, containers, log, disk, runDirectory } = context
  await Promise.all([...state.sandboxes.keys()].map((id) => removeSandbox(context, id)))
  await removeWorkspaces(context)
  containers.close()
  await cgroups.killAll(paths.cgroupRoot)
  const removed = await cgroups.remove(paths.cgroupRoot)
  if (!removed.ok) log.warn('cannot remove the cgroups', { error: removed.error.message })
  for (const folder of [paths.roots, paths.shms, paths.allOwnLayers, paths.writables, runDirectory])
    await disk.remove(folder)
}
