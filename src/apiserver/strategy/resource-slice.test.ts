import { expect, it } from 'vitest'
import { kinds } from '../../api/kinds.ts'
import type { ApiObject } from '../../api/object.ts'
import { simRandom } from '../../host/sim/random.ts'
import { preparedCreate, preparedUpdate } from './strategy.ts'

const nowMs = Date.UTC(2026, 0, 1)

function slice(...taints: readonly object[]): ApiObject {
  const devices = [{ name: 'whole' }, { name: 'tainted', taints }]
  return { apiVersion: 'resource.k8s.io/v1', kind: 'ResourceSlice', metadata: { name: 's' }, spec: { devices } }
}

it('A taint of a device begins when it is written, unless somebody says when', () => {
  const written = slice({ key: 'a', effect: 'NoExecute' }, { key: 'b', timeAdded: '2020-01-01T00:00:00Z' })
  const expected = {
    spec: {
      devices: [
        { name: 'whole' },
        {
          taints: [
            { key: 'a', timeAdded: '2026-01-01T00:00:00Z' },
            { key: 'b', timeAdded: '2020-01-01T00:00:00Z' },
          ],
        },
      ],
    },
  }
  const writing = { user: { name: 'driver', groups: [], extra: {} }, nowMs, random: simRandom(1) }
  expect(preparedCreate(kinds.resourceSlices, written, writing)).toMatchObject(expected)
  expect(preparedUpdate(kinds.resourceSlices, written, slice(), nowMs)).toMatchObject(expected)
})
