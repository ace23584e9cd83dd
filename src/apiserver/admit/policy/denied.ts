import type { ApiObject } from '../../../api/object.ts'
import type { Refusal } from '../../../api/refusal.ts'
import { statusOf } from '../../../api/status.ts'
import type { Attributes } from '../admission.ts'
import { forbidden } from '../forbidden.ts'

const codes: Readonly<Record<string, number>> = { Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413 }

/** What a ValidatingAdmissionPolicy denies: 422, or the code of the reason that it gives. */
export function deniedByValidation(
  attributes: Attributes,
  object: ApiObject,
  message: string,
  reason: string,
): Refusal {
  const status = statusOf(forbidden(attributes, message, object))
  const given = reason === '' ? 'Invalid' : reason
  const details = { ...status.details, causes: [{ message }] }
  return { reason: 'Passed', status: { ...status, reason: given, code: codes[given] ?? 422, details } }
}

/** What MutatingAdmissionPolicies deny: 403 always, with all that went wrong. */
export function deniedByMutation(
  attributes: Attributes,
  object: ApiObject,
  problems: readonly Readonly<{ message: string; reason: string }>[],
): Refusal {
  const status = statusOf(forbidden(attributes, 'admission request denied by policy', object))
  const [first] = problems
  const details = { ...status.details, causes: problems.map(({ message }) => ({ message })) }
  const reason = first?.reason || status.reason || 'Forbidden'
  return { reason: 'Passed', status: { ...status, message: first?.message ?? '', reason, details } }
}
