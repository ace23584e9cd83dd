import { afterEach, describe, expect, it } from 'vitest'
import { simRun } from '../host/contract/sim-run.ts'
import { simMachine } from '../host/sim/machine.ts'
import type { Kubelet } from './kubelet.ts'
import { kubeletWorld } from './test-kubelet.ts'
import { freeRange, openUserIds, userNamespaceFault } from './user-ids.ts'

const unit = 65_536
const running: Kubelet[] = []
afterEach(async () => {
  for (const kubelet of running.splice(0)) await kubelet.stop()
})

describe('ranges of ids', () => {
  it.each([
    ['none is taken', [], unit, 1],
    ['the lowest are taken', [1, 2], unit, 3],
    ['one in between is free', [1, 3], unit, 2],
    ['those that are taken were shorter', [2, 3], 2 * unit, 2],
  ])('are the lowest that are free: %s', (_, taken, count, at) => {
    const ranges = taken.map((index) => ({ firstId: index * unit, count: unit }))
    expect(freeRange(ranges, count)).toEqual({ firstId: at * count, count })
  })

  it('come to an end', () => {
    const half = 2 ** 31
    expect(freeRange([], half)).toEqual({ firstId: half, count: half })
    expect(freeRange([{ firstId: half, count: half }], half)).toBeUndefined()
  })
})

describe('the ids of pods', () => {
  const config = { rootDirectory: '/kubelet', configuration: { userNamespaces: { idsPerPod: unit } } }

  it('are kept while the pod lasts, over restarts, and free after it', async () => {
    const { disk, clock } = simMachine()
    const run = simRun(clock)
    const first = await run(openUserIds({ disk, config }))
    expect(await run(first.of('a'))).toEqual({ ok: true, value: { firstId: unit, count: unit } })
    expect(await run(first.of('b'))).toEqual({ ok: true, value: { firstId: 2 * unit, count: unit } })
    const second = await run(openUserIds({ disk, config }))
    expect(await run(second.of('c'))).toEqual({ ok: true, value: { firstId: 3 * unit, count: unit } })
    await run(second.release('a'))
    const third = await run(openUserIds({ disk, config }))
    expect(await run(third.of('d'))).toEqual({ ok: true, value: { firstId: unit, count: unit } })
    expect(await run(third.of('b'))).toEqual({ ok: true, value: { firstId: 2 * unit, count: unit } })
  })
})

describe('a pod with users of its own', () => {
  const handlers = [
    { name: '', recursiveReadOnlyMounts: true, userNamespaces: true },
    { name: 'old', recursiveReadOnlyMounts: true, userNamespaces: false },
  ]

  it.each([
    [handlers, '', undefined],
    [[], '', "can't set `spec.hostUsers: false`, runtime does not support user namespaces"],
    [
      handlers,
      'old',
      'can\'t set `spec.hostUsers: false`, RuntimeClass handler "old" does not support user namespaces',
    ],
    [
      handlers,
      'none',
      'can\'t set `spec.hostUsers: false`, RuntimeClass handler "none" does not support user namespaces: the handler "none" is not known',
    ],
  ])('needs a runtime that can (%#)', (known, handler, fault) => {
    expect(userNamespaceFault({ version: '1', handlers: known, supplementalGroupsPolicy: true }, handler)).toBe(fault)
  })

  it('runs with ids that are given back when it ends, and is refused where the runtime cannot', async () => {
    const simulated = simMachine()
    const { start, run, until, isReady, pod, runtime, disk, remove, events } = kubeletWorld(simulated, running)
    await start()
    run('early', { hostUsers: false })
    const told =
      "FailedCreatePodSandBox: Failed to create pod sandbox: can't set `spec.hostUsers: false`, runtime does not support user namespaces"
    await until('it is refused', () => events().includes(told))
    runtime.script.handlers = handlers
    run('web', { hostUsers: false })
    await until('both run', () => isReady('web') && isReady('early'))
    const file = `/var/lib/kubelet/pods/${pod('web')?.metadata.uid}/userns`
    let text = ''
    void disk.readFile(file).then((bytes) => {
      text = new TextDecoder().decode(bytes)
    })
    await until('its ids are read', () => text !== '')
    expect(JSON.parse(text)).toMatchObject({ uidMappings: [{ containerId: 0, length: unit }] })
    let isThere: boolean | undefined
    remove('web', 1)
    await until('it is gone', () => {
      void disk.exists(file).then((there) => {
        isThere = there
      })
      return isThere === false
    })
  })
})
