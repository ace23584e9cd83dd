import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../json-value.ts'
import { kinds } from '../kinds.ts'
import type { ApiObject } from '../object.ts'
import { schema } from '../schema-reader.ts'
import { applyConfiguration } from './apply-configuration.ts'
import { trackUpdate } from './track-update.ts'

const nowMs = Date.parse('2026-01-01T00:00:00Z')

function apply(config: JsonObject, live?: ApiObject, options: Partial<{ manager: string; force: boolean }> = {}) {
  return applyConfiguration({
    schema,
    kind: kinds.services,
    config: { apiVersion: 'v1', kind: 'Service', ...config },
    ...(live === undefined ? {} : { live }),
    manager: 'me',
    force: false,
    nowMs,
    ...options,
  })
}

/** Messages of kube-apiserver 1.36.1. */
const refused: readonly (readonly [config: JsonObject, message: string])[] = [
  [{ kind: 'Pod' }, 'invalid object type: /v1, Kind=Pod'],
  [{ apiVersion: 'apps/v2' }, 'invalid object type: apps/v2, Kind=Service'],
  [{ metadata: { managedFields: [] } }, 'metadata.managedFields must be nil'],
  [{ foo: 1 }, 'failed to create typed patch object (/; /v1, Kind=Service): .foo: field not declared in schema'],
  [
    { spec: { type: 5 } },
    'failed to create typed patch object (/; /v1, Kind=Service): .spec.type: expected string, got &value.valueUnstructured{Value:5}',
  ],
  [{ spec: [] }, 'failed to create typed patch object (/; /v1, Kind=Service): .spec: expected map, got &{[]}'],
  [
    { spec: { ports: [{ port: 80 }, { port: 80, protocol: 'TCP' }] } },
    'failed to create typed patch object (/; /v1, Kind=Service): .spec.ports: duplicate entries for key [port=80,protocol="TCP"]',
  ],
]

describe('an applied configuration', () => {
  it.each(refused)('%j is refused', (config, message) => {
    const result = apply(config)
    const error = result.ok ? undefined : result.error
    expect(error?.reason === 'Passed' ? error.status.message : error?.reason === 'BadRequest' && error.message).toBe(
      message,
    )
  })

  it('finds list items by keys that have defaults', () => {
    const created = apply({ metadata: { name: 's' }, spec: { ports: [{ port: 80, name: 'a' }] } })
    const live = created.ok ? created.value : undefined
    const again = apply({ metadata: { name: 's' }, spec: { ports: [{ port: 80, protocol: 'TCP', name: 'b' }] } }, live)
    expect(again.ok && again.value.spec).toMatchObject({ ports: [{ port: 80, protocol: 'TCP', name: 'b' }] })
  })

  it('keeps the order of the configuration, and items of others where they were', () => {
    const live: ApiObject = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's', uid: 'u' },
      spec: { ports: [1, 2, 3, 4].map((port) => ({ port, protocol: 'TCP' })) },
    }
    const config = { spec: { ports: [4, 9, 2].map((port) => ({ port, protocol: 'TCP' })) } }
    const result = apply(config, live)
    const { ports } = (result.ok ? result.value.spec : {}) as { ports: readonly { port: number }[] }
    expect(ports.map(({ port }) => port)).toEqual([1, 3, 4, 9, 2])
  })

  it('leaves the live object itself when nothing changes', () => {
    const first = apply({ metadata: { name: 's', labels: { a: 'b' } } })
    const live = first.ok ? first.value : undefined
    const again = apply({ metadata: { name: 's', labels: { a: 'b' } } }, live)
    expect(again).toEqual({ ok: true, value: live })
  })
})

describe('tracking an update', () => {
  const before: ApiObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's', uid: 'u', labels: { a: '1' } },
    spec: {},
  }
  const track = (after: ApiObject, live?: ApiObject, subresource?: string) =>
    trackUpdate({
      schema,
      kind: kinds.services,
      ...(live === undefined ? {} : { before: live }),
      after,
      manager: 'me',
      ...(subresource === undefined ? {} : { subresource }),
      nowMs,
    })

  it('returns the very entries it was given when only bookkeeping differs', () => {
    const managedFields = track(before)
    const live = { ...before, metadata: { ...before.metadata, managedFields } } as ApiObject
    const after = { ...live, metadata: { ...live.metadata, resourceVersion: '9', generation: 3 } } as ApiObject
    expect(track(after, live)).toBe(managedFields)
  })

  it('keeps no book on an object that nobody has managed', () => {
    expect(track({ ...before, spec: { type: 'NodePort' } }, before)).toBeUndefined()
  })

  it('ignores managedFields sent through a subresource, and spec through status', () => {
    const managedFields = track(before)
    const live = { ...before, metadata: { ...before.metadata, managedFields } } as ApiObject
    const after = {
      ...live,
      metadata: { ...live.metadata, managedFields: [{}] },
      spec: { type: 'NodePort' },
    } as ApiObject
    expect(track(after, live, 'status')).toEqual(managedFields)
  })

  it('falls back on the stored entries when those in the request are invalid', () => {
    const managedFields = track(before)
    const live = { ...before, metadata: { ...before.metadata, managedFields } } as ApiObject
    const bad = [{ manager: 'x', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV2' }]
    expect(track({ ...live, metadata: { ...live.metadata, managedFields: bad } } as ApiObject, live)).toEqual(
      managedFields,
    )
  })
})
