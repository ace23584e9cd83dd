import type { Eviction, Pod } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { timestampOf } from '../../api/wire-time.ts'
import type { Attributes } from '../admit/admission.ts'
import type { Answer, Call } from '../call.ts'
import { decodeRequest } from '../handle/body.ts'
import { deleteNewest, preconditionRefusal } from '../handle/delete.ts'
import type { DeleteOptions } from '../handle/delete-options.ts'
import { onNewest } from '../handle/newest.ts'
import { statusSubresource, storeChanged } from '../handle/update.ts'
import { writeOptions } from '../handle/write-options.ts'
import { type WriteParts, type Writer, writerOf } from '../handle/writing.ts'
import { notFound, storeKey } from '../resource.ts'
import { success } from './binding.ts'
import { bodyTypes } from './body-types.ts'
import { type Charged, chargeBudget, stillProcessed, withoutAdmission } from './eviction-budget.ts'

/** POST pods/NAME/eviction: a delete that a disruption budget may refuse. */
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
  const evicted = await evict(
    parts,
    { ...attributes, ...writer, dryRun: isDry },
    storeKey(kind, namespace, name),
    asked,
  )
  return evicted.ok ? ok({ type: 'object', status: 201, object: success }) : evicted
}

type Evicting = Attributes & Writer

async function evict(
  parts: WriteParts,
  writer: Evicting,
  key: string,
  asked: DeleteOptions,
): Promise<Result<unknown, Refusal>> {
  const pod = parts.store.head(key)?.object
  if (pod === undefined) return fail(notFound(writer.kind, writer.name))
  const charged = isPastBudgets(pod as Pod) ? ok({ bindsVersion: false }) : await chargeBudget(parts, writer, pod)
  if (!charged.ok) return charged
  const { bindsVersion, budget = '' }: Charged = charged.value
  const isBound = bindsVersion && asked.preconditions?.resourceVersion === undefined
  const { resourceVersion = '' } = pod.metadata
  const options = isBound ? { ...asked, preconditions: { ...asked.preconditions, resourceVersion } } : asked
  const marked = writer.dryRun ? ok(options) : await markEvicted(parts, writer, key, options)
  // That it may be evicted has been admitted: it is not asked again whether it may be deleted.
  const deleted = marked.ok ? await deleteNewest(parts, writer, key, marked.value, () => undefined) : marked
  const isOvertaken = !deleted.ok && deleted.error.reason === 'Conflict' && isBound
  return isOvertaken ? fail(stillProcessed(budget)) : deleted
}

/** Pods that do not run any more, or not yet, are missed by nobody. */
function isPastBudgets({ metadata, status }: Pod): boolean {
  return metadata?.deletionTimestamp !== undefined || ['Pending', 'Succeeded', 'Failed'].includes(status?.phase ?? '')
}

/** Tells why the pod ends; the deletion is then of the version that tells it. */
function markEvicted(
  parts: WriteParts,
  writer: Evicting,
  key: string,
  options: DeleteOptions,
): Promise<Result<DeleteOptions, Refusal>> {
  const own: Writer = { ...writer, subresource: 'status' }
  return onNewest(parts, own, key, async (before) => {
    if (before === undefined) return fail(notFound(writer.kind, writer.name))
    const mismatch = preconditionRefusal(writer.kind, before.object, options)
    if (mismatch !== undefined) return fail(mismatch)
    const after = withDisruptionTarget(before.object, timestampOf(parts.clock.nowMs()))
    const stored = await storeChanged(withoutAdmission(parts), own, before, after, statusSubresource)
    if (!stored.ok || options.preconditions?.resourceVersion === undefined) return stored.ok ? ok(options) : stored
    const { resourceVersion = '' } = stored.value.object.metadata
    return ok({ ...options, preconditions: { ...options.preconditions, resourceVersion } })
  })
}

const target = 'DisruptionTarget'

function withDisruptionTarget(object: ApiObject, now: string): ApiObject {
  const { status } = object as Pod
  const known = status?.conditions ?? []
  const before = known.find(({ type }) => type === target)
  // The API writes an unset lastProbeTime as null.
  const condition = {
    lastProbeTime: null,
    ...before,
    type: target,
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
    lastTransitionTime: before?.status === 'True' ? (before.lastTransitionTime ?? now) : now,
  }
  const conditions = [...known.filter(({ type }) => type !== target), condition]
  return { ...object, status: { ...status, conditions } }
}
