import type { TokenReview } from '../../api/kinds.generated.ts'
import type { Refusal } from '../../api/refusal.ts'
import { fail, type Result } from '../../api/result.ts'
import { timestampOf } from '../../api/wire-time.ts'
import type { TokenAuthenticator } from '../authenticate/token-authenticator.ts'
import type { Answer, Call, User } from '../call.ts'
import { bodyTypes } from '../subresource/body-types.ts'
import { type ReviewParts, readReview, reviewAnswer } from './review.ts'

export type IdentityReviewParts = ReviewParts &
  Readonly<{ tokens: TokenAuthenticator; apiAudiences: readonly string[] }>

const invalidToken = 'invalid bearer token'

/** Who is behind a token: asked by those who take tokens for us. */
export async function reviewToken(parts: IdentityReviewParts, call: Call): Promise<Result<Answer, Refusal>> {
  const type = bodyTypes.tokenReview
  const review = await readReview<TokenReview['spec']>(parts, call, type)
  if (!review.ok) return review
  const { metadata, spec } = review.value
  const token = spec.token ?? ''
  if (token === '') {
    return fail({ reason: 'BadRequest', message: 'token is required for TokenReview in authentication' })
  }
  const refusal = await review.value.refused()
  if (refusal !== undefined) return fail(refusal)
  const asked = spec.audiences ?? []
  const verdict = await parts.tokens.authenticate(token, asked.length === 0 ? parts.apiAudiences : asked)
  if (verdict.type !== 'known') {
    const error = verdict.type === 'wrong' ? verdict.why : invalidToken
    return reviewAnswer(type, metadata, { spec, status: { user: {}, error } })
  }
  const { user, audiences = [] } = verdict
  const status = { authenticated: true, user: userInfo(user), ...(audiences.length === 0 ? {} : { audiences }) }
  return reviewAnswer(type, metadata, { spec, status })
}

function userInfo({ name, uid, groups, extra }: User): object {
  return {
    username: name,
    ...(uid === undefined ? {} : { uid }),
    groups,
    ...(extra === undefined ? {} : { extra }),
  }
}

/** Who am I: kubectl auth whoami. */
export async function reviewSelf(parts: IdentityReviewParts, call: Call): Promise<Result<Answer, Refusal>> {
  const type = bodyTypes.selfSubjectReview
  const review = await readReview(parts, call, type)
  if (!review.ok) return review
  const refusal = await review.value.refused()
  if (refusal !== undefined) return fail(refusal)
  const metadata = { creationTimestamp: timestampOf(parts.clock.nowMs()) }
  return reviewAnswer(type, metadata, { status: { userInfo: userInfo(call.user) } })
}
