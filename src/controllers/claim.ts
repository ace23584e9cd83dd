import type { Kind } from '../api/kinds.ts'
import { matchesLabels, type Selector } from '../api/label-selector.ts'
import type { Stored } from '../api/object.ts'
import { type Action, type Target, targetOf } from './action.ts'
import { controllerOf, controllerRef } from './owner.ts'

export type Claimed<T> = Readonly<{
  /** What the owner has or is about to adopt. */
  objects: readonly Stored<T>[]
  /** Adoptions and releases. */
  actions: readonly Action[]
}>

type Owned = Readonly<{ metadata?: unknown }>

/**
 * Whose objects are whose, as client-go's ControllerRefManager has it: an owner keeps what it owns and its selector matches, releases
 * what it owns and no longer matches, and adopts orphans that match. An owner that is being deleted does neither of the latter two.
 */
export function claim<O extends Owned, T>(
  ownerKind: Kind<O>,
  owner: Stored<O>,
  selector: Selector | undefined,
  kind: Kind<T>,
  candidates: readonly Stored<T>[],
): Claimed<T> {
  const objects: Stored<T>[] = []
  const actions: Action[] = []
  const dying = owner.metadata.deletionTimestamp !== undefined
  for (const object of candidates) {
    const controller = controllerOf(object)
    const matches = matchesLabels(selector, object.metadata.labels)
    if (controller?.uid === owner.metadata.uid) {
      if (matches) objects.push(object)
      else if (!dying) actions.push(release(targetOf(kind, object), owner.metadata.uid))
    } else if (controller === undefined && matches && !dying && object.metadata.deletionTimestamp === undefined) {
      objects.push(object)
      actions.push(adopt(ownerKind, owner, targetOf(kind, object)))
    }
  }
  return { objects, actions }
}

/** The uid in the body is a precondition: another life of the name is left alone. */
function adopt<O extends Owned>(ownerKind: Kind<O>, owner: Stored<O>, target: Target): Action {
  const ownerReferences = [controllerRef(ownerKind, owner)]
  return {
    type: 'patch',
    target,
    patch: { type: 'strategic', body: { metadata: { ownerReferences, uid: target.uid } } },
    whileAlive: targetOf(ownerKind, owner),
  }
}

function release(target: Target, ownerUid: string): Action {
  const ownerReferences = [{ $patch: 'delete', uid: ownerUid }]
  return {
    type: 'patch',
    target,
    patch: { type: 'strategic', body: { metadata: { ownerReferences, uid: target.uid } } },
    forgiveInvalid: true,
  }
}
