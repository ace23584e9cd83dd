import type { MatchCondition } from '../../../api/kinds.generated.ts'
import { fail, ok, type Result } from '../../../api/result.ts'
import type { Attributes } from '../admission.ts'
import type { Reviewed } from './admission-review.ts'
import type { Webhook } from './hook-index.ts'

/** Evaluates one expression of a webhook's matchConditions about what is asked. */
export type EvaluateCondition = (
  condition: MatchCondition,
  attributes: Attributes,
  reviewed: Reviewed,
) => Result<boolean, string>

/**
 * Whether all conditions hold. One that does not settles it; one that cannot be evaluated lets the webhook be passed over, or the
 * request fail, as failurePolicy says.
 */
export function conditionsHold(
  evaluate: EvaluateCondition,
  { matchConditions = [], failurePolicy }: Webhook,
  attributes: Attributes,
  reviewed: Reviewed,
): Result<boolean, string> {
  const errors: string[] = []
  for (const condition of matchConditions) {
    const result = evaluate(condition, attributes, reviewed)
    if (!result.ok) errors.push(result.error)
    else if (!result.value) return ok(false)
  }
  if (errors.length === 0) return ok(true)
  if (failurePolicy === 'Ignore') return ok(false)
  const distinct = [...new Set(errors)]
  return fail(distinct.length === 1 ? (distinct[0] ?? '') : `[${distinct.join(', ')}]`)
}
