import { type Ending, makeEnder } from '../api/ending.ts'
import type { Container } from '../api/kinds.generated.ts'
import type { Container as RuntimeContainer } from '../runtime/pod-runtime.ts'
import { runHook, until } from './lifecycle-hook.ts'
import { type ObservedPod, readySandbox, runningContainers } from './observed-pod.ts'
import type { KillCause } from './pod-actions.ts'
import { containerNamed, isInitContainer, isSidecar, type KubeletPod } from './pod-containers.ts'
import type { PodParts } from './pod-parts.ts'

/** Kubernetes: nobody gets less, so that a program can at least notice its signal. */
const leastGraceSeconds = 2

export type KillRequest = Readonly<{
  container: RuntimeContainer
  cause: KillCause
  /** Of the event; '' is the ordinary one. */
  message: string
  /** Overrides the pod's. */
  graceSeconds?: number
  /** Resolves when it is this container's turn to stop. */
  turn?: Promise<void>
}>

/** Runs the preStop hook and stops the container, within its grace period together. Resolves when it has ended. */
export async function killContainer(
  { deps, events }: PodParts,
  pod: KubeletPod,
  observed: ObservedPod,
  { container, cause, message, graceSeconds, turn }: KillRequest,
): Promise<void> {
  const spec = containerNamed(pod, container.name)
  const grace = graceSeconds ?? gracePeriodSeconds(pod, spec, cause)
  events.container(
    pod,
    container.name,
    'Normal',
    'Killing',
    message === '' ? `Stopping container ${container.name}` : message,
  )
  const startedMs = deps.clock.monotonicMs()
  const leftSeconds = (): number => grace - Math.floor((deps.clock.monotonicMs() - startedMs) / 1000)
  const handler = spec?.lifecycle?.preStop
  if (spec !== undefined && handler !== undefined && grace > 0) {
    await withDeadline(deps.clock, grace * 1000, async (closed) => {
      const podIp = readySandbox(observed)?.ips[0] ?? ''
      const ended = await runHook(deps, { pod, container: spec, id: container.id, podIp, handler, closed })
      // What the hook says stays here: it may hold secrets.
      if (!ended.ok && !closed.aborted)
        events.container(pod, container.name, 'Warning', 'FailedPreStopHook', 'PreStopHook failed')
    })
  }
  if (turn !== undefined && leftSeconds() > 0) {
    await withDeadline(deps.clock, leftSeconds() * 1000, () => turn)
  }
  const stopped = await deps.runtime.stopContainer(container.id, Math.max(leastGraceSeconds, leftSeconds()))
  if (!stopped.ok && stopped.error.code !== 'NotFound')
    deps.log.warn('a container could not be stopped', { container: container.id, message: stopped.error.message })
}

/** Waits for the task, but no longer than this; then it is told. */
async function withDeadline(
  clock: PodParts['deps']['clock'],
  limitMs: number,
  task: (closed: Ending) => Promise<unknown>,
): Promise<void> {
  const deadline = makeEnder()
  const over = until({ clock }, deadline.signal, limitMs)
  await Promise.race([task(deadline.signal), over])
  deadline.abort()
}

/** How long a container may take to end, as the pod's deletion, the failed probe, or its spec says. */
export function gracePeriodSeconds(pod: KubeletPod, container: Container | undefined, cause: KillCause): number {
  const { deletionGracePeriodSeconds } = pod.metadata
  const own = pod.spec.terminationGracePeriodSeconds
  if (deletionGracePeriodSeconds !== undefined) return deletionGracePeriodSeconds
  if (own === undefined) return leastGraceSeconds
  if (cause === 'startup-probe') return container?.startupProbe?.terminationGracePeriodSeconds ?? own
  if (cause === 'liveness-probe') return container?.livenessProbe?.terminationGracePeriodSeconds ?? own
  return own
}

/**
 * Stops everything of the pod: all containers beside each other, but sidecars only after the regular ones, the last one first; then the
 * sandbox.
 */
export async function killPod(
  parts: PodParts,
  pod: KubeletPod,
  observed: ObservedPod,
  graceSeconds?: number,
): Promise<void> {
  const running = runningContainers(observed)
  const kills = new Map<string, Promise<void>>()
  const order = stopOrder(pod, running)
  for (const container of order) {
    const earlier = [...kills.values()]
    const spec = containerNamed(pod, container.name)
    const waits = spec !== undefined && isSidecar(spec) && isInitContainer(pod, container.name)
    const turn = waits ? Promise.all(earlier).then(() => {}) : undefined
    const request: KillRequest = {
      container,
      cause: 'other',
      message: '',
      ...(graceSeconds === undefined ? {} : { graceSeconds }),
      ...(turn === undefined ? {} : { turn }),
    }
    kills.set(container.id, killContainer(parts, pod, observed, request))
  }
  await Promise.all(kills.values())
  for (const sandbox of observed.sandboxes) {
    const stopped = await parts.deps.runtime.stopSandbox(sandbox.id)
    if (!stopped.ok)
      parts.deps.log.warn('a sandbox could not be stopped', { sandbox: sandbox.id, message: stopped.error.message })
  }
}

/** Regular containers first, then the init list from its end. */
function stopOrder(pod: KubeletPod, running: readonly RuntimeContainer[]): readonly RuntimeContainer[] {
  const place = ({ name }: RuntimeContainer): number =>
    -(pod.spec.initContainers?.findIndex((container) => container.name === name) ?? -1)
  return [...running].sort(
    (a, b) => (isInitContainer(pod, a.name) ? 1 : 0) - (isInitContainer(pod, b.name) ? 1 : 0) || place(a) - place(b),
  )
}
