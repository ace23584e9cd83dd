import { difference, type FieldSet, intersection, isEmptySet, setOf } from '../../api/apply/field-set.ts'
import {
  entryOf,
  type Managed,
  managerId,
  readManagedFields,
  timeOf,
  withSet,
  writeManagedFields,
} from '../../api/apply/managed-fields.ts'
import type { ManagedFieldsEntry } from '../../api/kinds.generated.ts'

type Entries = readonly ManagedFieldsEntry[] | undefined

const scaleVersion = 'autoscaling/v1'
const replicas: FieldSet = setOf(['f:spec', 'f:replicas'])

/** The managers of an object's size, as those of its Scale: apimachinery's ScaleHandler.ToSubresource. */
export function managersOfScale(entries: Entries): Entries {
  const managers = new Map<string, Managed>()
  for (const managed of managersIn(entries).values()) {
    if (isEmptySet(intersection(managed.set, replicas))) continue
    const identity = { ...managed.entry, apiVersion: scaleVersion }
    managers.set(managerId(identity), { entry: entryOf(identity, replicas, timeOf(managed.entry)), set: replicas })
  }
  return writeManagedFields(managers)
}

/** The object's managers after its Scale was applied: the size belongs to those of the Scale alone. ScaleHandler.ToParent. */
export function managersWithScale(entries: Entries, ofScale: Entries, apiVersion: string): Entries {
  const owners = new Map(managersIn(ofScale))
  const managers = new Map<string, Managed>()
  for (const [id, managed] of managersIn(entries)) {
    const there = managerId({ ...managed.entry, apiVersion: scaleVersion })
    const isOwner = owners.delete(there) && !isEmptySet(intersection(managed.set, replicas))
    const kept = isOwner ? managed : withSet(managed, difference(managed.set, replicas))
    if (kept !== undefined) managers.set(id, kept)
  }
  for (const { entry } of owners.values()) {
    const identity = { ...entry, apiVersion }
    const id = managerId(identity)
    // The original loses the time of those who come so.
    managers.set(id, { entry: entryOf(identity, replicas, undefined), set: replicas })
  }
  return writeManagedFields(managers)
}

/** Entries that cannot be read have been refused before. */
function managersIn(entries: Entries): ReadonlyMap<string, Managed> {
  const read = readManagedFields(entries)
  return read.ok ? read.value : new Map()
}
