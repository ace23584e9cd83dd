/**
 * Writes objects as protobuf messages, byte for byte as Kubernetes' generated code does: fields by ascending number, maps by key, single
 * values without a pointer also when they are zero. Everything is written backwards; see wire-writer.ts.
 */
import { assert } from '../assert.ts'
import { decodeBase64 } from '../base64.ts'
import { type Field, type Message, messageOf } from './message.ts'
import { isZeroTime, unixSeconds } from './timestamp.ts'
import {
  sizeOf,
  type Writer,
  writeBytes,
  writeDouble,
  writeHead,
  writeInteger,
  writeText,
  writeVarint,
} from './wire-writer.ts'

type JsonObject = Readonly<Record<string, unknown>>
const nothing: JsonObject = {}

/** Tags of the fields that special messages have. */
const tagOf = { varint1: 8, varint2: 16, bytes1: 10, bytes2: 18, bytes3: 26 } as const

/** The fields of a message, without tag and length. `object` is as decoding leaves it: of the type's shape. */
export function writeMessage(writer: Writer, { fields, slots }: Message, object: JsonObject): void {
  // Most objects have few of the many fields that they could have: looking for each of them takes longer.
  const values: unknown[] = []
  for (const key in object) {
    const slot = slots.get(key)
    if (slot !== undefined) values[slot] = object[key]
  }
  writeFields(writer, fields, values)
}

function writeFields(writer: Writer, fields: readonly Field[], values: readonly unknown[]): void {
  for (let at = fields.length - 1; at >= 0; at -= 1) {
    const field = fields[at]
    if (field === undefined) continue
    if (field.embedded === undefined) writeField(writer, field, values[field.slot])
    else {
      const before = sizeOf(writer)
      writeFields(writer, field.embedded.fields, values)
      writeHead(writer, field.tag, before)
    }
  }
}

function writeField(writer: Writer, field: Field, value: unknown): void {
  if (value === undefined || value === null) {
    if (field.isPointer || field.repeated !== 'one' || field.form === 'bytes' || field.form === 'wrappedStrings') return
    writeItem(writer, field, field.tag, zeroOf(field))
    return
  }
  if (field.repeated === 'one') {
    writeItem(writer, field, field.tag, value)
    return
  }
  if (field.repeated === 'map') {
    writeMap(writer, field, value as JsonObject)
    return
  }
  assert(Array.isArray(value), `${field.name} is no list`)
  for (let at = value.length - 1; at >= 0; at -= 1) writeItem(writer, field, field.tag, value[at])
}

function zeroOf({ form }: Field): unknown {
  switch (form) {
    case 'string':
      return ''
    case 'boolean':
      return false
    case 'int32':
    case 'int64':
    case 'double':
    case 'intOrString':
      return 0
    case 'quantity':
      return '0'
    case 'message':
      return nothing
    default:
      return null
  }
}

function writeMap(writer: Writer, field: Field, map: JsonObject): void {
  const keys = sortedKeys(map)
  for (let at = keys.length - 1; at >= 0; at -= 1) {
    const key = keys[at] ?? ''
    const before = sizeOf(writer)
    writeItem(writer, field, field.form === 'boolean' ? tagOf.varint2 : tagOf.bytes2, map[key])
    writeString(writer, tagOf.bytes1, key)
    writeHead(writer, field.tag, before)
  }
}

const surrogate = /[\ud800-\udfff]/

/** As Go sorts strings: by their UTF-8 bytes, which differs from JavaScript's order where there are surrogates. */
function sortedKeys(map: JsonObject): readonly string[] {
  const keys = Object.keys(map)
  if (keys.length < 2) return keys
  keys.sort()
  return keys.some((key) => surrogate.test(key)) ? keys.sort(compareCodePoints) : keys
}

function compareCodePoints(a: string, b: string): number {
  const left = Array.from(a)
  const right = Array.from(b)
  for (const [at, character] of left.entries()) {
    const difference = (character.codePointAt(0) ?? 0) - (right[at]?.codePointAt(0) ?? -1)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

/** One value with its tag. null stands for Go's zero value where that has no form in JSON. */
function writeItem(writer: Writer, field: Field, tag: number, value: unknown): void {
  switch (field.form) {
    case 'string':
      writeString(writer, tag, value)
      return
    case 'boolean':
      writeVarint(writer, value === true ? 1 : 0)
      writeVarint(writer, tag)
      return
    case 'int32':
    case 'int64':
      writeInteger(writer, numberOf(value))
      writeVarint(writer, tag)
      return
    case 'double':
      writeDouble(writer, numberOf(value))
      writeVarint(writer, tag)
      return
    default: {
      const before = sizeOf(writer)
      writeContent(writer, field, value)
      writeHead(writer, tag, before)
      return
    }
  }
}

/** What stands within a length of its own. */
function writeContent(writer: Writer, field: Field, value: unknown): void {
  switch (field.form) {
    case 'message':
      writeMessage(writer, messageOf(field.ref), objectOf(value))
      return
    case 'quantity':
      writeString(writer, tagOf.bytes1, value)
      return
    case 'time':
    case 'microTime':
      writeTime(writer, value)
      return
    case 'bytes':
      writeBytes(writer, decodeBase64(textOf(value)))
      return
    case 'intOrString':
      writeIntOrString(writer, value)
      return
    case 'json':
      if (value !== null) writeString(writer, tagOf.bytes1, JSON.stringify(value))
      return
    case 'wrappedStrings':
      writeStrings(writer, tagOf.bytes1, value)
      return
    case 'schemaOrSchemas':
    case 'schemaOrBoolean':
    case 'schemaOrStrings':
      writeSchemaOr(writer, field, value)
      return
    default:
      assert(false, `${field.name} has no length of its own`)
  }
}

function writeString(writer: Writer, tag: number, value: unknown): void {
  const before = sizeOf(writer)
  writeText(writer, textOf(value))
  writeHead(writer, tag, before)
}

function writeStrings(writer: Writer, tag: number, value: unknown): void {
  if (!Array.isArray(value)) return
  for (let at = value.length - 1; at >= 0; at -= 1) writeString(writer, tag, value[at])
}

/** The zero time is an empty message. */
function writeTime(writer: Writer, value: unknown): void {
  if (value === null) return
  const text = textOf(value)
  if (isZeroTime(text)) return
  writeVarint(writer, text.length > 20 ? Number(text.slice(20, 26)) * 1000 : 0)
  writeVarint(writer, tagOf.varint2)
  writeInteger(writer, unixSeconds(text))
  writeVarint(writer, tagOf.varint1)
}

function writeIntOrString(writer: Writer, value: unknown): void {
  const isText = typeof value === 'string'
  writeString(writer, tagOf.bytes3, isText ? value : '')
  writeInteger(writer, isText ? 0 : numberOf(value))
  writeVarint(writer, tagOf.varint2)
  writeVarint(writer, isText ? 1 : 0)
  writeVarint(writer, tagOf.varint1)
}

/** A schema, or what else may stand in its place. */
function writeSchemaOr(writer: Writer, { form, ref }: Field, value: unknown): void {
  const message = messageOf(ref)
  const writeSchema = (tag: number, schema: unknown): void => {
    const before = sizeOf(writer)
    writeMessage(writer, message, objectOf(schema))
    writeHead(writer, tag, before)
  }
  const isSchema = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (form === 'schemaOrBoolean') {
    if (isSchema) writeSchema(tagOf.bytes2, value)
    writeVarint(writer, isSchema || value === true ? 1 : 0)
    writeVarint(writer, tagOf.varint1)
    return
  }
  if (isSchema) {
    writeSchema(tagOf.bytes1, value)
    return
  }
  if (form === 'schemaOrStrings') {
    writeStrings(writer, tagOf.bytes2, value)
    return
  }
  if (Array.isArray(value)) for (const schema of value.toReversed()) writeSchema(tagOf.bytes2, schema)
}

function textOf(value: unknown): string {
  assert(typeof value === 'string', 'a string is expected')
  return value
}

function numberOf(value: unknown): number {
  assert(typeof value === 'number', 'a number is expected')
  return value
}

function objectOf(value: unknown): JsonObject {
  assert(typeof value === 'object' && value !== null, 'an object is expected')
  return value as JsonObject
}
