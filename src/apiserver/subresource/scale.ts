import { decodeObject } from '../../api/decode.ts'
import { applyJsonPatch } from '../../api/json-patch.ts'
import { isJsonObject, type JsonObject } from '../../api/json-value.ts'
import type { LabelSelector, Scale } from '../../api/kinds.generated.ts'
import type { Kind, ScalePaths } from '../../api/kinds.ts'
import { formatSelector, selectorFromObject } from '../../api/label-selector.ts'
import { applyMergePatch } from '../../api/merge-patch.ts'
import type { ApiObject } from '../../api/object.ts'
import { patchRefusal } from '../../api/patch-error.ts'
import type { FieldError, Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { applyStrategicMergePatch } from '../../api/strategic-merge-patch.ts'
import type { Entry } from '../../store/store.ts'
import type { Answer, Call } from '../call.ts'
import { decodeRequest } from '../handle/body.ts'
import { type PatchRequest, readPatch } from '../handle/patch.ts'
import { nameRefusal, storeChanged, trackedChange, writerOf } from '../handle/update.ts'
import { type WriteOptions, writeOptions } from '../handle/write-options.ts'
import type { WriteParts } from '../handle/writing.ts'
import { withMeta } from '../object-meta.ts'
import { notFound, storeKey } from '../resource.ts'
import { preparedUpdate } from '../strategy/strategy.ts'
import { bodyTypes } from './body-types.ts'

const scaleSubresource = { name: 'scale', prepare: preparedUpdate } as const

export function getScale({ store }: WriteParts, kind: Kind, paths: ScalePaths, call: Call): Result<Answer, Refusal> {
  const { name, namespace } = call.info
  const entry = store.get(storeKey(kind, namespace, name))
  return entry === undefined ? fail(notFound(kind, name)) : ok(answer(scaleOf(entry.object, paths)))
}

export async function updateScale(
  parts: WriteParts,
  kind: Kind,
  paths: ScalePaths,
  call: Call,
): Promise<Result<Answer, Refusal>> {
  const options = writeOptions(call, 'UpdateOptions')
  if (!options.ok) return options
  const decoded = await decodeRequest(call, bodyTypes.scale, options.value.fieldValidation)
  if (!decoded.ok) return decoded
  const before = parts.store.head(storeKey(kind, call.info.namespace, call.info.name))
  if (before === undefined) return fail(notFound(kind, call.info.name))
  return storeScale(parts, kind, paths, call, { options: options.value, before, scale: decoded.value })
}

export async function patchScale(
  parts: WriteParts,
  kind: Kind,
  paths: ScalePaths,
  call: Call,
): Promise<Result<Answer, Refusal>> {
  const request = await readPatch(call)
  if (!request.ok) return request
  const before = parts.store.head(storeKey(kind, call.info.namespace, call.info.name))
  if (before === undefined) return fail(notFound(kind, call.info.name))
  const patched = patchedScale(parts, request.value, scaleOf(before.object, paths))
  if (!patched.ok) return patched
  const decoded = decodeObject(bodyTypes.scale, patched.value, { format: 'json' })
  if (!decoded.ok) return decoded
  const { options } = request.value
  return storeScale(parts, kind, paths, call, { options, before, scale: decoded.value.object })
}

function patchedScale({ schema }: WriteParts, { type, patch }: PatchRequest, scale: Scale): Result<unknown, Refusal> {
  // A Scale is a plain object: nothing in it merges by key, so applying one is merging it.
  const result =
    type === 'json'
      ? applyJsonPatch(scale, patch)
      : type === 'strategic'
        ? applyStrategicMergePatch(schema, bodyTypes.scale.typeName, scale as JsonObject, patch)
        : applyMergePatch(scale as JsonObject, patch)
  return result.ok ? result : fail(patchRefusal(result.error))
}

type ScaleWrite = Readonly<{ options: WriteOptions; before: Entry; scale: ApiObject }>

async function storeScale(
  parts: WriteParts,
  kind: Kind,
  paths: ScalePaths,
  call: Call,
  { options, before, scale }: ScaleWrite,
): Promise<Result<Answer, Refusal>> {
  const { name } = call.info
  const wrongName = nameRefusal(scale, name)
  if (wrongName !== undefined) return fail(wrongName)
  const replicas = ((scale as unknown as Scale).spec?.replicas ?? 0) as number
  if (replicas < 0) return fail({ ...invalidScale, name, errors: [negative(replicas)] })
  const { resourceVersion = '', uid = '' } = scale.metadata
  const scaled = setPath(before.object, paths.specReplicas, replicas)
  const after = withMeta(scaled, { resourceVersion, uid: uid === '' ? (before.object.metadata.uid ?? '') : uid })
  const writer = writerOf(call, kind, options, scaleSubresource)
  const tracked = trackedChange(parts, writer, before, after)
  const stored = await storeChanged(parts, writer, before, tracked, scaleSubresource)
  return stored.ok ? ok(answer(scaleOf(stored.value.object, paths))) : stored
}

const invalidScale = { reason: 'Invalid', group: 'autoscaling', kind: 'Scale' } as const

function negative(replicas: number): FieldError {
  const message = `Invalid value: ${replicas}: must be greater than or equal to 0`
  return { reason: 'FieldValueInvalid', field: 'spec.replicas', message }
}

function answer(scale: Scale): Answer {
  return { type: 'object', status: 200, object: scale as unknown as ApiObject }
}

/** The size of any scalable object, in the one form that autoscalers know. */
export function scaleOf(object: ApiObject, paths: ScalePaths): Scale {
  const { name = '', namespace = '', uid = '', resourceVersion = '', creationTimestamp = '' } = object.metadata
  const selector = selectorFromObject(at(object, paths.labelSelector) as LabelSelector | undefined)
  const text = selector.ok && selector.value !== undefined ? formatSelector(selector.value) : ''
  const replicas = Number(at(object, paths.specReplicas) ?? 0)
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: Number(at(object, paths.statusReplicas) ?? 0), ...(text === '' ? {} : { selector: text }) },
  }
}

function at(object: ApiObject, path: string): unknown {
  let value: unknown = object
  for (const name of path.split('.').slice(1)) value = isJsonObject(value) ? value[name] : undefined
  return value
}

function setPath(object: ApiObject, path: string, value: unknown): ApiObject {
  return setIn(object, path.split('.').slice(1), value) as ApiObject
}

function setIn(object: JsonObject, [name = '', ...rest]: readonly string[], value: unknown): JsonObject {
  const inner = isJsonObject(object[name]) ? object[name] : {}
  return { ...object, [name]: rest.length === 0 ? value : setIn(inner, rest, value) }
}
