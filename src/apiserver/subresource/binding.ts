import type { Binding, Pod, PodCondition } from '../../api/kinds.generated.ts'
import { kinds } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import type { Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { timestampOf } from '../../api/wire-time.ts'
import type { Attributes } from '../admit/admission.ts'
import type { Answer, Call, StatusObject } from '../call.ts'
import { decodeRequest } from '../handle/body.ts'
import { onNewest } from '../handle/newest.ts'
import { uidConflict } from '../handle/update.ts'
import { writeOptions } from '../handle/write-options.ts'
import { replace, type WriteParts, writerOf } from '../handle/writing.ts'
import { withMeta } from '../object-meta.ts'
import { conflict, notFound, storeKey } from '../resource.ts'
import { bodyTypes } from './body-types.ts'

/** POST pods/NAME/binding, or bindings: a scheduler gives a pod its node, once. */
export async function bindPod(parts: WriteParts, call: Call): Promise<Result<Answer, Refusal>> {
  const options = writeOptions(call, 'CreateOptions')
  if (!options.ok) return options
  const decoded = await decodeRequest(call, bodyTypes.binding, options.value.fieldValidation)
  if (!decoded.ok) return decoded
  const kind = kinds.pods
  const { namespace } = call.info
  const name = call.info.name === '' ? (decoded.value.metadata.name ?? '') : call.info.name
  const writer = writerOf(call, kind, options.value, call.info.name === '' ? undefined : 'binding')
  const attributes: Attributes = { ...writer, body: bodyTypes.binding, operation: 'CREATE', name }
  const mutated = await parts.admission.mutate(attributes, decoded.value)
  if (!mutated.ok) return mutated
  const binding = mutated.value as unknown as Binding
  const wrong = bindingErrors(binding)
  if (wrong !== undefined) return fail(wrong)
  if (binding.metadata?.name !== undefined && binding.metadata.name !== name) {
    return fail({ reason: 'BadRequest', message: 'name in URL does not match name in Binding object' })
  }
  const refusal = await parts.admission.validate(attributes, mutated.value)
  if (refusal !== undefined) return fail(refusal)
  return onNewest<Answer>(parts, writer, storeKey(kind, namespace, name), async (before) => {
    if (before === undefined) return fail(notFound(kind, name))
    const { uid: wanted = '' } = binding.metadata ?? {}
    const { uid = '' } = before.object.metadata
    if (wanted !== '' && wanted !== uid) return fail(uidConflict(kind, before.object, wanted, uid))
    const refused = bindRefusal(before.object)
    if (refused !== undefined) return fail(conflict({ group: '', plural: 'pods/binding' }, name, refused))
    const after = bound(before.object, binding, timestampOf(parts.clock.nowMs()))
    const stored = await replace(parts, writer, before, { object: after, undo() {} })
    return stored.ok ? ok({ type: 'object', status: 201, object: success }) : stored
  })
}

/** What is answered where the object itself is not. */
export const success = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } as StatusObject

/** The original's validation error comes through bare: a 500 without a reason. */
function bindingErrors({ target }: Binding): Refusal | undefined {
  const { kind = '', name = '' } = target ?? {}
  const wrongKind = `target.kind: Unsupported value: ${JSON.stringify(kind)}: supported values: "Node", "<empty>"`
  const problems = [
    ...(kind === '' || kind === 'Node' ? [] : [wrongKind]),
    ...(name === '' ? ['target.name: Required value'] : []),
  ]
  if (problems.length === 0) return undefined
  const message = problems.length === 1 ? (problems[0] ?? '') : `[${problems.join(', ')}]`
  const head = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message } as const
  return { reason: 'Passed', status: { ...head, code: 500 } }
}

/** Why the pod cannot be bound now; the words are the registry's own. */
function bindRefusal(object: ApiObject): string | undefined {
  const { metadata, spec } = object as Pod
  const { name = '' } = metadata ?? {}
  if (metadata?.deletionTimestamp !== undefined) return `pod ${name} is being deleted, cannot be assigned to a host`
  const nodeName = spec?.nodeName ?? ''
  if (nodeName !== '') return `pod ${name} is already assigned to node ${JSON.stringify(nodeName)}`
  if ((spec?.schedulingGates ?? []).length > 0) return `pod ${name} has non-empty .spec.schedulingGates`
  return undefined
}

function bound(object: ApiObject, { target, metadata }: Binding, now: string): ApiObject {
  const { spec, status } = object as Pod
  const { annotations, labels } = object.metadata
  const annotated = withMeta(object, {
    ...(metadata?.annotations === undefined ? {} : { annotations: { ...annotations, ...metadata.annotations } }),
    ...(metadata?.labels === undefined ? {} : { labels: { ...labels, ...metadata.labels } }),
  })
  const conditions = scheduled(status?.conditions ?? [], now)
  return { ...annotated, spec: { ...spec, nodeName: target.name }, status: { ...status, conditions } } as ApiObject
}

function scheduled(conditions: readonly PodCondition[], now: string): readonly PodCondition[] {
  const before = conditions.find(({ type }) => type === 'PodScheduled')
  const lastTransitionTime = before?.status === 'True' ? before.lastTransitionTime : now
  const condition = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime }
  // The API writes an unset lastProbeTime as null.
  return [...conditions.filter((one) => one !== before), condition as unknown as PodCondition]
}
