import { stringify } from 'yaml'
import { isJsonObject, type JsonObject } from '../../api/json-value.ts'
import { apiVersionOf, type Kind, listKindOf } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import { encodeList, encodeObject } from '../../api/protobuf/encode.ts'
import { envelopeOf } from '../../api/protobuf/envelope.ts'
import { protobufType } from '../../api/protobuf/media-type.ts'
import type { Refusal } from '../../api/refusal.ts'
import { statusOf } from '../../api/status.ts'
import { type IncludeObject, type Table, tableFor } from '../../api/table/table.ts'
import type { HttpHeaders, HttpResponse } from '../../ports/http.ts'
import type { Answer, ListMeta } from '../call.ts'
import type { Form } from './accept.ts'
import { itemsJson, type ListCache, type ListItems, listFrame, listMeta } from './object-json.ts'
import { protobufTypeOf, rawOf } from './protobuf-body.ts'

export type OutputOptions = Readonly<{
  form: Form
  includeObject: IncludeObject
  /** Indented, as browsers and curl get it. */
  pretty: boolean
  nowMs: number
  lists: ListCache
}>

const encoder = new TextEncoder()
/** As sigs.k8s.io/yaml writes: keys sorted, lists not indented, strings quoted where YAML 1.1 takes them for something else. */
const yamlStyle = {
  version: '1.1',
  sortMapEntries: true,
  indentSeq: false,
  aliasDuplicateObjects: false,
  lineWidth: 0,
} as const
const newline = encoder.encode('\n')

/** An answer in the form that was negotiated. Stored objects and lists go out as they are stored, without being encoded again. */
export function writeAnswer(answer: Answer, options: OutputOptions): HttpResponse {
  switch (answer.type) {
    case 'response':
      return answer.response
    case 'entry':
      return isPlain(options)
        ? whole(answer.status, 'application/json', [answer.entry.json, newline], () => answer.entry.object)
        : isPlainProtobuf(options)
          ? whole(answer.status, protobufType, [envelopeOf(answer.kind, rawOf(answer.kind, answer.entry))])
          : writeValue(answer.status, transformedObject(answer.kind, answer.entry.object, options), options)
    case 'object':
      return writeValue(
        answer.status,
        answer.kind === undefined ? answer.object : transformedObject(answer.kind, answer.object as ApiObject, options),
        options,
      )
    case 'review':
      return writeValue(201, options.form.as === 'metadata' ? partialMetadata(answer.object) : answer.object, options)
    case 'list':
      if (isPlain(options)) return plainList(answer, options.lists)
      if (isPlainProtobuf(options)) return protobufList(answer)
      return writeValue(200, listValue(answer, options), options)
  }
}

export function writeRefusal(refusal: Refusal, { form, pretty }: Pick<OutputOptions, 'form' | 'pretty'>): HttpResponse {
  const status = statusOf(refusal)
  const seconds = status.details?.retryAfterSeconds
  const response = writeValue(status.code, status, { form: { ...form, as: 'object' }, pretty })
  const more: HttpHeaders = seconds === undefined ? {} : { 'retry-after': String(seconds) }
  return { ...response, headers: { ...response.headers, ...more } }
}

function isPlain({ form, pretty }: OutputOptions): boolean {
  return form.format === 'json' && form.as === 'object' && !pretty
}

function isPlainProtobuf({ form }: OutputOptions): boolean {
  return form.format === 'protobuf' && form.as === 'object'
}

type Whole = Extract<HttpResponse, { type: 'whole' }>

function whole(status: number, contentType: string, body: readonly Uint8Array[], value?: () => object): Whole {
  const headers = { 'content-type': contentType }
  return value === undefined
    ? { type: 'whole', status, headers, body }
    : { type: 'whole', status, headers, body, value }
}

function writeValue(status: number, given: unknown, { form, pretty }: Pick<OutputOptions, 'form' | 'pretty'>): Whole {
  const value = form.isBeta === true ? inBeta(given) : given
  if (form.format === 'protobuf') {
    const object = value as JsonObject
    return whole(status, protobufType, [encodeObject(protobufTypeOf(object), object)])
  }
  if (form.format === 'yaml') {
    return whole(status, 'application/yaml', [encoder.encode(stringify(value, yamlStyle))])
  }
  const text = pretty ? JSON.stringify(value, null, 2) : `${JSON.stringify(value)}\n`
  return whole(status, 'application/json', [encoder.encode(text)])
}

/** A table, a partial object or a list of such, and what is in them, as meta.k8s.io/v1beta1 has them. */
export function inBeta(value: unknown): unknown {
  if (!isJsonObject(value) || value.apiVersion !== 'meta.k8s.io/v1') return value
  const { rows, items } = value
  return {
    ...value,
    apiVersion: 'meta.k8s.io/v1beta1',
    ...(Array.isArray(rows) ? { rows: rows.map((row) => ({ ...row, object: inBeta(row.object) })) } : {}),
    ...(Array.isArray(items) ? { items: items.map(inBeta) } : {}),
  }
}

type ListAnswer = Extract<Answer, { type: 'list' }>

function plainList({ kind, entries, meta, prefix }: ListAnswer, lists: ListCache): Whole {
  const make = (): ListItems => {
    const listed = entries()
    return { entries: listed, json: itemsJson(kind, listed) }
  }
  const items = prefix === undefined ? make() : lists.items(kind.typeName, prefix, make)
  const [head, tail] = listFrame(kind, meta)
  // As of this answer, whenever it is asked for.
  const value = (): object => ({ metadata: meta, items: items.entries.map(({ object }) => object) })
  return whole(200, 'application/json', [head, items.json, tail], value)
}

function protobufList({ kind, entries, meta }: ListAnswer): Whole {
  const items = entries().map((entry) => rawOf(kind, entry))
  return whole(200, protobufType, [encodeList(kind, meta, items)])
}

function listValue({ kind, entries, meta }: ListAnswer, options: OutputOptions): unknown {
  const objects = entries().map(({ object }) => object)
  switch (options.form.as) {
    case 'table':
      return tableFor(kind, objects, { ...tableOptions(options), metadata: meta })
    case 'metadata':
      return {
        kind: 'PartialObjectMetadataList',
        apiVersion: 'meta.k8s.io/v1',
        metadata: meta,
        items: objects.map(partialMetadata),
      }
    case 'object':
      return plainListValue(kind, objects, meta)
  }
}

function plainListValue(kind: Kind, objects: readonly ApiObject[], metadata: ListMeta): unknown {
  const items =
    kind.custom === undefined ? objects.map(({ kind: _kind, apiVersion: _version, ...rest }) => rest) : objects
  return { kind: listKindOf(kind), apiVersion: apiVersionOf(kind), metadata: listMeta(kind, metadata), items }
}

function transformedObject(kind: Kind, object: ApiObject, options: OutputOptions): unknown {
  switch (options.form.as) {
    case 'table':
      return tableOf(kind, object, options)
    case 'metadata':
      return partialMetadata(object)
    case 'object':
      return object
  }
}

function tableOf(kind: Kind, object: ApiObject, options: OutputOptions, noHeaders = false): Table {
  const resourceVersion = object.metadata.resourceVersion ?? ''
  return tableFor(kind, [object], { ...tableOptions(options), metadata: { resourceVersion }, noHeaders })
}

function tableOptions({
  nowMs,
  includeObject,
}: OutputOptions): Readonly<{ nowMs: number; includeObject: IncludeObject }> {
  return { nowMs, includeObject }
}

export function partialMetadata({ metadata }: ApiObject): object {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }
}

export function textResponse(status: number, text: string, headers: HttpHeaders = {}): HttpResponse {
  const body = encoder.encode(text)
  return { type: 'whole', status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, body }
}

export function jsonResponse(value: unknown, headers: HttpHeaders = {}): HttpResponse {
  const body = encoder.encode(JSON.stringify(value))
  return { type: 'whole', status: 200, headers: { 'content-type': 'application/json', ...headers }, body }
}
