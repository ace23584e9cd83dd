import { groupResource } from '../../../api/kinds.ts'
import type { Refusal } from '../../../api/refusal.ts'
import { fail, ok, type Result } from '../../../api/result.ts'
import type { Log } from '../../../ports/log.ts'
import { outOfTime } from '../../handle/newest.ts'
import type { Attributes } from '../admission.ts'
import type { Reviewed } from './admission-review.ts'
import { conditionsHold, type EvaluateCondition } from './conditions.ts'
import type { Outcome } from './hook-call.ts'
import type { ClientParts } from './hook-client.ts'
import type { Hook } from './hook-index.ts'
import type { MatchParts } from './hook-match.ts'
import type { HookMetrics } from './hook-metrics.ts'

/** What asking webhooks takes. */
export type HookParts = ClientParts &
  MatchParts &
  Readonly<{ log: Log; metrics: HookMetrics; evaluateCondition: EvaluateCondition }>

/** Whether its matchConditions spare the request this webhook. */
export function isLetThrough(
  parts: HookParts,
  { webhook }: Hook,
  attributes: Attributes,
  reviewed: Reviewed,
): Result<boolean, Refusal> {
  if ((webhook.matchConditions ?? []).length === 0) return ok(false)
  const held = conditionsHold(parts.evaluateCondition, webhook, attributes, reviewed)
  if (held.ok) return ok(!held.value)
  const { kind, name } = attributes
  return fail({ reason: 'Forbidden', resource: groupResource(kind), name, message: held.error })
}

/** What becomes of a request that a webhook did not allow. `passed`: where it is let through all the same. */
export function afterFailure<T>(
  parts: HookParts,
  { deadlineMs }: Attributes,
  outcome: Exclude<Outcome, { type: 'allowed' }>,
  isIgnored: boolean,
  passed: Result<T, Refusal>,
): Result<T, Refusal> {
  if (outcome.type !== 'failed') return fail(outcome.refusal)
  if (parts.clock.nowMs() >= deadlineMs) return fail(outOfTime)
  if (!isIgnored) return fail({ reason: 'InternalError', message: outcome.message })
  parts.log.warn('a webhook that could not be asked was passed over', { error: outcome.message })
  return passed
}
