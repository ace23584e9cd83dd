/** Request bodies in protobuf into objects: what decode.ts makes of the same object in JSON, with the original's words for what is wrong. */
import { type BodyType, cannotHandle, checkName, type Decoded, type Name, unrecognized } from '../decode.ts'
import { apiVersionOf } from '../kinds.ts'
import type { ApiObject } from '../object.ts'
import type { Refusal } from '../refusal.ts'
import { fail, ok, type Result } from '../result.ts'
import { readMessage } from './decode-message.ts'
import { magic } from './envelope.ts'
import { messageOf } from './message.ts'
import {
  enter,
  leave,
  newReader,
  plainReader,
  type Reader,
  readBytes,
  readTag,
  readText,
  skipValue,
  WireError,
} from './wire-reader.ts'

/** As decodeObject of decode.ts, for a body of type application/vnd.kubernetes.protobuf. */
export function decodeProtobufObject(kind: BodyType, body: Uint8Array): Result<Decoded<ApiObject>, Refusal> {
  // readMessage writes metadata, which every kind's type has as an always-written struct.
  return decodeProtobufBody(kind, body) as Result<Decoded<ApiObject>, Refusal>
}

/** As decodeBody of decode.ts: protobuf has neither unknown nor repeated fields to complain of. */
export function decodeProtobufBody(
  type: BodyType,
  body: Uint8Array,
): Result<Decoded<Readonly<Record<string, unknown>>>, Refusal> {
  const envelope = openEnvelope(body)
  if (!envelope.ok) return fail(unrecognized(type, envelope.error, body))
  const { raw, ...name } = envelope.value
  const mismatch = checkName(type, name)
  if (mismatch !== undefined) return fail(cannotHandle(type, name, mismatch))
  const object = readRaw(type, raw)
  if (!object.ok) return fail(cannotHandle(type, name, object.error))
  return ok({ object: object.value, unknownFields: [], duplicateFields: [], strictErrors: [] })
}

type Envelope = Name & Readonly<{ raw: Uint8Array }>

function openEnvelope(body: Uint8Array): Result<Envelope, string> {
  if (body.length === 0) return fail('empty data')
  if (!magic.every((byte, at) => body[at] === byte)) {
    return fail(`provided data does not appear to be a protobuf message, expected prefix [${magic.join(' ')}]`)
  }
  if (body.length === magic.length) return fail('empty body')
  const envelope = readWire(plainReader(body.subarray(magic.length)), readUnknown)
  if (!envelope.ok || isVersion(envelope.value.apiVersion)) return envelope
  return ok({ ...envelope.value, apiVersion: '' })
}

/** Go takes what is no GROUP/VERSION for none at all. */
function isVersion(apiVersion: string): boolean {
  return /^(?:[^/]*\/)?[^/]+$/.test(apiVersion)
}

function readWire<T>(reader: Reader, read: (reader: Reader) => T): Result<T, string> {
  try {
    return ok(read(reader))
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    return fail(error.message)
  }
}

function readUnknown(reader: Reader): Envelope {
  let name: Name = { apiVersion: '', kind: '' }
  let raw: Uint8Array = new Uint8Array(0)
  while (reader.at < reader.end) {
    const { number, wireType } = readTag(reader, 'Unknown')
    if (number > 4) skipValue(reader, wireType)
    else if (wireType !== 2) {
      const field = ['TypeMeta', 'Raw', 'ContentEncoding', 'ContentType'][number - 1]
      throw new WireError(`proto: wrong wireType = ${wireType} for field ${field}`)
    } else if (number === 1) name = readTypeMeta(reader, name)
    else if (number === 2) raw = readBytes(reader)
    else readBytes(reader)
  }
  return { ...name, raw }
}

function readTypeMeta(reader: Reader, before: Name): Name {
  let { apiVersion, kind } = before
  const outer = enter(reader)
  while (reader.at < reader.end) {
    const { number, wireType } = readTag(reader, 'TypeMeta')
    if (number === 1 && wireType === 2) apiVersion = readText(reader)
    else if (number === 2 && wireType === 2) kind = readText(reader)
    else skipValue(reader, wireType)
  }
  leave(reader, outer)
  return { apiVersion, kind }
}

function readRaw(type: BodyType, raw: Uint8Array): Result<Record<string, unknown>, string> {
  const object = { apiVersion: apiVersionOf(type), kind: type.kind }
  return readWire(newReader(raw), (reader) => readMessage(reader, messageOf(type.typeName), object))
}
