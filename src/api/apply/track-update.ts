import { equalJson, isJsonObject } from '../json-value.ts'
import type { ManagedFieldsEntry } from '../kinds.generated.ts'
import { apiVersionOf, type Kind } from '../kinds.ts'
import type { ApiObject } from '../object.ts'
import type { Schema } from '../schema.ts'
import { timestampOf } from '../wire-time.ts'
import { compareObjects } from './compare.ts'
import { difference, emptySet, type FieldSet, isEmptySet, union } from './field-set.ts'
import {
  capManagers,
  entryOf,
  isReset,
  type Managed,
  type Managers,
  managerId,
  readManagedFields,
  timeOf,
  withSet,
  writeManagedFields,
} from './managed-fields.ts'
import { type ChangesIn, changesIn, type OtherVersions } from './other-versions.ts'
import { skippedFields } from './reset-fields.ts'
import { emptyObject, ItemError } from './typed-value.ts'

export type TrackedUpdate = Readonly<{
  schema: Schema
  kind: Kind
  /** The stored state; absent for a creation. */
  before?: ApiObject
  /** The state to be stored, decoded and with defaults, its metadata.managedFields as the request has them. */
  after: ApiObject
  /** The request's fieldManager, or what its user agent says. */
  manager: string
  /** 'status', 'scale', 'ephemeralcontainers' …; absent for the main path. */
  subresource?: string
  /** Other versions in which fields may have managers. */
  others?: OtherVersions
  nowMs: number
}>

/**
 * metadata.managedFields after a create, update or patch (everything but apply): the manager gets the fields that the request has set
 * to something new, others lose them. undefined: none are kept. Call it where kube-apiserver does: before the strategy prepares the
 * object and before mutating admission. Source: apimachinery's managedfields.FieldManager.Update.
 */
export function trackUpdate(update: TrackedUpdate): readonly ManagedFieldsEntry[] | undefined {
  try {
    return tracked(update)
  } catch (error) {
    // Items that cannot be told apart, as a secret of no name in a service account: nobody is kept as a manager, as in the original.
    if (error instanceof ItemError) return undefined
    throw error
  }
}

function tracked(update: TrackedUpdate): readonly ManagedFieldsEntry[] | undefined {
  const { schema, kind, before, after, subresource } = update
  const entries = entriesToStartFrom(update)
  const read = readManagedFields(entries)
  const managers = read.ok ? read.value : new Map<string, Managed>()
  if (managers.size === 0 && before?.metadata.uid !== undefined) return undefined
  const live = before ?? emptyObject(schema, kind.typeName)
  const { changed, removed } = compareObjects(schema, kind.typeName, live, after, skippedFields(kind, subresource))
  if (isEmptySet(changed) && isEmptySet(removed)) {
    return read.ok && managers.size > 0 && entries === before?.metadata.managedFields
      ? entries
      : writeManagedFields(managers)
  }
  const apiVersion = apiVersionOf(kind)
  const changes = changesIn(kind, { changed, removed }, [live, after], update.others, subresource)
  const kept = takeFrom(managers, changes)
  const isNobodys = subresource === 'scale' && (kind.custom !== undefined || isScaledToNone(after))
  const given = isNobodys ? emptySet : changed
  return writeManagedFields(capManagers(give(kept, { ...update, apiVersion }, given)))
}

/** A Scale leaves out replicas: 0, so that in the original nobody owns it; nor does anybody own what scaled a custom resource. */
function isScaledToNone({ spec }: ApiObject): boolean {
  return isJsonObject(spec) && spec.replicas === 0
}

/** The request may set managedFields, except through a subresource; invalid or missing ones are taken from the stored object. */
function entriesToStartFrom({ before, after, subresource }: TrackedUpdate): readonly ManagedFieldsEntry[] | undefined {
  const stored = before?.metadata.managedFields
  if (subresource !== undefined) return stored
  const given = after.metadata.managedFields
  if (equalJson(given, stored)) return stored
  if (isReset(given)) return undefined
  return given !== undefined && readManagedFields(given).ok ? given : stored
}

/** Takes what has changed from every manager; managers of versions that are not served are dropped. */
export function takeFrom(managers: Managers, changes: ChangesIn): Map<string, Managed> {
  const kept = new Map<string, Managed>()
  for (const [id, managed] of managers) {
    const lost = changes(managed.entry.apiVersion ?? '')
    if (lost === undefined) continue
    const rest = withSet(managed, difference(managed.set, union(lost.changed, lost.removed)))
    if (rest !== undefined) kept.set(id, rest)
  }
  return kept
}

type Giving = Pick<TrackedUpdate, 'manager' | 'subresource' | 'nowMs'> & Readonly<{ apiVersion: string }>

/** Adds fields to a manager and sets its time. Through scale the time stays: the original translates those entries and loses it. */
export function give(managers: Map<string, Managed>, to: Giving, set: FieldSet): Managers {
  if (isEmptySet(set)) return managers
  const { apiVersion, subresource = '' } = to
  const identity = { manager: to.manager === '' ? 'unknown' : to.manager, operation: 'Update', apiVersion, subresource }
  const id = managerId(identity)
  const own = managers.get(id)
  const time = subresource === 'scale' ? own && timeOf(own.entry) : timestampOf(to.nowMs)
  const all = union(own?.set ?? emptySet, set)
  managers.set(id, { entry: entryOf(identity, all, time), set: all })
  return managers
}
