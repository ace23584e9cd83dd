import { expect, it } from 'vitest'
import type { ManagedFieldsEntry } from '../../api/kinds.generated.ts'
import { managersOfScale, managersWithScale } from './scale-managers.ts'

const entry = (manager: string, operation: string, fields: object, more: object = {}): ManagedFieldsEntry => ({
  manager,
  operation,
  apiVersion: 'apps/v1',
  fieldsType: 'FieldsV1',
  fieldsV1: { 'f:spec': fields },
  ...more,
})
const maker = entry('maker', 'Update', { 'f:paused': {}, 'f:replicas': {} }, { time: '2026-01-01T00:00:00Z' })
const scale = { apiVersion: 'autoscaling/v1' }
const me = entry('me', 'Apply', { 'f:replicas': {} }, { ...scale, subresource: 'scale' })

it('knows the managers of the size alone', () => {
  const other = entry('other', 'Update', { 'f:paused': {} })
  expect(managersOfScale([maker, other])).toEqual([
    { ...entry('maker', 'Update', { 'f:replicas': {} }, { time: '2026-01-01T00:00:00Z' }), ...scale },
  ])
  expect(managersOfScale([other])).toBeUndefined()
})

it('gives the size to who has applied the Scale, and leaves all else where it is', () => {
  expect(managersWithScale([maker], [me], 'apps/v1')).toEqual([
    { ...me, apiVersion: 'apps/v1' },
    entry('maker', 'Update', { 'f:paused': {} }, { time: '2026-01-01T00:00:00Z' }),
  ])
})

it('keeps the entry of who owned the size before and still does', () => {
  const applied = { ...me, apiVersion: 'apps/v1' }
  expect(managersWithScale([applied], [me], 'apps/v1')).toEqual([applied])
})
