import {
  enter,
  leave,
  plainReader,
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
} from '../protobuf/wire-reader.ts'
import { fail, ok, type Result } from '../result.ts'
import { wireTypeOf } from './encode.ts'
import { fieldIndexOf, type RpcField } from './field-index.ts'
import type { Received, RpcItem, RpcMessage, RpcType } from './message.ts'

type Values = Record<string, unknown>

/** What the bytes say; unknown fields are passed over. Bytes that are no such message: why not, in the words of Go's generated code. */
export function decodeRpc<Message extends RpcMessage>(
  message: Message,
  bytes: Uint8Array,
): Result<Received<Message>, string> {
  try {
    return ok(readMessage(plainReader(bytes), message) as Received<Message>)
  } catch (error) {
    if (error instanceof WireError) return fail(error.message)
    throw error
  }
}

function readMessage(reader: Reader, message: RpcMessage): Values {
  const { byNumber } = fieldIndexOf(message)
  const values: Values = {}
  for (const { name, type } of byNumber.values()) values[name] = emptyValue(type)
  while (reader.at < reader.end) {
    const { number, wireType } = readTag(reader, message.name)
    const field = byNumber.get(number)
    if (field === undefined) skipValue(reader, wireType)
    else readField(reader, values, field, wireType)
  }
  return values
}

function emptyValue(type: RpcType): unknown {
  if (type === 'string') return ''
  if (type === 'bool') return false
  if (type === 'bytes') return new Uint8Array(0)
  if (typeof type === 'string') return 0
  if (type.type === 'enum') return type.names[0]
  if (type.type === 'list') return []
  return type.type === 'map' ? {} : undefined
}

function readField(reader: Reader, values: Values, { name, type }: RpcField, wireType: number): void {
  if (typeof type === 'string' || type.type === 'enum' || type.type === 'message')
    values[name] = readItem(reader, type, wireType, name)
  else if (type.type === 'optional') values[name] = readItem(reader, type.of, wireType, name)
  else if (type.type === 'map') readEntry(reader, values[name] as Values, type.of, wireType, name)
  else if (wireType === 2 && wireTypeOf(type.of) !== 2) readPacked(reader, values[name] as unknown[], type.of)
  else (values[name] as unknown[]).push(readItem(reader, type.of, wireType, name))
}

function readPacked(reader: Reader, items: unknown[], of: RpcItem): void {
  const outer = enter(reader)
  while (reader.at < reader.end) items.push(readItem(reader, of, wireTypeOf(of), ''))
  leave(reader, outer)
}

function readEntry(reader: Reader, entries: Values, of: RpcItem, wireType: number, name: string): void {
  if (wireType !== 2) throw wrongWireType(wireType, name)
  const outer = enter(reader)
  let [key, value]: [string, unknown] = ['', typeof of !== 'string' && of.type === 'message' ? {} : emptyValue(of)]
  while (reader.at < reader.end) {
    const tag = readTag(reader, name)
    if (tag.number === 1) key = readItem(reader, 'string', tag.wireType, name) as string
    else if (tag.number === 2) value = readItem(reader, of, tag.wireType, name)
    else skipValue(reader, tag.wireType)
  }
  // A key like __proto__ is a key.
  Object.defineProperty(entries, key, { value, enumerable: true, writable: true, configurable: true })
  leave(reader, outer)
}

function readItem(reader: Reader, type: RpcItem, wireType: number, name: string): unknown {
  if (wireType !== wireTypeOf(type)) throw wrongWireType(wireType, name)
  if (type === 'string') return readText(reader)
  if (type === 'bytes') return readBytes(reader).slice()
  if (type === 'bool') return readVarint(reader) !== 0
  if (type === 'double') return readDouble(reader)
  if (type === 'int32') return readInt32(reader)
  if (type === 'int64') return readInt64(reader)
  if (typeof type === 'string') return readVarint(reader)
  if (type.type === 'enum') return type.names[readInt32(reader)] ?? type.names[0]
  const outer = enter(reader)
  const values = readMessage(reader, type)
  leave(reader, outer)
  return values
}

function wrongWireType(wireType: number, name: string): WireError {
  return new WireError(`proto: wrong wireType = ${wireType} for field ${name}`)
}
