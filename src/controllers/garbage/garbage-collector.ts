import type { OwnerReference } from '../../api/kinds.generated.ts'
import { groupResource, type Kind, kinds } from '../../api/kinds.ts'
import { objectKey, type Stored } from '../../api/object.ts'
import { boundedMap } from '../../client/bounded-map.ts'
import type { Client } from '../../client/client.ts'
import type { Informers } from '../../client/informers.ts'
import type { ServedKinds } from '../../client/served-kinds.ts'
import { targetOf } from '../action.ts'
import { type Controller, type ControllerDeps, changes, type Source } from '../run-controller.ts'
import {
  type Dependent,
  foregroundFinalizer,
  type ObservedGarbage,
  type OwnerState,
  reconcileGarbage,
} from './garbage.ts'

/** Where objects of any kind are found. */
type World = Readonly<{ informers: Informers; served: ServedKinds }>

/** Events own nothing and are owned by nothing. */
function collectedKinds({ served }: World): readonly Kind[] {
  return served.all().filter((kind) => kind !== kinds.events)
}

/** References name any of a kind's versions. */
function ownerKind({ served }: World, { apiVersion, kind }: OwnerReference): Kind | undefined {
  const found = served.ofType(apiVersion, kind)
  return found === kinds.events ? undefined : found
}

/** Owners known to be gone, by uid: a uid never comes back. */
const absentOwnersLimit = 500

type Object = Stored<unknown>

export function garbageCollector(deps: ControllerDeps & Pick<World, 'served'>): Controller<ObservedGarbage> {
  const { informers, served } = deps
  const absent = boundedMap<true>(absentOwnersLimit)
  return {
    name: 'garbage-collector-controller',
    concurrency: 20,
    sources: collectedKinds(deps).map((kind) => sourceOf(deps, kind, (uid) => absent.set(uid, true))),
    moreSources(follow, forget) {
      served.onCustom((kind, isServed) => {
        if (isServed) follow(sourceOf(deps, kind, (uid) => absent.set(uid, true)))
        else forget(kind)
      })
    },
    async observe(key) {
      const at = key.indexOf('|')
      const kind = served.byResource(key.slice(0, at))
      const object = kind && informers.of(kind).get(key.slice(at + 1))
      if (kind === undefined || object === undefined) return undefined
      const references = object.metadata.ownerReferences ?? []
      const owners = []
      for (const reference of references) {
        owners.push({ reference, state: await ownerState(deps, absent, object, reference) })
      }
      return { kind, object, owners, dependents: dependentsOf(deps, object.metadata.uid) }
    },
    reconcile: reconcileGarbage,
  }
}

function keyOf(kind: Kind, object: Object): string {
  return `${groupResource(kind)}|${objectKey(object)}`
}

/** Whose case a change reopens: the object's own, that of its dependents when it goes, that of its owners when it lets go of them. */
function sourceOf(world: World, kind: Kind, onGone: (uid: string) => void): Source {
  return changes<unknown>(kind, (before, after) => {
    if (after === undefined) {
      const gone = before as Object
      onGone(gone.metadata.uid)
      return [...dependentKeys(world, gone), ...ownerKeys(world, gone)]
    }
    if (before === undefined) return isOfInterest(after) ? [keyOf(kind, after)] : []
    return changedKeys(world, kind, before, after)
  })
}

function isOfInterest({ metadata }: Object): boolean {
  return (metadata.ownerReferences?.length ?? 0) > 0 || metadata.deletionTimestamp !== undefined
}

function changedKeys(world: World, kind: Kind, before: Object, after: Object): readonly string[] {
  const sameOwners = JSON.stringify(before.metadata.ownerReferences) === JSON.stringify(after.metadata.ownerReferences)
  const isDeleted = after.metadata.deletionTimestamp !== undefined
  const startsDeletion = isDeleted && before.metadata.deletionTimestamp === undefined
  return [
    ...(sameOwners && !isDeleted ? [] : [keyOf(kind, after)]),
    ...(sameOwners ? [] : ownerKeys(world, before)),
    ...(startsDeletion && waits(after) ? dependentKeys(world, after) : []),
  ]
}

function waits({ metadata }: Object): boolean {
  return metadata.deletionTimestamp !== undefined && (metadata.finalizers?.includes(foregroundFinalizer) ?? false)
}

function dependentKeys(world: World, owner: Object): readonly string[] {
  const found: string[] = []
  // Asked of every object that goes, in all of some seventy kinds: hence plain loops.
  for (const kind of collectedKinds(world)) {
    for (const dependent of world.informers.of(kind).indexed('owner', owner.metadata.uid)) {
      found.push(keyOf(kind, dependent))
    }
  }
  return found
}

/** Only owners that wait for their dependents care. */
function ownerKeys(world: World, dependent: Object): readonly string[] {
  return (dependent.metadata.ownerReferences ?? []).flatMap((reference) => {
    const owner = cachedOwner(world, dependent, reference)
    return owner !== undefined && waits(owner.object) ? [keyOf(owner.kind, owner.object)] : []
  })
}

function cachedOwner(world: World, { metadata: { namespace } }: Object, reference: OwnerReference) {
  const kind = ownerKind(world, reference)
  if (kind === undefined) return undefined
  const object = world.informers.of(kind).get(kind.namespaced ? `${namespace}/${reference.name}` : reference.name)
  return object?.metadata.uid === reference.uid ? { kind, object } : undefined
}

function dependentsOf(world: World, uid: string): readonly Dependent[] {
  return collectedKinds(world).flatMap((kind) =>
    world.informers
      .of(kind)
      .indexed('owner', uid)
      .map((object) => ({
        target: targetOf(kind, object),
        ...(kind.isCustom === true ? { custom: object } : {}),
        blocksOwner:
          object.metadata.ownerReferences?.some((each) => each.uid === uid && each.blockOwnerDeletion) ?? false,
        waits: waits(object),
      })),
  )
}

/** An owner that no informer knows may only be too new: the API has the last word before anything is deleted. */
async function ownerState(
  world: World & Readonly<{ client: Client }>,
  absent: ReturnType<typeof boundedMap<true>>,
  object: Object,
  reference: OwnerReference,
): Promise<OwnerState> {
  const kind = ownerKind(world, reference)
  const { namespace } = object.metadata
  // Of a kind that is not served nobody can tell; a cluster-scoped object cannot be owned from within a namespace.
  if (kind === undefined || (kind.namespaced && namespace === undefined)) return 'solid'
  const known = cachedOwner(world, object, reference)
  if (known !== undefined) return waits(known.object) ? 'waiting' : 'solid'
  if (absent.get(reference.uid)) return 'dangling'
  const live = await world.client.get(kind, reference.name, kind.namespaced ? namespace : undefined)
  if (!live.ok && live.error.code !== 404) return 'unknown'
  if (live.ok && live.value.metadata.uid === reference.uid) return waits(live.value) ? 'waiting' : 'solid'
  absent.set(reference.uid, true)
  return 'dangling'
}
