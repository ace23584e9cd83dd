import { expect, it } from 'vitest'
import type { NodeStatus } from '../../api/kinds.generated.ts'
import { nodeStatusPatch } from './node-status-patch.ts'

const address = { type: 'InternalIP', address: '10.0.0.1' }

it.each<[string, NodeStatus, NodeStatus, unknown]>([
  ['nothing where nothing differs', { volumesInUse: ['a'] }, { volumesInUse: ['a'] }, {}],
  ['what is new', {}, { volumesInUse: ['a'] }, { volumesInUse: ['a'] }],
  ['that the last volume is in use no more', { volumesInUse: ['a'] }, {}, { volumesInUse: null }],
  [
    'nothing of what others write',
    { volumesAttached: [{ name: 'a', devicePath: '' }], phase: 'x' },
    { volumesAttached: [{ name: 'a', devicePath: '' }], phase: 'y' },
    { phase: 'y' },
  ],
  [
    'that a resource is there no more',
    { capacity: { cpu: '2', 'x/gpu': '1' } },
    { capacity: { cpu: '4' } },
    { capacity: { cpu: '4', 'x/gpu': null } },
  ],
  ['addresses as a whole', {}, { addresses: [address] }, { addresses: [address, { $patch: 'replace' }] }],
])('A patch of a node’s status says %s', (_, before, after, expected) =>
  expect(nodeStatusPatch(before, after)).toEqual(expected),
)
