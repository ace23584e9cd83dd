import type { OwnerReference } from '../../api/kinds.generated.ts'
import type { Kind } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import { type Action, remove, requeue, type Target, targetOf } from '../action.ts'

/**
 * What an owner reference comes to: solid, its object is there (or nobody can tell); dangling, it is not; waiting, it is there but is
 * being deleted in the foreground, which waits for its dependents; unknown, the API could not be asked.
 */
export type OwnerState = 'solid' | 'dangling' | 'waiting' | 'unknown'

export type Dependent = Readonly<{
  target: Target
  /** Whether its owner may not go before it does. */
  blocksOwner: boolean
  /** Is itself being deleted in the foreground. */
  waits: boolean
  /** As it is known, of kinds whose lists cannot be patched by key. */
  custom?: Stored<unknown>
}>

export type ObservedGarbage = Readonly<{
  kind: Kind
  object: Stored<unknown>
  owners: readonly Readonly<{ reference: OwnerReference; state: OwnerState }>[]
  /** Those that name the object as an owner. */
  dependents: readonly Dependent[]
}>

const askAgainMs = 5000
export const orphanFinalizer = 'orphan'
export const foregroundFinalizer = 'foregroundDeletion'

/**
 * Deletes what nothing owns any more, by Kubernetes' garbage collector: an object whose owners are all gone or going is deleted; one that
 * has still an owner loses its other references; one that is being deleted lets its dependents go first, or go free, as its finalizer says.
 */
export function reconcileGarbage(observed: ObservedGarbage): readonly Action[] {
  const { object, owners } = observed
  if (object.metadata.deletionTimestamp !== undefined) return finishDeletion(observed)
  if (owners.some(({ state }) => state === 'unknown')) return [requeue(askAgainMs)]
  const inState = (wanted: OwnerState) =>
    owners.filter(({ state }) => state === wanted).map(({ reference }) => reference)
  const [solid, dangling, waiting] = [inState('solid'), inState('dangling'), inState('waiting')]
  if (owners.length === 0 || (solid.length > 0 && solid.length === owners.length)) return []
  const target = targetOf(observed.kind, object)
  const custom = observed.kind.isCustom === true ? object : undefined
  if (solid.length > 0) return [dropOwners(target, [...dangling, ...waiting], custom)]
  if (waiting.length > 0 && observed.dependents.length > 0) return deleteInForeground(observed, target)
  return [deletion(observed, target, policyOf(object))]
}

function finishDeletion({ kind, object, dependents }: ObservedGarbage): readonly Action[] {
  const target = targetOf(kind, object)
  const asOwner = [{ uid: object.metadata.uid }]
  if (has(object, orphanFinalizer)) {
    const orphaned = dependents.map((dependent) => dropOwners(dependent.target, asOwner, dependent.custom))
    return [...orphaned, dropFinalizer(target, object, orphanFinalizer)]
  }
  if (!has(object, foregroundFinalizer)) return []
  const isBlocked = dependents.some(({ blocksOwner }) => blocksOwner)
  return isBlocked ? [] : [dropFinalizer(target, object, foregroundFinalizer)]
}

/** Where one of its dependents waits too there may be a circle: its own references then no longer block. */
function deleteInForeground(observed: ObservedGarbage, target: Target): readonly Action[] {
  const foreground = deletion(observed, target, 'Foreground')
  if (!observed.dependents.some(({ waits }) => waits)) return [foreground]
  const ownerReferences = observed.owners
    .filter(({ reference }) => reference.blockOwnerDeletion)
    .map(({ reference }) => ({ ...reference, blockOwnerDeletion: false }))
  const body = { metadata: { uid: target.uid, ownerReferences } }
  // The patch makes a new version: the deletion must not insist on the old one.
  const type = observed.kind.isCustom === true ? 'merge' : 'strategic'
  const whole = { metadata: { uid: target.uid, ownerReferences: unblocked(observed.object) } }
  return [
    { type: 'patch', target, patch: { type, body: type === 'merge' ? whole : body } },
    remove(target, { propagationPolicy: 'Foreground' }),
  ]
}

/** A merge patch replaces the whole list. */
function unblocked({ metadata }: Stored<unknown>): readonly OwnerReference[] {
  return (metadata.ownerReferences ?? []).map((reference) =>
    reference.blockOwnerDeletion === true ? { ...reference, blockOwnerDeletion: false } : reference,
  )
}

/** Only while it is as observed: with other owner references the decision might be another. */
function deletion(
  { object }: ObservedGarbage,
  target: Target,
  propagationPolicy: 'Orphan' | 'Background' | 'Foreground',
): Action {
  const { resourceVersion } = object.metadata
  return remove(target, { propagationPolicy, preconditions: { resourceVersion } })
}

/** A finalizer that is there already decides. */
function policyOf(object: Stored<unknown>): 'Orphan' | 'Background' | 'Foreground' {
  if (has(object, orphanFinalizer)) return 'Orphan'
  return has(object, foregroundFinalizer) ? 'Foreground' : 'Background'
}

function has({ metadata }: Stored<unknown>, finalizer: string): boolean {
  return metadata.finalizers?.includes(finalizer) ?? false
}

/** `custom`: the object as it is known, where its list of owners can only be replaced as a whole. */
function dropOwners(target: Target, owners: readonly Readonly<{ uid: string }>[], custom?: Stored<unknown>): Action {
  if (custom !== undefined) return replaceOwners(target, owners, custom)
  const ownerReferences = owners.map(({ uid }) => ({ $patch: 'delete', uid }))
  const body = { metadata: { uid: target.uid, ownerReferences } }
  return { type: 'patch', target, patch: { type: 'strategic', body }, forgiveInvalid: true }
}

function replaceOwners(
  target: Target,
  owners: readonly Readonly<{ uid: string }>[],
  { metadata }: Stored<unknown>,
): Action {
  const gone = new Set(owners.map(({ uid }) => uid))
  const ownerReferences = (metadata.ownerReferences ?? []).filter(({ uid }) => !gone.has(uid))
  const { resourceVersion } = metadata
  const body = { metadata: { uid: target.uid, resourceVersion, ownerReferences } }
  return { type: 'patch', target, patch: { type: 'merge', body }, forgiveInvalid: true }
}

function dropFinalizer(target: Target, { metadata }: Stored<unknown>, finalizer: string): Action {
  const finalizers = (metadata.finalizers ?? []).filter((each) => each !== finalizer)
  const body = { metadata: { resourceVersion: metadata.resourceVersion, finalizers } }
  return { type: 'patch', target, patch: { type: 'merge', body } }
}
