import { applyConfiguration } from '../../api/apply/apply-configuration.ts'
import { isCustom } from '../../api/custom/decode-custom.ts'
import { decodeObject } from '../../api/decode.ts'
import { define } from '../../api/define-kind.ts'
import { applyJsonPatch } from '../../api/json-patch.ts'
import { isJsonObject, type JsonObject } from '../../api/json-value.ts'
import type { LabelSelector, Scale } from '../../api/kinds.generated.ts'
import { apiVersionOf, type Kind, type ScalePaths } from '../../api/kinds.ts'
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
import { type Overtaken, onNewest } from '../handle/newest.ts'
import { type PatchRequest, readPatch } from '../handle/patch.ts'
import { nameRefusal, type Subresource, storeChanged, trackedChange, type View } from '../handle/update.ts'
import { writeOptions } from '../handle/write-options.ts'
import { type WriteParts, type Writer, writerOf } from '../handle/writing.ts'
import { withMeta } from '../object-meta.ts'
import { notFound, storeKey } from '../resource.ts'
import { preparedUpdate } from '../strategy/strategy.ts'
import { showEntry } from '../versions/shown.ts'
import { bodyTypes } from './body-types.ts'
import { managersOfScale, managersWithScale } from './scale-managers.ts'

export async function getScale(
  { store }: WriteParts,
  kind: Kind,
  paths: ScalePaths,
  call: Call,
): Promise<Result<Answer, Refusal>> {
  const { name, namespace } = call.info
  const entry = store.get(storeKey(kind, namespace, name))
  return entry === undefined ? fail(notFound(kind, name)) : shownScale(kind, entry, paths)
}

async function shownScale(kind: Kind, entry: Entry, paths: ScalePaths): Promise<Result<Answer, Refusal>> {
  const shown = await showEntry(kind, entry)
  if (!shown.ok) return shown
  const { object } = shown.value
  const missing = isCustom(kind) && at(object, paths.specReplicas) === undefined
  return missing ? fail(noReplicas(paths)) : ok(answer(scaleOf(object, paths)))
}

/** A custom resource has a Scale when it has a size. */
function noReplicas({ specReplicas }: ScalePaths): Refusal {
  const message = `the spec replicas field ${JSON.stringify(specReplicas)} does not exist`
  return { reason: 'InternalError', message }
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
  const { namespace, name } = call.info
  const wrongName = nameRefusal(decoded.value, name)
  if (wrongName !== undefined) return fail(wrongName)
  const writer = writerOf(call, kind, options.value, 'scale')
  return onNewest(parts, writer, storeKey(kind, namespace, name), async (before) =>
    before === undefined ? fail(notFound(kind, name)) : storeScale(parts, writer, paths, before, decoded.value),
  )
}

export async function patchScale(
  parts: WriteParts,
  kind: Kind,
  paths: ScalePaths,
  call: Call,
): Promise<Result<Answer, Refusal>> {
  const request = await readPatch(call, kind)
  if (!request.ok) return request
  const { namespace, name } = call.info
  const writer = writerOf(call, kind, request.value.options, 'scale')
  return onNewest(parts, writer, storeKey(kind, namespace, name), async (before) => {
    if (before === undefined) return fail(notFound(kind, name))
    if (request.value.type === 'apply' && !isCustom(kind)) {
      return applyScale(parts, writer, paths, before, request.value)
    }
    const patched = patchedScale(parts, request.value, scaleOf(before.object, paths))
    if (!patched.ok) return patched
    const decoded = decodeObject(bodyTypes.scale, patched.value, { format: 'json' })
    return decoded.ok ? storeScale(parts, writer, paths, before, decoded.value.object) : decoded
  })
}

function patchedScale({ schema }: WriteParts, { type, patch }: PatchRequest, scale: Scale): Result<unknown, Refusal> {
  // A Scale is a plain object: nothing in it merges by key, so applying one of a custom resource is merging it.
  const result =
    type === 'json'
      ? applyJsonPatch(scale, patch)
      : type === 'strategic'
        ? applyStrategicMergePatch(schema, bodyTypes.scale.typeName, scale as JsonObject, patch)
        : applyMergePatch(scale as JsonObject, patch)
  return result.ok ? result : fail(patchRefusal(result.error))
}

/** A Scale has managers of its own, who are those of the object's size. */
async function applyScale(
  parts: WriteParts,
  writer: Writer,
  paths: ScalePaths,
  before: Entry,
  { patch, options }: PatchRequest,
): Promise<Result<Answer, Refusal | Overtaken>> {
  if (!isJsonObject(patch)) return fail({ reason: 'BadRequest', message: 'error decoding YAML: expected an object' })
  const { managedFields } = before.object.metadata
  const scale = scaleOf(before.object, paths) as unknown as ApiObject
  const ofScale = managersOfScale(managedFields)
  const applied = applyConfiguration({
    schema: parts.schema,
    kind: scaleKind,
    live: ofScale === undefined ? scale : withMeta(scale, { managedFields: ofScale }),
    config: patch,
    manager: options.fieldManager,
    force: options.force === true,
    subresource: 'scale',
    nowMs: parts.clock.nowMs(),
  })
  if (!applied.ok) return applied
  const decoded = decodeObject(bodyTypes.scale, applied.value, { format: 'json' })
  if (!decoded.ok) return decoded
  const { managedFields: after } = applied.value.metadata
  const entries = managersWithScale(managedFields, after, apiVersionOf(writer.kind))
  const scaled = (object: ApiObject): ApiObject =>
    withMeta(object, entries === undefined ? {} : { managedFields: entries })
  return storeScale(parts, writer, paths, before, decoded.value.object, scaled)
}

async function storeScale(
  parts: WriteParts,
  writer: Writer,
  paths: ScalePaths,
  before: Entry,
  scale: ApiObject,
  track?: (object: ApiObject) => ApiObject,
): Promise<Result<Answer, Refusal | Overtaken>> {
  const { name = '' } = before.object.metadata
  const wrongName = nameRefusal(scale, name)
  if (wrongName !== undefined) return fail(wrongName)
  // What a custom resource's size may be is its own schema's to say.
  const errors = isCustom(writer.kind) ? [] : scaleErrors(scale)
  if (errors.length > 0) return fail({ ...invalidScale, name, errors })
  const after = withScale(before.object, startedFrom(writer.kind, before.object, scale), paths)
  const tracked = track?.(after) ?? trackedChange(parts, writer, before, after)
  const stored = await storeChanged(parts, writer, before, tracked, scaleSubresource(paths))
  return stored.ok ? shownScale(writer.kind, stored.value, paths) : stored
}

/** A Scale of a custom resource that names no version starts from the one that is there. */
function startedFrom(kind: Kind, { metadata }: ApiObject, scale: ApiObject): ApiObject {
  const { resourceVersion = '' } = scale.metadata
  if (!isCustom(kind) || resourceVersion !== '') return scale
  return withMeta(scale, { resourceVersion: metadata.resourceVersion ?? '' })
}

/** Admission sees the Scale, and may change it. */
function scaleSubresource(paths: ScalePaths): Subresource {
  const view: View = {
    type: bodyTypes.scale,
    of: (object) => scaleOf(object, paths) as unknown as ApiObject,
    into: (object, scale) => withScale(object, scale, paths),
  }
  return { name: 'scale', prepare: preparedUpdate, view }
}

function withScale(object: ApiObject, scale: ApiObject, paths: ScalePaths): ApiObject {
  const { resourceVersion = '', uid = '' } = scale.metadata
  const scaled = setPath(object, paths.specReplicas, replicasOf(scale))
  return withMeta(scaled, { resourceVersion, uid: uid === '' ? (object.metadata.uid ?? '') : uid })
}

function replicasOf(scale: ApiObject): number {
  return (scale as unknown as Scale).spec?.replicas ?? 0
}

const invalidScale = { reason: 'Invalid', group: 'autoscaling', kind: 'Scale' } as const

function scaleErrors(scale: ApiObject): readonly FieldError[] {
  const replicas = replicasOf(scale)
  if (replicas >= 0) return []
  const message = `Invalid value: ${replicas}: must be greater than or equal to 0`
  return [{ reason: 'FieldValueInvalid', field: 'spec.replicas', message }]
}

const scaleKind = define<Scale>('autoscaling/v1', 'Scale', 'scales', 'Namespaced', {})

function answer(scale: Scale): Answer {
  return { type: 'object', status: 200, kind: scaleKind, object: scale as unknown as ApiObject }
}

/** The size of any scalable object, in the one form that autoscalers know. */
export function scaleOf(object: ApiObject, paths: ScalePaths): Scale {
  const { name = '', namespace = '', uid = '', resourceVersion = '', creationTimestamp = '' } = object.metadata
  const text = selectorText(at(object, paths.labelSelector))
  const replicas = Number(at(object, paths.specReplicas) ?? 0)
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: Number(at(object, paths.statusReplicas) ?? 0), ...(text === '' ? {} : { selector: text }) },
  }
}

/** A selector, a ReplicationController's map of labels, or the text that a custom resource keeps in its status. */
function selectorText(value: unknown): string {
  if (typeof value === 'string') return value
  const isMap = isJsonObject(value) && Object.values(value).every((one) => typeof one === 'string')
  const selector = selectorFromObject((isMap ? { matchLabels: value } : value) as LabelSelector | undefined)
  return selector.ok && selector.value !== undefined ? formatSelector(selector.value) : ''
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
