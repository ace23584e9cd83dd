import type { ManagedFieldsEntry } from '../kinds.generated.ts'
import { fail, ok, type Result } from '../result.ts'
import { emptySet, type FieldSet, isEmptySet, markKnown, readFieldSet, union } from './field-set.ts'

/** One manager's fields. Update managers are told apart by apiVersion, too; Apply managers are not. */
export type Managed = Readonly<{ entry: ManagedFieldsEntry; set: FieldSet }>

/** Managers by identity. */
export type Managers = ReadonlyMap<string, Managed>

export type Operation = 'Apply' | 'Update'

type Identity = Pick<ManagedFieldsEntry, 'manager' | 'operation' | 'apiVersion' | 'subresource'>

/** The identity as one key; sorts by manager first, as the original's. */
export function managerId({ manager = '', operation = '', apiVersion = '', subresource = '' }: Identity): string {
  return `${manager}"${operation}"${operation === 'Apply' ? '' : apiVersion}"${subresource}`
}

/** Reads metadata.managedFields. The error is worded as apimachinery's DecodeManagedFields. */
export function readManagedFields(entries: readonly ManagedFieldsEntry[] | undefined): Result<Managers, string> {
  const managers = new Map<string, Managed>()
  for (const [at, entry] of (entries ?? []).entries()) {
    const wrong = entryError(entry, at)
    if (wrong !== undefined) return fail(wrong)
    const set = readFieldSet(entry.fieldsV1)
    if (!set.ok)
      return fail(`error decoding versioned set from ${entry.manager ?? ''}: error decoding set: ${set.error}`)
    managers.set(managerId(entry), { entry, set: set.value })
  }
  return ok(managers)
}

function entryError({ operation, apiVersion, fieldsType }: ManagedFieldsEntry, at: number): string | undefined {
  if (operation !== 'Apply' && operation !== 'Update') return 'operation must be `Apply` or `Update`'
  if (apiVersion === undefined || apiVersion === '') return 'apiVersion must not be empty'
  if (fieldsType === undefined || fieldsType === '') return `missing fieldsType in managed fields entry ${at}`
  if (fieldsType === 'FieldsV1') return undefined
  return `invalid fieldsType ${JSON.stringify(fieldsType)} in managed fields entry ${at}`
}

/** managedFields: [] and managedFields: [{}] ask to forget all managers. */
export function isReset(entries: readonly ManagedFieldsEntry[] | undefined): boolean {
  if (entries === undefined || entries === null) return false
  const [first] = entries
  return first === undefined || (entries.length === 1 && Object.values(first).every((value) => !value))
}

/** An entry in the key order that Go writes. */
export function entryOf(
  { manager, operation, apiVersion, subresource }: Identity,
  set: FieldSet,
  time: string | undefined,
): ManagedFieldsEntry {
  const entry: Record<string, unknown> = {}
  if (manager !== undefined) entry.manager = manager
  if (operation !== undefined) entry.operation = operation
  if (apiVersion !== undefined) entry.apiVersion = apiVersion
  if (time !== undefined) entry.time = time
  entry.fieldsType = 'FieldsV1'
  entry.fieldsV1 = markKnown(set)
  if (subresource !== undefined && subresource !== '') entry.subresource = subresource
  return entry
}

/** The managed fields with another set; undefined when the set is empty: a manager of nothing is none. */
export function withSet(managed: Managed, set: FieldSet): Managed | undefined {
  if (set === managed.set) return managed
  return isEmptySet(set) ? undefined : { entry: entryOf(managed.entry, set, timeOf(managed.entry)), set }
}

export function timeOf(entry: ManagedFieldsEntry): string | undefined {
  return entry.time === undefined || entry.time === null ? undefined : String(entry.time)
}

/** metadata.managedFields of the managers: Apply first, then by time, manager, version and subresource. undefined: there are none. */
export function writeManagedFields(managers: Managers): readonly ManagedFieldsEntry[] | undefined {
  if (managers.size === 0) return undefined
  return [...managers.values()].map(({ entry }) => entry).sort(compareEntries)
}

function compareEntries(a: ManagedFieldsEntry, b: ManagedFieldsEntry): number {
  return (
    compareText(a.operation, b.operation) ||
    compareText(second(a), second(b)) ||
    compareText(a.manager, b.manager) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.subresource, b.subresource)
  )
}

function compareText(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** The time in seconds, as text that sorts; '' where there is none. Times are written in UTC, but need not have come so. */
function second({ time }: ManagedFieldsEntry): string {
  if (time === undefined || time === null) return ''
  if (time.length === 20 && time.endsWith('Z')) return time
  const ms = Date.parse(time)
  return Number.isNaN(ms) ? '' : new Date(ms).toISOString().replace(/\.[0-9]+/, '')
}

export const maxUpdateManagers = 10

/**
 * Bounds the Update managers: the oldest of one version are joined into 'ancient-changes' until no more than ten are left (Kubernetes
 * DefaultMaxUpdateManagers).
 */
export function capManagers(managers: Managers): Managers {
  if (managers.size <= maxUpdateManagers) return managers
  const updaters = [...managers].filter(([, { entry }]) => entry.operation === 'Update').sort(byAge)
  let count = updaters.length
  if (count <= maxUpdateManagers) return managers
  const capped = new Map(managers)
  const firsts = new Map<string, string>()
  for (const [id, managed] of updaters) {
    if (count <= maxUpdateManagers) break
    const { apiVersion = '' } = managed.entry
    const first = firsts.get(apiVersion)
    if (first === undefined) {
      firsts.set(apiVersion, id)
      continue
    }
    const bucket = { manager: 'ancient-changes', operation: 'Update', apiVersion }
    const bucketId = managerId(bucket)
    const older = capped.get(bucketId) ?? capped.get(first)
    if (first !== bucketId) capped.delete(first)
    capped.delete(id)
    const set = union(managed.set, older?.set ?? emptySet)
    capped.set(bucketId, { entry: entryOf(bucket, set, timeOf(managed.entry)), set })
    count -= 1
  }
  return capped
}

function byAge([idA, a]: readonly [string, Managed], [idB, b]: readonly [string, Managed]): number {
  return compareText(second(a.entry), second(b.entry)) || compareText(idA, idB)
}
