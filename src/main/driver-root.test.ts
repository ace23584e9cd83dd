import { expect, it } from 'vitest'
import { simHost } from '../host/contract/sim-host.ts'
import { claimDriverRoot, releaseDriverRoot } from './driver-root.ts'

it('gives the well-known folder to the first cluster, and to the next one when that has gone', async () => {
  const { disk, run } = simHost()
  await run(disk.makeDirectory('/data/one'))
  await run(disk.makeDirectory('/data/two'))
  expect(await run(claimDriverRoot(disk, '/data/one'))).toBe('/var/lib/kubelet')
  expect(await run(claimDriverRoot(disk, '/data/two'))).toBe('/data/two')
  expect(await run(claimDriverRoot(disk, '/data/one'))).toBe('/var/lib/kubelet')
  await run(releaseDriverRoot(disk, '/data/two'))
  expect(await run(disk.readSymlink('/var/lib/kubelet'))).toBe('/data/one')
  await run(releaseDriverRoot(disk, '/data/one'))
  expect(await run(claimDriverRoot(disk, '/data/two'))).toBe('/var/lib/kubelet')
  await run(disk.remove('/data/two'))
  expect(await run(claimDriverRoot(disk, '/data/one'))).toBe('/var/lib/kubelet')
})

it('leaves the folder of a kubelet alone that is there already', async () => {
  const { disk, run } = simHost()
  await run(disk.makeDirectory('/var/lib/kubelet/pods'))
  expect(await run(claimDriverRoot(disk, '/data/one'))).toBe('/data/one')
  await run(releaseDriverRoot(disk, '/data/one'))
  expect(await run(disk.list('/var/lib/kubelet'))).toEqual(['pods'])
})
