import { describe, expect, it } from 'vitest'
import { watchQueue } from '../client/watch-stream.ts'
import { simRun } from '../host/contract/sim-run.ts'
import { simClock } from '../host/sim/clock.ts'
import { simDisk } from '../host/sim/disk.ts'
import { simKeys } from '../host/sim/keys.ts'
import { simLog } from '../host/sim/log.ts'
import { simRandom } from '../host/sim/random.ts'
import { openStore } from '../store/store.ts'
import { type Send, sender, testServer, type Watched, watched } from './test-exchange.ts'

async function world() {
  const clock = simClock()
  const random = simRandom(1)
  const log = simLog(clock)
  const run = simRun(clock)
  const disk = simDisk({ clock, random })
  const store = await run(openStore({ disk, clock, log, directory: '/store', onFatal() {} }))
  const server = await testServer({ store, clock, random, keys: simKeys(random), log })
  await run(server.start())
  const raw = sender(server.handler)
  const send: Send = (...request) => run(raw(...request))
  const watch = async (query: string, behindBytes?: () => number): Promise<Watched> => {
    const opened = watched(await send('GET', `${maps}?watch=1&${query}`), behindBytes)
    await clock.runUntil(clock.nowMs() + 1)
    return opened
  }
  return { clock, store, send, watch }
}

const maps = '/api/v1/namespaces/default/configmaps'
const map = (name: string, labels: object = {}, data: object = {}) => ({ metadata: { name, labels }, data })
const patch = { headers: { 'content-type': 'application/merge-patch+json' } }

/** 'ADDED a': what happened to which object. */
function told(watch: Watched): readonly string[] {
  return watch.events().map(({ type, object }) => {
    const { metadata } = object as { metadata?: { name?: string } }
    return metadata?.name === undefined ? type : `${type} ${metadata.name}`
  })
}

describe('a watch', () => {
  it('begins with the present state when it names no version, and goes on from there', async () => {
    const { send, watch } = await world()
    await send('POST', maps, map('a'))
    const seen = await watch('')
    await send('POST', maps, map('b'))
    await send('PATCH', `${maps}/a`, { data: { x: 'y' } }, patch)
    await send('DELETE', `${maps}/b`)
    expect(told(seen)).toEqual(['ADDED a', 'ADDED b', 'MODIFIED a', 'DELETED b'])
    const { text } = await send('GET', '/metrics')
    expect(text).toContain('apiserver_watch_events_total{group="",resource="configmaps",version="v1"} 4\n')
    expect(text).toContain(
      'apiserver_watch_events_sizes_bucket{group="",resource="configmaps",version="v1",le="1024"} 4\n',
    )
    const [added, , , deleted] = seen.events()
    expect(added?.object).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' })
    const revision = (event: Readonly<{ object: unknown }> | undefined) =>
      Number((event?.object as { metadata?: { resourceVersion: string } } | undefined)?.metadata?.resourceVersion)
    expect(revision(deleted)).toBeGreaterThan(revision(added))
  })

  it('passes a reader in the same process what its lines say', async () => {
    const { clock, send } = await world()
    const options = { user: 'admin', groups: ['system:masters'] }
    const { response } = await send('GET', `${maps}?watch=1`, undefined, options)
    const lines = watched(await send('GET', `${maps}?watch=1`, undefined, options))
    const queue = watchQueue(1 << 20)
    if (response.type === 'stream') response.start(queue.sink)
    await clock.runUntil(clock.nowMs() + 1)
    await send('POST', maps, map('a', { x: 'y' }, { key: 'value' }))
    await send('PATCH', `${maps}/a`, { data: { x: 'y' } }, patch)
    await send('DELETE', `${maps}/a`)
    queue.sink.end()
    const passed: object[] = []
    for await (const item of queue.items) if (!(item instanceof Uint8Array)) passed.push(...item)
    expect(passed).toHaveLength(3)
    // Strictly: a member that is there but undefined would be one that no line can hold.
    expect(passed).toStrictEqual(lines.events())
  })

  it('shows an object that comes to match as added and one that ceases to as deleted', async () => {
    const { store, send, watch } = await world()
    await send('POST', maps, map('a', { color: 'red' }))
    const seen = await watch(`labelSelector=color%3Dblue&resourceVersion=${store.revision()}`)
    await send('PATCH', `${maps}/a`, { metadata: { labels: { color: 'blue' } } }, patch)
    await send('PATCH', `${maps}/a`, { data: { x: 'y' } }, patch)
    await send('PATCH', `${maps}/a`, { metadata: { labels: { color: 'red' } } }, patch)
    await send('DELETE', `${maps}/a`)
    expect(told(seen)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a'])
    const gone = seen.events()[2]?.object as { metadata: { labels: object; resourceVersion: string } }
    expect(gone.metadata.labels).toEqual({ color: 'blue' })
    expect(Number(gone.metadata.resourceVersion)).toBe(store.revision() - 1)
  })

  it('watches one object by its name and not those whose names begin alike', async () => {
    const { send, watch } = await world()
    const seen = await watch('fieldSelector=metadata.name%3Da')
    await send('POST', maps, map('ab'))
    await send('POST', maps, map('a'))
    expect(told(seen)).toEqual(['ADDED a'])
  })

  it('ends its initial state with a bookmark where that is asked for', async () => {
    const { send, watch } = await world()
    await send('POST', maps, map('a'))
    const seen = await watch('sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan')
    expect(told(seen)).toEqual(['ADDED a', 'BOOKMARK'])
    expect(seen.events()[1]?.object).toMatchObject({
      kind: 'ConfigMap',
      metadata: { annotations: { 'k8s.io/initial-events-end': 'true' }, resourceVersion: expect.any(String) },
    })
  })

  it('sends bookmarks by the minute to those who take them, with the newest version', async () => {
    const { clock, store, send, watch } = await world()
    const [with_, without] = [await watch('allowWatchBookmarks=true'), await watch('')]
    await send('POST', '/api/v1/namespaces/default/secrets', { metadata: { name: 's' } })
    await clock.runUntil(clock.nowMs() + 61_000)
    expect(told(with_)).toEqual(['BOOKMARK'])
    expect(with_.events()[0]?.object).toMatchObject({ metadata: { resourceVersion: String(store.revision()) } })
    expect(told(without)).toEqual([])
  })

  it('is told 410 in an event when its version is forgotten', async () => {
    const { store, send, watch } = await world()
    await send('POST', maps, map('a'))
    store.compact(store.revision())
    const seen = await watch('resourceVersion=1')
    expect(seen.events()).toMatchObject([{ type: 'ERROR', object: { reason: 'Expired', code: 410 } }])
    expect(seen.isEnded()).toBe(true)
  })

  it('ends after timeoutSeconds, and by itself within the hour', async () => {
    const { clock, watch } = await world()
    const [short, long] = [await watch('timeoutSeconds=5'), await watch('')]
    await clock.runUntil(clock.nowMs() + 6_000)
    expect([short.isEnded(), long.isEnded()]).toEqual([true, false])
    await clock.runUntil(clock.nowMs() + 3_600_000)
    expect(long.isEnded()).toBe(true)
  })

  it('is ended when its reader is too far behind', async () => {
    const { send, watch } = await world()
    let behindBytes = 0
    const slow = await watch('', () => behindBytes)
    await send('POST', maps, map('a'))
    expect(slow.isEnded()).toBe(false)
    behindBytes = 100 * 1024 * 1024
    await send('POST', maps, map('b'))
    expect(slow.isEnded()).toBe(true)
  })

  it('leaves nothing behind when its client goes', async () => {
    const { send, watch } = await world()
    const seen = await watch('allowWatchBookmarks=true')
    seen.stop()
    await send('POST', maps, map('a'))
    expect(seen.events()).toEqual([])
  })

  it('comes as a table where one is asked for', async () => {
    const { clock, send } = await world()
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
    const seen = watched(await send('GET', `${maps}?watch=1`, undefined, { headers: { accept } }))
    await clock.runUntil(clock.nowMs() + 1)
    await send('POST', maps, map('a', {}, { x: 'y' }))
    expect(seen.events()).toMatchObject([
      { type: 'ADDED', object: { kind: 'Table', rows: [{ cells: ['a', 1, '0s'] }] } },
    ])
    await send('POST', maps, map('b', {}, { x: 'y' }))
    // Columns come once.
    expect(
      seen.events().map(({ object }) => (object as { columnDefinitions: unknown }).columnDefinitions === null),
    ).toEqual([false, true])
  })
})
