import { cleanupFinalizer, withCondition } from '../../api/custom/definition-condition.ts'
import type { CustomResourceDefinition } from '../../api/kinds.generated.ts'
import type { ApiObject } from '../../api/object.ts'
import { isUnset } from '../../api/validation/field-error.ts'
import { timestampOf } from '../../api/wire-time.ts'
import type { Strategy } from './strategy.ts'

/** The version that is stored now is one of those that objects may be stored in, for good. */
function withStoredVersion(object: ApiObject): ApiObject {
  const { spec, status } = object as unknown as CustomResourceDefinition
  const storage = spec.versions.find((version) => version.storage)?.name
  const stored = status?.storedVersions ?? []
  if (storage === undefined || stored.includes(storage)) return object
  return { ...object, status: { ...status, storedVersions: [...stored, storage] } }
}

/** Versions that are left out are read as null. */
function withVersions(object: ApiObject): ApiObject {
  const { spec } = object as unknown as CustomResourceDefinition
  return isUnset(spec.versions) ? { ...object, spec: { ...spec, versions: [] } } : object
}

export const customResourceDefinitionStrategy: Strategy = {
  needsVersion: true,
  prepareCreate: (object) =>
    withStoredVersion({
      ...withVersions(object),
      status: { conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions: [] },
    }),
  prepareUpdate: (after) => withStoredVersion(withVersions(after)),
  markDeleted,
}

function markDeleted(object: ApiObject, nowMs: number): ApiObject | undefined {
  const { deletionTimestamp, finalizers = [] } = object.metadata
  if (deletionTimestamp !== undefined) return undefined
  const pending = {
    type: 'Terminating',
    status: 'True',
    reason: 'InstanceDeletionPending',
    message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  }
  const marked = withCondition(object as unknown as CustomResourceDefinition, pending, timestampOf(nowMs))
  const metadata = {
    ...object.metadata,
    deletionTimestamp: timestampOf(nowMs),
    finalizers: finalizers.includes(cleanupFinalizer) ? finalizers : [...finalizers, cleanupFinalizer],
  }
  return { ...(marked as unknown as ApiObject), metadata }
}
