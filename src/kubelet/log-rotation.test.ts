import { expect, it } from 'vitest'
import { simClock } from '../host/sim/clock.ts'
import { simDisk } from '../host/sim/disk.ts'
import { simLog } from '../host/sim/log.ts'
import { simRandom } from '../host/sim/random.ts'
import { defaultConfiguration } from './configuration/kubelet-configuration.ts'
import { removeContainer } from './container-garbage.ts'
import type { KubeletDeps } from './kubelet-config.ts'
import { startLogRotation } from './log-rotation.ts'
import { scriptedRuntime } from './scripted-runtime.ts'

const large = new Uint8Array(10 * 2 ** 20 + 1)

/** One running container with a log. */
async function world() {
  const clock = simClock()
  const disk = simDisk({ clock, random: simRandom(1) })
  const runtime = scriptedRuntime(clock)
  const settle = async <T>(promise: Promise<T>): Promise<T> => {
    let done = false
    void promise.finally(() => (done = true))
    await clock.runUntilTrue(() => done, clock.nowMs() + 60_000)
    return promise
  }
  const pod = { name: 'web', namespace: 'shop', uid: 'uid-1' }
  await settle(runtime.runSandbox({ pod, attempt: 0, hostNetwork: false } as never))
  const spec = { name: 'a', attempt: 0, image: 'img:1', logPath: '/log/a/0.log', labels: {} }
  await settle(runtime.createContainer('sb-0', spec as never))
  await settle(runtime.startContainer('c1'))
  await settle(disk.makeDirectory('/log/a'))
  const log = simLog(clock)
  const rotation = startLogRotation({ clock, disk, runtime, log, config: { configuration: defaultConfiguration } })
  const names = () => settle(disk.list('/log/a'))
  const write = (content: Uint8Array) => settle(disk.writeFile('/log/a/0.log', content))
  const later = (): Promise<void> => clock.runUntil(clock.nowMs() + 11_000)
  return { clock, disk, runtime, rotation, names, write, later, settle, log }
}

it('leaves a log that is not large', async () => {
  const { names, write, later } = await world()
  await write(large.subarray(1))
  await later()
  expect(await names()).toEqual(['0.log'])
})

it('puts large logs aside, has the container go on in a new file, and keeps five in all', async () => {
  const { names, write, later, runtime } = await world()
  const sizes: number[] = []
  for (let round = 0; round < 7; round++) {
    await write(large)
    await later()
    sizes.push((await names()).length)
  }
  await write(large.subarray(1))
  expect(runtime.calls.filter((call) => call === 'reopen c1')).toHaveLength(7)
  expect(sizes).toEqual([1, 2, 3, 4, 4, 4, 4])
  expect((await names()).length).toBe(5)
})

it('puts the log back when the container cannot go on in another', async () => {
  const { names, write, later, runtime } = await world()
  runtime.script.reopen = false
  await write(large)
  await later()
  expect(await names()).toEqual(['0.log'])
})

it('leaves nothing of a container that is removed', async () => {
  const { names, write, later, runtime, disk, settle, rotation } = await world()
  await write(large)
  await later()
  await write(large)
  rotation.stop()
  const mounts = { list: async () => [] }
  const deps = { runtime, disk, mounts, config: { rootDirectory: '/k' } } as unknown as KubeletDeps
  for (const container of runtime.containers()) await settle(removeContainer(deps, container))
  expect(await names()).toEqual([])
})
