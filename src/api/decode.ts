/**
 * Request bodies into objects, as kube-apiserver's codecs do it: JSON or YAML text (or a value already parsed, as patches leave it) into the
 * shape of a type, with the original's words for everything that is wrong. See decode-walk.ts for what becomes of the fields.
 */
import { DecodeError, newWalk, readStruct, type Walk } from './decode-walk.ts'
import { splitApiVersion } from './define-kind.ts'
import { exactJson, JsonSyntaxError, membersOf, numberTextOf, parseJsonText } from './json-text.ts'
import { jsonTypeName } from './json-value.ts'
import { apiVersionOf, type Kind } from './kinds.ts'
import type { ApiObject } from './object.ts'
import type { Refusal } from './refusal.ts'
import { fail, ok, type Result } from './result.ts'
import { schema } from './schema-reader.ts'
import { parseYamlText } from './yaml-text.ts'

/** What a body is to become. Every Kind is one; others (Binding, Scale, DeleteOptions …) are spelled out. */
export type BodyType = Pick<Kind, 'group' | 'version' | 'kind' | 'typeName'>

export type DecodeOptions = Readonly<{ format: 'json' | 'yaml' }>

export type Decoded<T> = Readonly<{
  object: T
  /** Paths of fields that the type has not, and that the object lacks therefore: 'spec.foo'. */
  unknownFields: readonly string[]
  /** Paths of repeated fields; for YAML 'line 3: key "name" already set in map'. */
  duplicateFields: readonly string[]
  /** Both, worded and in the order of the text: fieldValidation=Warn sends each as a warning. */
  strictErrors: readonly string[]
}>

/** Decodes an object of a served kind. apiVersion, kind and metadata are always set in the result. */
export function decodeObject(
  kind: BodyType,
  body: Uint8Array | unknown,
  options: DecodeOptions,
): Result<Decoded<ApiObject>, Refusal> {
  // readStruct writes metadata, which every kind's type has as an always-written struct.
  return decodeBody(kind, body, options) as Result<Decoded<ApiObject>, Refusal>
}

/** Decodes a body of any type: `body` is the text in bytes, or a parsed value. The object shares nothing mutable with `body`. */
export function decodeBody(
  type: BodyType,
  body: Uint8Array | unknown,
  { format }: DecodeOptions,
): Result<Decoded<Readonly<Record<string, unknown>>>, Refusal> {
  const parsed = parseBody(body, format)
  if (!parsed.ok) return fail(unrecognized(type, parsed.error, body))
  const named = nameOf(parsed.value.value)
  if (!named.ok) return fail(unrecognized(type, named.error, body))
  const mismatch = checkName(type, named.value)
  if (mismatch !== undefined) return fail(cannotHandle(type, named.value, mismatch))
  return decodeParsed(type, parsed.value)
}

/** fieldValidation=Strict: one refusal for all unknown and duplicate fields. */
export function strictRefusal({ kind, version }: BodyType, { strictErrors }: Decoded<unknown>): Refusal {
  return badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${strictMessage(strictErrors)}`)
}

function strictMessage(errors: readonly string[]): string {
  const repeated = errors.filter((error) => error.startsWith('line '))
  const others = errors.filter((error) => !error.startsWith('line '))
  const yaml =
    repeated.length === 0 ? [] : [`yaml: unmarshal errors:\n${repeated.map((line) => `  ${line}`).join('\n')}`]
  return `strict decoding error: ${[...yaml, ...others].join(', ')}`
}

type Parsed = Readonly<{ value: unknown; repeatedKeys: readonly string[] }>

/** Values without text cannot repeat keys. */
function plain(value: unknown): Parsed {
  return { value, repeatedKeys: [] }
}

/** A body's value, as text or already read. */
export function parseBody(body: Uint8Array | unknown, format: 'json' | 'yaml'): Result<Parsed, string> {
  if (!(body instanceof Uint8Array)) return ok(plain(body))
  return format === 'json' ? parseJson(body) : parseYamlText(decoder.decode(body))
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

function parseJson(bytes: Uint8Array): Result<Parsed, string> {
  const text = decoder.decode(bytes)
  const quick = exactJson(bytes, text)
  if (quick !== undefined) return ok(plain(quick.value))
  try {
    return ok(plain(parseJsonText(text)))
  } catch (error) {
    if (error instanceof JsonSyntaxError) return fail(`couldn't get version/kind; json parse error: ${error.message}`)
    throw error
  }
}

export type Name = Readonly<{ apiVersion: string; kind: string }>

/** apiVersion and kind of a body: what decides by which type it is read. Both may be missing. */
export function nameOf(value: unknown): Result<Name, string> {
  if (value === null || value === undefined) return ok({ apiVersion: '', kind: '' })
  const found: Record<string, string> = { apiVersion: '', kind: '' }
  const problem = "couldn't get version/kind; json parse error: json: cannot unmarshal"
  if (kindOfValue(value) !== 'object') return fail(`${problem} ${kindOfValue(value)} into Go value of type ${nameType}`)
  for (const [key, item] of entriesOf(value)) {
    if ((key !== 'apiVersion' && key !== 'kind') || item === null) continue
    if (typeof item !== 'string')
      return fail(`${problem} ${kindOfValue(item)} into Go struct field .${key} of type string`)
    found[key] = item
  }
  const { apiVersion = '', kind = '' } = found
  if (apiVersion.split('/').length > 2) return fail(`unexpected GroupVersion string: ${apiVersion}`)
  return ok({ apiVersion, kind })
}

const nameType =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  if (typeof value !== 'object' || value === null) return []
  return membersOf(value) ?? Object.entries(value)
}

function kindOfValue(value: unknown): string {
  const isNumber = typeof value === 'object' && value !== null && numberTextOf(value) !== undefined
  return isNumber ? 'number' : jsonTypeName(value)
}

/** What is wrong with the apiVersion and kind that a body gives itself; undefined if nothing. */
export function checkName(type: BodyType, name: Name): string | undefined {
  const apiVersion = name.apiVersion === '' ? apiVersionOf(type) : name.apiVersion
  const kind = name.kind === '' ? type.kind : name.kind
  if (apiVersion === apiVersionOf(type) && kind === type.kind) return undefined
  const [group, version] = splitApiVersion(apiVersion)
  if (kind === 'DeleteOptions' && type.kind === kind && isGroupVersion(group, version)) return undefined
  const isKnown = typesNamed(group, version, kind).some((known) => schema.typeNames().includes(known))
  if (isKnown) return `converting (${version}.${kind}) to (${goPackage(type.group)}.${type.kind}): unknown conversion`
  return `no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/runtime/scheme.go:111"`
}

/** Every group version has DeleteOptions of its own name (apimachinery's metav1.AddToGroupVersion). */
function isGroupVersion(group: string, version: string): boolean {
  return schema.typeNames().some((name) => name.includes(`.${goPackage(group)}.${version}.`))
}

function goPackage(group: string): string {
  return group === '' ? 'core' : group.replace(/\..*$/, '')
}

/** What v1 has that belongs to no group (apimachinery's unversioned types). */
const unversioned = ['Status', 'APIVersions', 'APIGroup', 'APIGroupList', 'APIResourceList']

function typesNamed(group: string, version: string, kind: string): readonly string[] {
  const core = kind === 'List' ? ['io.k8s.api.core.v1.PodList'] : []
  const meta =
    group === '' && unversioned.includes(kind) ? [`io.k8s.apimachinery.pkg.apis.meta.${version}.${kind}`] : []
  return [`io.k8s.api.${goPackage(group)}.${version}.${kind}`, ...core, ...meta]
}

/** The message names the body's version and kind, those of the type where it gives none. */
export function cannotHandle(type: BodyType, name: Name, problem: string): Refusal {
  const kind = name.kind === '' ? type.kind : name.kind
  const version = name.apiVersion === '' ? type.version : splitApiVersion(name.apiVersion)[1]
  return badRequest(`${kind} in version "${version}" cannot be handled as a ${type.kind}: ${problem}`)
}

export function unrecognized({ kind }: BodyType, problem: string, body: Uint8Array | unknown): Refusal {
  const bytes = body instanceof Uint8Array ? body : new TextEncoder().encode(JSON.stringify(body) ?? '')
  return badRequest(`the object provided is unrecognized (must be of type ${kind}): ${problem} (${summarize(bytes)})`)
}

const summaryBytes = 30

/** The first bytes of a body: as text if it looks like JSON, else in hexadecimal. */
function summarize(body: Uint8Array): string {
  if (body.length === 0) return '<empty>'
  const start = body.subarray(0, summaryBytes)
  const isText = body[0] === 0x7b
  const shown = isText
    ? decoder.decode(start)
    : Array.from(start, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return body.length > summaryBytes ? `${shown} ...` : shown
}

function badRequest(message: string): Refusal {
  return { reason: 'BadRequest', message }
}

function decodeParsed(
  type: BodyType,
  { value, repeatedKeys }: Parsed,
): Result<Decoded<Record<string, unknown>>, Refusal> {
  const walk = newWalk()
  try {
    const read = readStruct(type.typeName, typeof value === 'object' && value !== null ? value : {}, walk)
    return ok(decoded({ apiVersion: apiVersionOf(type), kind: type.kind, ...read }, type, walk, repeatedKeys))
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    return fail(cannotHandle(type, { apiVersion: '', kind: '' }, error.message))
  }
}

function decoded(
  object: Record<string, unknown>,
  type: BodyType,
  walk: Walk,
  repeatedKeys: readonly string[],
): Decoded<Record<string, unknown>> {
  object.apiVersion = apiVersionOf(type)
  object.kind = type.kind
  return {
    object,
    unknownFields: [...walk.unknownFields],
    duplicateFields: [...repeatedKeys, ...walk.duplicateFields],
    strictErrors: [...repeatedKeys, ...walk.strictErrors],
  }
}
