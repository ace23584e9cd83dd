import { describe, expect, it } from 'vitest'
import { simRun } from '../../host/contract/sim-run.ts'
import { simClock } from '../../host/sim/clock.ts'
import { simDisk } from '../../host/sim/disk.ts'
import { simKeys } from '../../host/sim/keys.ts'
import { simLog } from '../../host/sim/log.ts'
import { simRandom } from '../../host/sim/random.ts'
import { openStore } from '../../store/store.ts'
import { type Send, sender, testServer, watched } from '../test-exchange.ts'
import definition from './widget-definition.json' with { type: 'json' }

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const name = definition.metadata.name
const widgets = '/apis/acme.example.com/v1/namespaces/default/widgets'
const asV2 = widgets.replace('/v1/', '/v2/')
const type = { apiVersion: 'acme.example.com/v1', kind: 'Widget' }
const widget = (own: string, more: object = {}): object => ({ ...type, metadata: { name: own }, spec: {}, ...more })

/** What the controller writes once the names are free. */
const established = {
  status: {
    acceptedNames: { ...definition.spec.names, singular: 'widget', listKind: 'WidgetList' },
    conditions: [
      { type: 'NamesAccepted', status: 'True' },
      { type: 'Established', status: 'True' },
    ],
  },
}

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
  const merge: Send = (method, target, body) =>
    send(method, target, body, { headers: { 'content-type': 'application/merge-patch+json' } })
  expect((await send('POST', definitions, definition)).status).toBe(201)
  expect((await merge('PATCH', `${definitions}/${name}/status`, established)).status).toBe(200)
  return { run, send, merge }
}

/** Recorded from kube-apiserver 1.36.1, by field: there their order is one of chance. */
const wrongs = [
  '<nil>: Invalid value: "": "spec.one" must validate one and only one schema (oneOf). Found none valid',
  'spec.flag: Invalid value: "string": spec.flag in body must be of type boolean: "string"',
  'spec.id: Invalid value: "zz": spec.id in body must be of type uuid: "zz"',
  'spec.labels.a: Invalid value: "1": spec.labels.a in body should match \'^[a-z]+$\'',
  'spec.one.a: Required value',
  'spec.ports: Too many: 4: must have at most 3 items',
  'spec.ports[1]: Duplicate value: {"name":"a"}',
  'spec.ports[2].name: Required value',
  'spec.ratio: Invalid value: "string": spec.ratio in body must be of type number: "string"',
  'spec.replicas: Invalid value: 11: spec.replicas in body should be less than or equal to 10',
  'spec.size: Unsupported value: "xl": supported values: "s", "m", "l"',
  'spec.tags[1]: Duplicate value: "a"',
  'spec.tags[2]: Too long: may not be more than 5 bytes',
  'spec.when: Invalid value: "never": spec.when in body must be of type date-time: "never"',
]

const wrong = {
  size: 'xl',
  replicas: 11,
  ratio: 'x',
  tags: ['a', 'a', 'toolong'],
  ports: [{ name: 'a' }, { name: 'a' }, {}, { name: 'b' }],
  when: 'never',
  labels: { a: '1' },
  maybe: null,
  one: {},
  id: 'zz',
  flag: 'true',
}

describe('custom resources', () => {
  it('are not served before their definition is established', async () => {
    const { send, merge } = await world()
    await merge('PATCH', `${definitions}/${name}/status`, {
      status: { conditions: [{ type: 'Established', status: 'False' }] },
    })
    expect(await send('GET', widgets)).toMatchObject({ status: 404, text: '404 page not found\n' })
  })

  it('get the defaults of their schema, and lose what it does not know', async () => {
    const { send } = await world()
    const made = await send('POST', widgets, widget('a', { spec: { x: 1, free: { y: 2 } }, status: { phase: 'z' } }))
    expect(made).toMatchObject({
      status: 201,
      json: { ...type, metadata: { generation: 1 }, spec: { size: 'm', free: { y: 2 } } },
      headers: { warning: '299 - "unknown field \\"spec.x\\""' },
    })
    expect(made.json).not.toHaveProperty('spec.x')
    expect(made.json).not.toHaveProperty('status')
    expect((await send('GET', `${asV2}/a`)).json).toMatchObject({
      apiVersion: 'acme.example.com/v2',
      spec: { size: 'm' },
    })
  })

  it('are refused in the words of the original', async () => {
    const { send } = await world()
    const { status, json } = await send('POST', widgets, widget('a', { spec: wrong }))
    const { details } = json as { details: { causes: readonly { field: string; message: string }[] } }
    expect(status).toBe(422)
    expect(details.causes.map(({ field, message }) => `${field}: ${message}`).sort()).toEqual(wrongs)
  })

  it('tell unknown and repeated fields where they are looked for', async () => {
    const { send } = await world()
    const text = `{"apiVersion":"acme.example.com/v1","kind":"Widget","metadata":{"name":"a","foo":1},"spec":{"x":1,"x":2},"y":1}`
    const { status, json } = await send('POST', `${widgets}?fieldValidation=Strict`, text)
    expect(status).toBe(400)
    expect(json).toMatchObject({
      message: expect.stringContaining(
        'strict decoding error: duplicate field "spec.x", unknown field "metadata.foo", unknown field "spec.x", unknown field "y"',
      ),
    })
  })

  it('keep what was wrong already while it stays', async () => {
    const { send, merge } = await world()
    await send('POST', widgets, widget('a', { spec: { replicas: 10 } }))
    const read = (await send('GET', `${definitions}/${name}`)).text.replace('"maximum":10', '"maximum":5')
    expect((await send('PUT', `${definitions}/${name}`, read)).status).toBe(200)
    expect((await merge('PATCH', `${widgets}/a`, { spec: { size: 'l' } })).status).toBe(200)
    expect((await merge('PATCH', `${widgets}/a`, { spec: { replicas: 9 } })).status).toBe(422)
  })

  it('have a status and a scale of their own', async () => {
    const { send, merge } = await world()
    await send('POST', widgets, widget('a', { spec: { replicas: 2 } }))
    const status = await merge('PATCH', `${widgets}/a/status`, {
      spec: { size: 'l' },
      status: { replicas: 1, sel: 'a=b' },
    })
    expect(status.json).toMatchObject({ metadata: { generation: 1 }, spec: { size: 'm' }, status: { replicas: 1 } })
    const scaled = await send('PUT', `${widgets}/a/scale`, { metadata: { name: 'a' }, spec: { replicas: 7 } })
    expect(scaled.json).toMatchObject({
      kind: 'Scale',
      spec: { replicas: 7 },
      status: { replicas: 1, selector: 'a=b' },
    })
    expect((await send('GET', `${widgets}/a`)).json).toMatchObject({
      metadata: { generation: 2 },
      spec: { replicas: 7 },
    })
    expect((await send('GET', `${asV2}/a/status`)).status).toBe(404)
  })

  it('are selected by the fields that the definition names, and shown in its columns', async () => {
    const { send } = await world()
    await send('POST', widgets, widget('a', { spec: { size: 's' } }))
    await send('POST', widgets, widget('b', { spec: { size: 'l' } }))
    expect((await send('GET', `${widgets}?fieldSelector=spec.size%3Dl`)).json).toMatchObject({
      metadata: { continue: '' },
      items: [{ ...type, metadata: { name: 'b' } }],
    })
    expect((await send('GET', `${widgets}?fieldSelector=spec.replicas%3D1`)).json).toMatchObject({
      message: 'field label not supported: spec.replicas',
    })
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
    const table = await send('GET', widgets, undefined, { headers: { accept } })
    expect(table.json).toMatchObject({
      columnDefinitions: ['Name', 'Size', 'Reps', 'Age', 'Created'].map((column) => ({ name: column })),
      rows: [{ cells: ['a', 's', null, '0s', null] }, { cells: ['b', 'l', null, '0s', null] }],
    })
  })

  it('are owned field by field, as their schema says', async () => {
    const { send } = await world()
    const apply = (manager: string, spec: object) =>
      send('PATCH', `${widgets}/a?fieldManager=${manager}`, widget('a', { spec }), {
        headers: { 'content-type': 'application/apply-patch+yaml' },
      })
    expect((await apply('m', { size: 's', ports: [{ name: 'a', port: 1 }] })).status).toBe(201)
    expect((await apply('n', { size: 'l', ports: [{ name: 'b', port: 1 }] })).json).toMatchObject({
      message: 'Apply failed with 1 conflict: conflict with "m": .spec.size',
    })
    expect((await apply('n', { ports: [{ name: 'b', port: 'x' }] })).json).toMatchObject({
      spec: { ports: [{ name: 'a' }, { name: 'b' }] },
    })
    const strategic = { headers: { 'content-type': 'application/strategic-merge-patch+json' } }
    expect((await send('PATCH', `${widgets}/a`, {}, strategic)).status).toBe(415)
  })

  it('have no protobuf, but for their metadata', async () => {
    const { send } = await world()
    await send('POST', widgets, widget('a'))
    const accept = 'application/vnd.kubernetes.protobuf'
    expect((await send('GET', `${widgets}/a`, undefined, { headers: { accept } })).status).toBe(406)
    expect((await send('GET', widgets, undefined, { headers: { accept } })).status).toBe(406)
    const partial = `${accept};as=PartialObjectMetadata;v=v1;g=meta.k8s.io`
    expect((await send('GET', `${widgets}/a`, undefined, { headers: { accept: partial } })).status).toBe(200)
    expect((await send('POST', widgets, 'x', { headers: { 'content-type': accept } })).status).toBe(415)
  })

  it('are deleted with options that call themselves by any name that clients give them', async () => {
    const { send } = await world()
    for (const apiVersion of ['acme.example.com/v1', 'meta.k8s.io/v1', 'v1']) {
      await send('POST', widgets, widget('a'))
      const options = { apiVersion, kind: 'DeleteOptions', preconditions: { uid: 'another' } }
      expect((await send('DELETE', `${widgets}/a`, options)).status).toBe(409)
      expect((await send('DELETE', `${widgets}/a`, { ...options, preconditions: {} })).status).toBe(200)
    }
    const strange = { apiVersion: 'other.example.com/v1', kind: 'DeleteOptions' }
    expect((await send('DELETE', `${widgets}/a`, strange)).status).toBe(400)
  })

  it('are discovered as long as they are defined, and watched no longer', async () => {
    const { send, merge } = await world()
    const { json } = await send('GET', '/apis/acme.example.com/v1')
    expect(json).toMatchObject({
      resources: expect.arrayContaining([expect.objectContaining({ name: 'widgets', shortNames: ['wd'] })]),
    })
    const watching = watched(await send('GET', `${widgets}?watch=1`))
    expect(watching.isEnded()).toBe(false)
    await send('DELETE', `${definitions}/${name}`)
    // As the controller does it: the finalizer that the server has put there is no obstacle.
    const going = {
      status: { conditions: [{ type: 'Terminating', status: 'True' }, ...established.status.conditions] },
    }
    expect((await merge('PATCH', `${definitions}/${name}/status`, going)).status).toBe(200)
    const refused = await send('POST', widgets, widget('a'))
    expect(refused.json).toMatchObject({ reason: 'Forbidden' })
    await send(
      'PATCH',
      `${definitions}/${name}`,
      { metadata: { finalizers: null } },
      {
        headers: { 'content-type': 'application/merge-patch+json' },
      },
    )
    expect((await send('GET', widgets)).status).toBe(404)
    expect((await send('GET', '/apis/acme.example.com/v1')).status).toBe(404)
    expect(watching.isEnded()).toBe(true)
  })

  it('are published in OpenAPI, under another address once their schema has changed', async () => {
    const { send, merge } = await world()
    const addressOf = async () => {
      const { paths } = (await send('GET', '/openapi/v3')).json as {
        paths: Record<string, { serverRelativeURL: string } | undefined>
      }
      return paths['apis/acme.example.com/v1']?.serverRelativeURL ?? ''
    }
    const address = await addressOf()
    const { json } = await send('GET', address)
    const name3 = 'com.example.acme.v1.Widget'
    expect(json).toMatchObject({
      components: {
        schemas: {
          [name3]: {
            required: ['spec'],
            properties: {
              metadata: { allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }] },
              spec: {
                properties: {
                  size: { default: 'm', enum: ['s', 'm', 'l'] },
                  maybe: { type: 'string', nullable: true },
                  tpl: { required: ['kind', 'apiVersion'] },
                },
              },
            },
            'x-kubernetes-group-version-kind': [{ group: 'acme.example.com', kind: 'Widget', version: 'v1' }],
            'x-kubernetes-selectable-fields': [{ fieldPath: 'spec.size' }],
          },
        },
      },
    })
    const { definitions: v2 } = (await send('GET', '/openapi/v2')).json as { definitions: Record<string, object> }
    expect(v2[name3]).toMatchObject({
      properties: { spec: { properties: { maybe: {}, free: { 'x-kubernetes-preserve-unknown-fields': true } } } },
    })
    expect(v2[name3]).not.toHaveProperty('properties.spec.properties.size.default')
    expect(v2[name3]).not.toHaveProperty('properties.spec.properties.maybe.type')
    expect(v2['com.example.acme.v2.Widget']).toEqual({
      type: 'object',
      'x-kubernetes-group-version-kind': [{ group: 'acme.example.com', kind: 'Widget', version: 'v2' }],
    })
    const read = (await send('GET', `${definitions}/${name}`)).text.replace('"maximum":10', '"maximum":5')
    await send('PUT', `${definitions}/${name}`, read)
    expect(await addressOf()).not.toBe(address)
    await merge('PATCH', `${definitions}/${name}/status`, {
      status: { conditions: [{ type: 'Established', status: 'False' }] },
    })
    expect(await addressOf()).toBe('')
  })
})
