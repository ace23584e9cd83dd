import type { Eviction } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import type { Answer, Call, StatusObject } from '../call.ts'
import { decodeRequest } from '../handle/body.ts'
import { deleteStored } from '../handle/delete.ts'
import type { DeleteOptions } from '../handle/delete-options.ts'
import { writerOf } from '../handle/update.ts'
import { writeOptions } from '../handle/write-options.ts'
import type { WriteParts } from '../handle/writing.ts'
import { notFound, storeKey } from '../resource.ts'
import { bodyTypes } from './body-types.ts'

/** POST pods/NAME/eviction: a delete that a disruption budget may refuse. There are no budgets yet. */
export async function evictPod(parts: WriteParts, call: Call): Promise<Result<Answer, Refusal>> {
  const options = writeOptions(call, 'CreateOptions')
  if (!options.ok) return options
  const decoded = await decodeRequest(call, bodyTypes.eviction, options.value.fieldValidation)
  if (!decoded.ok) return decoded
  const eviction = decoded.value as unknown as Eviction
  const { name, namespace } = call.info
  if (eviction.metadata?.name !== name) {
    return fail({ reason: 'BadRequest', message: 'name in URL does not match name in Eviction object' })
  }
  const kind = kinds.pods
  const before = parts.store.head(storeKey(kind, namespace, name))
  if (before === undefined) return fail(notFound(kind, name))
  const { gracePeriodSeconds, propagationPolicy, preconditions, dryRun } = eviction.deleteOptions ?? {}
  const isDry = options.value.dryRun || (dryRun ?? []).length > 0
  const deletion = { gracePeriodSeconds, propagationPolicy, preconditions }
  const stated = Object.entries(deletion).filter(([, value]) => value !== undefined && value !== null)
  const asked: DeleteOptions = { ...Object.fromEntries(stated), dryRun: isDry }
  const writer = { ...writerOf(call, kind, options.value), dryRun: isDry }
  const deleted = await deleteStored(parts, writer, before, asked)
  return deleted.ok ? ok({ type: 'object', status: 201, object: success }) : deleted
}

const success = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } as StatusObject
