import { describe, expect, it } from 'vitest'
import { decodeBase64 } from '../base64.ts'
import { decodeProtobufBody } from './decode.ts'
import { encodeList, encodeObject, encodeRaw, partialMetadata } from './encode.ts'
import { encodeWatchFrame, envelopeOf, type FrameType } from './envelope.ts'
import { partialMetadataType, statusType } from './media-type.ts'
// What kube-apiserver 1.36.1 answers for the same object in JSON and in protobuf, and what it sends to a watch. (In its JSON the items of
// a PartialObjectMetadataList have apiVersion and kind; in protobuf no item has.)
import recorded from './recorded-cases.json' with { type: 'json' }

const { objects, frames } = recorded
const configMap = { group: '', version: 'v1', kind: 'ConfigMap', typeName: 'io.k8s.api.core.v1.ConfigMap' }

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

describe.each(objects)('$type.kind as recorded', ({ type, object, base64 }) => {
  const bytes = decodeBase64(base64)

  it('is read as the original writes it in JSON', () => {
    const decoded = decodeProtobufBody(type, bytes)
    expect(decoded.ok && plain(decoded.value.object)).toEqual(object)
  })

  it('is written byte for byte as by the original', () => {
    expect(encodeObject(type, object)).toEqual(bytes)
    expect(envelopeOf(type, encodeRaw(type, object))).toEqual(bytes)
  })
})

it('joins a list from the messages of its items', () => {
  const list = objects.find(({ type }) => type.kind === 'ConfigMapList')
  const items = list?.object.items ?? []
  const raws = items.map((item) => encodeRaw(configMap, item))
  expect(raws.length).toBeGreaterThan(0)
  expect(encodeList(configMap, list?.object.metadata ?? {}, raws)).toEqual(decodeBase64(list?.base64 ?? ''))
})

it('cuts the metadata of an object out of its message', () => {
  const object = objects.find(({ type }) => type.kind === 'ConfigMap')
  const partial = objects.find(({ type }) => type.kind === 'PartialObjectMetadata')
  const list = objects.find(({ type }) => type.kind === 'PartialObjectMetadataList')
  const raw = partialMetadata(encodeRaw(configMap, object?.object ?? {}))
  expect(envelopeOf(partialMetadataType, raw)).toEqual(decodeBase64(partial?.base64 ?? ''))
  expect(encodeList(partialMetadataType, list?.object.metadata ?? {}, [raw])).toEqual(decodeBase64(list?.base64 ?? ''))
})

it.each(frames)('frames a watch event of type $type', ({ type, kind, object, base64 }) => {
  const envelope = encodeObject(kind === 'Status' ? statusType : configMap, object)
  expect(encodeWatchFrame(type as FrameType, envelope)).toEqual(decodeBase64(base64))
})
