import type { BodyType } from '../../api/decode.ts'
import type { SelfSubjectAccessReviewSpec, SubjectAccessReviewSpec } from '../../api/kinds.generated.ts'
import type { ApiObject } from '../../api/object.ts'
import type { FieldError, Refusal } from '../../api/refusal.ts'
import { fail, type Result } from '../../api/result.ts'
import type { Authorizer } from '../authorize/decision.ts'
import type { Answer, Call, User } from '../call.ts'
import { bodyTypes } from '../subresource/body-types.ts'
import { type Asked, askedBy, selectorErrors } from './access-attributes.ts'
import { type ReviewParts, readReview, reviewAnswer } from './review.ts'

export type AccessReviewParts = ReviewParts & Readonly<{ authorizer: Authorizer }>

export async function reviewSelfAccess(parts: AccessReviewParts, call: Call): Promise<Result<Answer, Refusal>> {
  const type = bodyTypes.selfSubjectAccessReview
  const review = await readReview<SelfSubjectAccessReviewSpec>(parts, call, type)
  if (!review.ok) return review
  const { metadata, spec } = review.value
  const errors = [...attributeErrors(spec), ...selectorErrors(spec), ...metadataErrors(metadata, false)]
  const refusal = errors.length > 0 ? invalid(errors) : await review.value.refused()
  if (refusal !== undefined) return fail(refusal)
  return reviewAnswer(type, metadata, { spec, status: await decide(parts, call.user, askedBy(spec)) })
}

export async function reviewAccess(parts: AccessReviewParts, call: Call): Promise<Result<Answer, Refusal>> {
  return reviewOthersAccess(parts, call, bodyTypes.subjectAccessReview)
}

/** As reviewAccess, for one namespace: that of the path. */
export async function reviewLocalAccess(parts: AccessReviewParts, call: Call): Promise<Result<Answer, Refusal>> {
  return reviewOthersAccess(parts, call, bodyTypes.localSubjectAccessReview)
}

async function reviewOthersAccess(
  parts: AccessReviewParts,
  call: Call,
  type: BodyType,
): Promise<Result<Answer, Refusal>> {
  const review = await readReview<SubjectAccessReviewSpec>(parts, call, type)
  if (!review.ok) return review
  const { metadata, spec } = review.value
  const { namespace } = call.info
  const misplaced = [...metadataErrors(metadata, namespace !== ''), ...namespaceErrors(spec, namespace)]
  const errors = [...attributeErrors(spec), ...subjectErrors(spec), ...selectorErrors(spec), ...misplaced]
  const refusal = errors.length > 0 ? invalid(errors) : await review.value.refused()
  if (refusal !== undefined) return fail(refusal)
  const user: User = {
    name: spec.user ?? '',
    groups: spec.groups ?? [],
    ...(spec.uid ? { uid: spec.uid } : {}),
    ...(spec.extra ? { extra: spec.extra } : {}),
  }
  return reviewAnswer(type, metadata, { spec, status: await decide(parts, user, askedBy(spec)) })
}

async function decide({ authorizer }: AccessReviewParts, user: User, asked: Asked): Promise<object> {
  const { verdict, reason, error } = await authorizer.authorize(user, asked.wish)
  const errors = [...(error === undefined ? [] : [error]), ...asked.errors]
  return {
    allowed: verdict === 'allow',
    ...(verdict === 'deny' ? { denied: true } : {}),
    ...(reason === '' ? {} : { reason }),
    ...(errors.length === 0 ? {} : { evaluationError: errors.join('; ') }),
  }
}

function attributeErrors({ resourceAttributes, nonResourceAttributes }: SelfSubjectAccessReviewSpec): FieldError[] {
  if (resourceAttributes && nonResourceAttributes) {
    const message = `Invalid value: ${goJson(nonResourceAttributes)}: cannot be specified in combination with resourceAttributes`
    return [{ reason: 'FieldValueInvalid', field: 'spec.nonResourceAttributes', message }]
  }
  if (resourceAttributes || nonResourceAttributes) return []
  const message = 'Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified'
  return [{ reason: 'FieldValueInvalid', field: 'spec.resourceAttributes', message }]
}

/** The original's internal type has no JSON names. */
function goJson({ path = '', verb = '' }: NonNullable<SelfSubjectAccessReviewSpec['nonResourceAttributes']>): string {
  return JSON.stringify({ Path: path, Verb: verb })
}

function subjectErrors({ user = '', groups = [] }: SubjectAccessReviewSpec): FieldError[] {
  if (user !== '' || groups.length > 0) return []
  const message = 'Invalid value: "": at least one of user or group must be specified'
  return [{ reason: 'FieldValueInvalid', field: 'spec.user', message }]
}

/** A review has no name: its metadata says nothing but, for local ones, where. */
function metadataErrors(metadata: ApiObject['metadata'], isLocal: boolean): FieldError[] {
  const said = Object.keys(metadata).filter((key) => key !== 'managedFields' && !(isLocal && key === 'namespace'))
  if (said.length === 0) return []
  const message = `Invalid value: ${JSON.stringify(metadata)}: must be empty${isLocal ? ' except for namespace' : ''}`
  return [{ reason: 'FieldValueInvalid', field: 'metadata', message }]
}

function namespaceErrors(spec: SubjectAccessReviewSpec, namespace: string): FieldError[] {
  const { resourceAttributes, nonResourceAttributes } = spec
  if (namespace !== '' && nonResourceAttributes) {
    const message = `Invalid value: ${goJson(nonResourceAttributes)}: disallowed on this kind of request`
    return [{ reason: 'FieldValueInvalid', field: 'spec.nonResourceAttributes', message }]
  }
  const asked = resourceAttributes?.namespace ?? ''
  if (namespace === '' || !resourceAttributes || asked === namespace) return []
  const message = `Invalid value: ${JSON.stringify(asked)}: must match metadata.namespace`
  return [{ reason: 'FieldValueInvalid', field: 'spec.resourceAttributes.namespace', message }]
}

/** The original names no kind here. */
function invalid(errors: readonly FieldError[]): Refusal {
  return { reason: 'Invalid', group: 'authorization.k8s.io', kind: '', name: '', errors }
}
