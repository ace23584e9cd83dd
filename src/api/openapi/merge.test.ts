import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../json-value.ts'
import { belowPath, mergedDocuments } from './merge.ts'
import { v3FromV2 } from './v2-to-v3.ts'

const ref = (name: string): JsonObject => ({ $ref: `#/definitions/${name}` })
const get = (name: string): JsonObject => ({ get: { responses: { 200: { schema: ref(name) } } } })
const gvk = (...kinds: readonly string[]): JsonObject => ({
  'x-kubernetes-group-version-kind': kinds.map((kind) => ({ group: 'g', version: 'v1', kind })),
})

describe('the part of a document below a path', () => {
  it('has the definitions that its paths lead to, and those that no path ever did', () => {
    const document = {
      paths: { '/apis/g/v1/boats': get('Boat'), '/version': get('Info') },
      definitions: {
        Boat: { properties: { sail: ref('Sail') } },
        Sail: {},
        Info: { properties: { sail: ref('Sail') } },
        Free: {},
      },
    }
    expect(belowPath(document, '/apis/g/v1/')).toEqual({
      paths: { '/apis/g/v1/boats': get('Boat') },
      definitions: { Boat: { properties: { sail: ref('Sail') } }, Sail: {}, Free: {} },
    })
  })
})

describe('documents of several servers', () => {
  const own = { swagger: '2.0', paths: { '/a': get('Meta') }, definitions: { Meta: { description: 'ours' } } }
  const cases: readonly (readonly [string, readonly JsonObject[], JsonObject])[] = [
    [
      'share a definition that is the same in both',
      [{ paths: { '/b': get('Meta') }, definitions: { Meta: { description: 'ours' } } }],
      { paths: { '/a': get('Meta'), '/b': get('Meta') }, definitions: { Meta: { description: 'ours' } } },
    ],
    [
      'keep both of two definitions of one name, and each its references',
      [{ paths: { '/b': get('Meta') }, definitions: { Meta: { description: 'theirs' } } }],
      {
        paths: { '/a': get('Meta'), '/b': get('Meta_v2') },
        definitions: { Meta: { description: 'ours' }, Meta_v2: { description: 'theirs' } },
      },
    ],
    [
      'use a renamed definition again where a third one has the same, and another name where it has not',
      [
        { paths: { '/b': get('Meta') }, definitions: { Meta: { description: 'theirs' } } },
        { paths: { '/c': get('Meta') }, definitions: { Meta: { description: 'theirs' } } },
        { paths: { '/d': get('Meta') }, definitions: { Meta: { description: 'other' } } },
      ],
      {
        paths: { '/a': get('Meta'), '/b': get('Meta_v2'), '/c': get('Meta_v2'), '/d': get('Meta_v3') },
        definitions: {
          Meta: { description: 'ours' },
          Meta_v2: { description: 'theirs' },
          Meta_v3: { description: 'other' },
        },
      },
    ],
    [
      'keep the first of two paths, and nothing of what only the second one needs',
      [{ paths: { '/a': get('Other') }, definitions: { Other: {} } }],
      { paths: { '/a': get('Meta') }, definitions: { Meta: { description: 'ours' } } },
    ],
    [
      'join the kinds of a definition that they share',
      [{ paths: { '/b': get('Meta') }, definitions: { Meta: { description: 'ours', ...gvk('B', 'A') } } }],
      {
        paths: { '/a': get('Meta'), '/b': get('Meta') },
        definitions: { Meta: { description: 'ours', ...gvk('B', 'A') } },
      },
    ],
    [
      'rename parameters as they do definitions',
      [
        { paths: { '/b': { parameters: [{ $ref: '#/parameters/p' }] } }, parameters: { p: { name: 'x' } } },
        { paths: { '/c': { parameters: [{ $ref: '#/parameters/p' }] } }, parameters: { p: { name: 'y' } } },
      ],
      {
        paths: {
          '/a': get('Meta'),
          '/b': { parameters: [{ $ref: '#/parameters/p' }] },
          '/c': { parameters: [{ $ref: '#/parameters/p_v2' }] },
        },
        definitions: { Meta: { description: 'ours' } },
        parameters: { p: { name: 'x' }, p_v2: { name: 'y' } },
      },
    ],
  ]
  it.each(cases)('%s', (_, others, merged) => {
    expect(mergedDocuments(own, others)).toEqual({ swagger: '2.0', ...merged })
  })

  it('tell the kinds of a definition in order where both tell some', () => {
    const with_ = (kind: string, path: string): JsonObject => ({
      paths: { [path]: get('M') },
      definitions: { M: gvk(kind) },
    })
    const merged = mergedDocuments(with_('B', '/a'), [with_('A', '/b'), with_('B', '/c')])
    expect(merged.definitions).toEqual({ M: gvk('A', 'B') })
  })
})

it('makes a v3 document of one that is only there as v2', () => {
  const v2 = {
    swagger: '2.0',
    info: { title: 'Boats' },
    paths: {
      '/boats': {
        post: {
          operationId: 'launch',
          consumes: ['application/json'],
          produces: ['application/json', 'application/yaml'],
          schemes: ['https'],
          parameters: [
            { name: 'body', in: 'body', required: true, schema: ref('Boat') },
            { name: 'dryRun', in: 'query', type: 'string', uniqueItems: true },
          ],
          responses: { 200: { description: 'OK', schema: ref('Boat') }, 401: { description: 'Unauthorized' } },
        },
        parameters: [{ $ref: '#/parameters/pretty' }],
      },
    },
    definitions: {
      Boat: {
        properties: { sail: { description: 'A sail.', ...ref('Sail') }, crew: { type: 'array', items: ref('Sail') } },
      },
    },
    securityDefinitions: { BearerToken: { type: 'apiKey', in: 'header', name: 'authorization' } },
  }
  const boat = { schema: { $ref: '#/components/schemas/Boat' } }
  expect(v3FromV2(v2)).toEqual({
    openapi: '3.0.0',
    info: { title: 'Boats' },
    paths: {
      '/boats': {
        post: {
          operationId: 'launch',
          parameters: [{ name: 'dryRun', in: 'query', schema: { type: 'string', uniqueItems: true } }],
          requestBody: { content: { 'application/json': boat } },
          responses: {
            200: { description: 'OK', content: { 'application/json': boat, 'application/yaml': boat } },
            401: { description: 'Unauthorized' },
          },
        },
        parameters: [{ $ref: '#/components/parameters/pretty' }],
      },
    },
    components: {
      schemas: {
        Boat: {
          properties: {
            sail: { description: 'A sail.', allOf: [{ $ref: '#/components/schemas/Sail' }] },
            crew: { type: 'array', items: { $ref: '#/components/schemas/Sail' } },
          },
        },
      },
      securitySchemes: { BearerToken: { type: 'apiKey', in: 'header', name: 'authorization' } },
    },
  })
})
