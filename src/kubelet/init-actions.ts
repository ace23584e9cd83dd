import type { Container } from '../api/kinds.generated.ts'
import type { Container as RuntimeContainer } from '../runtime/pod-runtime.ts'
import { killForResize, killUnknown } from './kill-action.ts'
import { latestContainer } from './observed-pod.ts'
import type { ActionInput, PodAction } from './pod-actions.ts'
import { isSidecar } from './pod-containers.ts'
import { containerResize, type ResizeUpdate } from './resize-plan.ts'
import { restartsOnFailure, shouldStart } from './restart-policy.ts'

export type InitActions = Readonly<{
  kills: readonly PodAction[]
  /** In the order of the spec. */
  starts: readonly Container[]
  initialized: boolean
  /** An init container failed for good. */
  killPod: boolean
  updates: readonly ResizeUpdate[]
  /** A sidecar is killed for the sake of its new resources. */
  resized: boolean
}>

type Step = Readonly<{
  kills?: readonly PodAction[]
  /** Start this one again. */
  restart?: boolean
  /** This one is done: the one after it may start. */
  done?: boolean
  killPod?: boolean
  updates?: readonly ResizeUpdate[]
  resized?: boolean
}>

/**
 * Which init containers to start. They are looked at from the last to the first, for those that completed may have been removed: the
 * last one that is known says how far the pod has come. Before that, only sidecars are started again.
 */
export function initActions(input: ActionInput): InitActions {
  const { pod, observed } = input
  const init = pod.spec.initContainers ?? []
  let initialized = init.length === 0 || regularContainerStarted(input)
  let passed = initialized
  const kills: PodAction[] = []
  const starts = new Set<number>()
  const updates: ResizeUpdate[] = []
  let resized = false
  for (let at = init.length - 1; at >= 0; at--) {
    const container = init[at]
    if (container === undefined) continue
    const latest = latestContainer(observed, container.name)
    if (latest === undefined) {
      if (passed && isSidecar(container)) starts.add(at)
      continue
    }
    if (passed && !isSidecar(container)) continue
    const step = isSidecar(container) ? sidecarStep(input, container, latest) : initStep(input, container, latest)
    if (step.killPod) return { kills: [], starts: [], initialized: false, killPod: true, updates: [], resized: false }
    kills.push(...(step.kills ?? []))
    updates.push(...(step.updates ?? []))
    resized ||= step.resized ?? false
    if (step.restart) starts.add(at)
    if (step.done && at === init.length - 1) initialized = true
    else if (step.done && !passed) starts.add(at + 1)
    passed = true
  }
  if (!passed) starts.add(0)
  return { kills, starts: init.filter((_, at) => starts.has(at)), initialized, killPod: false, updates, resized }
}

/** A regular container that runs says that the init containers did, whatever is left of them. */
function regularContainerStarted({ pod, observed }: ActionInput): boolean {
  return pod.spec.containers.some(({ name }) => {
    const state = latestContainer(observed, name)?.state
    return state === 'created' || state === 'running'
  })
}

function initStep({ pod, observed }: ActionInput, container: Container, latest: RuntimeContainer): Step {
  switch (latest.state) {
    case 'running':
      return {}
    case 'created':
      return { restart: true }
    case 'exited':
      if (latest.exitCode === 0) return { done: true }
      return shouldStart(pod, container, observed) ? { restart: true } : { killPod: true }
    case 'unknown':
      if (!restartsOnFailure(pod, container)) return { killPod: true }
      return { kills: [killUnknown(latest, 'Init container')], restart: true }
  }
}

function sidecarStep({ pod, probes, actuated }: ActionInput, container: Container, latest: RuntimeContainer): Step {
  const { name } = container
  const kill = (cause: 'startup-probe' | 'liveness-probe' | 'other', why: string): Step => ({
    kills: [
      { type: 'kill-container', id: latest.id, container: name, cause, message: `Init container ${name} ${why}` },
    ],
    restart: true,
  })
  if (latest.state === 'unknown') return { kills: [killUnknown(latest, 'Init container')], restart: true }
  if (latest.state !== 'running') return { restart: true }
  if (container.startupProbe !== undefined) {
    const startup = probes.startup.get(latest.id)
    if (startup === 'failure') return kill('startup-probe', 'failed startup probe')
    if (startup === undefined) return {}
  }
  if (latest.image !== container.image) return { ...kill('other', 'definition changed'), done: true }
  if (probes.liveness.get(latest.id) === 'failure')
    return { ...kill('liveness-probe', 'failed liveness probe'), done: true }
  const change = containerResize(pod, container, latest, actuated)
  if (change.type === 'restart') return { kills: [killForResize(latest)], restart: true, done: true, resized: true }
  return { done: true, ...(change.type === 'update' ? { updates: change.updates } : {}) }
}
