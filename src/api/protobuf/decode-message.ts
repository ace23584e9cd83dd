/**
 * Reads protobuf messages into the objects that decoding of JSON makes (see decode-walk.ts): fields left out or written as their presence
 * says, unknown ones skipped, repeated single ones merged or replaced as Kubernetes' generated code does.
 */
import { assert } from '../assert.ts'
import { encodeBase64 } from '../base64.ts'
import { decodeScalar, isWrongKind } from '../decode-scalar.ts'
import { setValue } from '../json-value.ts'
import type { FieldSchema } from '../schema.ts'
import { emptyValue } from '../schema-reader.ts'
import { type Field, type Fields, type Message, messageOf } from './message.ts'
import { timeText } from './timestamp.ts'
import {
  enter,
  leave,
  type Reader,
  readBytes,
  readDouble,
  readInt32,
  readInt64,
  readTag,
  readText,
  readVarint,
  skipValue,
  WireError,
} from './wire-reader.ts'

type JsonObject = Record<string, unknown>

/** The message from here to the reader's end, into `object`; throws a WireError. */
export function readMessage(reader: Reader, message: Message, object: JsonObject): JsonObject {
  readFields(reader, message, object)
  for (const field of message.always) {
    if (object[field.name] === undefined) object[field.name] = emptyField(field)
  }
  return object
}

function emptyField({ type }: FieldSchema): unknown {
  if (type.type !== 'object') return emptyValue(type)
  const object: JsonObject = {}
  for (const field of messageOf(type.ref).always) object[field.name] = emptyField(field)
  return object
}

function readFields(reader: Reader, message: Fields, object: JsonObject): void {
  while (reader.at < reader.end) {
    const { number, wireType } = readTag(reader, message.name)
    const field = message.byNumber[number]
    if (field === undefined) skipValue(reader, wireType)
    else if (field.embedded !== undefined) readEmbedded(reader, field.embedded, wireType, object)
    else readField(reader, field, wireType, object)
  }
}

function readEmbedded(reader: Reader, embedded: Fields, wireType: number, object: JsonObject): void {
  if (wireType !== 2) throw wrongWireType(wireType, embedded.name)
  const outer = enter(reader)
  readFields(reader, embedded, object)
  leave(reader, outer)
}

function wrongWireType(wireType: number, name: string): WireError {
  return new WireError(`proto: wrong wireType = ${wireType} for field ${goFieldName(name)}`)
}

/** Go's names begin with a capital; metadata is an embedded struct there. */
function goFieldName(name: string): string {
  if (name === 'metadata') return 'ObjectMeta'
  const acronym = /^(?:uid|ip|id|os|tty|api)(?=[A-Z]|s?$)/.exec(name)?.[0] ?? name.slice(0, 1)
  return acronym.toUpperCase() + name.slice(acronym.length)
}

function readField(reader: Reader, field: Field, wireType: number, object: JsonObject): void {
  if (wireType !== field.wireType) {
    if (field.repeated === 'list' && wireType === 2) {
      readPacked(reader, field, object)
      return
    }
    throw wrongWireType(wireType, field.name)
  }
  const before = object[field.name]
  if (field.repeated === 'map') {
    const map = (before ?? {}) as JsonObject
    const outer = enter(reader)
    readEntry(reader, field, map)
    leave(reader, outer)
    object[field.name] = map
  } else if (field.repeated === 'list') {
    const list = (before ?? []) as unknown[]
    list.push(readItem(reader, field, undefined) ?? emptyItem(field))
    object[field.name] = list
  } else setField(object, field, readItem(reader, field, before))
}

/** As when JSON is decoded: what its type calls empty is left out unless a pointer leads to it. */
function setField(object: JsonObject, { name, isPointer }: Field, value: unknown): void {
  const isLeftOut = isPointer ? value === null : value === null || value === '' || value === 0 || value === false
  if (!isLeftOut) object[name] = value
  else if (object[name] !== undefined) delete object[name]
}

/** Go reads numbers in a row, too. */
function readPacked(reader: Reader, field: Field, object: JsonObject): void {
  const list = (object[field.name] ?? []) as unknown[]
  const outer = enter(reader)
  while (reader.at < reader.end) list.push(readItem(reader, field, undefined))
  leave(reader, outer)
  if (list.length > 0) object[field.name] = list
}

function readEntry(reader: Reader, field: Field, map: JsonObject): void {
  let key = ''
  let value: unknown
  while (reader.at < reader.end) {
    // Go does not look at wire types here.
    const tag = readVarint(reader)
    if (tag >>> 3 === 1) key = readText(reader)
    else if (tag >>> 3 === 2) value = readItem(reader, field, undefined)
    else skipValue(reader, tag % 8)
  }
  setValue(map, key, value ?? emptyItem(field))
}

/** Go's zero value within a list or a map. */
function emptyItem({ form, ref }: Field): unknown {
  switch (form) {
    case 'string':
    case 'bytes':
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
    case 'message': {
      const object: JsonObject = {}
      for (const field of messageOf(ref).always) object[field.name] = emptyField(field)
      return object
    }
    default:
      return null
  }
}

/** One value; null for Go's zero value where that has no form in JSON. `before` is what an earlier occurrence of the field left. */
function readItem(reader: Reader, field: Field, before: unknown): unknown {
  switch (field.form) {
    case 'string':
      return readText(reader)
    case 'boolean':
      return readVarint(reader) !== 0
    case 'int32':
      return readInt32(reader)
    case 'int64':
      return readInt64(reader)
    case 'double':
      return readFinite(reader)
    case 'bytes':
      return encodeBase64(readBytes(reader))
    case 'message':
      return readNested(reader, field.ref, typeof before === 'object' && before !== null ? (before as JsonObject) : {})
    default: {
      const outer = enter(reader)
      const value = readSpecial(reader, field)
      leave(reader, outer)
      return value
    }
  }
}

function readNested(reader: Reader, ref: string, object: JsonObject): JsonObject {
  const outer = enter(reader)
  readMessage(reader, messageOf(ref), object)
  leave(reader, outer)
  return object
}

function readFinite(reader: Reader): number {
  const value = readDouble(reader)
  if (!Number.isFinite(value)) throw new WireError(`json: unsupported value: ${value}`)
  return value
}

/** Messages that are something else in JSON. */
function readSpecial(reader: Reader, field: Field): unknown {
  switch (field.form) {
    case 'time':
      return readTime(reader, 0)
    case 'microTime':
      return readTime(reader, 6)
    case 'quantity':
      return readQuantity(reader)
    case 'intOrString':
      return readIntOrString(reader)
    case 'json':
      return readJson(reader)
    case 'wrappedStrings':
      return readWrappedStrings(reader)
    case 'schemaOrSchemas':
    case 'schemaOrBoolean':
    case 'schemaOrStrings':
      return readSchemaOr(reader, field)
    default:
      assert(false, `${field.name} is no special message`)
  }
}

/** Calls back for each field of a special message; `read` says whether it has read the value. */
function eachField(reader: Reader, name: string, read: (number: number, wireType: number) => boolean): void {
  while (reader.at < reader.end) {
    const { number, wireType } = readTag(reader, name)
    if (!read(number, wireType)) skipValue(reader, wireType)
  }
}

function readTime(reader: Reader, fractionDigits: 0 | 6): string | null {
  if (reader.at === reader.end) return null
  let seconds = 0
  let nanos = 0
  eachField(reader, 'Timestamp', (number, wireType) => {
    if (wireType !== 0 || number > 2) return false
    if (number === 1) seconds = readInt64(reader)
    else nanos = readInt32(reader)
    return true
  })
  const time = timeText(seconds, nanos, fractionDigits)
  if (!time.ok) throw new WireError(time.error)
  return time.value
}

function readQuantity(reader: Reader): unknown {
  let text = '0'
  eachField(reader, 'Quantity', (number, wireType) => {
    if (number !== 1 || wireType !== 2) return false
    text = readText(reader)
    return true
  })
  const read = decodeScalar('quantity', text)
  if (isWrongKind(read)) throw new WireError(read.message ?? `bad quantity ${JSON.stringify(text)}`)
  return read
}

function readIntOrString(reader: Reader): number | string {
  let type = 0
  let number_ = 0
  let text = ''
  eachField(reader, 'IntOrString', (number, wireType) => {
    if (number === 1 && wireType === 0) type = readInt64(reader)
    else if (number === 2 && wireType === 0) number_ = readInt32(reader)
    else if (number === 3 && wireType === 2) text = readText(reader)
    else return false
    return true
  })
  if (type !== 0 && type !== 1) throw new WireError('impossible IntOrString.Type')
  return type === 0 ? number_ : text
}

function readJson(reader: Reader): unknown {
  let text = ''
  eachField(reader, 'RawExtension', (number, wireType) => {
    if (number !== 1 || wireType !== 2) return false
    text = readText(reader)
    return true
  })
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    throw new WireError(`proto: RawExtension: invalid JSON ${JSON.stringify(text.slice(0, 30))}`)
  }
}

function readWrappedStrings(reader: Reader): readonly string[] | null {
  const strings: string[] = []
  eachField(reader, 'ExtraValue', (number, wireType) => {
    if (number !== 1 || wireType !== 2) return false
    strings.push(readText(reader))
    return true
  })
  return strings.length === 0 ? null : strings
}

/** A schema, or what else may stand in its place: the alternative wins where both are given, but a schema over a boolean. */
function readSchemaOr(reader: Reader, { form, ref }: Field): unknown {
  const alternatives: unknown[] = []
  let allows = false
  let schema: JsonObject | null = null
  const [schemaNumber, otherNumber] = form === 'schemaOrBoolean' ? [2, 1] : [1, 2]
  eachField(reader, 'JSONSchemaPropsOr', (number, wireType) => {
    if (number === otherNumber && form === 'schemaOrBoolean' && wireType === 0) allows = readVarint(reader) !== 0
    else if (number === schemaNumber && wireType === 2) schema = readNested(reader, ref, schema ?? {})
    else if (number === otherNumber && wireType === 2 && form === 'schemaOrStrings') alternatives.push(readText(reader))
    else if (number === otherNumber && wireType === 2) alternatives.push(readNested(reader, ref, {}))
    else return false
    return true
  })
  if (form === 'schemaOrBoolean') return schema ?? allows
  return alternatives.length > 0 ? alternatives : schema
}
