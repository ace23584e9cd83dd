import { equalJson } from '../../api/json-value.ts'
import type { Kind } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import { withFields } from '../../api/with-fields.ts'

/** apiextensions-apiserver's registry strategies: what a custom resource's status subresource keeps apart, and what raises its generation. */

export function preparedCustom(kind: Kind, object: ApiObject): ApiObject {
  return withMetaGeneration(kind.status ? withoutStatus(object) : object, 1)
}

export function preparedCustomUpdate(kind: Kind, after: ApiObject, before: ApiObject): ApiObject {
  const kept = kind.status ? withStatusOf(after, before) : after
  const { generation = 0 } = before.metadata
  const { metadata: _m1, ...wanted } = kept
  const { metadata: _m2, ...had } = before
  return withMetaGeneration(kept, equalJson(wanted, had) ? generation : generation + 1)
}

/** Everything but status and who manages it is taken from what is there. */
export function preparedCustomStatus(after: ApiObject, before: ApiObject): ApiObject {
  const { managedFields, resourceVersion } = after.metadata
  const { managedFields: _, ...rest } = before.metadata
  const metadata = { ...rest, resourceVersion, ...(managedFields === undefined ? {} : { managedFields }) }
  return withStatusOf({ ...before, metadata } as ApiObject, after)
}

function withStatusOf(object: ApiObject, { status }: ApiObject): ApiObject {
  return status === undefined ? withoutStatus(object) : withFields(object, { status })
}

function withoutStatus({ status: _, ...object }: ApiObject): ApiObject {
  return object as ApiObject
}

export function withMetaGeneration(object: ApiObject, generation: number): ApiObject {
  return { ...object, metadata: withFields(object.metadata, { generation }) }
}
