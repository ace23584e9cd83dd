import type { ContainerStatus, PodCondition } from '../api/kinds.generated.ts'
import { isSidecar, type KubeletPod } from './pod-containers.ts'
import type { PodPhase } from './pod-phase.ts'
import { type ResizeConditions, resizeConditionList } from './resize-conditions.ts'

/** The conditions that are the kubelet's to write; all others belong to somebody else, and are kept. */
export const kubeletConditions: ReadonlySet<string> = new Set([
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
  'PodResizePending',
  'PodResizeInProgress',
])

/** Written by whoever ends the pod: the kubelet too. */
export const sharedCondition = 'DisruptionTarget'

type Verdict = Readonly<{ status: 'True' | 'False'; reason?: string; message?: string }>

export type ConditionInput = Readonly<{
  pod: KubeletPod
  phase: PodPhase
  /** Of init and regular containers. */
  statuses: readonly ContainerStatus[]
  sandboxReady: boolean
  /** The status before: conditions keep their lastTransitionTime while their status stays. */
  before: readonly PodCondition[]
  resize: ResizeConditions
  disruption?: PodCondition
  /** metav1.Time of now. */
  now: string
}>

/** The kubelet's conditions in the original's order, after those that are not its own. */
export function podConditions(input: ConditionInput): readonly PodCondition[] {
  const { pod, before, now } = input
  const others = before.filter(({ type }) => !kubeletConditions.has(type))
  const foreign =
    input.disruption === undefined
      ? others
      : [...others.filter(({ type }) => type !== sharedCondition), input.disruption]
  const own: readonly (readonly [string, Verdict])[] = [
    ['PodReadyToStartContainers', { status: input.sandboxReady ? 'True' : 'False' }],
    ['Initialized', initialized(input)],
    ['Ready', ready(input, foreign)],
    ['ContainersReady', containersReady(input)],
    ['PodScheduled', { status: 'True' }],
  ]
  const resizing = resizeConditionList(input.resize)
  return [...foreign, ...resizing, ...own.map(([type, verdict]) => conditionOf(pod, type, verdict, before, now))]
}

/** A condition with its transition time: now where its status has changed, and the generation that it was seen at. */
export function conditionOf(
  pod: KubeletPod,
  type: string,
  verdict: Verdict,
  before: readonly PodCondition[],
  now: string,
): PodCondition {
  const known = before.find((condition) => condition.type === type)
  const same = known?.status === verdict.status && known.lastTransitionTime !== undefined
  const { generation } = pod.metadata
  return {
    type,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    status: verdict.status,
    lastTransitionTime: same ? (known.lastTransitionTime ?? now) : now,
    ...(verdict.reason === undefined ? {} : { reason: verdict.reason }),
    ...(verdict.message === undefined ? {} : { message: verdict.message }),
  }
}

/** Go prints a list of strings so. */
function goList(names: readonly string[]): string {
  return `[${names.join(' ')}]`
}

function unready(reason: string, unknown: readonly string[], wanting: readonly string[], what: string): Verdict {
  const messages = [
    ...(unknown.length > 0 ? [`containers with unknown status: ${goList(unknown)}`] : []),
    ...(wanting.length > 0 ? [`containers with ${what} status: ${goList(wanting)}`] : []),
  ]
  return messages.length === 0 ? { status: 'True' } : { status: 'False', reason, message: messages.join(', ') }
}

function initialized({ pod, phase, statuses }: ConditionInput): Verdict {
  const unknown: string[] = []
  const incomplete: string[] = []
  for (const container of pod.spec.initContainers ?? []) {
    const status = statuses.find(({ name }) => name === container.name)
    if (status === undefined) unknown.push(container.name)
    else if (isSidecar(container) ? !status.started : !status.ready) incomplete.push(container.name)
  }
  if (phase === 'Succeeded' && unknown.length === 0) return { status: 'True', reason: 'PodCompleted' }
  const started = pod.spec.containers.some(({ name }) => {
    const status = statuses.find((candidate) => candidate.name === name)
    return (
      status?.started === true || status?.state?.terminated !== undefined || status?.lastState?.terminated !== undefined
    )
  })
  if (started) return { status: 'True' }
  return unready('ContainersNotInitialized', unknown, incomplete, 'incomplete')
}

function containersReady({ pod, phase, statuses }: ConditionInput): Verdict {
  const unknown: string[] = []
  const wanting: string[] = []
  for (const { name } of [...(pod.spec.initContainers ?? []).filter(isSidecar), ...pod.spec.containers]) {
    const status = statuses.find((candidate) => candidate.name === name)
    if (status === undefined) unknown.push(name)
    else if (!status.ready) wanting.push(name)
  }
  if (phase === 'Succeeded' && unknown.length === 0) return { status: 'False', reason: 'PodCompleted' }
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' }
  return unready('ContainersNotReady', unknown, wanting, 'unready')
}

/** As ContainersReady, and every readiness gate's condition holds. */
function ready(input: ConditionInput, foreign: readonly PodCondition[]): Verdict {
  const containers = containersReady(input)
  if (containers.status !== 'True') return containers
  const messages = (input.pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const condition = foreign.find(({ type }) => type === conditionType)
    const gate = JSON.stringify(conditionType)
    if (condition === undefined) return [`corresponding condition of pod readiness gate ${gate} does not exist.`]
    if (condition.status === 'True') return []
    return [`the status of pod readiness gate ${gate} is not "True", but ${condition.status}`]
  })
  if (messages.length === 0) return { status: 'True' }
  return { status: 'False', reason: 'ReadinessGatesNotReady', message: messages.join(', ') }
}
