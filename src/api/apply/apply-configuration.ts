import { equalJson, isJsonObject, type JsonObject } from '../json-value.ts'
import { apiVersionOf, type Kind } from '../kinds.ts'
import type { ApiObject } from '../object.ts'
import type { Refusal } from '../refusal.ts'
import { fail, ok, type Result } from '../result.ts'
import type { Schema } from '../schema.ts'
import { timestampOf } from '../wire-time.ts'
import { typeErrors } from './check-config.ts'
import { compareObjects } from './compare.ts'
import { type Conflict, conflictRefusal, conflictsOf } from './conflicts.ts'
import { difference, emptySet, type FieldSet, hasChildren, intersection, isEmptySet, union } from './field-set.ts'
import { fieldSetOf, withNamedFields } from './field-set-of.ts'
import { allowedConflicts, syncLastApplied } from './last-applied.ts'
import {
  entryOf,
  type Managed,
  type Managers,
  managerId,
  readManagedFields,
  timeOf,
  writeManagedFields,
} from './managed-fields.ts'
import { mergeConfig } from './merge-config.ts'
import { changesIn, type OtherVersion, type OtherVersions } from './other-versions.ts'
import { removeFields } from './remove-fields.ts'
import { resetFields, skippedFields } from './reset-fields.ts'
import { takeFrom, trackUpdate } from './track-update.ts'
import { emptyObject } from './typed-value.ts'

export type Application = Readonly<{
  schema: Schema
  kind: Kind
  /** The stored object; absent where the configuration creates one. */
  live?: ApiObject
  /** The configuration as sent: parsed, not decoded, no defaults. */
  config: JsonObject
  manager: string
  /** Takes fields over from other managers instead of failing. */
  force: boolean
  subresource?: string
  /** Other versions in which fields may have managers. */
  others?: OtherVersions
  nowMs: number
}>

/**
 * Server-side apply: lays the configuration over the live object, removes what this manager applied before and nobody owns any more, and
 * gives the new managedFields. The object is to be decoded and given its defaults by the caller; it is `live` itself, but for
 * managedFields, when nothing changes. Refusals: ApplyConflict, BadRequest for a configuration that is not of the kind, and the
 * original's bare 500 for one that does not fit the type. Source: apimachinery managedfields and structured-merge-diff v6.
 */
export function applyConfiguration(application: Application): Result<ApiObject, Refusal> {
  const wrong = configError(application)
  if (wrong !== undefined) return fail(wrong)
  const managers = managersOf(application)
  if (!managers.ok) return managers
  const applied = applyOrTakeOver(application, managers.value)
  if (!applied.ok) return fail(conflictRefusal(applied.error))
  const { managers: after } = applied.value
  const object = { ...applied.value.object, metadata: applied.value.object.metadata ?? {} }
  const synced = syncLastApplied(application, object)
  const { managedFields: _, ...metadata } = synced.metadata
  const entries = writeManagedFields(after)
  return ok({ ...synced, metadata: entries === undefined ? metadata : { ...metadata, managedFields: entries } })
}

function configError({ schema, kind, config }: Application): Refusal | undefined {
  const { apiVersion = '', kind: kindName = '', metadata } = config
  if (apiVersion !== apiVersionOf(kind) || kindName !== kind.kind) {
    return { reason: 'BadRequest', message: `invalid object type: ${kindText(String(apiVersion), String(kindName))}` }
  }
  if (isJsonObject(metadata) && metadata.managedFields !== undefined && metadata.managedFields !== null) {
    return { reason: 'BadRequest', message: 'metadata.managedFields must be nil' }
  }
  const errors = typeErrors(schema, kind.typeName, config, 'refused')
  return errors === undefined
    ? undefined
    : failure(`failed to create typed patch object (${nameText(config)}): ${errors}`)
}

/** An error that the original does not classify: code 500 and no reason. */
function failure(message: string): Refusal {
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code: 500 }
  return { reason: 'Passed', status }
}

function kindText(apiVersion: string, kind: string): string {
  return `${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`
}

function nameText({ apiVersion, kind, metadata }: JsonObject): string {
  const { namespace = '', name = '' } = isJsonObject(metadata) ? metadata : {}
  return `${String(namespace)}/${String(name)}; ${kindText(String(apiVersion), String(kind))}`
}

/** An object that nobody has managed so far: all it holds belongs to 'before-first-apply'. */
function managersOf({ schema, kind, live, subresource, nowMs }: Application): Result<Managers, Refusal> {
  const read = readManagedFields(live?.metadata.managedFields)
  if (!read.ok) return fail(failure(`failed to decode managed fields: ${read.error}`))
  if (read.value.size > 0 || live === undefined) return read
  const { managedFields: _, ...metadata } = live.metadata
  const after: ApiObject = { ...live, metadata }
  const through = subresource === undefined ? {} : { subresource }
  const entries = trackUpdate({ schema, kind, after, manager: 'before-first-apply', ...through, nowMs })
  const owned = readManagedFields(entries)
  return owned.ok ? owned : fail(failure(owned.error))
}

type Applied = Readonly<{ object: ApiObject; managers: Managers }>

/** kubectl may take over what its own client-side apply has set. */
function applyOrTakeOver(application: Application, managers: Managers): Result<Applied, readonly Conflict[]> {
  const applied = apply(application, managers)
  if (applied.ok || application.manager !== 'kubectl') return applied
  const allowed = allowedConflicts(application)
  if (allowed === undefined) return applied
  const rest = applied.error.filter(({ set }) => !isEmptySet(difference(set, allowed)))
  if (rest.length === 0) return apply({ ...application, force: true }, managers)
  return fail(rest.map((conflict) => ({ ...conflict, set: difference(conflict.set, allowed) })))
}

function apply(application: Application, managers: Managers): Result<Applied, readonly Conflict[]> {
  const { schema, kind, live, config, manager, subresource, force, nowMs } = application
  const { typeName } = kind
  const apiVersion = apiVersionOf(kind)
  const skipped = skippedFields(kind, subresource)
  const identity = { manager, operation: 'Apply', apiVersion, subresource: subresource ?? '' }
  const id = managerId(identity)
  const current = live ?? emptyObject(schema, typeName)
  const last = managers.get(id)
  const set = withoutBareMetadata(fieldSetOf(schema, typeName, config, skipped))
  // For pruning, the configuration's identity counts as owned: it keeps metadata where it is.
  const all = fieldSetOf(schema, typeName, config, resetFields(kind, subresource))
  const ownedIn = (version: string, start: FieldSet): FieldSet =>
    [...managers].reduce(
      (sum, [other, managed]) => (other === id || managed.entry.apiVersion !== version ? sum : union(sum, managed.set)),
      start,
    )
  const merged = mergeConfig(schema, typeName, current, config)
  const object =
    last === undefined
      ? merged
      : pruneIn(application, merged, last, ownedIn(apiVersion, all), (version) => ownedIn(version, emptySet))
  const own = compareObjects(schema, typeName, current, object, skipped)
  const changes = changesIn(kind, own, [current, object], application.others, subresource)
  const others = new Map([...managers].filter(([other]) => other !== id))
  const conflicts = conflictsOf(others, changes)
  if (conflicts.length > 0 && !force) return fail(conflicts)
  const after: Map<string, Managed> = takeFrom(others, changes)
  const unchanged = live !== undefined && equalJson(live, object)
  const time = unchanged ? last && timeOf(last.entry) : timestampOf(nowMs)
  if (!isEmptySet(set)) after.set(id, { entry: entryOf(identity, set, time), set })
  return ok({ object: (unchanged ? live : object) as ApiObject, managers: after })
}

/** Nobody owns metadata itself, as an empty one would have it: the original strips it as it does identity. */
function withoutBareMetadata({ 'f:metadata': metadata, ...rest }: FieldSet): FieldSet {
  return metadata === undefined || !hasChildren(metadata) ? rest : { 'f:metadata': metadata, ...rest }
}

/** Prunes in the version in which the manager applied last; what managers of other versions own stays. */
function pruneIn(
  { schema, kind, others }: Application,
  merged: JsonObject,
  last: Managed,
  owned: FieldSet,
  ownedIn: (apiVersion: string) => FieldSet,
): JsonObject {
  const version = last.entry.apiVersion ?? ''
  const own: OtherVersion = { kind, schema, convert: (object) => object, back: (object) => object }
  const lastIn = version === apiVersionOf(kind) ? own : others?.(version)
  if (lastIn === undefined) return merged
  const ownedThere = lastIn === own ? owned : ownedIn(version)
  return lastIn.back(prune(lastIn.schema, lastIn.kind.typeName, lastIn.convert(merged), last.set, ownedThere))
}

/** Removes what the manager applied last time, applies no longer, and nobody else owns. */
function prune(schema: Schema, typeName: string, merged: JsonObject, last: FieldSet, owned: FieldSet): JsonObject {
  if (isEmptySet(last)) return merged
  const named = (set: FieldSet) => withNamedFields(schema, typeName, set)
  const setOf = (object: JsonObject) => named(fieldSetOf(schema, typeName, object))
  const all = setOf(merged)
  const lastNamed = named(last)
  const bare = removeFields(schema, typeName, merged, lastNamed)
  const keep = union(setOf(bare), named(owned))
  const ownedBack = removeFields(schema, typeName, merged, difference(all, keep))
  const gone = intersection(difference(all, setOf(ownedBack)), lastNamed)
  return removeFields(schema, typeName, merged, gone)
}
