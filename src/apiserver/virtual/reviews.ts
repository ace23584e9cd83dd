import { trackUpdate } from '../../api/apply/track-update.ts'
import type { BodyType } from '../../api/decode.ts'
import type { SelfSubjectAccessReviewSpec, SubjectAccessReviewSpec, TokenReview } from '../../api/kinds.generated.ts'
import { apiVersionOf, type Kind } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { FieldError, Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { schema } from '../../api/schema-reader.ts'
import type { Clock } from '../../ports/clock.ts'
import type { ServiceAccountTokens } from '../authenticate/service-account-token.ts'
import type { Authorizer, Wish } from '../authorize/authorizer.ts'
import type { Answer, Call, User } from '../call.ts'
import { decodeRequest } from '../handle/body.ts'
import { inNamespace } from '../handle/create.ts'
import { writeOptions } from '../handle/write-options.ts'
import { orderedMeta, timestamp } from '../object-meta.ts'
import { bodyTypes } from '../subresource/body-types.ts'

export type ReviewParts = Readonly<{
  authorizer: Authorizer
  tokens: ServiceAccountTokens
  apiAudiences: readonly string[]
  clock: Clock
}>

type Review<T> = Readonly<{ metadata: ApiObject['metadata']; spec: T }>

type Clocked = Readonly<{ clock: Clock }>

/** A review as it was asked for, in the namespace of its path and with the manager of its fields, as if it were stored. */
async function read<T>({ clock }: Clocked, call: Call, type: BodyType): Promise<Result<Review<T>, Refusal>> {
  const options = writeOptions(call, 'CreateOptions')
  if (!options.ok) return options
  const decoded = await decodeRequest(call, type, options.value.fieldValidation)
  if (!decoded.ok) return decoded
  const { namespaced } = call.endpoint
  const scoped = inNamespace({ kind: { namespaced } as Kind, namespace: call.info.namespace }, decoded.value)
  if (!scoped.ok) return scoped
  const entries = trackUpdate({
    schema,
    kind: type as Kind,
    after: scoped.value,
    manager: options.value.fieldManager,
    nowMs: clock.nowMs(),
  })
  const { managedFields: _, namespace = '', ...metadata } = scoped.value.metadata
  const whole = {
    ...metadata,
    ...(namespace === '' ? {} : { namespace }),
    ...(entries === undefined ? {} : { managedFields: entries }),
  }
  return ok({ ...scoped.value, metadata: orderedMeta(whole) } as unknown as Review<T>)
}

function answer(type: BodyType, metadata: object, body: object): Result<Answer, Refusal> {
  const object = { kind: type.kind, apiVersion: apiVersionOf(type), metadata, ...body }
  return ok({ type: 'object', status: 201, object: object as unknown as ApiObject })
}

const invalidToken = 'invalid bearer token'

/** Who is behind a token: asked by those who take tokens for us. */
export async function reviewToken(parts: ReviewParts, call: Call): Promise<Result<Answer, Refusal>> {
  const type = bodyTypes.tokenReview
  const review = await read<TokenReview['spec']>(parts, call, type)
  if (!review.ok) return review
  const { metadata, spec } = review.value
  const token = spec.token ?? ''
  if (token === '') {
    return fail({ reason: 'BadRequest', message: 'token is required for TokenReview in authentication' })
  }
  const asked = spec.audiences ?? []
  const verified = parts.tokens.verify(token, asked.length === 0 ? parts.apiAudiences : asked)
  if (!verified.ok) {
    const isBare = verified.error === invalidToken
    const error = isBare ? invalidToken : `[${invalidToken}, ${verified.error}]`
    return answer(type, metadata, { spec, status: { user: {}, error } })
  }
  const { user, audiences } = verified.value
  return answer(type, metadata, { spec, status: { authenticated: true, user: userInfo(user), audiences } })
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
export async function reviewSelf({ clock }: ReviewParts, call: Call): Promise<Result<Answer, Refusal>> {
  const type = bodyTypes.selfSubjectReview
  const review = await read({ clock }, call, type)
  if (!review.ok) return review
  const metadata = { creationTimestamp: timestamp(clock.nowMs()) }
  return answer(type, metadata, { status: { userInfo: userInfo(call.user) } })
}

export async function reviewSelfAccess(parts: ReviewParts, call: Call): Promise<Result<Answer, Refusal>> {
  const type = bodyTypes.selfSubjectAccessReview
  const review = await read<SelfSubjectAccessReviewSpec>(parts, call, type)
  if (!review.ok) return review
  const { metadata, spec } = review.value
  const errors = [...attributeErrors(spec), ...metadataErrors(metadata, false)]
  if (errors.length > 0) return fail(invalid(errors))
  return answer(type, metadata, { spec, status: decide(parts, call.user, spec) })
}

export async function reviewAccess(parts: ReviewParts, call: Call): Promise<Result<Answer, Refusal>> {
  return reviewOthersAccess(parts, call, bodyTypes.subjectAccessReview)
}

/** As reviewAccess, for one namespace: that of the path. */
export async function reviewLocalAccess(parts: ReviewParts, call: Call): Promise<Result<Answer, Refusal>> {
  return reviewOthersAccess(parts, call, bodyTypes.localSubjectAccessReview)
}

async function reviewOthersAccess(parts: ReviewParts, call: Call, type: BodyType): Promise<Result<Answer, Refusal>> {
  const review = await read<SubjectAccessReviewSpec>(parts, call, type)
  if (!review.ok) return review
  const { metadata, spec } = review.value
  const { namespace } = call.info
  const misplaced = [...metadataErrors(metadata, namespace !== ''), ...namespaceErrors(spec, namespace)]
  const errors = [...attributeErrors(spec), ...subjectErrors(spec), ...misplaced]
  if (errors.length > 0) return fail(invalid(errors))
  const user: User = { name: spec.user ?? '', groups: spec.groups ?? [], ...(spec.uid ? { uid: spec.uid } : {}) }
  return answer(type, metadata, { spec, status: decide(parts, user, spec) })
}

function decide({ authorizer }: ReviewParts, user: User, spec: SelfSubjectAccessReviewSpec): object {
  const reason = authorizer.explain(user, wishOf(spec))
  if (reason === undefined) return { allowed: false }
  return reason === '' ? { allowed: true } : { allowed: true, reason }
}

function wishOf({ resourceAttributes, nonResourceAttributes }: SelfSubjectAccessReviewSpec): Wish {
  const { verb = '', group = '', resource = '', subresource = '', name = '', namespace = '' } = resourceAttributes ?? {}
  if (resourceAttributes) return { isResource: true, verb, group, resource, subresource, name, namespace, path: '' }
  const { path = '', verb: method = '' } = nonResourceAttributes ?? {}
  const nothing = { group: '', resource: '', subresource: '', name: '', namespace: '' }
  return { isResource: false, verb: method, ...nothing, path }
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

/** What may I do here: kubectl auth can-i --list. */
export async function reviewSelfRules(parts: ReviewParts, call: Call): Promise<Result<Answer, Refusal>> {
  const type = bodyTypes.selfSubjectRulesReview
  const review = await read<Readonly<{ namespace?: string }>>(parts, call, type)
  if (!review.ok) return review
  const { namespace = '' } = review.value.spec ?? {}
  if (namespace === '') return fail({ reason: 'BadRequest', message: 'no namespace on request' })
  const rules = parts.authorizer.rules(call.user, namespace)
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
  return answer(type, metadata, {
    spec: {},
    status: { resourceRules, nonResourceRules, incomplete: false },
  })
}
