import type { Container } from '../api/kinds.generated.ts'
import type { Container as RuntimeContainer } from '../runtime/pod-runtime.ts'
import { type BackOffTable, backOffUntilMs, goDuration } from './back-off-table.ts'
import { initActions } from './init-actions.ts'
import { killForResize, killUnknown } from './kill-action.ts'
import { latestContainer, latestExited, type ObservedPod, sandboxNeed } from './observed-pod.ts'
import { type KubeletPod, podLabel, volumeImage } from './pod-containers.ts'
import { type Actuated, containerResize, inResizeOrder, podIsResized, type ResizeUpdate } from './resize-plan.ts'
import { restartsOnFailure, shouldStart } from './restart-policy.ts'

/** Whether a container's image can be used for its next start. */
export type ImageState =
  | Readonly<{ type: 'ready' }>
  | Readonly<{ type: 'must-pull' }>
  | Readonly<{ type: 'pulling' }>
  /** Not to be had: a wrong name, or a pull policy of Never. */
  | Readonly<{ type: 'refused'; reason: 'InvalidImageName' | 'ErrImageNeverPull'; message: string }>
  /** The last pull failed; the next one may begin at retryAtMs. */
  | Readonly<{ type: 'failed'; message: string; retryAtMs: number }>

export type ProbeVerdict = 'success' | 'failure'

/** Verdicts by container id; none before the first. */
export type ProbeResults = Readonly<{
  liveness: ReadonlyMap<string, ProbeVerdict>
  readiness: ReadonlyMap<string, ProbeVerdict>
  startup: ReadonlyMap<string, ProbeVerdict>
}>

/** Why a container is killed; it decides the grace period. */
export type KillCause = 'liveness-probe' | 'startup-probe' | 'other'

export type PodAction =
  /** Make the pod's sandbox, in place of `replaces` where there was one. */
  | Readonly<{ type: 'run-sandbox'; attempt: number; replaces: string | undefined }>
  /** Of the container, or of a volume that it mounts. */
  | Readonly<{ type: 'pull-image'; container: string; volume?: string }>
  /**
   * Create and start it. When `required` fails to start, what follows in the list must not happen. `lastEndMs`: when an earlier
   * instance ended, as it was known when this was decided: what the next back-off is counted from.
   */
  | Readonly<{
      type: 'start-container'
      container: string
      attempt: number
      required: boolean
      lastEndMs: number | undefined
    }>
  /** It cannot start now, and this is what its status says; nothing to do for it before untilMs. */
  | Readonly<{
      type: 'hold-container'
      container: string
      reason: string
      /** What could not be pulled, a volume's or its own: with ImagePullBackOff. */
      image?: string
      message: string
      untilMs: number | undefined
    }>
  | Readonly<{ type: 'kill-container'; id: string; container: string; cause: KillCause; message: string }>
  /** Running containers get what was granted, in this order; the pod's cgroup goes with them. */
  | Readonly<{ type: 'resize-pod'; updates: readonly ResizeUpdate[] }>
  /** Stop all containers and the sandbox. */
  | Readonly<{ type: 'kill-pod' }>
  | Readonly<{ type: 'remove-container'; id: string }>

export type ActionInput = Readonly<{
  pod: KubeletPod
  observed: ObservedPod
  probes: ProbeResults
  /** By container name, and by volumeImage's of volumes that are images. */
  images: ReadonlyMap<string, ImageState>
  /** By backOffKey. */
  crashes: BackOffTable
  actuated: Actuated
  nowMs: number
}>

/** A restart counts against the image that crashed: a new image starts at once. */
export function backOffKey(container: Container): string {
  return `${container.name} ${container.image ?? ''}`
}

/** What must happen so that the pod runs as its spec says, in order: Kubernetes' computePodActions with the steps of SyncPod. */
export function computePodActions(input: ActionInput): readonly PodAction[] {
  const { pod, observed } = input
  const need = sandboxNeed(observed, pod.spec.hostNetwork ?? false)
  if (need.needed) return recreate(input, need.attempt, need.sandboxId)
  const ephemeral = (pod.spec.ephemeralContainers ?? [])
    .filter(({ name }) => latestContainer(observed, name) === undefined)
    .flatMap((container) => start(input, container, false))
  const init = initActions(input)
  if (init.killPod) return [{ type: 'kill-pod' }]
  const initStarts = init.starts.flatMap((container) => start(input, container, container.restartPolicy !== 'Always'))
  if (!init.initialized)
    return [...init.kills, ...ephemeral, ...initStarts, ...resize(input, init.updates, init.resized)]
  const { kills, starts, kept, updates, resized } = regularActions(input)
  if (kept === 0 && starts.length === 0) return [{ type: 'kill-pod' }]
  const regularStarts = starts.flatMap((container) => start(input, container, false))
  const resizes = resize(input, [...init.updates, ...updates], init.resized || resized)
  return [...init.kills, ...kills, ...ephemeral, ...initStarts, ...resizes, ...regularStarts]
}

/** `restarted`: a container starts again with other resources, and the pod's cgroup must follow. */
function resize(
  { pod, actuated }: ActionInput,
  updates: readonly ResizeUpdate[],
  restarted: boolean,
): readonly PodAction[] {
  if (updates.length === 0 && !restarted && !podIsResized(pod, actuated)) return []
  return [{ type: 'resize-pod', updates: inResizeOrder(updates) }]
}

/** Without a sandbox everything begins anew, unless nothing of it may run again. */
function recreate(input: ActionInput, attempt: number, replaces: string | undefined): readonly PodAction[] {
  const { pod, observed } = input
  const { containers, initContainers = [], restartPolicy } = pod.spec
  const kill: readonly PodAction[] = [{ type: 'kill-pod' }]
  if (restartPolicy === 'Never' && attempt !== 0 && observed.containers.length > 0) return kill
  const wanted = containers.filter((container) => !ranOnce(input, container))
  const created = containers.some(({ name }) => latestContainer(observed, name) !== undefined)
  if (wanted.length === 0 && created) return kill
  // Init containers run again in the new sandbox: their old instances would look as if they had.
  const purged = observed.containers
    .filter(({ name }) => initContainers.some((init) => init.name === name))
    .map(({ id }): PodAction => ({ type: 'remove-container', id }))
  const first = initContainers[0]
  const starts =
    first === undefined
      ? wanted.flatMap((container) => start(input, container, false))
      : start({ ...input, observed: without(observed, initContainers) }, first, true)
  const stop = observed.sandboxes.length > 0 ? kill : []
  return [...stop, ...purged, { type: 'run-sandbox', attempt, replaces }, ...starts]
}

function ranOnce({ pod, observed }: ActionInput, container: Container): boolean {
  const policy = container.restartPolicy ?? pod.spec.restartPolicy
  const latest = latestContainer(observed, container.name)
  return policy === 'OnFailure' && latest?.state === 'exited' && latest.exitCode === 0
}

function without(observed: ObservedPod, gone: readonly Container[]): ObservedPod {
  return { ...observed, containers: observed.containers.filter((c) => !gone.some(({ name }) => name === c.name)) }
}

type RegularActions = Readonly<{
  kills: readonly PodAction[]
  starts: readonly Container[]
  kept: number
  updates: readonly ResizeUpdate[]
  /** One is killed for the sake of its new resources. */
  resized: boolean
}>

function regularActions(input: ActionInput): RegularActions {
  const { pod, observed } = input
  const kills: PodAction[] = []
  const starts: Container[] = []
  const updates: ResizeUpdate[] = []
  let kept = 0
  let resized = false
  for (const container of pod.spec.containers) {
    const latest = latestContainer(observed, container.name)
    if (latest === undefined || latest.state !== 'running') {
      if (!shouldStart(pod, container, observed)) continue
      starts.push(container)
      if (latest?.state === 'unknown') kills.push(killUnknown(latest, 'Container'))
      continue
    }
    const fault = faultOf(input, container, latest)
    if (fault === undefined) {
      const change = containerResize(pod, container, latest, input.actuated)
      if (change.type === 'restart') {
        kills.push(killForResize(latest))
        starts.push(container)
        resized = true
        continue
      }
      if (change.type === 'update') updates.push(...change.updates)
      kept += 1
      continue
    }
    const restart = fault.changed || restartsOnFailure(pod, container)
    if (restart) starts.push(container)
    const message = restart ? `${fault.message}, will be restarted` : fault.message
    kills.push({ type: 'kill-container', id: latest.id, container: container.name, cause: fault.cause, message })
  }
  return { kills, starts, kept, updates, resized }
}

type Fault = Readonly<{ cause: KillCause; message: string; changed: boolean }>

/** Why a running container may not go on. */
function faultOf({ probes }: ActionInput, container: Container, running: RuntimeContainer): Fault | undefined {
  const { name } = container
  if (running.image !== container.image)
    return { cause: 'other', message: `Container ${name} definition changed`, changed: true }
  if (probes.liveness.get(running.id) === 'failure')
    return { cause: 'liveness-probe', message: `Container ${name} failed liveness probe`, changed: false }
  if (probes.startup.get(running.id) === 'failure')
    return { cause: 'startup-probe', message: `Container ${name} failed startup probe`, changed: false }
  return undefined
}

/** The steps towards a running container: wait out its crashes, get its image, start it. */
function start(input: ActionInput, container: Container, required: boolean): readonly PodAction[] {
  const held = crashHold(input, container) ?? volumeHold(input, container) ?? imageHold(input, container)
  if (held === 'nothing') return []
  if (held !== undefined) return [held]
  const attempt = (latestContainer(input.observed, container.name)?.attempt ?? -1) + 1
  const lastEndMs = latestExited(input.observed, container.name)?.finishedAtMs
  return [{ type: 'start-container', container: container.name, attempt, required, lastEndMs }]
}

function crashHold({ pod, observed, crashes, nowMs }: ActionInput, container: Container): PodAction | undefined {
  const exited = latestExited(observed, container.name)
  if (exited === undefined) return undefined
  const key = backOffKey(container)
  const untilMs = backOffUntilMs(crashes, key, exited.finishedAtMs ?? nowMs, nowMs)
  if (untilMs === undefined) return undefined
  const delay = goDuration(crashes.get(key)?.delayMs ?? 0)
  const message = `back-off ${delay} restarting failed container=${container.name} pod=${podLabel(pod)}`
  return { type: 'hold-container', container: container.name, reason: 'CrashLoopBackOff', message, untilMs }
}

/** The images that a container reads as volumes must be there as well as its own. */
function volumeHold(input: ActionInput, container: Container): PodAction | 'nothing' | undefined {
  for (const { name: volume } of container.volumeMounts ?? []) {
    const image = volumeImage(input.pod, volume)
    if (image === undefined) continue
    const held = imageHold(input, { name: container.name, image: image.image ?? '' }, image.name)
    if (held === undefined) continue
    return held !== 'nothing' && held.type === 'pull-image' ? { ...held, volume } : held
  }
  return undefined
}

function imageHold(
  { images, nowMs }: ActionInput,
  { name, image = '' }: Container,
  key = name,
): PodAction | 'nothing' | undefined {
  const state = images.get(key) ?? { type: 'must-pull' }
  switch (state.type) {
    case 'ready':
      return undefined
    case 'pulling':
      return 'nothing'
    case 'must-pull':
      return { type: 'pull-image', container: name }
    case 'refused':
      return {
        type: 'hold-container',
        container: name,
        reason: state.reason,
        message: state.message,
        untilMs: undefined,
      }
    case 'failed': {
      if (nowMs >= state.retryAtMs) return { type: 'pull-image', container: name }
      const message = `Back-off pulling image ${JSON.stringify(image)}: ${state.message}`
      const { retryAtMs: untilMs } = state
      return { type: 'hold-container', container: name, reason: 'ImagePullBackOff', image, message, untilMs }
    }
  }
}
