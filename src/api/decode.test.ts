import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeBody, decodeObject, strictRefusal } from './decode.ts'
import cases from './decode-cases.json' with { type: 'json' }
import { allKinds, kinds } from './kinds.ts'

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function read(text: string, kind = kinds.configMaps, format: 'json' | 'yaml' = 'json') {
  const decoded = decodeObject(kind, bytes(text), { format })
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.error))
  return decoded.value
}

/** Bodies with what kube-apiserver 1.36.1 answers: a message under fieldValidation=Strict, or warnings under Warn. */
type DecodeCase = Readonly<{
  kind: keyof typeof kinds
  format: 'json' | 'yaml'
  body: string
  message?: string
  warnings?: readonly string[]
}>

describe('bodies that something is wrong with', () => {
  test.each(cases as readonly DecodeCase[])('$kind $format $body', ({ kind, format, body, message, warnings }) => {
    const decoded = decodeObject(kinds[kind], bytes(body), { format })
    if (!decoded.ok) {
      expect(decoded.error).toEqual({ reason: 'BadRequest', message })
      return
    }
    if (warnings !== undefined) expect(decoded.value.strictErrors).toEqual(warnings)
    else expect(strictRefusal(kinds[kind], decoded.value)).toEqual({ reason: 'BadRequest', message })
  })
})

describe('what becomes of fields', () => {
  test('unknown ones are left out and named', () => {
    const { object, unknownFields } = read('{"metadata":{"name":"a","foo":{"bar":1}},"zed":1,"data":{"k":"v"}}')
    expect(unknownFields).toEqual(['metadata.foo', 'zed'])
    expect(object).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { k: 'v' } })
  })

  test('repeated ones are named; a repeated map or struct is read into the first', () => {
    const { object, duplicateFields } = read('{"metadata":{"name":"a"},"data":{"x":"1","x":"2"},"data":{"y":"3"}}')
    expect(duplicateFields).toEqual(['data.x', 'data'])
    expect(object.data).toEqual({ x: '2', y: '3' })
  })

  test('null and empty values vanish, except behind a pointer', () => {
    const { object } = read('{"metadata":{"name":"a","labels":{},"uid":null},"data":{},"immutable":false}')
    expect(object).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, immutable: false })
  })

  test.each([
    ['pods', '{}', { metadata: {}, spec: { containers: null }, status: {} }],
    ['roles', '{"rules":[]}', { metadata: {}, rules: [] }],
    ['roles', '{"rules":[null]}', { metadata: {}, rules: [{ verbs: null }] }],
    ['leases', '{}', { metadata: {}, spec: {} }],
    [
      'events',
      '{}',
      {
        metadata: {},
        involvedObject: {},
        source: {},
        firstTimestamp: null,
        lastTimestamp: null,
        eventTime: null,
        reportingComponent: '',
        reportingInstance: '',
      },
    ],
  ] as const)('fields that are always written are there in %s %s', (kind, body, fields) => {
    const { apiVersion, kind: name, ...rest } = read(body, kinds[kind]).object
    expect(rest).toEqual(fields)
    expect([apiVersion, name]).toEqual([read('{}', kinds[kind]).object.apiVersion, kinds[kind].kind])
  })

  test('null items are zero values', () => {
    const { object } = read('{"metadata":{"finalizers":[null],"labels":{"a":null}},"binaryData":{"b":null}}')
    expect(object).toMatchObject({ metadata: { finalizers: [''], labels: { a: '' } }, binaryData: { b: '' } })
  })

  test('keys that JavaScript thinks special are keys like any other', () => {
    const { object } = read('{"data":{"__proto__":"a","constructor":"b"}}')
    expect(JSON.stringify(object.data)).toBe('{"__proto__":"a","constructor":"b"}')
    expect(read('{"constructor":1,"__proto__":{}}').unknownFields).toEqual(['constructor', '__proto__'])
  })

  test('raw JSON is kept as it is', () => {
    const fieldsV1 = { 'f:spec': { 'k:{"a":1}': {}, n: [1.5, null] } }
    const body = JSON.stringify({ metadata: { managedFields: [{ manager: 'm', fieldsV1 }] } })
    expect(read(body).object.metadata.managedFields?.[0]?.fieldsV1).toEqual(fieldsV1)
  })

  test.each([
    ['"2020-01-01T00:00:00.9+01:30"', '2019-12-31T22:30:00Z'],
    ['"2020-01-01T00:00:00Z"', '2020-01-01T00:00:00Z'],
    ['"0001-01-01T00:00:00Z"', undefined],
  ])('the time %s becomes %s', (text, time) => {
    expect(read(`{"metadata":{"creationTimestamp":${text}}}`).object.metadata.creationTimestamp).toBe(time)
  })

  test.each([
    ['"0.5"', '500m'],
    ['1', '1'],
    ['1.50', '1500m'],
    ['"1024Mi"', '1Gi'],
    ['"1023Mi"', '1023Mi'],
    ['"2000m"', '2'],
    ['"250m"', '250m'],
    ['"3000"', '3k'],
    ['"3e3"', '3e3'],
    ['" 5 "', '5'],
    ['null', '0'],
  ])('the quantity %s becomes %s', (text, quantity) => {
    const { object } = read(`{"spec":{"containers":[{"resources":{"limits":{"cpu":${text}}}}]}}`, kinds.pods)
    expect(object).toMatchObject({ spec: { containers: [{ resources: { limits: { cpu: quantity } } }] } })
  })

  test('integers are exact to 64 bits, and never larger than they were', () => {
    const { object } = read('{"spec":{"terminationGracePeriodSeconds":9223372036854775807}}', kinds.pods)
    const { terminationGracePeriodSeconds: seconds } = object.spec as { terminationGracePeriodSeconds: number }
    expect(BigInt(seconds)).toBe(2n ** 63n - 1024n)
  })
})

describe('decoding', () => {
  test('takes a parsed value and leaves it alone', () => {
    const value = Object.freeze({
      metadata: Object.freeze({ name: 'a', labels: null }),
      data: Object.freeze({ k: 'v' }),
    })
    const decoded = decodeObject(kinds.configMaps, value, { format: 'json' })
    expect(decoded.ok && decoded.value.object).toMatchObject({ metadata: { name: 'a' }, data: { k: 'v' } })
  })

  test('reads bodies that are no objects of a kind', () => {
    const type = {
      group: 'meta.k8s.io',
      version: 'v1',
      kind: 'DeleteOptions',
      typeName: 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions',
    }
    const decoded = decodeBody(type, bytes('{"gracePeriodSeconds":0,"preconditions":{"uid":"u"}}'), { format: 'json' })
    expect(decoded.ok && decoded.value.object).toMatchObject({ gracePeriodSeconds: 0, preconditions: { uid: 'u' } })
  })

  test.each([
    ['v1', true],
    ['apps/v1', true],
    ['rbac.authorization.k8s.io/v1', true],
    ['apiextensions.k8s.io/v1', true],
    ['apiregistration.k8s.io/v1', true],
    ['apps/v9', false],
    ['example.com/v1', false],
  ])('reads DeleteOptions that call themselves %s: %s', (apiVersion, isRead) => {
    const type = {
      group: '',
      version: 'v1',
      kind: 'DeleteOptions',
      typeName: 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions',
    }
    const body = bytes(JSON.stringify({ apiVersion, kind: 'DeleteOptions', gracePeriodSeconds: 0 }))
    expect(decodeBody(type, body, { format: 'json' }).ok).toBe(isRead)
  })

  test('refuses what is nested too deep to be an object of ours', () => {
    const deep = `{"metadata":{"managedFields":[{"fieldsV1":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}]}}`
    const decoded = decodeObject(kinds.configMaps, bytes(deep), { format: 'json' })
    expect(!decoded.ok && decoded.error).toMatchObject({ message: expect.stringContaining('exceeded max depth') })
  })

  test('is done once: what it has read, it reads the same again', () => {
    const anything = fc.json({ maxDepth: 4 })
    fc.assert(
      fc.property(fc.constantFrom(...allKinds), anything, anything, (kind, spec, metadata) => {
        const first = decodeObject(kind, bytes(`{"metadata":${metadata},"spec":${spec}}`), { format: 'json' })
        if (!first.ok) return
        const again = decodeObject(kind, bytes(JSON.stringify(first.value.object)), { format: 'json' })
        expect(again.ok && again.value.object).toEqual(first.value.object)
        expect(again.ok && again.value.strictErrors).toEqual([])
      }),
      { numRuns: 300 },
    )
  })
})
