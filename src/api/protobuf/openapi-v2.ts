/** OpenAPI v2 in protobuf: what client-go asks for as application/com.github.proto-openapi.spec.v2@v1.0+protobuf. */
import { stringify } from 'yaml'
import { assert } from '../assert.ts'
import { type OpenApiField, openApiChoices, openApiMessages } from './openapi-messages.ts'
import {
  sizeOf,
  type Writer,
  writeDouble,
  writeHead,
  writeInteger,
  writeText,
  writeVarint,
  written,
} from './wire-writer.ts'

type JsonObject = Readonly<Record<string, unknown>>
/** Texts of values that have no form but YAML: the same few stand in thousands of places. */
type Encoding = Readonly<{ writer: Writer; yaml: Map<string, string> }>

const lengthDelimited = 2

/** The document's bytes; `document` is an OpenAPI v2 document as parsed JSON. */
export function encodeOpenApiV2(document: JsonObject): Uint8Array {
  return written((writer) => writeMessage({ writer, yaml: new Map() }, 'Document', document))
}

function tag(number: number, wireType: number): number {
  return (number << 3) | wireType
}

/** Written backwards, as everything: see wire-writer.ts. */
function writeMessage(encoding: Encoding, message: string, object: JsonObject): void {
  const fields = openApiMessages.get(message)
  assert(fields !== undefined, `no OpenAPI message ${message}`)
  for (const field of fields.toReversed()) writeField(encoding, field, fields, object)
}

function writeField(
  encoding: Encoding,
  field: OpenApiField,
  siblings: readonly OpenApiField[],
  object: JsonObject,
): void {
  if (field.name === 'x-' || field.name === '*') {
    const isExtension = (key: string): boolean => key.startsWith('x-') && siblings.some(({ name }) => name === 'x-')
    const keys = Object.keys(object).filter((key) => isExtension(key) === (field.name === 'x-'))
    for (const key of keys.toReversed()) writeNamed(encoding, field, key, object[key])
    return
  }
  const value = object[field.name]
  if (value === undefined) return
  if (!field.isList) {
    writeValue(encoding, field.number, field.form, value)
    return
  }
  assert(Array.isArray(value), `${field.name} is no list`)
  for (const item of value.toReversed()) writeItem(encoding, field.number, field.form, item)
}

/** A message of a key and its value. */
function writeNamed(encoding: Encoding, field: OpenApiField, key: string, value: unknown): void {
  const { writer } = encoding
  const before = sizeOf(writer)
  writeValue(encoding, 2, field.form, value)
  writeValue(encoding, 1, 'string', key)
  writeHead(writer, tag(field.number, lengthDelimited), before)
}

/** proto3: a single scalar that is zero is not written. */
function writeValue(encoding: Encoding, number: number, form: string, value: unknown): void {
  if (value !== '' && value !== 0 && value !== false) writeItem(encoding, number, form, value)
  else if (!isScalar(form)) writeItem(encoding, number, form, value)
}

function isScalar(form: string): boolean {
  return form === 'string' || form === 'boolean' || form === 'int64' || form === 'double'
}

function writeItem(encoding: Encoding, number: number, form: string, value: unknown): void {
  const { writer } = encoding
  if (form === 'boolean' || form === 'int64') {
    writeInteger(writer, Number(value))
    writeVarint(writer, tag(number, 0))
  } else if (form === 'double') {
    writeDouble(writer, Number(value))
    writeVarint(writer, tag(number, 1))
  } else {
    const before = sizeOf(writer)
    writeContent(encoding, form, value)
    writeHead(writer, tag(number, lengthDelimited), before)
  }
}

function writeContent(encoding: Encoding, form: string, value: unknown): void {
  switch (form) {
    case 'string':
      writeText(encoding.writer, String(value))
      return
    case 'any':
      writeItem(encoding, 2, 'string', yamlOf(encoding, value))
      return
    case 'Strings':
      for (const item of listOf(value).toReversed()) writeItem(encoding, 1, 'string', item)
      return
    case 'Items':
      for (const item of listOf(value).toReversed()) writeItem(encoding, 1, 'Schema', item)
      return
    case 'AdditionalProperties':
      if (typeof value === 'boolean') writeItem(encoding, 2, 'boolean', value)
      else writeItem(encoding, 1, 'Schema', value)
      return
    default:
      writeObject(encoding, form, value)
  }
}

function writeObject(encoding: Encoding, form: string, value: unknown): void {
  assert(typeof value === 'object' && value !== null, `${form} is no object`)
  const choose = openApiChoices[form]
  if (choose === undefined) {
    writeMessage(encoding, form, value as JsonObject)
    return
  }
  const { path, message } = choose(value as JsonObject)
  const before = sizeOf(encoding.writer)
  writeMessage(encoding, message, value as JsonObject)
  for (const number of path.toReversed()) writeHead(encoding.writer, tag(number, lengthDelimited), before)
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value]
}

/** Go's YAML puts in double quotes what would else be no text, and in single quotes what cannot stand without any. */
const notText = /^(?:|~|[-+.\d].*|true|false|null|yes|no|on|off|y|n)$/i

function yamlOf({ yaml }: Encoding, value: unknown): string {
  const key = JSON.stringify(value)
  const known = yaml.get(key)
  if (known !== undefined) return known
  const singleQuote = typeof value === 'string' && !notText.test(value)
  const text = stringify(value, { lineWidth: 0, indentSeq: false, singleQuote })
  yaml.set(key, text)
  return text
}
