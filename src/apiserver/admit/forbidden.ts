import { groupResource } from '../../api/kinds.ts'
import type { Refusal } from '../../api/refusal.ts'
import type { Attributes } from './admission.ts'

/** As apiserver's admission.NewForbidden. */
export function forbidden({ kind, name }: Pick<Attributes, 'kind' | 'name'>, message: string): Refusal {
  return { reason: 'Forbidden', resource: groupResource(kind), name, message }
}
