import type { PodCondition } from '../api/kinds.generated.ts'
import type { KubeletPod } from './pod-containers.ts'

/** How far a change of a running pod's resources has come: asked for but not granted, and granted but not yet so. */
export type ResizeConditions = Readonly<{ pending?: PodCondition; inProgress?: PodCondition }>

/** Of an earlier kubelet. */
export function conditionsBefore({ status }: KubeletPod): ResizeConditions {
  const of = (type: string): PodCondition | undefined =>
    status.conditions?.find((condition) => condition.type === type && condition.status === 'True')
  const [pending, inProgress] = [of('PodResizePending'), of('PodResizeInProgress')]
  return { ...(pending && { pending }), ...(inProgress && { inProgress }) }
}

export function resizeConditionList({ pending, inProgress }: ResizeConditions): readonly PodCondition[] {
  return [...(pending === undefined ? [] : [pending]), ...(inProgress === undefined ? [] : [inProgress])]
}

/** Not granted. Whatever is not infeasible may become possible. */
export function withPending(
  conditions: ResizeConditions,
  reason: string,
  message: string,
  generation: number | undefined,
  now: string,
): ResizeConditions {
  const shown = reason === 'Infeasible' ? reason : 'Deferred'
  const known = conditions.pending
  if (known?.reason === shown && known.message === message && known.observedGeneration === generation) return conditions
  return { ...conditions, pending: condition('PodResizePending', known, shown, message, generation, now) }
}

export function withoutPending({ pending: _, ...others }: ResizeConditions): ResizeConditions {
  return others
}

/** Granted. A change that is under way keeps the generation it was granted at, and what went wrong, until it is done. */
export function withInProgress(
  conditions: ResizeConditions,
  reason: string,
  message: string,
  generation: number | undefined,
  now: string,
): ResizeConditions {
  const known = conditions.inProgress
  const kept = reason === '' && message === ''
  if (known !== undefined && (kept || (known.reason === reason && known.message === message))) return conditions
  const at = known?.observedGeneration ?? generation
  return { ...conditions, inProgress: condition('PodResizeInProgress', known, reason, message, at, now) }
}

export function withoutInProgress({ inProgress: _, ...others }: ResizeConditions): ResizeConditions {
  return others
}

function condition(
  type: string,
  known: PodCondition | undefined,
  reason: string,
  message: string,
  generation: number | undefined,
  now: string,
): PodCondition {
  const since = known !== undefined && (known.reason ?? '') === reason ? known.lastTransitionTime : now
  return {
    type,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    status: 'True',
    lastProbeTime: now,
    lastTransitionTime: since ?? now,
    ...(reason === '' ? {} : { reason }),
    ...(message === '' ? {} : { message }),
  }
}

/** What an event about a resize says: the resources in question, of which generation. */
export function resizeMessage(prefix: string, { spec }: KubeletPod, generation: number, error = ''): string {
  const summary = {
    ...(spec.initContainers?.length ? { initContainers: spec.initContainers.map(resourcesOf) } : {}),
    ...(spec.containers.length > 0 ? { containers: spec.containers.map(resourcesOf) } : {}),
    generation,
    ...(error === '' ? {} : { error }),
  }
  return `${prefix}: ${JSON.stringify(summary)}`
}

function resourcesOf({ name, resources = {} }: KubeletPod['spec']['containers'][number]) {
  const sorted = (amounts: Readonly<Record<string, string>> | undefined) =>
    amounts === undefined ? undefined : Object.fromEntries(Object.entries(amounts).sort(([a], [b]) => (a < b ? -1 : 1)))
  const [limits, requests] = [sorted(resources.limits), sorted(resources.requests)]
  return { name, resources: { ...(limits && { limits }), ...(requests && { requests }) } }
}
