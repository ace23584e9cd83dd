import type { Refusal } from '../../api/refusal.ts'
import { fail, type Result } from '../../api/result.ts'
import { aggregated } from '../authorize/decision.ts'
import type { RbacAuthorizer } from '../authorize/rbac-authorizer.ts'
import type { Answer, Call, User } from '../call.ts'
import { bodyTypes } from '../subresource/body-types.ts'
import { type ReviewParts, readReview, reviewAnswer } from './review.ts'

export type RulesReviewParts = ReviewParts &
  Readonly<{
    rbac: RbacAuthorizer
    /** Why what RBAC says is not all that the user may do: other authorizers that cannot list what they allow. */
    unlisted(user: User): readonly string[]
  }>

/** What may I do here: kubectl auth can-i --list. */
export async function reviewSelfRules(parts: RulesReviewParts, call: Call): Promise<Result<Answer, Refusal>> {
  const type = bodyTypes.selfSubjectRulesReview
  const review = await readReview<Readonly<{ namespace?: string }>>(parts, call, type)
  if (!review.ok) return review
  const { namespace = '' } = review.value.spec ?? {}
  if (namespace === '') return fail({ reason: 'BadRequest', message: 'no namespace on request' })
  const refusal = await review.value.refused()
  if (refusal !== undefined) return fail(refusal)
  const { rules, errors } = parts.rbac.rulesOf(call.user, namespace)
  const unsaid = [...errors, ...parts.unlisted(call.user)]
  const resourceRules = rules
    .filter(({ resources }) => (resources ?? []).length > 0)
    .map(({ verbs, apiGroups, resources, resourceNames }) => ({
      verbs,
      apiGroups,
      resources,
      ...(resourceNames ? { resourceNames } : {}),
    }))
  const nonResourceRules = rules
    .filter(({ nonResourceURLs }) => (nonResourceURLs ?? []).length > 0)
    .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs }))
  const { managedFields: _, ...metadata } = review.value.metadata
  return reviewAnswer(type, metadata, {
    spec: {},
    status: {
      resourceRules,
      nonResourceRules,
      // Without its rules told, somebody may be allowed more than is listed here.
      incomplete: unsaid.length > 0,
      ...(unsaid.length === 0 ? {} : { evaluationError: aggregated(unsaid) }),
    },
  })
}
