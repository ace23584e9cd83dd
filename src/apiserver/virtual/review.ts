import { trackUpdate } from '../../api/apply/track-update.ts'
import type { BodyType } from '../../api/decode.ts'
import { apiVersionOf, type Kind } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Refusal } from '../../api/refusal.ts'
import { ok, type Result } from '../../api/result.ts'
import { schema } from '../../api/schema-reader.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Answer, Call } from '../call.ts'
import { decodeRequest } from '../handle/body.ts'
import { inNamespace } from '../handle/create.ts'
import { writeOptions } from '../handle/write-options.ts'
import { orderedMeta } from '../object-meta.ts'

export type Review<T> = Readonly<{ metadata: ApiObject['metadata']; spec: T }>

type Clocked = Readonly<{ clock: Clock }>

/** A review as it was asked for, in the namespace of its path and with the manager of its fields, as if it were stored. */
export async function readReview<T>(
  { clock }: Clocked,
  call: Call,
  type: BodyType,
): Promise<Result<Review<T>, Refusal>> {
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

export function reviewAnswer(type: BodyType, metadata: object, body: object): Result<Answer, Refusal> {
  const object = { kind: type.kind, apiVersion: apiVersionOf(type), metadata, ...body }
  return ok({ type: 'review', object: object as unknown as ApiObject })
}
