import type { BodyType } from '../../api/decode.ts'
import type { JsonObject } from '../../api/json-value.ts'
import { allKinds, apiVersionOf, type Kind } from '../../api/kinds.ts'
import { encodeRaw } from '../../api/protobuf/encode.ts'
import { partialMetadataType, statusType } from '../../api/protobuf/media-type.ts'
import type { Entry } from '../../store/store.ts'
import { bodyTypes } from '../subresource/body-types.ts'

/** Messages of stored versions, as long as those are kept: one encoding serves gets, lists and watches. */
const raws = new WeakMap<Entry, Uint8Array>()

export function rawOf(kind: Kind, entry: Entry): Uint8Array {
  const known = raws.get(entry)
  if (known !== undefined) return known
  const raw = encodeRaw(kind, entry.object)
  raws.set(entry, raw)
  return raw
}

const partialTypes: readonly BodyType[] = [
  partialMetadataType,
  { ...partialMetadataType, kind: 'PartialObjectMetadataList', typeName: `${partialMetadataType.typeName}List` },
]
const others = [statusType, ...partialTypes, ...partialTypes.map((type) => ({ ...type, version: 'v1beta1' }))]

const byName: ReadonlyMap<string, BodyType> = new Map(
  [...others, ...Object.values(bodyTypes), ...allKinds].map((type) => [`${apiVersionOf(type)} ${type.kind}`, type]),
)

/** The message type of an object that says what it is. Everything that is answered has one. */
export function protobufTypeOf({ apiVersion, kind }: JsonObject): BodyType {
  const type = byName.get(`${apiVersion} ${kind}`)
  if (type === undefined) throw new Error(`no protobuf message is known for ${apiVersion} ${kind}`)
  return type
}
