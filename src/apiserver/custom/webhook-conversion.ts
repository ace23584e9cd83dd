/** Versions of custom resources that a webhook makes of one another. Kubernetes: apiextensions-apiserver/pkg/apiserver/conversion. */
import type { ConvertVersions } from '../../api/custom/custom-kinds.ts'
import { isJsonList, isJsonObject, type JsonObject } from '../../api/json-value.ts'
import type { CustomResourceDefinition, ObjectMeta } from '../../api/kinds.generated.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { validateLabels } from '../../api/validation/labels.ts'
import { validateAnnotations } from '../../api/validation/object-meta.ts'
import { type ClientParts, callHook } from '../admit/webhook/hook-client.ts'
import { newUid } from '../object-meta.ts'

const timeoutMs = 30_000
const knownReviews = ['v1', 'v1beta1']

/** undefined: the definition's versions differ in their name only. */
export function webhookConverter(parts: ClientParts, { spec }: CustomResourceDefinition): ConvertVersions | undefined {
  const webhook = spec.conversion?.webhook
  const { clientConfig: config, conversionReviewVersions: reviews = [] } = webhook ?? {}
  if (spec.conversion?.strategy !== 'Webhook' || config === undefined) return undefined
  const review = reviews.find((version) => knownReviews.includes(version))
  return async (objects, apiVersion) => {
    const others = objects.filter((object) => object.apiVersion !== apiVersion)
    const [first] = others
    if (first === undefined) return ok(objects)
    const failed = (why: string): Result<never, Refusal> =>
      fail({ reason: 'InternalError', message: `conversion webhook for ${shownType(first)} ${why}` })
    if (review === undefined)
      return fail({ reason: 'InternalError', message: 'no supported conversion review versions' })
    const uid = newUid(parts.random)
    const asked = { uid, desiredAPIVersion: apiVersion, objects: others }
    const body = { kind: 'ConversionReview', apiVersion: `apiextensions.k8s.io/${review}`, request: asked }
    const answer = await callHook(parts, config, body, timeoutMs, 'ConversionReview')
    if (!answer.ok) return failed(`failed: ${answer.error.message.replace('failed to call webhook: ', '')}`)
    const converted = convertedOf(answer.value, uid, review)
    if (!converted.ok) return failed(`failed: ${converted.error}`)
    if (converted.value.length !== others.length) {
      return failed(`returned ${converted.value.length} objects, expected ${others.length}`)
    }
    const checked: ApiObject[] = []
    for (const [at, before] of others.entries()) {
      const object = restored(before, converted.value[at], apiVersion)
      const where = others.length === 1 ? 'object' : `converted object at index ${at}`
      if (!object.ok) return failed(`returned invalid ${where}: ${object.error}`)
      checked.push(object.value)
    }
    return ok(objects.map((object) => (object.apiVersion === apiVersion ? object : (checked.shift() ?? object))))
  }
}

function shownType({ apiVersion, kind }: JsonObject): string {
  return `${String(apiVersion)}, Kind=${String(kind)}`
}

function convertedOf(answer: JsonObject, uid: string, review: string): Result<readonly unknown[], string> {
  const { response } = answer
  const expected = { apiVersion: `apiextensions.k8s.io/${review}`, kind: 'ConversionReview' }
  if (review === 'v1' && (answer.apiVersion !== expected.apiVersion || answer.kind !== expected.kind)) {
    return fail(`expected webhook response of ${shownType(expected)}, got ${shownType(answer)}`)
  }
  if (!isJsonObject(response)) return fail('no response provided')
  const { uid: given = '', result, convertedObjects = [] } = response
  if (review === 'v1' && given !== uid) {
    return fail(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(given)}`)
  }
  const { status = '', message = '' } = isJsonObject(result) ? result : {}
  if (status !== 'Success') {
    return fail(message === '' ? `response.result.status was '${String(status)}', not 'Success'` : String(message))
  }
  return ok(isJsonList(convertedObjects) ? convertedObjects : [])
}

/** A webhook may change labels and annotations, and nothing else of the metadata. */
function restored(before: ApiObject, after: unknown, apiVersion: string): Result<ApiObject, string> {
  if (!isJsonObject(after)) return fail("Object 'Kind' is missing in 'null'")
  if (after.apiVersion !== apiVersion) {
    return fail(`invalid groupVersion (expected ${apiVersion}, received ${String(after.apiVersion)})`)
  }
  if (after.kind !== before.kind) {
    return fail(`invalid kind (expected ${before.kind}, received ${String(after.kind)})`)
  }
  const meta = after.metadata
  if (!isJsonObject(meta)) return fail('missing metadata in converted object')
  const other = (['name', 'namespace', 'uid'] as const).find(
    (field) => (meta[field] ?? '') !== (before.metadata[field] ?? ''),
  )
  if (other !== undefined) {
    const shown = other === 'uid' ? 'UID' : other
    return fail(`must have the same ${shown}: ${before.metadata[other] ?? ''} != ${String(meta[other] ?? '')}`)
  }
  const metadata = metaOf(before.metadata, meta)
  return metadata.ok ? ok({ ...after, metadata: metadata.value } as ApiObject) : metadata
}

function metaOf(before: ObjectMeta, after: JsonObject): Result<ObjectMeta, string> {
  const { labels: _l, annotations: _a, ...rest } = before
  const found: { labels?: Readonly<Record<string, string>>; annotations?: Readonly<Record<string, string>> } = {}
  for (const field of ['labels', 'annotations'] as const) {
    const value = after[field] ?? undefined
    if (value === undefined) continue
    if (!isJsonObject(value)) return fail(`invalid metadata.${field} of type ${typeof value} in converted object`)
    const wrong = Object.entries(value).find(([, one]) => typeof one !== 'string')
    if (wrong !== undefined) {
      return fail(`metadata.${field}[${wrong[0]}] must be a string, but is ${typeof wrong[1]} in converted object`)
    }
    found[field] = value as Readonly<Record<string, string>>
  }
  const errors = [
    ...validateLabels('metadata.labels', found.labels),
    ...validateAnnotations('metadata.annotation', found.annotations),
  ]
  const [error] = errors
  return error === undefined ? ok({ ...rest, ...found }) : fail(`${error.field}: ${error.message}`)
}
