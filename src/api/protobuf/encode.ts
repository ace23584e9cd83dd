/** Objects as application/vnd.kubernetes.protobuf: `raw` is an object's message alone, a body is that in its envelope. */
import { assert } from '../assert.ts'
import type { BodyType } from '../decode.ts'
import { writeMessage } from './encode-message.ts'
import { writeEnvelope } from './envelope.ts'
import { messageOf } from './message.ts'
import { plainReader, readEnd } from './wire-reader.ts'
import { sizeOf, type Writer, writeBytes, writeHead, written } from './wire-writer.ts'

type JsonObject = Readonly<Record<string, unknown>>

const listMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta'
const metadataTag = 0x0a
const itemsTag = 0x12

/** The object's message, without envelope: what to keep beside a stored object. */
export function encodeRaw({ typeName }: Pick<BodyType, 'typeName'>, object: JsonObject): Uint8Array {
  return written((writer) => writeMessage(writer, messageOf(typeName), object))
}

/** A whole body: the object, which must have the type's shape as decoding leaves it, in its envelope. */
export function encodeObject(type: BodyType, object: JsonObject): Uint8Array {
  return written((writer) => {
    writeEnvelope(writer, type, () => writeMessage(writer, messageOf(type.typeName), object))
  })
}

/**
 * A list of the kind (of its items' kind: 'Pod', not 'PodList') as a whole body, joined from the messages of its items as encodeRaw made them.
 */
export function encodeList(
  kind: Pick<BodyType, 'group' | 'version' | 'kind'>,
  meta: JsonObject,
  items: readonly Uint8Array[],
): Uint8Array {
  const sizeBytes = items.reduce((size, item) => size + item.length + itemHeadBytes, listHeadBytes)
  const named = { ...kind, kind: `${kind.kind}List` }
  return written((writer) => writeEnvelope(writer, named, () => writeList(writer, meta, items)), sizeBytes)
}

/** More than any item's tag and length, and than all but a very long continue token needs. */
const itemHeadBytes = 6
const listHeadBytes = 1024

function writeList(writer: Writer, meta: JsonObject, items: readonly Uint8Array[]): void {
  for (let at = items.length - 1; at >= 0; at -= 1) {
    const before = sizeOf(writer)
    writeBytes(writer, items[at] ?? new Uint8Array(0))
    writeHead(writer, itemsTag, before)
  }
  const before = sizeOf(writer)
  writeMessage(writer, messageOf(listMeta), meta)
  writeHead(writer, metadataTag, before)
}

/**
 * The message of a stored object's PartialObjectMetadata: in every kind's message metadata stands first, so it is a part of the object's
 * own. Shares its bytes.
 */
export function partialMetadata(raw: Uint8Array): Uint8Array {
  const reader = plainReader(raw)
  assert(raw[0] === metadataTag, 'metadata comes first')
  reader.at = 1
  return raw.subarray(0, readEnd(reader))
}
