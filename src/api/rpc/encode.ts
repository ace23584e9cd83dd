import {
  sizeOf,
  type Writer,
  writeBytes,
  writeDouble,
  writeHead,
  writeInteger,
  writeText,
  writeVarint,
  written,
} from '../protobuf/wire-writer.ts'
import { fieldIndexOf } from './field-index.ts'
import type { RpcItem, RpcMessage, RpcType, Scalar, Sent } from './message.ts'

type Values = Readonly<Record<string, unknown>>

const wireTypes: Readonly<Record<Scalar, number>> = {
  string: 2,
  bytes: 2,
  bool: 0,
  int32: 0,
  uint32: 0,
  int64: 0,
  uint64: 0,
  double: 1,
}

/** The message's bytes; fields that hold what an absent one stands for are not written. */
export function encodeRpc<Message extends RpcMessage>(message: Message, value: Sent<Message>): Uint8Array {
  return written((writer) => writeMessage(writer, message, value as Values))
}

function writeMessage(writer: Writer, message: RpcMessage, values: Values): void {
  for (const { name, number, type } of fieldIndexOf(message).descending) {
    const value = values[name]
    if (value !== undefined) writeField(writer, number, type, value)
  }
}

function writeField(writer: Writer, number: number, type: RpcType, value: unknown): void {
  if (typeof type === 'string' || type.type === 'enum') {
    if (!isZero(type, value)) writeItem(writer, number, type, value)
  } else if (type.type === 'message') writeItem(writer, number, type, value)
  else if (type.type === 'optional') writeItem(writer, number, type.of, value)
  else if (type.type === 'list') writeList(writer, number, type.of, value as readonly unknown[])
  else {
    for (const [key, entry] of Object.entries(value as Values).reverse()) {
      const before = sizeOf(writer)
      writeItem(writer, 2, type.of, entry)
      writeItem(writer, 1, 'string', key)
      writeHead(writer, (number << 3) | 2, before)
    }
  }
}

/** Numbers stand packed in one value. */
function writeList(writer: Writer, number: number, of: RpcItem, values: readonly unknown[]): void {
  if (wireTypeOf(of) === 2) {
    for (const value of values.toReversed()) writeItem(writer, number, of, value)
    return
  }
  if (values.length === 0) return
  const before = sizeOf(writer)
  for (const value of values.toReversed()) writeValue(writer, of, value)
  writeHead(writer, (number << 3) | 2, before)
}

export function wireTypeOf(type: RpcItem): number {
  if (typeof type === 'string') return wireTypes[type]
  return type.type === 'enum' ? 0 : 2
}

function isZero(type: RpcItem, value: unknown): boolean {
  if (type === 'bytes') return (value as Uint8Array).length === 0
  if (typeof type !== 'string') return type.type === 'enum' && value === type.names[0]
  return value === '' || value === 0 || value === false
}

/** Written from the end: the value, then what says how long it is and whose. */
function writeItem(writer: Writer, number: number, type: RpcItem, value: unknown): void {
  const wireType = wireTypeOf(type)
  const before = sizeOf(writer)
  writeValue(writer, type, value)
  if (wireType === 2) writeHead(writer, (number << 3) | 2, before)
  else writeVarint(writer, (number << 3) | wireType)
}

function writeValue(writer: Writer, type: RpcItem, value: unknown): void {
  if (type === 'string') writeText(writer, value as string)
  else if (type === 'bytes') writeBytes(writer, value as Uint8Array)
  else if (type === 'bool') writeVarint(writer, value === true ? 1 : 0)
  else if (type === 'double') writeDouble(writer, value as number)
  else if (typeof type === 'string') writeInteger(writer, Math.trunc(value as number))
  else if (type.type === 'enum') writeVarint(writer, Math.max(0, type.names.indexOf(value as string)))
  else writeMessage(writer, type, value as Values)
}
