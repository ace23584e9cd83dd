import { readManagedFields } from '../../api/apply/managed-fields.ts'
import { equalJson } from '../../api/json-value.ts'
import type { OwnerReference } from '../../api/kinds.generated.ts'
import type { ApiObject } from '../../api/object.ts'
import { withMeta } from '../object-meta.ts'
import type { Writer } from './writing.ts'

type Warn = Writer['warn']

/** What admission has made of an object, without what nobody could use: the client is warned instead of refused. */
export function mended(given: ApiObject, mutated: ApiObject, warn: Warn): ApiObject {
  const once = withOwnersOnce(mutated, warn, ' after mutating admission happens')
  const { managedFields } = once.metadata
  if (managedFields === given.metadata.managedFields) return once
  const read = readManagedFields(managedFields)
  if (read.ok) return once
  const why = 'this could be caused by an outdated mutating admission controller; please fix your requests'
  warn(`.metadata.managedFields was in an invalid state after admission; ${why}: ${read.error}`)
  const { managedFields: _, ...metadata } = once.metadata
  const before = given.metadata.managedFields
  return { ...once, metadata: before === undefined ? metadata : { ...metadata, managedFields: before } }
}

/** `when`: at which of the two times it was looked. */
export function withOwnersOnce(object: ApiObject, warn: Warn, when = ''): ApiObject {
  const references = object.metadata.ownerReferences ?? []
  if (references.length < 2) return object
  const kept: OwnerReference[] = []
  const repeated: string[] = []
  for (const reference of references) {
    if (kept.some((one) => equalJson(one, reference))) repeated.push(reference.uid)
    else kept.push(reference)
  }
  if (repeated.length === 0) return object
  const what = 'API server dedups owner references in 1.20+, and may reject such requests as early as 1.24'
  const uids = `duplicate UID(s) observed: ${repeated.join(', ')}`
  warn(`.metadata.ownerReferences contains duplicate entries${when}; ${what}; please fix your requests; ${uids}`)
  return withMeta(object, { ownerReferences: kept })
}
