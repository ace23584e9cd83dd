import { describe, expect, it } from 'vitest'
import { simRun } from '../../host/contract/sim-run.ts'
import { simClock } from '../../host/sim/clock.ts'
import { simDisk } from '../../host/sim/disk.ts'
import { simKeys } from '../../host/sim/keys.ts'
import { simLog } from '../../host/sim/log.ts'
import { simRandom } from '../../host/sim/random.ts'
import { openStore } from '../../store/store.ts'
import { type Send, sender, testServer, watched } from '../test-exchange.ts'

async function world() {
  const clock = simClock()
  const random = simRandom(1)
  const log = simLog(clock)
  const run = simRun(clock)
  const store = await run(
    openStore({ disk: simDisk({ clock, random }), clock, log, directory: '/store', onFatal() {} }),
  )
  const server = await testServer({ store, clock, random, keys: simKeys(random), log })
  await run(server.start())
  const raw = sender(server.handler)
  const send: Send = (...request) => run(raw(...request))
  return { clock, store, run, send }
}

const coreEvents = '/api/v1/namespaces/default/events'
const newEvents = '/apis/events.k8s.io/v1/namespaces/default/events'
const regarding = { kind: 'Pod', name: 'p', namespace: 'default' }
const event = {
  metadata: { name: 'e' },
  eventTime: '2026-01-01T00:00:00.000000Z',
  reportingController: 'c.io/x',
  reportingInstance: 'i',
  action: 'Doing',
  reason: 'Done',
  regarding,
  note: 'all is well',
  type: 'Normal',
}

describe('events, one storage under two names', () => {
  it('are written as one and read as the other', async () => {
    const { send } = await world()
    const made = await send('POST', newEvents, event)
    expect(made.status).toBe(201)
    expect(made.json).toMatchObject({ apiVersion: 'events.k8s.io/v1', note: 'all is well', regarding })
    const read = await send('GET', `${coreEvents}/e`)
    expect(read.json).toMatchObject({ apiVersion: 'v1', message: 'all is well', involvedObject: regarding })
    expect(read.json).not.toHaveProperty('note')
    const listed = await send('GET', newEvents)
    expect(listed.json).toMatchObject({
      kind: 'EventList',
      apiVersion: 'events.k8s.io/v1',
      items: [{ note: 'all is well' }],
    })
    const selected = await send('GET', `${newEvents}?fieldSelector=regarding.name%3Dp`)
    expect(selected.json).toMatchObject({ items: [{ metadata: { name: 'e' } }] })
    const none = await send('GET', `${newEvents}?fieldSelector=regarding.name%3Dq`)
    expect(none.json).toMatchObject({ items: [] })
    expect((await send('GET', `${newEvents}?fieldSelector=involvedObject.name%3Dp`)).json).toMatchObject({
      message: 'field label not supported: involvedObject.name',
    })
  })

  it('are watched in the version that was asked for', async () => {
    const { send } = await world()
    const watch = watched(await send('GET', `${newEvents}?watch=1`))
    const selecting = watched(await send('GET', `${newEvents}?watch=1&fieldSelector=reason%3DOther`))
    await send('POST', coreEvents, { metadata: { name: 'e' }, involvedObject: regarding, message: 'old', reason: 'R' })
    expect(watch.events()).toMatchObject([{ type: 'ADDED', object: { apiVersion: 'events.k8s.io/v1', note: 'old' } }])
    expect(selecting.events()).toEqual([])
  })

  it('keep the managers of either version', async () => {
    const { send } = await world()
    await send('POST', `${newEvents}?fieldManager=a`, event)
    const patch = { metadata: { labels: { x: 'y' } } }
    const headers = { 'content-type': 'application/merge-patch+json' }
    const patched = await send('PATCH', `${coreEvents}/e?fieldManager=b`, patch, { headers })
    expect(patched.json).toMatchObject({
      metadata: {
        managedFields: [
          { manager: 'a', apiVersion: 'events.k8s.io/v1' },
          { manager: 'b', apiVersion: 'v1' },
        ],
      },
    })
    const taken = await send('PATCH', `${coreEvents}/e?fieldManager=b`, { message: 'new' }, { headers })
    const { managedFields } = (
      taken.json as { metadata: { managedFields: readonly { manager: string; fieldsV1: object }[] } }
    ).metadata
    expect(
      managedFields.map(({ manager, fieldsV1 }) => [manager, 'f:note' in fieldsV1, 'f:message' in fieldsV1]),
    ).toEqual([
      ['a', false, false],
      ['b', false, true],
    ])
  })

  it('are deleted under either name', async () => {
    const { send } = await world()
    await send('POST', newEvents, event)
    expect((await send('DELETE', `${newEvents}/e`)).json).toMatchObject({ status: 'Success' })
    expect((await send('GET', `${coreEvents}/e`)).json).toMatchObject({ message: 'events "e" not found' })
    await send('POST', newEvents, event)
    expect((await send('DELETE', newEvents)).json).toMatchObject({ items: [{ note: 'all is well' }] })
  })
})

describe('autoscalers of v1, stored as v2', () => {
  const path = (version: string) => `/apis/autoscaling/${version}/namespaces/default/horizontalpodautoscalers`
  const spec = { scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' }, maxReplicas: 3 }

  it('are tried without being stored, updated, and shown in tables as those of v2', async () => {
    const { send } = await world()
    const dry = await send('POST', `${path('v1')}?dryRun=All`, { metadata: { name: 'h' }, spec })
    expect(dry.json).toMatchObject({ apiVersion: 'autoscaling/v1', spec: { targetCPUUtilizationPercentage: 80 } })
    const made = await send('POST', path('v1'), { metadata: { name: 'h' }, spec })
    expect(made.json).toMatchObject({ apiVersion: 'autoscaling/v1', spec: { ...spec, minReplicas: 1 } })
    const changed = { ...(made.json as object), spec: { ...spec, targetCPUUtilizationPercentage: 50 } }
    expect((await send('PUT', `${path('v1')}/h`, changed)).status).toBe(200)
    expect((await send('GET', `${path('v2')}/h`)).json).toMatchObject({
      spec: { metrics: [{ resource: { name: 'cpu', target: { averageUtilization: 50 } } }] },
    })
    const headers = { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' }
    const tables = await Promise.all(
      ['v1', 'v2'].map(async (version) => (await send('GET', path(version), undefined, { headers })).json),
    )
    const cells = (table: unknown) => (table as { rows: readonly { cells: unknown }[] }).rows.map((row) => row.cells)
    expect(cells(tables[0])).toEqual(cells(tables[1]))
  })

  it('are applied, and conflict with managers of v2', async () => {
    const { send } = await world()
    const headers = { 'content-type': 'application/apply-patch+yaml' }
    const config = (version: string, maxReplicas: number) => ({
      apiVersion: `autoscaling/${version}`,
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'h' },
      spec: { ...spec, maxReplicas },
    })
    expect((await send('PATCH', `${path('v2')}/h?fieldManager=a`, config('v2', 3), { headers })).status).toBe(201)
    const refused = await send('PATCH', `${path('v1')}/h?fieldManager=b`, config('v1', 4), { headers })
    expect(refused.json).toMatchObject({
      code: 409,
      message: 'Apply failed with 1 conflict: conflict with "a": .spec.maxReplicas',
    })
    const forced = await send('PATCH', `${path('v1')}/h?fieldManager=b&force=true`, config('v1', 4), { headers })
    expect(forced.json).toMatchObject({ apiVersion: 'autoscaling/v1', spec: { maxReplicas: 4 } })
  })
})
