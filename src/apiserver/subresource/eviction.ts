import type { Eviction } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { Attributes } from '../admit/admission.ts'
import type { Answer, Call, StatusObject } from '../call.ts'
import { decodeRequest } from '../handle/body.ts'
import { deleteNewest } from '../handle/delete.ts'
import type { DeleteOptions } from '../handle/delete-options.ts'
import { writeOptions } from '../handle/write-options.ts'
import { type WriteParts, writerOf } from '../handle/writing.ts'
import { storeKey } from '../resource.ts'
import { bodyTypes } from './body-types.ts'

/** POST pods/NAME/eviction: a delete that a disruption budget may refuse. There are no budgets yet. */
export async function evictPod(parts: WriteParts, call: Call): Promise<Result<Answer, Refusal>> {
  const options = writeOptions(call, 'CreateOptions')
  if (!options.ok) return options
  const decoded = await decodeRequest(call, bodyTypes.eviction, options.value.fieldValidation)
  if (!decoded.ok) return decoded
  const kind = kinds.pods
  const { name, namespace } = call.info
  const writer = writerOf(call, kind, options.value, 'eviction')
  const attributes: Attributes = { ...writer, body: bodyTypes.eviction, operation: 'CREATE', name }
  const mutated = await parts.admission.mutate(attributes, decoded.value)
  if (!mutated.ok) return mutated
  const eviction = mutated.value as unknown as Eviction
  if (eviction.metadata?.name !== name) {
    return fail({ reason: 'BadRequest', message: 'name in URL does not match name in Eviction object' })
  }
  const refusal = await parts.admission.validate(attributes, mutated.value)
  if (refusal !== undefined) return fail(refusal)
  const { gracePeriodSeconds, propagationPolicy, preconditions, dryRun } = eviction.deleteOptions ?? {}
  const isDry = options.value.dryRun || (dryRun ?? []).length > 0
  const deletion = { gracePeriodSeconds, propagationPolicy, preconditions }
  const stated = Object.fromEntries(Object.entries(deletion).filter(([, value]) => (value ?? undefined) !== undefined))
  const asked: DeleteOptions = { ...stated, dryRun: isDry, stated }
  // That it may be evicted has been admitted: it is not asked again whether it may be deleted.
  const key = storeKey(kind, namespace, name)
  const deleted = await deleteNewest(parts, { ...attributes, dryRun: isDry }, key, asked, () => undefined)
  return deleted.ok ? ok({ type: 'object', status: 201, object: success }) : deleted
}

const success = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } as StatusObject
