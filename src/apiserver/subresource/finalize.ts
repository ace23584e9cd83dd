import type { Kind } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Subresource } from '../handle/update.ts'

/** PUT namespaces/NAME/finalize: spec.finalizers, by who has removed the content they stand for. */
export const finalizeSubresource: Subresource = {
  name: 'finalize',
  prepare: (_kind: Kind, after: ApiObject, before: ApiObject): ApiObject => ({ ...after, status: before.status }),
}
