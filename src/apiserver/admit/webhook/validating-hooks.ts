import type { ApiObject } from '../../../api/object.ts'
import type { Refusal } from '../../../api/refusal.ts'
import { ok } from '../../../api/result.ts'
import { outOfTime } from '../../handle/newest.ts'
import type { Attributes, Plugin } from '../admission.ts'
import type { Reviewed } from './admission-review.ts'
import { reviewedAs } from './form.ts'
import { askHook } from './hook-call.ts'
import type { Hook, HookIndex } from './hook-index.ts'
import { type Invocation, invocationOf, isExempt } from './hook-match.ts'
import { afterFailure, type HookParts, isLetThrough } from './hook-parts.ts'

/** Asks the validating webhooks, all at once, as apiserver's ValidatingAdmissionWebhook. */
export function validatingWebhooks(parts: HookParts, index: HookIndex): Plugin {
  return {
    validate(attributes, object) {
      const invocations: Invocation[] = []
      for (const hook of isExempt(attributes) ? [] : index.hooks()) {
        const invocation = invocationOf(parts, hook, attributes, object)
        if (!invocation.ok) return invocation.error
        if (invocation.value !== undefined) invocations.push(invocation.value)
      }
      return invocations.length === 0 ? undefined : askAll(parts, invocations, attributes, object)
    },
  }
}

async function askAll(
  parts: HookParts,
  invocations: readonly Invocation[],
  attributes: Attributes,
  object: ApiObject,
): Promise<Refusal | undefined> {
  const relevant: Readonly<{ hook: Hook; reviewed: Reviewed }>[] = []
  for (const { hook, kind } of invocations) {
    const reviewed = await reviewedAs(kind, attributes, object)
    if (!reviewed.ok) return reviewed.error
    const through = isLetThrough(parts, hook, attributes, reviewed.value)
    if (!through.ok) return through.error
    if (!through.value) relevant.push({ hook, reviewed: reviewed.value })
  }
  if (relevant.length > 0 && parts.clock.nowMs() >= attributes.deadlineMs) return outOfTime
  const refusals: Refusal[] = []
  const asked = relevant.map(async ({ hook, reviewed }, index) => {
    const refusal = await askOne(parts, hook, attributes, reviewed, index)
    if (refusal !== undefined) refusals.push(refusal)
  })
  const askedMs = parts.clock.monotonicMs()
  await Promise.all(asked)
  attributes.outside(parts.clock.monotonicMs() - askedMs)
  // Of several refusals the first that came stands, as in the original.
  return refusals[0]
}

async function askOne(
  parts: HookParts,
  hook: Hook,
  attributes: Attributes,
  reviewed: Reviewed,
  index: number,
): Promise<Refusal | undefined> {
  const { name, failurePolicy } = hook.webhook
  const askedMs = parts.clock.monotonicMs()
  const outcome = await askHook(parts, hook, attributes, reviewed, false)
  const seconds = (parts.clock.monotonicMs() - askedMs) / 1000
  const isIgnored = outcome.type === 'failed' && failurePolicy === 'Ignore'
  parts.metrics.count({ name, phase: 'validating', operation: attributes.operation, outcome, isIgnored, seconds })
  if (outcome.type === 'allowed') return undefined
  if (isIgnored) attributes.annotate(`failed-open.validating.webhook.admission.k8s.io/round_0_index_${index}`, name)
  const result = afterFailure(parts, attributes, outcome, isIgnored, ok(undefined))
  return result.ok ? undefined : result.error
}
