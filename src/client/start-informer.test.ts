import { describe, expect, it } from 'vitest'
import { kinds } from '../api/kinds.ts'
import { simClock } from '../host/sim/clock.ts'
import { simLog } from '../host/sim/log.ts'
import { simRandom } from '../host/sim/random.ts'
import { makeClient } from './http-client.ts'
import { type ScriptedHandler, scriptedHandler } from './scripted-handler.ts'
import { startInformer } from './start-informer.ts'

function world(script: (api: ScriptedHandler) => void = () => {}) {
  const clock = simClock()
  const api = scriptedHandler()
  script(api)
  const log = simLog(clock)
  const identity = { commonName: 'tester', organizations: [] }
  const client = makeClient({ handler: api.handler, identity, userAgent: 'test', clock })
  const informer = startInformer({
    client,
    kind: kinds.configMaps,
    clock,
    random: simRandom(1),
    log,
    indexes: { colour: (object) => Object.values(object.metadata.labels ?? {}) },
  })
  const told: string[] = []
  informer.onChange((before, after) => told.push(`${before?.metadata.name ?? '-'}>${after?.metadata.name ?? '-'}`))
  const names = () => informer.list().map((object) => object.metadata.name)
  const pass = (ms: number) => clock.runUntil(clock.nowMs() + ms)
  return { clock, api, log, informer, told, names, pass }
}

const plainLists = (api: ScriptedHandler) => api.requests.filter((request) => !request.includes('watch=')).length
const lists = (api: ScriptedHandler) =>
  plainLists(api) + api.requests.filter((request) => request.includes('sendInitialEvents=true')).length

describe('an informer', () => {
  it('lists, then follows every change, in key order', async () => {
    const { api, informer, told, names, pass } = world()
    api.put('b')
    expect(informer.synced()).toBe(false)
    await pass(10)
    expect(informer.synced()).toBe(true)
    api.put('a')
    api.put('b')
    api.drop('a')
    await pass(10)
    expect(names()).toEqual(['b'])
    expect(told).toEqual(['->b', '->a', 'b>b', 'a>-'])
    expect(informer.get('default/b')?.metadata.resourceVersion).toBe('4')
    expect(informer.resourceVersion()).toBe('5')
  })

  it('keeps its indexes through changes', async () => {
    const { api, informer, pass } = world()
    api.put('a', { colour: 'red' })
    api.put('b', { colour: 'red' })
    await pass(10)
    const named = (value: string) => informer.indexed('colour', value).map((object) => object.metadata.name)
    expect(named('red')).toEqual(['a', 'b'])
    api.put('a', { colour: 'blue' })
    api.drop('b')
    await pass(10)
    expect([named('red'), named('blue')]).toEqual([[], ['a']])
    expect(() => informer.indexed('size', 'x')).toThrow('there is no index size')
  })

  it('tries a failing list again, waiting longer each time, and never runs hot', async () => {
    const { api, informer, pass } = world((scripted) => scripted.fail('list', 500, 4))
    await pass(60_000)
    expect(informer.synced()).toBe(true)
    expect(lists(api)).toBe(5)
  })

  it('asks for one streaming list and goes on with it', async () => {
    const { api, names, told, pass } = world()
    api.put('a')
    await pass(10)
    api.put('b')
    await pass(3_600_000)
    expect([names(), told]).toEqual([
      ['a', 'b'],
      ['->a', '->b'],
    ])
    expect(api.requests).toEqual([expect.stringMatching(/sendInitialEvents=true&resourceVersionMatch=NotOlderThan/)])
  })

  it.each(['refuse', 'never end'] as const)('lists and watches a server that streaming lists %s', async (does) => {
    const { api, informer, names, pass } = world((scripted) => scripted.streamingLists(does))
    api.put('a')
    await pass(25_000)
    api.put('b')
    await pass(10)
    expect([informer.synced(), names(), plainLists(api), api.watchers()]).toEqual([true, ['a', 'b'], 1, 1])
    api.hangUp()
    api.put('c')
    api.compact()
    await pass(10_000)
    expect([names(), lists(api), plainLists(api)]).toEqual([['a', 'b', 'c'], 3, 2])
  })

  it('knows nothing of a streaming list that was cut off, and asks for another', async () => {
    const { api, informer, names, pass } = world((scripted) => scripted.streamingLists('never end'))
    api.put('a')
    await pass(10)
    expect([informer.synced(), names()]).toEqual([false, []])
    api.streamingLists('send')
    api.hangUp()
    await pass(5_000)
    expect([informer.synced(), names(), lists(api), plainLists(api)]).toEqual([true, ['a'], 2, 0])
  })

  it('resumes where the last stream ended, without a new list', async () => {
    const { api, names, pass } = world()
    await pass(10)
    api.put('a')
    await pass(2000)
    api.hangUp('{"type":"ADDED","object":{"metad')
    api.put('b')
    await pass(5000)
    expect(names()).toEqual(['a', 'b'])
    expect(lists(api)).toBe(1)
    expect(api.requests.at(-1)).toContain('resourceVersion=2&')
  })

  it('notices what was deleted while its version expired', async () => {
    const { api, told, names, pass } = world()
    for (const name of ['a', 'b', 'c']) api.put(name)
    await pass(2000)
    api.hangUp()
    api.drop('a')
    api.drop('b')
    api.put('b')
    api.put('d')
    api.compact()
    told.length = 0
    await pass(10_000)
    expect(names()).toEqual(['b', 'c', 'd'])
    expect(told).toEqual(['a>-', 'b>-', '->b', '->d'])
    expect(lists(api)).toBe(2)
  })

  it('lives on bookmarks through a quiet time', async () => {
    const { api, informer, pass } = world()
    await pass(10)
    api.put('a')
    api.drop('a')
    api.bookmark()
    await pass(2000)
    api.compact()
    api.hangUp()
    await pass(2000)
    expect(informer.resourceVersion()).toBe('3')
    expect([lists(api), api.watchers()]).toEqual([1, 1])
  })

  it('retries a refused watch from the same version', async () => {
    const { api, names, pass } = world()
    api.fail('watch', 503, 3)
    await pass(10)
    api.put('a')
    await pass(30_000)
    expect(names()).toEqual(['a'])
    expect(lists(api)).toBe(1)
  })

  it('does not run hot when every stream closes at once', async () => {
    const { api, clock, pass } = world()
    await pass(10)
    for (let round = 0; round < 600; round++) {
      api.hangUp()
      await clock.runUntil(clock.nowMs() + 100)
    }
    expect(api.requests.length).toBeLessThan(12)
  })

  it('stops for good', async () => {
    const { api, informer, pass } = world()
    await pass(10)
    informer.stop()
    await pass(10)
    const before = api.requests.length
    api.put('a')
    await pass(3_600_000)
    expect([api.requests.length - before, api.watchers(), informer.list().length]).toEqual([0, 0, 0])
  })
})
