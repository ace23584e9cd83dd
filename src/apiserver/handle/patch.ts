import { applyConfiguration } from '../../api/apply/apply-configuration.ts'
import { decodeKind } from '../../api/custom/decode-kind.ts'
import { applyDefaults } from '../../api/defaults/apply-defaults.ts'
import { applyJsonPatch } from '../../api/json-patch.ts'
import { JsonSyntaxError, parseJsonText } from '../../api/json-text.ts'
import { isJsonObject, type JsonObject, jsonTypeName } from '../../api/json-value.ts'
import type { Kind } from '../../api/kinds.ts'
import { applyMergePatch } from '../../api/merge-patch.ts'
import type { ApiObject } from '../../api/object.ts'
import { type PatchError, patchRefusal } from '../../api/patch-error.ts'
import type { FieldError, Refusal } from '../../api/refusal.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { applyStrategicMergePatch } from '../../api/strategic-merge-patch.ts'
import { unstructuredProblem } from '../../api/unstructured-problem.ts'
import { parseYamlText } from '../../api/yaml-text.ts'
import type { Entry } from '../../store/store.ts'
import type { Answer, Call } from '../call.ts'
import { withMeta } from '../object-meta.ts'
import { notFound, storeKey } from '../resource.ts'
import { otherVersions, schemaOf } from '../versions/managed.ts'
import { mediaTypeOf, readBody } from './body.ts'
import { inNamespace, storeTracked } from './create.ts'
import { type Overtaken, onNewest } from './newest.ts'
import { nameRefusal, type Subresource, storeChanged, trackedChange, updateInstead } from './update.ts'
import { type WriteOptions, writeOptions } from './write-options.ts'
import { type WriteParts, type Writer, writerOf } from './writing.ts'

const patchTypes = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
} as const
export type PatchType = (typeof patchTypes)[keyof typeof patchTypes]

type Parsed = Readonly<{ patch: unknown; repeatedKeys: readonly string[] }>
export type PatchRequest = Parsed & Readonly<{ type: PatchType; options: WriteOptions }>

export async function patchObject(
  parts: WriteParts,
  kind: Kind,
  call: Call,
  subresource?: Subresource,
): Promise<Result<Answer, Refusal>> {
  const request = await readPatch(call, kind)
  if (!request.ok) return request
  const { type, options } = request.value
  const { name, namespace } = call.info
  const writer = writerOf(call, kind, options, subresource?.name)
  return onNewest(parts, writer, storeKey(kind, namespace, name), async (before) => {
    if (type === 'apply') return applyPatch(parts, writer, call, request.value, before, subresource)
    if (before === undefined) return fail(notFound(kind, name))
    const patched = patchedObject(parts, kind, call, request.value, before)
    if (!patched.ok) return patched
    const after = trackedChange(parts, writer, before, patched.value)
    const stored = await storeChanged(parts, writer, before, after, subresource)
    return stored.ok ? ok({ type: 'entry', status: 200, kind, entry: stored.value }) : stored
  })
}

/** The patch with its type and options; refused with 415 where the content type is none of a patch. */
export async function readPatch(call: Call, kind: Kind): Promise<Result<PatchRequest, Refusal>> {
  const type = patchTypes[mediaTypeOf(call) as keyof typeof patchTypes]
  // The types of custom resources have no merge keys.
  if (kind.custom !== undefined && (type === undefined || type === 'strategic')) return fail(noCustomPatch)
  if (type === undefined) return fail(unsupportedPatch)
  const options = writeOptions(call, 'PatchOptions')
  if (!options.ok) return options
  const wrong = optionErrors(call, type, options.value)
  if (wrong.length > 0) {
    return fail({ reason: 'Invalid', group: 'meta.k8s.io', kind: 'PatchOptions', name: '', errors: wrong })
  }
  const body = await readBody(call)
  if (!body.ok) return body
  const patch = parsePatch(type, new TextDecoder().decode(body.value))
  return patch.ok ? ok({ type, ...patch.value, options: options.value }) : patch
}

const noCustomPatch: Refusal = {
  reason: 'UnsupportedMediaType',
  message:
    'the body of the request was in an unknown format - accepted media types include: ' +
    'application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
}

const unsupportedPatch: Refusal = {
  reason: 'Passed',
  status: {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: '415: Unsupported Media Type',
    reason: 'UnsupportedMediaType',
    details: {},
    code: 415,
  },
}

function optionErrors(call: Call, type: PatchType, { force }: WriteOptions): FieldError[] {
  if (type !== 'apply') {
    if (force === undefined) return []
    return [
      { reason: 'FieldValueForbidden', field: 'force', message: 'Forbidden: may not be specified for non-apply patch' },
    ]
  }
  if ((call.query.get('fieldManager') ?? '') !== '') return []
  const message = 'Required value: is required for apply patch'
  return [{ reason: 'FieldValueRequired', field: 'fieldManager', message }]
}

function parsePatch(type: PatchType, text: string): Result<Parsed, Refusal> {
  if (type === 'apply') return parseConfiguration(text)
  try {
    return ok({ patch: JSON.parse(text), repeatedKeys: [] })
  } catch {
    const prefix = type === 'strategic' ? '' : 'error decoding patch: '
    return fail({ reason: 'BadRequest', message: `${prefix}${syntaxError(text)}` })
  }
}

/** What is wrong with a JSON text, in encoding/json's words. */
function syntaxError(text: string): string {
  try {
    parseJsonText(text)
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error.message
  }
  return 'invalid JSON'
}

function parseConfiguration(text: string): Result<Parsed, Refusal> {
  const parsed = parseYamlText(text)
  const problem = (what: string): Result<Parsed, Refusal> =>
    fail({ reason: 'BadRequest', message: `error decoding YAML: ${what}` })
  if (!parsed.ok) return problem(`error converting YAML to JSON: ${parsed.error}`)
  const { value, repeatedKeys } = parsed.value
  if (isJsonObject(value) || value === null) return ok({ patch: value ?? {}, repeatedKeys })
  const why = `json: cannot unmarshal ${jsonTypeName(value)} into Go value of type map[string]interface {}`
  return problem(`error unmarshaling JSON: while decoding JSON: ${why}`)
}

function patchedObject(
  parts: WriteParts,
  kind: Kind,
  call: Call,
  request: PatchRequest,
  before: Entry,
): Result<ApiObject, Refusal> {
  const patched = patchedJson(parts, kind, request, before.object)
  if (!patched.ok) return fail(patchRefusal(patched.error))
  const decoded = decodeKind(kind, patched.value, { format: 'json' })
  if (!decoded.ok)
    return fail(quotingPatch(kind, request, patched.value, firstProblem(kind, patched.value) ?? decoded.error))
  const { strictErrors, object } = decoded.value
  if (strictErrors.length > 0) {
    const { fieldValidation } = request.options
    if (fieldValidation === 'Strict') return fail(strictPatchRefusal(patched.value, strictErrors))
    if (fieldValidation === 'Warn') call.warnings.push(...strictErrors)
  }
  const wrongName = nameRefusal(object, call.info.name)
  if (wrongName !== undefined) return fail(wrongName)
  const scoped = inNamespace({ kind, namespace: call.info.namespace }, object)
  return scoped.ok ? ok(applyDefaults(kind, scoped.value)) : scoped
}

function patchedJson(
  { schema }: WriteParts,
  kind: Kind,
  { type, patch }: PatchRequest,
  current: ApiObject,
): Result<unknown, PatchError> {
  switch (type) {
    case 'json':
      return applyJsonPatch(current, patch)
    case 'merge':
      return applyMergePatch(current, patch)
    default:
      return applyStrategicMergePatch(schema, kind.typeName, current, patch)
  }
}

/** Of several things that are wrong, the first one of Go's maps: they are written in the order of their keys. */
function firstProblem(kind: Kind, patched: unknown): Refusal | undefined {
  const decoded = decodeKind(kind, inKeyOrder(patched), { format: 'json' })
  return decoded.ok ? undefined : decoded.error
}

function inKeyOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inKeyOrder)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(sortedTop(value)).map(([key, one]) => [key, inKeyOrder(one)]))
}

/** As the patch handler words unknown fields: an error of the patch, which it quotes with keys as Go's maps print them. */
function strictPatchRefusal(patched: unknown, strictErrors: readonly string[]): Refusal {
  return patchProblem(patched, `strict decoding error: ${strictErrors.join(', ')}`)
}

/** That the patched object is none of its kind is an error of the patch, too. */
function quotingPatch(kind: Kind, { type, patch }: PatchRequest, patched: unknown, refusal: Refusal): Refusal {
  const problem = decodingProblem(refusal)
  if (problem === undefined) return refusal
  if (type !== 'strategic') return patchProblem(patched, problem)
  return patchProblem(goMap(patch), unstructuredProblem(kind.typeName, patched) ?? problem)
}

/** What the decoder found, without what it was asked to decode. */
function decodingProblem(refusal: Refusal): string | undefined {
  if (refusal.reason !== 'BadRequest') return undefined
  return /cannot be handled as a \w+: ([\s\S]*)$/.exec(refusal.message)?.[1]
}

/** A value as Go prints maps and lists. */
function goMap(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goMap).join(' ')}]`
  if (!isJsonObject(value)) return value === null ? '<nil>' : String(value)
  const fields = Object.entries(sortedTop(value)).map(([key, one]) => `${key}:${goMap(one)}`)
  return `map[${fields.join(' ')}]`
}

/** `patched`: the object, or what is to be quoted as it stands. */
function patchProblem(patched: unknown, problem: string): Refusal {
  const text =
    typeof patched === 'string' ? patched : JSON.stringify(isJsonObject(patched) ? sortedTop(patched) : patched)
  const message = `Invalid value: ${JSON.stringify(text)}: ${problem}`
  const errors = [{ reason: 'FieldValueInvalid', field: 'patch', message }]
  return { reason: 'Invalid', group: '', kind: '', name: '', errors }
}

function sortedTop(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Server-side apply: creates the object where it is not there yet. */
async function applyPatch(
  parts: WriteParts,
  writer: Writer,
  call: Call,
  { patch, repeatedKeys, options }: PatchRequest,
  before: Entry | undefined,
  subresource: Subresource | undefined,
): Promise<Result<Answer, Refusal | Overtaken>> {
  const { kind } = writer
  const { name, namespace } = call.info
  if (before === undefined && subresource !== undefined) return fail(notFound(kind, name))
  if (!isJsonObject(patch)) return fail({ reason: 'BadRequest', message: 'error decoding YAML: expected an object' })
  if (repeatedKeys.length > 0) {
    if (options.fieldValidation === 'Strict') return fail(repeatedKeysRefusal(repeatedKeys))
    if (options.fieldValidation === 'Warn') call.warnings.push(...repeatedKeys)
  }
  const applied = applyConfiguration({
    schema: schemaOf(parts, kind),
    kind,
    others: otherVersions(parts, kind),
    ...(before === undefined ? {} : { live: before.object }),
    config: patch,
    manager: options.fieldManager,
    force: options.force === true,
    ...(subresource === undefined ? {} : { subresource: subresource.name }),
    nowMs: parts.clock.nowMs(),
  })
  if (!applied.ok) return applied
  const decoded = decodeKind(kind, applied.value, { format: 'json' })
  if (!decoded.ok) return fail(unconverted(kind, patch, applied.value, decoded.error))
  const wrongName = nameRefusal(decoded.value.object, name)
  if (wrongName !== undefined) return fail(wrongName)
  const scoped = inNamespace({ kind, namespace }, decoded.value.object)
  if (!scoped.ok) return scoped
  const after = applyDefaults(kind, scoped.value)
  if (before === undefined) {
    const created = await storeTracked(parts, writer, withMeta(after, { resourceVersion: '' }))
    return created.ok
      ? ok({ type: 'entry', status: 201, kind, entry: created.value })
      : fail(updateInstead(created.error))
  }
  const stored = await storeChanged(parts, writer, before, after, subresource)
  return stored.ok ? ok({ type: 'entry', status: 200, kind, entry: stored.value }) : stored
}

/** An applied object that its type cannot hold: a bare 500 of the original's, which names it as the configuration does. */
function unconverted(kind: Kind, config: JsonObject, applied: unknown, refusal: Refusal): Refusal {
  const decoding = decodingProblem(refusal)
  if (decoding === undefined) return refusal
  const { metadata } = config as Partial<ApiObject>
  const problem = kind.custom === undefined ? unstructuredProblem(kind.typeName, applied) : undefined
  const type = `${kind.group}/${kind.version}, Kind=${kind.kind}`
  const message = `failed to convert new object (${metadata?.namespace ?? ''}/${metadata?.name ?? ''}; ${type}) to proper version: unable to convert unstructured object to ${type}: ${problem ?? decoding}`
  const head = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' } as const
  return { reason: 'Passed', status: { ...head, message, code: 500 } }
}

function repeatedKeysRefusal(repeatedKeys: readonly string[]): Refusal {
  const lines = repeatedKeys.map((line) => `  ${line}`).join('\n')
  const message = `error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n${lines}`
  return { reason: 'BadRequest', message }
}
