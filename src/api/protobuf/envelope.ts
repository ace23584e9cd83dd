/** What stands around messages on the wire: the envelope that names the kind, and the frames of a watch. */
import type { BodyType } from '../decode.ts'
import { apiVersionOf } from '../kinds.ts'
import { sizeOf, type Writer, writeBytes, writeHead, writeText, written } from './wire-writer.ts'

/** 'k8s' and a zero byte: how every object in protobuf begins. */
export const magic: Uint8Array = Uint8Array.of(0x6b, 0x38, 0x73, 0x00)

/** Fields of the messages Unknown, TypeMeta, WatchEvent and RawExtension, with their wire type. */
const field1 = 0x0a
const field2 = 0x12

/** contentEncoding and contentType, which are empty. */
const envelopeTail = Uint8Array.of(0x1a, 0x00, 0x22, 0x00)

function writeString(writer: Writer, tag: number, text: string): void {
  const before = sizeOf(writer)
  writeText(writer, text)
  writeHead(writer, tag, before)
}

type Named = Pick<BodyType, 'group' | 'version' | 'kind'>

/** Writes an envelope of the kind around what `writeRaw` writes. */
export function writeEnvelope(writer: Writer, named: Named, writeRaw: (writer: Writer) => void): void {
  writeBytes(writer, envelopeTail)
  const beforeRaw = sizeOf(writer)
  writeRaw(writer)
  writeHead(writer, field2, beforeRaw)
  const beforeMeta = sizeOf(writer)
  writeString(writer, field2, named.kind)
  writeString(writer, field1, apiVersionOf(named))
  writeHead(writer, field1, beforeMeta)
  writeBytes(writer, magic)
}

/** A whole body from an object's message, as encodeRaw made it. */
export function envelopeOf(named: Named, raw: Uint8Array): Uint8Array {
  return written((writer) => writeEnvelope(writer, named, () => writeBytes(writer, raw)))
}

export type FrameType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'

/** One event of a watch: its length in four bytes, then WatchEvent with the object's envelope. */
export function encodeWatchFrame(type: FrameType, envelope: Uint8Array): Uint8Array {
  return written((writer) => {
    const before = sizeOf(writer)
    writeBytes(writer, envelope)
    writeHead(writer, field1, before)
    writeHead(writer, field2, before)
    writeString(writer, field1, type)
    const length = sizeOf(writer)
    writeBytes(writer, Uint8Array.of(length >>> 24, length >>> 16, length >>> 8, length))
  })
}
