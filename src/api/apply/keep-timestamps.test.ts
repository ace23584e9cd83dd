import { describe, expect, it } from 'vitest'
import type { ApiObject } from '../object.ts'
import { keepTimestamps } from './keep-timestamps.ts'

function object(time: string, data: string, set: object = { 'f:data': {} }): ApiObject {
  const entry = { manager: 'm', operation: 'Apply', apiVersion: 'v1', time, fieldsType: 'FieldsV1', fieldsV1: set }
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', managedFields: [entry] }, data }
}

describe('times in managedFields', () => {
  it('are kept when nothing else has changed', () => {
    const before = object('2026-01-01T00:00:00Z', 'a')
    expect(keepTimestamps(before, object('2026-01-02T00:00:00Z', 'a'))).toEqual(before)
  })

  it('move on when data or fields have changed', () => {
    const before = object('2026-01-01T00:00:00Z', 'a')
    for (const after of [object('2026-01-02T00:00:00Z', 'b'), object('2026-01-02T00:00:00Z', 'a', { 'f:x': {} })]) {
      expect(keepTimestamps(before, after)).toBe(after)
    }
  })
})
