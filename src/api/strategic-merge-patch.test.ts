import { describe, expect, it } from 'vitest'
import { schema } from './schema-reader.ts'
import { applyStrategicMergePatch } from './strategic-merge-patch.ts'

type Json = Readonly<Record<string, unknown>>
type Case = readonly [name: string, current: Json, patch: Json, result: Json]

const pod = 'io.k8s.api.core.v1.Pod'
const web = { name: 'web', image: 'a' }
const log = { name: 'log', image: 'b' }

/** Results of k8s.io/apimachinery 0.36.1's strategicpatch. */
const cases: readonly Case[] = [
  [
    'merges containers by name',
    { spec: { containers: [web, log] } },
    { spec: { containers: [{ name: 'log', image: 'c' }] } },
    { spec: { containers: [web, { name: 'log', image: 'c' }] } },
  ],
  [
    'puts a new item first, as the patch knows no other',
    { spec: { containers: [web] } },
    { spec: { containers: [log] } },
    { spec: { containers: [log, web] } },
  ],
  [
    'deletes an item',
    { spec: { containers: [web, log] } },
    { spec: { containers: [{ name: 'web', $patch: 'delete' }] } },
    { spec: { containers: [log] } },
  ],
  [
    'replaces a list',
    { spec: { containers: [web, log] } },
    { spec: { containers: [{ $patch: 'replace' }, { name: 'x' }] } },
    { spec: { containers: [{ name: 'x' }] } },
  ],
  [
    'replaces an object',
    { metadata: { labels: { a: '1' } } },
    { metadata: { labels: { $patch: 'replace', b: '2' } } },
    { metadata: { labels: { b: '2' } } },
  ],
  [
    'empties an object',
    { metadata: { labels: { a: '1' } } },
    { metadata: { labels: { $patch: 'delete' } } },
    { metadata: { labels: {} } },
  ],
  [
    'orders a list',
    { spec: { containers: [web, log] } },
    { spec: { '$setElementOrder/containers': [{ name: 'log' }, { name: 'web' }] } },
    { spec: { containers: [log, web] } },
  ],
  [
    'merges scalars as a set',
    { metadata: { finalizers: ['a', 'b'] } },
    { metadata: { finalizers: ['b', 'c'] } },
    { metadata: { finalizers: ['a', 'b', 'c'] } },
  ],
  [
    'deletes scalars',
    { metadata: { finalizers: ['a', 'b'] } },
    { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] } },
    { metadata: { finalizers: ['b'] } },
  ],
  [
    'replaces lists without merge key',
    { spec: { tolerations: [{ key: 'a' }] } },
    { spec: { tolerations: [{ key: 'b' }] } },
    { spec: { tolerations: [{ key: 'b' }] } },
  ],
  [
    'retains only the keys of $retainKeys',
    { spec: { volumes: [{ name: 'v', emptyDir: {} }] } },
    { spec: { volumes: [{ name: 'v', configMap: { name: 'c' }, $retainKeys: ['name', 'configMap'] }] } },
    { spec: { volumes: [{ name: 'v', configMap: { name: 'c' } }] } },
  ],
  [
    'removes what is null',
    { spec: { nodeName: 'n', hostname: 'h' } },
    { spec: { nodeName: null } },
    { spec: { hostname: 'h' } },
  ],
  [
    'takes no nulls into what is new',
    {},
    { spec: { securityContext: { runAsUser: null, runAsGroup: 1 } } },
    { spec: { securityContext: { runAsGroup: 1 } } },
  ],
  [
    'merges inner lists',
    { spec: { containers: [{ ...web, env: [{ name: 'A', value: '1' }] }] } },
    { spec: { containers: [{ name: 'web', env: [{ name: 'B', value: '2' }] }] } },
    {
      spec: {
        containers: [
          {
            ...web,
            env: [
              { name: 'B', value: '2' },
              { name: 'A', value: '1' },
            ],
          },
        ],
      },
    },
  ],
  [
    'keeps the server’s order between items the patch does not order',
    { spec: { containers: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] } },
    { spec: { containers: [{ name: 'd' }], '$setElementOrder/containers': [{ name: 'c' }, { name: 'd' }] } },
    { spec: { containers: [{ name: 'a' }, { name: 'b' }, { name: 'c' }, { name: 'd' }] } },
  ],
]

const refused: readonly (readonly [current: Json, patch: unknown, reason: string, message: string])[] = [
  [{}, [], 'BadRequest', 'json: cannot unmarshal array into Go value of type map[string]interface {}'],
  [
    { metadata: { labels: { a: '1' } } },
    { metadata: { labels: { $patch: 'foo' } } },
    'Failed',
    'unknown patch type: foo in map: map[$patch:foo]',
  ],
  [{}, { $retainKeys: 3 }, 'BadRequest', 'invalid patch format of retainKeys'],
  [
    { metadata: {} },
    { metadata: { $retainKeys: ['a'], labels: {} } },
    'BadRequest',
    'invalid patch format of retainKeys',
  ],
  [
    { metadata: {} },
    { metadata: { '$setElementOrder/finalizers': 3 } },
    'Failed',
    'expected a []interface {}, but received a int64',
  ],
  [
    {},
    { '$setElementOrder/foo': ['a'], foo: [] },
    'Failed',
    'unable to find api field in struct Pod for the json field "foo"',
  ],
  [
    { spec: { containers: [web] } },
    { spec: { containers: [{ image: 'x' }] } },
    'Failed',
    'map: map[image:x] does not contain declared merge key: name',
  ],
  [
    { spec: { containers: [web] } },
    { spec: { containers: [log], '$setElementOrder/containers': [{ name: 'web' }] } },
    'Failed',
    "The order in patch list:\n[map[image:b name:log]]\n doesn't match $setElementOrder list:\n[map[name:web]]\n",
  ],
]

describe('a strategic merge patch', () => {
  it.each(cases)('%s', (_name, current, patch, result) => {
    const before = JSON.stringify([current, patch])
    expect(applyStrategicMergePatch(schema, pod, current, patch)).toEqual({ ok: true, value: result })
    expect(JSON.stringify([current, patch])).toBe(before)
  })

  it.each(refused)('%j refuses %j', (current, patch, reason, message) => {
    expect(applyStrategicMergePatch(schema, pod, current, patch)).toEqual({ ok: false, error: { reason, message } })
  })

  it('of null changes nothing', () => {
    const current = { spec: {} }
    expect(applyStrategicMergePatch(schema, pod, current, null)).toEqual({ ok: true, value: current })
  })
})
