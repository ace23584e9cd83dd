import type { OwnerReference } from '../../api/kinds.generated.ts'
import { allKinds, apiVersionOf, groupResource, type Kind, kinds, storedKinds } from '../../api/kinds.ts'
import { objectKey, type Stored } from '../../api/object.ts'
import { storedKind } from '../../api/versioning.ts'
import { boundedMap } from '../../client/bounded-map.ts'
import type { Client } from '../../client/client.ts'
import type { Informers } from '../../client/informers.ts'
import { targetOf } from '../action.ts'
import { type Controller, type ControllerDeps, changes, type Source } from '../run-controller.ts'
import {
  type Dependent,
  foregroundFinalizer,
  type ObservedGarbage,
  type OwnerState,
  reconcileGarbage,
} from './garbage.ts'

/** Events own nothing and are owned by nothing. */
const collectedKinds: readonly Kind[] = storedKinds.filter((kind) => kind !== kinds.events)
const kindByResource = new Map(collectedKinds.map((kind) => [groupResource(kind), kind]))
/** References name any of a kind's versions. */
const kindByType = new Map(
  allKinds
    .filter((kind) => storedKind(kind) !== kinds.events)
    .map((kind) => [`${apiVersionOf(kind)} ${kind.kind}`, storedKind(kind)]),
)
/** Owners known to be gone, by uid: a uid never comes back. */
const absentOwnersLimit = 500

type Object = Stored<unknown>

export function garbageCollector(deps: ControllerDeps): Controller<ObservedGarbage> {
  const { informers } = deps
  const absent = boundedMap<true>(absentOwnersLimit)
  return {
    name: 'garbage-collector-controller',
    concurrency: 20,
    sources: collectedKinds.map((kind) => sourceOf(informers, kind, (uid) => absent.set(uid, true))),
    async observe(key) {
      const at = key.indexOf('|')
      const kind = kindByResource.get(key.slice(0, at))
      const object = kind && informers.of(kind).get(key.slice(at + 1))
      if (kind === undefined || object === undefined) return undefined
      const references = object.metadata.ownerReferences ?? []
      const owners = []
      for (const reference of references) {
        owners.push({ reference, state: await ownerState(deps, absent, object, reference) })
      }
      return { kind, object, owners, dependents: dependentsOf(informers, object.metadata.uid) }
    },
    reconcile: reconcileGarbage,
  }
}

function keyOf(kind: Kind, object: Object): string {
  return `${groupResource(kind)}|${objectKey(object)}`
}

/** Whose case a change reopens: the object's own, that of its dependents when it goes, that of its owners when it lets go of them. */
function sourceOf(informers: Informers, kind: Kind, onGone: (uid: string) => void): Source {
  return changes<unknown>(kind, (before, after) => {
    if (after === undefined) {
      const gone = before as Object
      onGone(gone.metadata.uid)
      return [...dependentKeys(informers, gone), ...ownerKeys(informers, gone)]
    }
    if (before === undefined) return isOfInterest(after) ? [keyOf(kind, after)] : []
    return changedKeys(informers, kind, before, after)
  })
}

function isOfInterest({ metadata }: Object): boolean {
  return (metadata.ownerReferences?.length ?? 0) > 0 || metadata.deletionTimestamp !== undefined
}

function changedKeys(informers: Informers, kind: Kind, before: Object, after: Object): readonly string[] {
  const sameOwners = JSON.stringify(before.metadata.ownerReferences) === JSON.stringify(after.metadata.ownerReferences)
  const isDeleted = after.metadata.deletionTimestamp !== undefined
  const startsDeletion = isDeleted && before.metadata.deletionTimestamp === undefined
  return [
    ...(sameOwners && !isDeleted ? [] : [keyOf(kind, after)]),
    ...(sameOwners ? [] : ownerKeys(informers, before)),
    ...(startsDeletion && waits(after) ? dependentKeys(informers, after) : []),
  ]
}

function waits({ metadata }: Object): boolean {
  return metadata.deletionTimestamp !== undefined && (metadata.finalizers?.includes(foregroundFinalizer) ?? false)
}

function dependentKeys(informers: Informers, owner: Object): readonly string[] {
  return collectedKinds.flatMap((kind) =>
    informers
      .of(kind)
      .indexed('owner', owner.metadata.uid)
      .map((dependent) => keyOf(kind, dependent)),
  )
}

/** Only owners that wait for their dependents care. */
function ownerKeys(informers: Informers, dependent: Object): readonly string[] {
  return (dependent.metadata.ownerReferences ?? []).flatMap((reference) => {
    const owner = cachedOwner(informers, dependent, reference)
    return owner !== undefined && waits(owner.object) ? [keyOf(owner.kind, owner.object)] : []
  })
}

function cachedOwner(informers: Informers, { metadata: { namespace } }: Object, reference: OwnerReference) {
  const kind = kindByType.get(`${reference.apiVersion} ${reference.kind}`)
  if (kind === undefined) return undefined
  const object = informers.of(kind).get(kind.namespaced ? `${namespace}/${reference.name}` : reference.name)
  return object?.metadata.uid === reference.uid ? { kind, object } : undefined
}

function dependentsOf(informers: Informers, uid: string): readonly Dependent[] {
  return collectedKinds.flatMap((kind) =>
    informers
      .of(kind)
      .indexed('owner', uid)
      .map((object) => ({
        target: targetOf(kind, object),
        blocksOwner:
          object.metadata.ownerReferences?.some((each) => each.uid === uid && each.blockOwnerDeletion) ?? false,
        waits: waits(object),
      })),
  )
}

/** An owner that no informer knows may only be too new: the API has the last word before anything is deleted. */
async function ownerState(
  { client, informers }: Readonly<{ client: Client; informers: Informers }>,
  absent: ReturnType<typeof boundedMap<true>>,
  object: Object,
  reference: OwnerReference,
): Promise<OwnerState> {
  const kind = kindByType.get(`${reference.apiVersion} ${reference.kind}`)
  const { namespace } = object.metadata
  // Of a kind that is not served nobody can tell; a cluster-scoped object cannot be owned from within a namespace.
  if (kind === undefined || (kind.namespaced && namespace === undefined)) return 'solid'
  const known = cachedOwner(informers, object, reference)
  if (known !== undefined) return waits(known.object) ? 'waiting' : 'solid'
  if (absent.get(reference.uid)) return 'dangling'
  const live = await client.get(kind, reference.name, kind.namespaced ? namespace : undefined)
  if (!live.ok && live.error.code !== 404) return 'unknown'
  if (live.ok && live.value.metadata.uid === reference.uid) return waits(live.value) ? 'waiting' : 'solid'
  absent.set(reference.uid, true)
  return 'dangling'
}
