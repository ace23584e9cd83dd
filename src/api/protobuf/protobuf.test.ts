import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Refusal } from '../refusal.ts'
import { decodeProtobufBody } from './decode.ts'
import { encodeList, encodeObject, encodeRaw, partialMetadata } from './encode.ts'
import { envelopeOf } from './envelope.ts'
import { partialMetadataType } from './media-type.ts'
import { hasMessage } from './message.ts'
import { kindTypeNames, randomObject } from './random-object.ts'

const configMap = { group: '', version: 'v1', kind: 'ConfigMap', typeName: 'io.k8s.api.core.v1.ConfigMap' }
const typeNames = kindTypeNames()

function thing(typeName: string): typeof configMap {
  return { group: '', version: 'v1', kind: 'Thing', typeName }
}

function bytes(...parts: readonly (string | readonly number[])[]): Uint8Array {
  const encoder = new TextEncoder()
  return Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...encoder.encode(part)] : part)))
}

function decoded(type: typeof configMap, body: Uint8Array): Readonly<Record<string, unknown>> {
  const result = decodeProtobufBody(type, body)
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value.object
}

/** A ConfigMap whose message is these bytes. */
function raw(...parts: readonly (string | readonly number[])[]): Uint8Array {
  const message = bytes(...parts)
  return bytes('k8s\0', [0x12, message.length], [...message])
}

describe('any object of any kind', () => {
  it('is the same after encoding and decoding', () => {
    fc.assert(
      fc.property(fc.constantFrom(...typeNames), fc.integer(), (typeName, seed) => {
        const object = { apiVersion: 'v1', kind: 'Thing', ...randomObject(typeName, seed) }
        expect(decoded(thing(typeName), encodeObject(thing(typeName), object))).toEqual(object)
      }),
      { numRuns: 400 },
    )
  })

  it('gives the same list whether whole or joined', () => {
    const lists = typeNames.filter((name) => name.endsWith('List') && hasMessage(name.replace(/List$/, '')))
    fc.assert(
      fc.property(fc.constantFrom(...lists), fc.integer(), (typeName, seed) => {
        const type = { ...thing(typeName), kind: 'ThingList' }
        const object = randomObject(typeName, seed) as { metadata: object; items: readonly object[] | null }
        const item = thing(typeName.replace(/List$/, ''))
        const raws = (object.items ?? []).map((each) => encodeRaw(item, each as Record<string, unknown>))
        const joined = encodeList(item, object.metadata as Record<string, unknown>, raws)
        expect(joined).toEqual(encodeObject(type, object))
      }),
      { numRuns: 100 },
    )
  })

  it('has its metadata first, so that it can be cut out', () => {
    for (const typeName of typeNames) {
      if (typeName.endsWith('List') || typeName.endsWith('.Status')) continue
      const object = { metadata: { name: 'a'.repeat(300) }, ...randomObject(typeName, 1) }
      const cut = envelopeOf(partialMetadataType, partialMetadata(encodeRaw(thing(typeName), object)))
      expect(decoded(partialMetadataType, cut).metadata).toEqual(object.metadata)
    }
  })

  it('damaged anywhere is read or refused in words, never an accident', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...typeNames),
        fc.integer(),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 5 }),
        fc.nat(),
        (typeName, seed, damages, cut) => {
          const body = encodeObject(thing(typeName), randomObject(typeName, seed))
          for (const [at, value] of damages) body[at % body.length] = value
          const result = decodeProtobufBody(thing(typeName), cut % 3 === 0 ? body.subarray(0, cut % body.length) : body)
          if (!result.ok) expect(result.error.reason).toBe('BadRequest')
        },
      ),
      { numRuns: 400 },
    )
  })
})

const unrecognized = 'the object provided is unrecognized (must be of type ConfigMap): '
const cannot = 'ConfigMap in version "v1" cannot be handled as a ConfigMap: '
const minusOne = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]

/** Recorded from the original. */
const refused: readonly (readonly [body: Uint8Array, message: string])[] = [
  [bytes(), `${unrecognized}empty data (<empty>)`],
  [
    bytes('abc'),
    `${unrecognized}provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] (616263)`,
  ],
  [bytes('k8s\0'), `${unrecognized}empty body (6b387300)`],
  [bytes('k8s\0', [0xff]), `${unrecognized}unexpected EOF (6b387300ff)`],
  [bytes('k8s\0', [0x0a, 5]), `${unrecognized}unexpected EOF (6b3873000a05)`],
  [bytes('k8s\0', [0x08, 1]), `${unrecognized}proto: wrong wireType = 0 for field TypeMeta (6b3873000801)`],
  [bytes('k8s\0', [0x12, 0, 0, 1]), `${unrecognized}proto: Unknown: illegal tag 0 (wire type 0) (6b38730012000001)`],
  [
    bytes('k8s\0', [0x0a, 5, 0x0a, 3], 'a/b', [0x12, 0]),
    'ConfigMap in version "b" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "a/b" in scheme "pkg/runtime/scheme.go:111"',
  ],
  [
    bytes('k8s\0', [0x0a, 11, 0x0a, 2], 'v1', [0x12, 5], 'XPod!', [0x12, 0]),
    'XPod! in version "v1" cannot be handled as a ConfigMap: no kind "XPod!" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"',
  ],
  [raw([0x0a, 5]), `${cannot}unexpected EOF`],
  [raw([0x08, 5]), `${cannot}proto: wrong wireType = 0 for field ObjectMeta`],
  [raw([0x0c, 5]), `${cannot}proto: ConfigMap: wiretype end group for non-group`],
  [raw([0x00, 5]), `${cannot}proto: ConfigMap: illegal tag 0 (wire type 0)`],
  [raw([0x07, 5]), `${cannot}proto: ConfigMap: illegal tag 0 (wire type 7)`],
  [raw([0x7f, 5]), `${cannot}proto: illegal wireType 7`],
  [raw([0x0a], minusOne), `${cannot}proto: negative length found during unmarshaling`],
  [raw([0x0a], [0xff, ...minusOne]), `${cannot}proto: integer overflow`],
  [raw([0x0a, 0xff, 0xff, 0xff, 7]), `${cannot}unexpected EOF`],
  [raw([0x12, 7, 8, 1, 0x12, 3], 'abc'), `${cannot}unexpected EOF`],
]

it.each(refused)('refuses a bad body in the words of the original (%#)', (body, message) => {
  const result = decodeProtobufBody(configMap, body)
  const error: Refusal | undefined = result.ok ? undefined : result.error
  expect(error).toEqual({ reason: 'BadRequest', message })
})

const named = [0x0a, 3, 0x0a, 1, 0x61] as const
const plainMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }

describe('reading', () => {
  it('takes a body without a name, or with a version that is none, for the kind that is expected', () => {
    expect(decoded(configMap, raw(named))).toEqual(plainMap)
    expect(decoded(configMap, bytes('k8s\0', [0x0a, 7, 0x0a, 5], 'a/b/c', [0x12, 5], named))).toEqual(plainMap)
    expect(decoded(configMap, bytes('k8s\0', [0x0a, 5, 0x0a, 3], 'v1/', [0x12, 5], named))).toEqual(plainMap)
  })

  it('skips unknown fields of every wire type, groups with what is in them', () => {
    const unknown = [
      0x78, 1, 0x79, 0, 0, 0, 0, 0, 0, 0, 0, 0x7a, 1, 9, 0x7b, 0x7b, 0x08, 1, 0x7c, 0x7c, 0x7d, 0, 0, 0, 0,
    ]
    expect(decoded(configMap, raw(unknown, named, unknown))).toEqual(plainMap)
  })

  it('merges repeated messages, and lets the last of repeated values win', () => {
    const twice = raw(named, [0x0a, 3, 0x1a, 1, 0x6e, 0x20, 1, 0x20, 0, 0x0a, 2, 0x0a, 0])
    expect(decoded(configMap, twice)).toEqual({ ...plainMap, metadata: { namespace: 'n' }, immutable: false })
  })

  it('reads numbers in a row, and 64 bits as decoding of JSON does', () => {
    const pod = { ...thing('io.k8s.api.core.v1.PodSecurityContext'), kind: 'PodSecurityContext' }
    const groups = [0x22, 12, 1, ...minusOne, 2, 0x20, 3]
    expect(decoded(pod, raw(groups))).toMatchObject({ supplementalGroups: [1, -1, 2, 3] })
    const largest = [0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]
    expect(decoded(pod, raw(largest))).toMatchObject({ runAsUser: 2 ** 63 - 1024 })
  })

  it('keeps keys that are names of Object.prototype', () => {
    const body = raw([0x12, 14, 0x0a, 9], '__proto__', [0x12, 1], 'x')
    const { data } = decoded(configMap, body) as { data: object }
    expect(Object.entries(data)).toEqual([['__proto__', 'x']])
    expect(encodeObject(configMap, decoded(configMap, body))).toEqual(
      encodeObject(configMap, { data: JSON.parse('{"__proto__":"x"}') }),
    )
  })

  it('refuses what nests deeper than any schema, and what holds more values than fit into memory', () => {
    let deep: number[] = []
    const length = (size: number): readonly number[] => [(size & 0x7f) | 0x80, ((size >> 7) & 0x7f) | 0x80, size >> 14]
    // JSONSchemaProps.not
    for (let depth = 0; depth < 2000; depth += 1) deep = [0xca, 0x01, ...length(deep.length), ...deep]
    const props = thing('io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps')
    const envelope = (message: readonly number[] | Uint8Array): Uint8Array =>
      bytes('k8s\0', [0x12, ...length(message.length)], [...message])
    expect(decodeProtobufBody(props, envelope(deep))).toMatchObject({ ok: false, error: { reason: 'BadRequest' } })
    const wide = new Uint8Array(2 * 1024 * 1024).map((_, at) => (at % 2 === 0 ? 0x12 : 0))
    const spec = thing('io.k8s.api.core.v1.PodSpec')
    expect(decodeProtobufBody(spec, envelope(wide))).toMatchObject({ ok: false, error: { reason: 'BadRequest' } })
  })
})
