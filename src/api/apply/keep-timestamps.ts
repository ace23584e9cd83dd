import { equalJson, type JsonObject } from '../json-value.ts'
import type { ManagedFieldsEntry } from '../kinds.generated.ts'
import type { ApiObject } from '../object.ts'

/**
 * A write that in the end changes nothing but the times in managedFields changes nothing at all: gives the object its old times back
 * (apiserver's IgnoreManagedFieldsTimestampsTransformer). Call it last, before comparing with the stored object.
 */
export function keepTimestamps(before: ApiObject, after: ApiObject): ApiObject {
  const old = before.metadata.managedFields
  const entries = after.metadata.managedFields
  if (old === undefined || entries === undefined || old === entries || old.length !== entries.length) return after
  if (entries.every((entry, at) => entry.time === old[at]?.time)) return after
  if (!entries.every((entry, at) => equalJson(untimed(entry), untimed(old[at] ?? {})))) return after
  if (!equalJson(unmanaged(before), unmanaged(after))) return after
  return { ...after, metadata: { ...after.metadata, managedFields: old } }
}

function untimed({ time: _, ...entry }: ManagedFieldsEntry): JsonObject {
  return entry
}

/** resourceVersion is the store's to decide. */
function unmanaged({ metadata, ...object }: ApiObject): JsonObject {
  const { managedFields: _, resourceVersion: __, ...rest } = metadata
  return { ...object, metadata: rest }
}
