import type { Ending } from '../api/ending.ts'
import type { Container } from '../api/kinds.generated.ts'
import { fail, ok, type Result } from '../api/result.ts'
import type { ContainerSpec } from '../runtime/pod-runtime.ts'
import { containerAnnotations } from './container-annotations.ts'
import { containerMounts, volumeDevices } from './container-mounts.ts'
import type { PodFacts } from './downward-field.ts'
import { containerEnv, type Variable } from './env.ts'
import { type FileKeyRef, fileKeyValue } from './env-file.ts'
import { expand } from './expansion.ts'
import { runHook } from './lifecycle-hook.ts'
import { linuxResources } from './linux-resources.ts'
import { linuxSecurity } from './linux-security.ts'
import { latestContainer, observePod } from './observed-pod.ts'
import type { KubeletPod } from './pod-containers.ts'
import type { PodParts } from './pod-parts.ts'
import { containerLogPath, terminationLogPath } from './pod-paths.ts'
import { resourcesLabel } from './resize-plan.ts'
import { serviceEnv } from './service-env.ts'
import type { MountedVolume } from './volumes/pod-volumes.ts'

export type StartRequest = Readonly<{
  pod: KubeletPod
  container: Container
  attempt: number
  sandboxId: string
  facts: PodFacts
  volumes: ReadonlyMap<string, MountedVolume>
  /** Aborted when the pod is to end. */
  closed: Ending
}>

/** What the container's status shows: CreateContainerConfigError, CreateContainerError, RunContainerError, PostStartHookError. */
export type StartError = Readonly<{ reason: string; message: string }>

/** Creates and starts a container whose image is there, and runs its postStart hook: its id. Tells by events, as the original. */
export async function startContainer(parts: PodParts, request: StartRequest): Promise<Result<string, StartError>> {
  const { pod, container } = request
  const running = await parts.starts(() => createAndStart(parts, request))
  if (!running.ok) {
    parts.events.container(pod, container.name, 'Warning', 'Failed', `Error: ${running.error.message}`)
    return running
  }
  parts.events.container(pod, container.name, 'Normal', 'Started', 'Container started')
  const hook = await postStart(parts, request, running.value)
  return hook.ok ? running : hook
}

/** The id of the running container. */
async function createAndStart(parts: PodParts, request: StartRequest): Promise<Result<string, StartError>> {
  const { runtime } = parts.deps
  const { pod, container, sandboxId } = request
  const spec = await containerSpec(parts, request)
  if (!spec.ok) return fail({ reason: 'CreateContainerConfigError', message: spec.error })
  const target = targetOf(parts, request)
  if (!target.ok) return target
  const created = await runtime.createContainer(sandboxId, { ...spec.value, ...target.value })
  if (!created.ok) return fail({ reason: 'CreateContainerError', message: created.error.message })
  const { id } = created.value
  parts.events.container(pod, container.name, 'Normal', 'Created', 'Container created')
  const started = await runtime.startContainer(id)
  return started.ok ? ok(id) : fail({ reason: 'RunContainerError', message: started.error.message })
}

/** The container whose processes an ephemeral one is to see (`kubectl debug --target`): the newest instance. */
function targetOf(
  { deps }: PodParts,
  { pod, container }: StartRequest,
): Result<Pick<ContainerSpec, 'targetId'>, StartError> {
  const name = pod.spec.ephemeralContainers?.find((candidate) => candidate.name === container.name)?.targetContainerName
  if (name === undefined || name === '') return ok({})
  const target = latestContainer(observePod(deps.runtime, pod.metadata.uid), name)
  if (target !== undefined) return ok({ targetId: target.id })
  return fail({ reason: 'CreateContainerConfigError', message: `unable to find target container ${name}` })
}

async function postStart(parts: PodParts, request: StartRequest, id: string): Promise<Result<void, StartError>> {
  const { pod, container, facts, closed } = request
  const handler = container.lifecycle?.postStart
  if (handler === undefined) return ok(undefined)
  const { deps, events } = parts
  const hook = await runHook(deps, { pod, container, id, podIp: facts.podIps[0] ?? '', handler, closed })
  if (hook.ok || closed.aborted) return ok(undefined)
  events.container(pod, container.name, 'Warning', 'FailedPostStartHook', 'PostStartHook failed')
  events.container(pod, container.name, 'Normal', 'Killing', 'FailedPostStartHook')
  await deps.runtime.stopContainer(id, pod.spec.terminationGracePeriodSeconds ?? 2)
  return fail({ reason: 'PostStartHookError', message: hook.error })
}

/** Everything the runtime must know; the error is the message of a CreateContainerConfigError. */
export async function containerSpec(parts: PodParts, request: StartRequest): Promise<Result<ContainerSpec, string>> {
  const { deps, objects, services } = parts
  const { pod, container, attempt, facts, volumes } = request
  const { rootDirectory, capacity } = deps.config
  if (!services.synced()) return fail('services have not yet been read at least once, cannot construct envvars')
  const links = serviceEnv(services.list(), pod.metadata.namespace ?? '', pod.spec.enableServiceLinks ?? true)
  const files = (ref: FileKeyRef) => fileKeyValue(deps.disk, volumes, ref)
  const env = await containerEnv({ pod, container, facts, objects, files, services: links })
  if (!env.ok) return env
  const mounts = await containerMounts(deps, { pod, container, attempt, volumes, env: env.value })
  if (!mounts.ok) return mounts
  const added = await parts.plugins.additions(pod, container)
  if (!added.ok) return added
  const devices = [...added.value.devices, ...volumeDevices(container, volumes)]
  const image = await deps.runtime.imageStatus(container.image ?? '')
  const security = linuxSecurity(pod, container, image, `${rootDirectory}/seccomp`)
  if (!security.ok) return security
  const logPath = containerLogPath(rootDirectory, pod, container.name, attempt)
  await makeFiles(parts, request, logPath)
  const { command, args } = expanded(container, env.value)
  return ok({
    name: container.name,
    attempt,
    image: container.image ?? '',
    ...(command.length === 0 ? {} : { command }),
    ...(args.length === 0 ? {} : { args }),
    ...(container.workingDir ? { workingDir: container.workingDir } : {}),
    env: [...added.value.env, ...env.value],
    mounts: [...mounts.value.mounts, ...added.value.mounts],
    ...(devices.length === 0 ? {} : { devices }),
    ...(added.value.cdiDevices.length === 0 ? {} : { cdiDevices: added.value.cdiDevices }),
    annotations: containerAnnotations(pod, container, attempt, added.value.annotations),
    ...(mounts.value.imageMounts.length === 0 ? {} : { imageMounts: mounts.value.imageMounts }),
    ...(container.lifecycle?.stopSignal ? { stopSignal: container.lifecycle.stopSignal } : {}),
    security: security.value,
    resources: {
      ...linuxResources(pod, container, capacity.memoryBytes),
      ...parts.cpus.settings(pod.metadata.uid, container.name),
    },
    logPath,
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    tty: container.tty ?? false,
    labels: containerLabels(pod, container),
  })
}

async function makeFiles(
  { deps }: PodParts,
  { pod, container, attempt }: StartRequest,
  logPath: string,
): Promise<void> {
  const { disk, config } = deps
  await disk.makeDirectory(logPath.slice(0, logPath.lastIndexOf('/')), 0o755)
  if (!container.terminationMessagePath) return
  const path = terminationLogPath(config.rootDirectory, pod.metadata.uid, container.name, attempt)
  await disk.makeDirectory(path.slice(0, path.lastIndexOf('/')), 0o750)
  await disk.writeFile(path, new Uint8Array(), { mode: 0o666 })
  // Whatever user the container runs as must be able to write it; the mode given while creating is cut by the umask.
  await disk.setMode(path, 0o666)
}

function expanded({ command = [], args = [] }: Container, env: readonly Variable[]) {
  const lookUp = (name: string) => env.find((variable) => variable.name === name)?.value
  return { command: command.map((word) => expand(word, lookUp)), args: args.map((word) => expand(word, lookUp)) }
}

/** The original's labels, by which a restarted kubelet, and people, find what belongs to a pod. */
function containerLabels(pod: KubeletPod, container: Container): Readonly<Record<string, string>> {
  const { name, namespace = '', uid } = pod.metadata
  return {
    'io.kubernetes.pod.name': name,
    'io.kubernetes.pod.namespace': namespace,
    'io.kubernetes.pod.uid': uid,
    'io.kubernetes.container.name': container.name,
    // A kubelet that starts again finds here what it was made with.
    [resourcesLabel]: JSON.stringify(container.resources ?? {}),
    'io.kubernetes.pod.terminationGracePeriod': String(pod.spec.terminationGracePeriodSeconds ?? 30),
  }
}
