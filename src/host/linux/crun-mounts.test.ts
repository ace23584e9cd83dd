import { expect, it } from 'vitest'
import { crunMounts } from './crun-mounts.ts'

it('crun is told within the option whom the owners of a mount are, and nothing of other mounts', () => {
  const uidMappings = [{ containerID: 0, hostID: 65_536, size: 65_536 }]
  const gidMappings = [
    { containerID: 0, hostID: 1, size: 2 },
    { containerID: 5, hostID: 9, size: 1 },
  ]
  const plain = { destination: '/a', options: ['rbind'] }
  const mapped = { destination: '/b', options: ['rbind', 'idmap'], uidMappings, gidMappings }
  expect(crunMounts({ mounts: [plain, mapped] } as never)).toEqual({
    mounts: [plain, { destination: '/b', options: ['rbind', 'idmap=uids=0-65536-65536;gids=0-1-2#5-9-1'] }],
  })
  expect(crunMounts({} as never)).toEqual({})
})
