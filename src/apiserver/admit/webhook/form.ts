import type { Kind } from '../../../api/kinds.ts'
import type { ApiObject } from '../../../api/object.ts'
import type { Refusal } from '../../../api/refusal.ts'
import { ok, type Result } from '../../../api/result.ts'
import { convertOne } from '../../versions/shown.ts'
import type { Attributes, Eventual } from '../admission.ts'
import type { Reviewed } from './admission-review.ts'

/** What is asked about as the webhook wants to see it. What is no object of the kind (a Scale, an Eviction) has one form only. */
export async function reviewedAs(
  kind: Kind,
  attributes: Attributes,
  object: ApiObject,
): Promise<Result<Reviewed, Refusal>> {
  const { before, body } = attributes
  if (body !== undefined) return ok({ kind, object, ...(before && { before }) })
  const from = attributes.kind
  const shown = await inForm(from, kind, object)
  if (!shown.ok) return shown
  if (before === undefined) return ok({ kind, object: shown.value })
  const shownBefore = before === object ? shown : await inForm(from, kind, before)
  return shownBefore.ok ? ok({ kind, object: shown.value, before: shownBefore.value }) : shownBefore
}

/** Back from that form to the one in which objects are admitted. */
export function admittedForm(
  kind: Kind,
  attributes: Attributes,
  object: ApiObject,
): Eventual<Result<ApiObject, Refusal>> {
  return attributes.body === undefined ? inForm(kind, attributes.kind, object) : ok(object)
}

async function inForm(from: Kind, to: Kind, object: ApiObject): Promise<Result<ApiObject, Refusal>> {
  if (from.group === to.group && from.version === to.version) return ok(object)
  const stored = from.versioning === undefined ? ok(object) : await convertOne(from.versioning.toStored, object)
  if (!stored.ok || to.versioning === undefined) return stored
  return convertOne(to.versioning.fromStored, stored.value)
}
