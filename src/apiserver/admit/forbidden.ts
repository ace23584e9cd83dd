import { groupResource } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Refusal } from '../../api/refusal.ts'
import type { Attributes } from './admission.ts'

/** As apiserver's admission.NewForbidden. */
export function forbidden(
  attributes: Pick<Attributes, 'kind' | 'name'>,
  message: string,
  object?: Pick<ApiObject, 'metadata'>,
): Refusal {
  return { reason: 'Forbidden', resource: groupResource(attributes.kind), name: nameOf(attributes, object), message }
}

/** A new object may have no name yet. */
export function nameOf({ name }: Pick<Attributes, 'name'>, object?: Pick<ApiObject, 'metadata'>): string {
  return name || object?.metadata.name || object?.metadata.generateName || 'Unknown'
}
