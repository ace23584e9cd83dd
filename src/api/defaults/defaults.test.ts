import { describe, expect, test } from 'vitest'
import { decodeObject } from '../decode.ts'
import { kinds } from '../kinds.ts'
import type { ApiObject } from '../object.ts'
import { applyDefaults } from './apply-defaults.ts'
import cases from './default-cases.json' with { type: 'json' }
import { defaultPullPolicy, imageTag } from './image-tag.ts'
import { asNewObject } from './new-object.ts'

/** What kube-apiserver 1.36.1 made of the body, without what its admission plugins, allocators and clock added. */
type DefaultCase = Readonly<{
  type: Readonly<{ group: string; version: string; kind: string; typeName: string }>
  body: unknown
  result: unknown
}>

function decode(type: DefaultCase['type'], body: unknown): ApiObject {
  const decoded = decodeObject(type, new TextEncoder().encode(JSON.stringify(body)), { format: 'json' })
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.error))
  return decoded.value.object
}

type Fields = Record<string, unknown>

/** Leaves out what the cases leave out: service accounts, priorities and tolerations of pods, addresses of services. */
function comparable(object: ApiObject): unknown {
  const copy = JSON.parse(JSON.stringify(object)) as Fields
  const spec = (copy.spec ?? {}) as Fields
  delete (copy.metadata as Fields).generation
  if (copy.kind === 'Pod') {
    for (const field of ['tolerations', 'serviceAccount', 'serviceAccountName']) delete spec[field]
    spec.volumes ??= []
  }
  if (copy.kind === 'Service') for (const field of ['clusterIP', 'healthCheckNodePort']) delete spec[field]
  return copy
}

describe('defaults are those of the original', () => {
  test.each(cases as readonly DefaultCase[])('$type.kind $body', ({ type, body, result }) => {
    const decoded = decode(type, body)
    const before = JSON.stringify(decoded)
    const defaulted = applyDefaults(type, decoded)
    expect(comparable(asNewObject({ ...type, status: true }, defaulted))).toEqual(result)
    expect(JSON.stringify(decoded)).toBe(before)
    expect(applyDefaults(type, defaulted)).toBe(defaulted)
  })
})

test.each([
  ['nginx', 'Always'],
  ['nginx:latest', 'Always'],
  ['localhost:5000/nginx', 'Always'],
  ['nginx:1.27', 'IfNotPresent'],
  [`nginx@sha256:${'a'.repeat(64)}`, 'IfNotPresent'],
  ['NGINX', 'IfNotPresent'],
  ['', 'IfNotPresent'],
])('the image "%s" is pulled %s', (image, policy) => {
  expect(defaultPullPolicy(image)).toBe(policy)
})

test('a tag stands after the last slash, so that a port is none', () => {
  expect(imageTag('registry:5000/team/app:v2')).toBe('v2')
})

describe('a new object', () => {
  test('has no status of the client, except a node', () => {
    const pod = decode(kinds.pods, { spec: { containers: [] }, status: { phase: 'Running', podIP: '1.2.3.4' } })
    expect(asNewObject(kinds.pods, pod).status).toEqual({ phase: 'Pending', qosClass: 'BestEffort' })
    const node = decode(kinds.nodes, { status: { nodeInfo: { machineID: 'm' } } })
    expect(asNewObject(kinds.nodes, node).status).toEqual(node.status)
  })

  test('of the kind Namespace has the finalizer that empties it, once', () => {
    const once = asNewObject(kinds.namespaces, decode(kinds.namespaces, { spec: { finalizers: ['a.io/b'] } }))
    expect(once).toMatchObject({ spec: { finalizers: ['a.io/b', 'kubernetes'] }, status: { phase: 'Active' } })
    expect(asNewObject(kinds.namespaces, once)).toEqual(once)
  })
})
