import { expect, it } from 'vitest'
import type { ResourceQuota } from '../../api/kinds.generated.ts'
import type { Stored } from '../../api/object.ts'
import { sampleMeta } from '../sample-objects.ts'
import { wishes } from './quota-controller.ts'

function quota(pods: string, used?: string): Stored<ResourceQuota> {
  const spec = { hard: { pods } }
  const status = used === undefined ? {} : { hard: { pods }, used: { pods: used } }
  return { apiVersion: 'v1', kind: 'ResourceQuota', metadata: sampleMeta('q'), spec, status }
}

it('counts for a quota that is new or wants something else, never because it has been charged', () => {
  expect(wishes.keysOf(undefined, quota('2'))).toEqual(['default/q'])
  expect(wishes.keysOf(quota('2', '1'), quota('3', '1'))).toEqual(['default/q'])
  expect(wishes.keysOf(quota('2', '0'), quota('2', '1'))).toEqual([])
  expect(wishes.keysOf(quota('2', '0'), undefined)).toEqual([])
})
