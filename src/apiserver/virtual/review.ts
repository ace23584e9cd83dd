import { trackUpdate } from '../../api/apply/track-update.ts'
import type { BodyType } from '../../api/decode.ts'
import { define } from '../../api/define-kind.ts'
import { apiVersionOf } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Refusal } from '../../api/refusal.ts'
import { ok, type Result } from '../../api/result.ts'
import { schema } from '../../api/schema-reader.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Admission, Attributes, Eventual } from '../admit/admission.ts'
import type { Answer, Call } from '../call.ts'
import { decodeRequest } from '../handle/body.ts'
import { inNamespace } from '../handle/create.ts'
import { writeOptions } from '../handle/write-options.ts'
import { writerOf } from '../handle/writing.ts'
import { orderedMeta } from '../object-meta.ts'

export type Review<T> = Readonly<{
  metadata: ApiObject['metadata']
  spec: T
  /** Why webhooks and policies do not let it be answered: asked once it is known to be sound. */
  refused(): Eventual<Refusal | undefined>
}>

export type ReviewParts = Readonly<{ clock: Clock; admission: Admission }>

/** A review as admission lets it be asked, in the namespace of its path and with the manager of its fields, as if it were stored. */
export async function readReview<T>(
  { clock, admission }: ReviewParts,
  call: Call,
  type: BodyType,
): Promise<Result<Review<T>, Refusal>> {
  const options = writeOptions(call, 'CreateOptions')
  if (!options.ok) return options
  const decoded = await decodeRequest(call, type, options.value.fieldValidation)
  if (!decoded.ok) return decoded
  const { namespaced, plural } = call.endpoint
  const kind = define<unknown>(apiVersionOf(type), type.kind, plural, namespaced ? 'Namespaced' : 'Cluster', {})
  const scoped = inNamespace({ kind, namespace: call.info.namespace }, decoded.value)
  if (!scoped.ok) return scoped
  const entries = trackUpdate({
    schema,
    kind,
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
  const writer = writerOf(call, kind, options.value)
  const attributes: Attributes = { ...writer, operation: 'CREATE', name: metadata.name ?? '' }
  const mutated = await admission.mutate(attributes, { ...scoped.value, metadata: orderedMeta(whole) })
  if (!mutated.ok) return mutated
  const admitted = mutated.value as unknown as Readonly<{ metadata: ApiObject['metadata']; spec: T }>
  return ok({ ...admitted, refused: () => admission.validate(attributes, mutated.value) })
}

export function reviewAnswer(type: BodyType, metadata: object, body: object): Result<Answer, Refusal> {
  const object = { kind: type.kind, apiVersion: apiVersionOf(type), metadata, ...body }
  return ok({ type: 'review', object: object as unknown as ApiObject })
}
