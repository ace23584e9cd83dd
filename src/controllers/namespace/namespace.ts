import type { Namespace } from '../../api/kinds.generated.ts'
import { groupResource, type Kind, kinds } from '../../api/kinds.ts'
import type { ApiObject, Stored } from '../../api/object.ts'
import { msOfTimestamp } from '../../client/timestamp.ts'
import { type Action, finalize, remove, requeue, updateStatus } from '../action.ts'
import { isPodTerminal } from '../pod-state.ts'
import { namespaceConditions } from './namespace-conditions.ts'

/** What is left of one kind in the namespace, as the API itself lists it. */
export type Content = Readonly<{ kind: Kind; objects: readonly Stored<unknown>[]; error?: string }>

export type ObservedNamespace = Readonly<{
  nowMs: number
  namespace: Stored<Namespace>
  /** Of every kind that lives in namespaces; while pods are left of nothing else. */
  content: readonly Content[]
}>

/** The finalizer that stands for this controller in spec.finalizers. */
const finalizerToken = 'kubernetes'
/** How long something with a finalizer is expected to take. */
const finalizerEstimateSeconds = 15

/**
 * Empties a namespace that is being deleted: pods first (OrderedNamespaceDeletion), then everything else; tells in its conditions what is
 * left; and lets go of it when nothing is.
 */
export function reconcileNamespace(observed: ObservedNamespace): readonly Action[] {
  const { namespace, content } = observed
  const isWaiting = namespace.spec.finalizers?.includes(finalizerToken) ?? false
  if (namespace.metadata.deletionTimestamp === undefined || !isWaiting) return []
  const pods = content.filter(({ kind }) => groupResource(kind) === 'pods')
  const podsRemain = pods.some(({ objects, error }) => objects.length > 0 || error !== undefined)
  const stage = podsRemain ? pods : content
  const deletions = stage.flatMap(({ kind, objects }) =>
    objects.filter(isAlive).map((object) => deletion(kind, object)),
  )
  // What has just been deleted may be gone at once: look again before saying that it remains.
  if (deletions.length > 0) return [...deletions, requeue(0)]
  const told = tell(observed, stage)
  const remains = stage.some(({ objects, error }) => objects.length > 0 || error !== undefined)
  return remains ? [...told, requeue(waitMs(observed, stage))] : [...told, letGo(namespace)]
}

function isAlive({ metadata }: Stored<unknown>): boolean {
  return metadata.deletionTimestamp === undefined
}

function deletion(kind: Kind, { metadata: { name, namespace = '', uid } }: Stored<unknown>): Action {
  return remove({ kind, name, namespace, uid }, { propagationPolicy: 'Background' })
}

function tell({ nowMs, namespace }: ObservedNamespace, content: readonly Content[]): readonly Action[] {
  const known = namespace.status.conditions ?? []
  const conditions = namespaceConditions(known, content, nowMs)
  if (conditions === known && namespace.status.phase === 'Terminating') return []
  return [
    updateStatus(kinds.namespaces, { ...namespace, status: { ...namespace.status, phase: 'Terminating', conditions } }),
  ]
}

/** Half the time that it should take, and a second: pods their grace periods, what has finalizers 15 seconds. */
function waitMs({ nowMs, namespace }: ObservedNamespace, content: readonly Content[]): number {
  const graceSeconds = content.flatMap(({ kind, objects }) =>
    groupResource(kind) === 'pods' ? objects.map((pod) => graceOf(pod as unknown as ApiObject)) : [],
  )
  const longestSeconds = Math.max(0, ...graceSeconds)
  const elapsedMs = nowMs - (msOfTimestamp(namespace.metadata.deletionTimestamp) ?? nowMs)
  const estimateSeconds = elapsedMs < longestSeconds * 1000 ? longestSeconds : finalizerEstimateSeconds
  return (Math.floor(estimateSeconds / 2) + 1) * 1000
}

function graceOf(object: ApiObject): number {
  const pod = object as unknown as Parameters<typeof isPodTerminal>[0]
  return isPodTerminal(pod) ? 0 : (pod.spec.terminationGracePeriodSeconds ?? 0)
}

/** Without a resourceVersion: the status that was written a moment ago has made a new one. */
function letGo({ metadata: { resourceVersion: _, ...metadata }, spec, ...rest }: Stored<Namespace>): Action {
  const finalizers = (spec.finalizers ?? []).filter((finalizer) => finalizer !== finalizerToken)
  const object = { ...rest, metadata, spec: { ...spec, finalizers } }
  return finalize(kinds.namespaces, object as unknown as Stored<Namespace>)
}
