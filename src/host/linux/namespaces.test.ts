import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { shareScript } from './namespaces.ts'

/** In a mount namespace of its own, where /run/netns is a plain folder as on a machine that has just started. */
const scene = `
set -e
mount -t tmpfs none /run
mkdir /run/netns
sh -c "$1" sh /run/netns
: > /run/netns/ours
unshare --net=/run/netns/ours true
ip netns add theirs
nsenter --net=/run/netns/ours true
ip netns delete theirs
umount /run/netns/ours
! grep /run/netns/ours /proc/self/mountinfo >&2`

it.runIf(process.getuid?.() === 0)('a namespace can be let go after somebody else has made one', () => {
  const { status, stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', scene, 'sh', shareScript], {
    encoding: 'utf8',
  })
  expect([status, stderr]).toEqual([0, ''])
  const without = spawnSync('unshare', ['--mount', 'sh', '-c', scene, 'sh', 'true'], { encoding: 'utf8' })
  expect(without.status).not.toBe(0)
})
