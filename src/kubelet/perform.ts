import { unreachable } from '../api/assert.ts'
import type { Ending } from '../api/ending.ts'
import type { CgroupResources } from '../runtime/pod-runtime.ts'
import { nextBackOff } from './back-off-table.ts'
import { removeContainer } from './container-garbage.ts'
import type { PodFacts } from './downward-field.ts'
import { alreadyPresent } from './image-puller.ts'
import { killContainer, killPod } from './kill-container.ts'
import { hostIps } from './kubelet-config.ts'
import { allocatableAmounts } from './node/node-allocatable.ts'
import { type ObservedPod, observePod, readySandbox } from './observed-pod.ts'
import { backOffKey, type PodAction } from './pod-actions.ts'
import { podCgroup, podCgroupResources } from './pod-cgroup.ts'
import { containerNamed, type KubeletPod, podLabel, volumeImage } from './pod-containers.ts'
import type { PodMemory, PodParts } from './pod-parts.ts'
import { containerLogPath } from './pod-paths.ts'
import { performResize, saveAllocation } from './pod-resize.ts'
import { runSandbox, writeNameFiles } from './pod-sandbox.ts'
import { startContainer } from './start-container.ts'

export type Performed = Readonly<{
  /** Something did not succeed, and is to be tried again after the kubelet's usual wait. */
  failed: boolean
  /** When there will be something to do, if nothing happens before. */
  nextMs: number | undefined
}>

type Work = Readonly<{
  parts: PodParts
  memory: PodMemory
  /** Aborted when the pod is to end. */
  closed: Ending
  /** Writes the pod's status as it is by now. */
  publish: () => Promise<unknown>
}>

type Progress = { failed: boolean; nextMs: number | undefined; stop: boolean }

/** Carries a pod's actions out, in order. Stops early when the pod is to end. */
export async function perform(work: Work, actions: readonly PodAction[]): Promise<Performed> {
  const progress: Progress = { failed: false, nextMs: undefined, stop: false }
  for (const action of actions) {
    if (progress.stop || work.closed.aborted) break
    await performOne(work, action, progress)
  }
  if (actions.some(({ type }) => type === 'run-sandbox')) work.parts.podStarts.add(work.memory.pod, progress.failed)
  return { failed: progress.failed, nextMs: progress.nextMs }
}

async function performOne(work: Work, action: PodAction, progress: Progress): Promise<void> {
  const { parts, memory } = work
  const { pod } = memory
  const observed = observePod(parts.deps.runtime, pod.metadata.uid)
  switch (action.type) {
    case 'run-sandbox':
      return makeSandbox(work, action, progress)
    case 'pull-image': {
      const { container: name, volume } = action
      const wanted = volume === undefined ? containerNamed(pod, name) : volumeImage(pod, volume)
      if (wanted !== undefined) parts.puller.pull(pod, wanted, nextAttempt(observed, wanted.name))
      return
    }
    case 'start-container':
      return start(work, observed, action, progress)
    case 'hold-container':
      return hold(work, action, progress)
    case 'kill-container': {
      const container = observed.containers.find(({ id }) => id === action.id)
      if (container === undefined) return
      const kill = killContainer(parts, pod, observed, { container, cause: action.cause, message: action.message })
      return orAborted(kill, work.closed)
    }
    case 'resize-pod':
      if (!(await performResize(parts, memory, action.updates)).ok) progress.failed = true
      return
    case 'kill-pod':
      return orAborted(killPod(parts, pod, observed), work.closed)
    case 'remove-container': {
      const container = observed.containers.find(({ id }) => id === action.id)
      if (container !== undefined) await removeContainer(parts.deps, container)
      return
    }
    default:
      return unreachable(action)
  }
}

/** Whose containers have processors to themselves is not held to a share of time either. */
function withoutQuota({ cpus }: PodParts, { metadata }: KubeletPod, resources: CgroupResources): CgroupResources {
  const isExclusive = cpus.state().exclusive.has(metadata.uid)
  return isExclusive && resources.cpuQuotaUs !== undefined ? { ...resources, cpuQuotaUs: -1 } : resources
}

/** A pod that is deleted meanwhile is stopped with the grace of its deletion, not of this kill. */
function orAborted(task: Promise<void>, closed: Ending): Promise<void> {
  return Promise.race([
    task,
    new Promise<void>((resolve) => {
      if (closed.aborted) resolve()
      closed.addEventListener('abort', () => resolve())
    }),
  ])
}

export function nextAttempt(observed: ObservedPod, name: string): number {
  return (observed.containers.find((container) => container.name === name)?.attempt ?? -1) + 1
}

async function makeSandbox(
  { parts, memory, publish }: Work,
  { attempt, replaces }: Extract<PodAction, { type: 'run-sandbox' }>,
  progress: Progress,
): Promise<void> {
  const { pod } = memory
  if (replaces !== undefined)
    parts.events.pod(pod, 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.')
  const limited = await parts.deps.runtime.limitCgroup(
    podCgroup(pod),
    withoutQuota(parts, pod, podCgroupResources(pod, parts.deps.config.configuration)),
  )
  if (!limited.ok) {
    const message = `unable to ensure pod container exists: failed to create container for [${podCgroup(pod)}] : ${limited.error.message}`
    parts.events.pod(pod, 'Warning', 'FailedCreatePodContainer', message)
    progress.failed = true
    progress.stop = true
    return
  }
  const prepared = await parts.plugins.claims.prepare(pod)
  if (!prepared.ok) {
    const message = `Failed to prepare dynamic resources: ${prepared.error}`
    parts.events.pod(pod, 'Warning', 'FailedPrepareDynamicResources', message)
    progress.failed = true
    progress.stop = true
    return
  }
  const { resources } = pod.spec
  memory.actuated = { containers: memory.actuated.containers, ...(resources && { pod: resources }) }
  const made = await parts.starts(() => runSandbox(parts, pod, attempt))
  if (!made.ok) {
    parts.events.pod(pod, 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${made.error}`)
    progress.failed = true
    progress.stop = true
    return
  }
  await publish()
}

async function start(
  { parts, memory, closed }: Work,
  observed: ObservedPod,
  { container: name, attempt, required, lastEndMs }: Extract<PodAction, { type: 'start-container' }>,
  progress: Progress,
): Promise<void> {
  const { pod, crashes, failures } = memory
  const { clock } = parts.deps
  const container = containerNamed(pod, name)
  const sandbox = readySandbox(observed)
  if (container === undefined || sandbox === undefined) return
  const facts = podFacts(parts, pod, observed)
  if (memory.namedSandboxId !== sandbox.id) {
    await writeNameFiles(parts, pod, facts.podIps)
    memory.namedSandboxId = sandbox.id
  }
  const key = backOffKey(container)
  if (lastEndMs !== undefined) crashes.set(key, nextBackOff(crashes, key, lastEndMs, clock.nowMs()))
  if (!parts.puller.wasPulled(pod, container, attempt))
    parts.events.container(pod, name, 'Normal', 'Pulled', alreadyPresent(container.image ?? ''))
  const volumes = memory.volumes ?? new Map()
  const started = await startContainer(parts, {
    pod,
    container,
    attempt: attempt > 0 ? attempt : await attemptByLogs(parts.deps, pod, name),
    sandboxId: sandbox.id,
    facts,
    volumes,
    closed,
  })
  if (started.ok) {
    failures.delete(name)
    memory.actuated = {
      ...memory.actuated,
      containers: new Map(memory.actuated.containers).set(started.value, container.resources ?? {}),
    }
    await saveAllocation(parts, memory)
  } else {
    failures.set(name, started.error)
    progress.failed = true
    progress.stop = required
  }
}

/** After a restart of the machine no instance may be left: their logs tell how many there were. Kubernetes' calcRestartCountByLogDir. */
async function attemptByLogs({ disk, config }: PodParts['deps'], pod: KubeletPod, container: string): Promise<number> {
  const first = containerLogPath(config.rootDirectory, pod, container, 0)
  const folder = first.slice(0, first.lastIndexOf('/'))
  if (!(await disk.exists(folder))) return 0
  const names = await disk.list(folder)
  return Math.max(-1, ...names.map((name) => Number(/^(\d+)\.log/.exec(name)?.[1] ?? -1))) + 1
}

/** What the downward API tells, as things are now. */
export function podFacts({ deps }: PodParts, pod: KubeletPod, observed: ObservedPod): PodFacts {
  const host = hostIps(deps.config)
  const podIps = pod.spec.hostNetwork ? host : (readySandbox(observed)?.ips ?? [])
  return { podIps, hostIps: host, allocatable: allocatableAmounts(deps.config) }
}

function hold(
  { parts, memory }: Work,
  action: Extract<PodAction, { type: 'hold-container' }>,
  progress: Progress,
): void {
  const { container, reason, message, untilMs } = action
  const known = memory.failures.get(container)
  memory.failures.set(container, { reason, message })
  if (untilMs === undefined) progress.failed = true
  else progress.nextMs = Math.min(progress.nextMs ?? untilMs, untilMs)
  if (known?.reason !== reason || known.message !== message) tellHold(parts, memory.pod, action)
}

function tellHold(
  { events }: PodParts,
  pod: KubeletPod,
  { container, reason, image, message }: Extract<PodAction, { type: 'hold-container' }>,
): void {
  const tell = (type: 'Normal' | 'Warning', why: string, text: string): void =>
    events.container(pod, container, type, why, text)
  if (reason === 'CrashLoopBackOff') {
    tell('Warning', 'BackOff', `Back-off restarting failed container ${container} in pod ${podLabel(pod)}`)
    return
  }
  if (reason === 'ImagePullBackOff') tell('Normal', 'BackOff', `Back-off pulling image ${JSON.stringify(image)}`)
  else tell('Warning', reason === 'InvalidImageName' ? 'InspectFailed' : reason, message)
  tell('Warning', 'Failed', `Error: ${reason}`)
}
