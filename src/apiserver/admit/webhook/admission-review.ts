import { decodeBase64 } from '../../../api/base64.ts'
import type { BodyType } from '../../../api/decode.ts'
import { splitApiVersion } from '../../../api/define-kind.ts'
import { isJsonObject, type JsonObject } from '../../../api/json-value.ts'
import type { Kind } from '../../../api/kinds.ts'
import type { ApiObject } from '../../../api/object.ts'
import { fail, ok, type Result } from '../../../api/result.ts'
import type { Attributes } from '../admission.ts'
import { namespaceOf } from './hook-match.ts'

const versions = ['v1', 'v1beta1'] as const
export type ReviewVersion = (typeof versions)[number]

/** The first version that the webhook takes and that is known here. */
export function reviewVersion(accepted: readonly string[]): ReviewVersion | undefined {
  for (const one of accepted) for (const known of versions) if (one === known) return known
  return undefined
}

/** What is asked about, in the form that the webhook wants to see. */
export type Reviewed = Readonly<{
  kind: Kind
  object: ApiObject
  before?: ApiObject
}>

const optionsKinds = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' } as const

/** The AdmissionReview that asks whether it may be done. */
export function admissionReview(
  version: ReviewVersion,
  uid: string,
  attributes: Attributes,
  reviewed: Reviewed,
): JsonObject {
  const request = admissionRequest(uid, attributes, reviewed)
  return { kind: 'AdmissionReview', apiVersion: `admission.k8s.io/${version}`, request }
}

/** The request as the review holds it, and as policies see it. */
export function admissionRequest(uid: string, attributes: Attributes, { kind, object, before }: Reviewed) {
  const { operation, name, subresource, dryRun, user } = attributes
  const namespace = namespaceOf(attributes, object)
  return {
    uid,
    kind: kindOf(attributes.body ?? kind),
    resource: resourceOf(kind),
    ...(subresource === undefined ? {} : { subResource: subresource }),
    requestKind: kindOf(attributes.body ?? attributes.requested ?? attributes.kind),
    requestResource: resourceOf(attributes.requested ?? attributes.kind),
    ...(subresource === undefined ? {} : { requestSubResource: subresource }),
    ...(name === '' ? {} : { name }),
    ...(namespace === '' ? {} : { namespace }),
    operation,
    userInfo: userInfoOf(user),
    object: operation === 'DELETE' ? null : object,
    oldObject: before ?? null,
    dryRun,
    options: optionsOf(attributes),
  }
}

function kindOf({ group, version, kind }: BodyType) {
  return { group, version, kind }
}

function resourceOf({ group, version, plural }: Kind) {
  return { group, version, resource: plural }
}

function userInfoOf({ name, uid, groups, extra }: Attributes['user']): JsonObject {
  return {
    username: name,
    ...(uid === undefined || uid === '' ? {} : { uid }),
    ...(groups.length === 0 ? {} : { groups }),
    ...(extra === undefined || Object.keys(extra).length === 0 ? {} : { extra }),
  }
}

function optionsOf({ operation, options }: Attributes): JsonObject | null {
  if (operation === 'CONNECT') return null
  return { kind: optionsKinds[operation], apiVersion: 'meta.k8s.io/v1', ...options }
}

/** What a webhook has decided. */
export type Verdict = Readonly<{
  allowed: boolean
  /** A JSON patch; undefined where nothing is to be changed. */
  patch?: string
  patchType?: string
  result?: JsonObject
  warnings: readonly string[]
  auditAnnotations: Readonly<Record<string, string>>
}>

/** An answer in another version than the question cannot be read. */
export function versionProblem({ apiVersion }: JsonObject, asked: ReviewVersion): string | undefined {
  const other = versions.find((version) => version !== asked && apiVersion === `admission.k8s.io/${version}`)
  if (other === undefined) return undefined
  return `converting (${other}.AdmissionReview) to (${asked}.AdmissionReview): unknown conversion`
}

/** Reads the answer as apiserver's VerifyAdmissionResponse, in its words. */
export function verdictOf(
  review: JsonObject,
  version: ReviewVersion,
  uid: string,
  isMutating: boolean,
): Result<Verdict, string> {
  const { response } = review
  if (!isJsonObject(response)) return fail('webhook response was absent')
  if (version === 'v1') {
    const problem = envelopeProblem(review, response, uid) ?? patchProblem(response, isMutating)
    if (problem !== undefined) return fail(problem)
  }
  const patch = patchOf(response, version, isMutating)
  if (patch === undefined) return fail('illegal base64 data at input byte 0')
  const { allowed, status, warnings, auditAnnotations } = response
  return ok({
    allowed: allowed === true,
    ...patch,
    ...(isJsonObject(status) ? { result: status } : {}),
    warnings: Array.isArray(warnings) ? warnings.map(String) : [],
    auditAnnotations: isJsonObject(auditAnnotations) ? (auditAnnotations as Record<string, string>) : {},
  })
}

function envelopeProblem({ apiVersion, kind }: JsonObject, response: JsonObject, uid: string): string | undefined {
  if (response.uid !== uid) {
    return `expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid ?? '')}`
  }
  const [group, version] = typeof apiVersion === 'string' ? splitApiVersion(apiVersion) : ['', '']
  const got = `${group}/${version}, Kind=${kind ?? ''}`
  const wanted = 'admission.k8s.io/v1, Kind=AdmissionReview'
  return got === wanted ? undefined : `expected webhook response of ${wanted}, got ${got}`
}

function patchProblem({ patch, patchType }: JsonObject, isMutating: boolean): string | undefined {
  const hasPatch = typeof patch === 'string' && patch !== ''
  const hasType = patchType !== undefined && patchType !== null
  if (!isMutating) {
    if (hasPatch) return 'validating webhook may not return response.patch'
    return hasType ? 'validating webhook may not return response.patchType' : undefined
  }
  if (hasPatch && !hasType) return 'webhook returned response.patch but not response.patchType'
  if (!hasPatch && hasType) return 'webhook returned response.patchType but not response.patch'
  return patchType === '' ? 'webhook returned invalid response.patchType of ""' : undefined
}

function patchOf(
  { patch, patchType }: JsonObject,
  version: ReviewVersion,
  isMutating: boolean,
): Readonly<{ patch?: string; patchType?: string }> | undefined {
  if (!isMutating || typeof patch !== 'string' || patch === '') return {}
  const text = new TextDecoder().decode(decodeBase64(patch))
  // v1beta1 knows one type only.
  return { patch: text, patchType: version === 'v1' ? String(patchType) : 'JSONPatch' }
}
