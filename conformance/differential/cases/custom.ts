import { after, type Case, del, get, patch, post, put, type Step } from '../case.ts'
import { definition, definitionGroup } from '../extension-samples.ts'

/** Definitions of custom resources, and the resources themselves. */

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const name = `widgets.${definitionGroup}`
const one = `${definitions}/${name}`
const root = `/apis/${definitionGroup}/v1`
const widgets = `${root}/namespaces/{{ns}}/widgets`
const widget = (more: object = {}, metadata: object = {}): object => ({
  apiVersion: `${definitionGroup}/v1`,
  kind: 'Kwidgets',
  metadata: { name: 'w', ...metadata },
  ...more,
})
const table = { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } }
const partial = { headers: { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' } }
const protobuf = { headers: { accept: 'application/vnd.kubernetes.protobuf' } }

type Spec = Readonly<{ versions: readonly Readonly<Record<string, unknown>>[] }>

const integer = { type: 'integer' }
const openSchema = {
  openAPIV3Schema: {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        required: ['size'],
        properties: {
          size: { ...integer, minimum: 1, maximum: 9 },
          colour: { type: 'string', default: 'red', enum: ['red', 'blue'] },
          replicas: integer,
          names: {
            type: 'array',
            items: { type: 'string', maxLength: 3 },
            maxItems: 2,
            'x-kubernetes-list-type': 'set',
          },
          parts: {
            type: 'array',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['id'],
            items: {
              type: 'object',
              required: ['id'],
              properties: { id: { type: 'string' }, weight: { type: 'number' } },
            },
          },
          free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          either: { 'x-kubernetes-int-or-string': true },
          labels: { type: 'object', additionalProperties: { type: 'string' } },
          when: { type: 'string', format: 'date-time' },
          address: { type: 'string', format: 'ipv4' },
        },
        'x-kubernetes-validations': [
          { rule: 'self.size < 9', message: 'nine is too large' },
          { rule: '!has(oldSelf.colour) || self.colour == oldSelf.colour', message: 'colours stay' },
        ],
      },
      status: { type: 'object', properties: { replicas: integer, ready: { type: 'boolean' } } },
    },
  },
}

function made(more: Readonly<Record<string, unknown>> = {}, ofVersion: object = {}): object {
  const { spec } = definition('widgets') as Readonly<{ spec: Spec }>
  const versions = spec.versions.map((version) => ({ ...version, schema: openSchema, ...ofVersion }))
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name },
    spec: { ...spec, versions, ...more },
  }
}

const parts = {
  subresources: {
    status: {},
    scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
  },
  additionalPrinterColumns: [
    { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
    { name: 'When', type: 'date', jsonPath: '.spec.when' },
    { name: 'Many', type: 'string', jsonPath: '.spec.names', priority: 1 },
  ],
  selectableFields: [{ jsonPath: '.spec.colour' }],
}

/** Made, and served: what is asked next is answered by both. */
const begin: readonly Step[] = [
  post(definitions, made({}, parts)),
  get(one, { until: /"type":"Established","status":"True"/, view: 'status' }),
  get(widgets, { until: /^200/, view: 'status' }),
  post(widgets, widget({ spec: { size: 1 } }), { until: /^201|AlreadyExists/, view: 'status' }),
]
const end: readonly Step[] = [del(one, undefined, { view: 'status' })]

function rows(area: string, first: readonly Step[], table: Readonly<Record<string, Step | readonly Step[]>>) {
  const closed = Object.entries(table).map(([row, steps]) => [row, [...[steps].flat(), ...end] as readonly Step[]])
  return after(area, first, Object.fromEntries(closed))
}

export function customCases(): readonly Case[] {
  return [...defining(), ...writing(), ...refused(), ...reading()]
}

function defining(): readonly Case[] {
  const make = (more: Readonly<Record<string, unknown>>, ofVersion: object = {}): Step =>
    post(`${definitions}?dryRun=All`, made(more, ofVersion))
  const schema = (openAPIV3Schema: object): Step => make({}, { schema: { openAPIV3Schema } })
  const field = (type: object): Step => schema({ type: 'object', properties: { a: type } })
  const settled = get(one, { until: /"type":"Established","status":"True"/, view: 'status' })
  return [
    ...after('definition', [], {
      'for another name': post(definitions, { ...made(), metadata: { name: 'other' } }),
      'for a name of another plural': post(definitions, { ...made(), metadata: { name: `others.${definitionGroup}` } }),
      'of no group': make({ group: '' }),
      'of a wrong group': make({ group: 'Wrong_Group' }),
      'of a group that is protected': make({ group: 'widgets.k8s.io' }),
      'of a wrong scope': make({ scope: 'Galaxy' }),
      'of no names': make({ names: {} }),
      'of wrong names': make({
        names: { plural: 'widgets', singular: 'WIDGET', kind: 'wid get', shortNames: ['W', 'w'], categories: ['A_'] },
      }),
      'of no versions': make({ versions: [] }),
      'of a wrong version': make({}, { name: 'Version_1' }),
      'of no stored version': make({}, { storage: false }),
      'of no schema': make({}, { schema: undefined }),
      'of an empty schema': make({}, { schema: {} }),
      'of the same version twice': make({
        versions: [1, 2].map(() => ({ name: 'v1', served: true, storage: true, schema: openSchema })),
      }),
      'of a schema without a type': schema({ properties: { a: { type: 'string' } } }),
      'of a schema that is a text': schema({ type: 'string' }),
      'of a field without a type': field({}),
      'of a field of no known type': field({ type: 'colour' }),
      'of a list without items': field({ type: 'array' }),
      'of a list of lists': field({ type: 'array', items: [{ type: 'string' }] }),
      'of unique items': field({ type: 'array', uniqueItems: true, items: { type: 'string' } }),
      'of a map list without keys': field({
        type: 'array',
        'x-kubernetes-list-type': 'map',
        items: { type: 'object' },
      }),
      'of a set of objects': field({
        type: 'array',
        'x-kubernetes-list-type': 'set',
        items: { type: 'object', properties: { b: { type: 'string' } } },
      }),
      'of properties and more': field({ type: 'object', properties: {}, additionalProperties: { type: 'string' } }),
      'of no additional properties': field({ type: 'object', additionalProperties: false }),
      'of a reference': field({ type: 'object', $ref: '#/definitions/x' }),
      'of a wrong pattern': field({ type: 'string', pattern: '(' }),
      'of a wrong default': field({ type: 'integer', default: 'x' }),
      'of a default that is too small': field({ type: 'integer', minimum: 3, default: 1 }),
      'of a wrong rule': field({ type: 'integer', 'x-kubernetes-validations': [{ rule: 'self.x' }] }),
      'of a rule that is no yes or no': field({ type: 'integer', 'x-kubernetes-validations': [{ rule: '1' }] }),
      'of a rule without text': field({ type: 'integer', 'x-kubernetes-validations': [{ rule: '  ', message: ' ' }] }),
      'of a rule with a wrong path': field({
        type: 'integer',
        'x-kubernetes-validations': [{ rule: 'self > 1', fieldPath: '.nothing', reason: 'Other' }],
      }),
      'of junctors with structure': field({ type: 'integer', anyOf: [{ type: 'integer', default: 1 }] }),
      'of preserved unknown fields': make({ preserveUnknownFields: true }),
      'of wrong columns': make(
        {},
        { additionalPrinterColumns: [{ name: '', type: 'colour', jsonPath: 'x' }, { jsonPath: '.a' }] },
      ),
      'of a wrong scale': make(
        {},
        {
          subresources: { scale: { specReplicasPath: 'x', statusReplicasPath: '.spec.a', labelSelectorPath: '.a[0]' } },
        },
      ),
      'of wrong selectable fields': make({}, { selectableFields: [{ jsonPath: '.spec.none' }, { jsonPath: 'x' }] }),
      'of a conversion of no webhook': make({ conversion: { strategy: 'Webhook' } }),
      'of another conversion': make({ conversion: { strategy: 'Magic' } }),
      'of a webhook that is none': make({
        conversion: { strategy: 'None', webhook: { conversionReviewVersions: ['v1'] } },
      }),
      'of a webhook with wrong words': make({
        conversion: {
          strategy: 'Webhook',
          webhook: {
            conversionReviewVersions: ['v0', 'v0'],
            clientConfig: { url: 'http://x', service: { name: 's' } },
          },
        },
      }),
    }),
    ...rows('definition made', [post(definitions, made()), settled], {
      'is settled': get(one, { view: 'keys' }),
      'is a row of a table': get(one, table),
      'is changed in its scope': patch('merge', one, { spec: { scope: 'Cluster' } }),
      'is changed in its group': patch('merge', one, { spec: { group: 'other.test' } }),
      'is changed in its kind': patch('merge', one, { spec: { names: { kind: 'Other' } } }),
      'is changed in its plural': patch('merge', one, { spec: { names: { plural: 'others' } } }),
      'is put without a version': put(one, made()),
      'takes a version that others have stored': patch('merge', one, {
        spec: { versions: [{ name: 'v2', served: true, storage: true, schema: openSchema }] },
      }),
      'has a status of its own': [patch('merge', `${one}/status`, { status: { storedVersions: ['v9'] } })],
      'is discovered': [
        get(`/apis/${definitionGroup}`, { until: /^200/ }),
        get(root, { until: /widgets/ }),
        get(`/openapi/v3/apis/${definitionGroup}/v1`, { until: /^200/, view: 'status' }),
      ],
    }),
  ]
}

function writing(): readonly Case[] {
  const w = `${widgets}/w`
  const apply = (manager: string, spec: object, query = ''): Step =>
    patch('apply', `${w}?fieldManager=${manager}${query}`, widget({ spec }))
  return rows('widget', begin, {
    'is read': [get(w), get(w, table), get(w, partial), get(w, { headers: { accept: 'application/yaml' } })],
    'is listed': [
      get(widgets),
      get(widgets, table),
      get(`${widgets}?includeObject=Object`, table),
      get(`${widgets}?limit=1`),
      get(`${root}/widgets?fieldSelector=metadata.namespace={{ns}}`),
    ],
    'is selected by its fields': [
      get(`${widgets}?fieldSelector=spec.colour=red`),
      get(`${widgets}?fieldSelector=spec.colour!=red`),
      get(`${widgets}?fieldSelector=spec.size=1`),
    ],
    'is made with more than is known': [
      post(widgets, widget({ spec: { size: 2, more: 1 }, other: true }, { name: 'x' })),
      post(`${widgets}?fieldValidation=Strict`, widget({ spec: { size: 2, more: 1 }, other: true }, { name: 'y' })),
      post(`${widgets}?fieldValidation=Warn`, widget({ spec: { size: 2, free: { any: 1 } } }, { name: 'z', more: 1 })),
    ],
    'is named by the server': post(widgets, widget({ spec: { size: 2 } }, { name: undefined, generateName: 'made-' })),
    'is made by a dry run': [
      post(`${widgets}?dryRun=All`, widget({ spec: { size: 2 } }, { name: 'dry' })),
      get(`${widgets}/dry`),
    ],
    'is replaced': [
      put(w, widget({ spec: { size: 2 } })),
      get(w),
      put(w, widget({ spec: { size: 3 } }, { resourceVersion: '{{8.metadata.resourceVersion}}' })),
      put(w, widget({ spec: { size: 3 } }, { resourceVersion: '1' })),
    ],
    'is patched': [
      patch('merge', w, { spec: { size: 3, labels: { a: 'b' } } }),
      patch('json', w, [{ op: 'replace', path: '/spec/size', value: 4 }]),
      patch('json', w, [{ op: 'remove', path: '/spec/none' }]),
      patch('strategic', w, { spec: { size: 3 } }),
      patch('merge', w, { spec: { size: 'x' } }),
      patch('merge', `${w}?fieldValidation=Strict`, { spec: { none: 1 } }),
    ],
    'is applied': [
      apply('me', { size: 2, parts: [{ id: 'a', weight: 1 }], names: ['a'] }),
      apply('me', { size: 2, parts: [{ id: 'a', weight: 1 }], names: ['a'] }, '&force=true'),
      apply('you', { size: 2, parts: [{ id: 'b' }], names: ['b'] }),
      apply('you', { size: 3 }),
      apply('you', { size: 3 }, '&force=true'),
      apply('me', { size: 2 }),
      apply('me', { size: 2, none: 1 }),
      apply('me', { size: 2, parts: [{ weight: 1 }] }),
      apply('me', { size: 2, parts: [{ id: 'a' }, { id: 'a' }] }),
      apply('me', { size: 'x' }),
      get(w),
    ],
    'has a status': [
      put(
        `${w}/status`,
        widget(
          { spec: { size: 5 }, status: { ready: true, replicas: 1 } },
          { resourceVersion: '{{3.metadata.resourceVersion}}' },
        ),
      ),
      patch('merge', `${w}/status`, { spec: { size: 5 }, status: { ready: true, replicas: 1 } }),
      patch('merge', w, { status: { ready: false } }),
      patch('merge', `${w}/status`, { status: { ready: 'x' } }),
      get(`${w}/status`),
    ],
    'has a scale': [
      get(`${w}/scale`),
      patch('merge', `${w}/scale`, { spec: { replicas: 3 } }),
      get(w),
      patch('merge', `${w}/scale`, { spec: { replicas: -1 } }),
    ],
    'is deleted': [del(w, { preconditions: { resourceVersion: '1' } }), del(w), get(w), del(w), del(widgets)],
    'waits for a finalizer': [
      patch('merge', w, { metadata: { finalizers: ['diff.test/one'] } }),
      del(w),
      patch('merge', w, { metadata: { finalizers: null } }),
      get(w),
    ],
    'is watched': [
      patch('merge', w, { spec: { size: 3 } }),
      del(w),
      get(`${widgets}?watch=1&resourceVersion={{3.metadata.resourceVersion}}&timeoutSeconds=5`, { events: 2 }),
      get(`${widgets}?watch=1&resourceVersion={{3.metadata.resourceVersion}}&timeoutSeconds=5`, {
        events: 2,
        ...table,
      }),
    ],
  })
}

function refused(): readonly Case[] {
  const make = (spec: object | undefined, more: object = {}, metadata: object = {}): Step =>
    post(widgets, widget({ ...(spec && { spec }), ...more }, { name: 'x', ...metadata }))
  const w = `${widgets}/w`
  return rows('widget refused', begin, {
    'of too small a size': make({ size: 0 }),
    'of too large a size': make({ size: 10 }),
    'by a rule': make({ size: 9 }),
    'by a rule of change': patch('merge', w, { spec: { colour: 'blue' } }),
    'of no size': make({}),
    'of nothing': make(undefined),
    'of a text for a number': make({ size: 'x' }),
    'of a fraction': make({ size: 1.5 }),
    'of a wrong colour': make({ size: 1, colour: 'green' }),
    'of null': make({ size: 1, colour: null }),
    'of a spec that is a list': make([] as unknown as object),
    'of too many names': make({ size: 1, names: ['a', 'b', 'c'] }),
    'of a name twice': make({ size: 1, names: ['a', 'a'] }),
    'of a long name': make({ size: 1, names: ['abcd'] }),
    'of parts of one id': make({ size: 1, parts: [{ id: 'a' }, { id: 'a' }] }),
    'of parts without an id': make({ size: 1, parts: [{ weight: 1 }] }),
    'of a wrong time': make({ size: 1, when: 'yesterday' }),
    'of a wrong address': make({ size: 1, address: '1.2.3' }),
    'of neither': make({ size: 1, either: true }),
    'of a label that is a number': make({ size: 1, labels: { a: 1 } }),
    'for its name': [
      make({ size: 1 }, {}, { name: 'Upper' }),
      make({ size: 1 }, {}, { name: '' }),
      make({ size: 1 }, {}, { name: 'w' }),
      make({ size: 1 }, {}, { namespace: 'other' }),
    ],
    'for its labels': [
      make({ size: 1 }, {}, { labels: { 'bad key!': 'x' } }),
      make({ size: 1 }, {}, { labels: { a: 1 } }),
      make({ size: 1 }, {}, { annotations: ['a'] }),
    ],
    'of another kind': [make({ size: 1 }, { kind: 'Other' }), make({ size: 1 }, { apiVersion: 'v1' })],
    'without a body': [post(widgets, ''), post(widgets, '{'), post(widgets, '[]'), post(widgets, 'null')],
    'in protobuf': [
      get(w, protobuf),
      get(widgets, protobuf),
      get(`${widgets}/none`, protobuf),
      get(`${widgets}?watch=1&timeoutSeconds=1`, protobuf),
      post(widgets, widget({ spec: { size: 0 } }, { name: 'x' }), protobuf),
      patch('merge', w, { spec: { size: 0 } }, protobuf),
      del(`${widgets}/none`, undefined, protobuf),
      get(w, { headers: { accept: 'application/vnd.kubernetes.protobuf,application/json' } }),
    ],
    'in other types': [
      get(w, { headers: { accept: 'text/html' } }),
      get(w, { headers: { accept: 'application/cbor' } }),
      post(widgets, 'x', { headers: { 'content-type': 'text/plain' } }),
      patch('merge', w, {}, { headers: { 'content-type': 'text/plain' } }),
    ],
    'where it is not': [
      get(`${widgets}/none`),
      put(`${widgets}/none`, widget({ spec: { size: 1 } }, { name: 'none' })),
      patch('merge', `${widgets}/none`, {}),
      get(`${root}/namespaces/{{ns}}/others`),
      get(`/apis/${definitionGroup}/v2/namespaces/{{ns}}/widgets`),
      get(`${w}/nothing`),
    ],
    'by who may not': [
      get(widgets, { as: { user: 'nobody' } }),
      post(widgets, widget({ spec: { size: 1 } }), { as: { user: 'nobody' } }),
    ],
  })
}

function reading(): readonly Case[] {
  const plain = [
    post(definitions, made({ scope: 'Cluster' }, { schema: { openAPIV3Schema: { type: 'object' } } })),
    get(one, { until: /"type":"Established","status":"True"/, view: 'status' as const }),
    get(`${root}/widgets`, { until: /^200/, view: 'status' as const }),
  ]
  return rows('widget of the cluster', plain, {
    'is made and read': [
      post(`${root}/widgets`, widget({ any: 1 }), { until: /^201|AlreadyExists/, view: 'status' }),
      get(`${root}/widgets/w`),
      get(`${root}/widgets/w`, table),
      get(`${root}/widgets`),
      get(`${root}/widgets/w/status`),
      get(`${root}/widgets/w/scale`),
      del(`${root}/widgets/w`),
    ],
    'is in no namespace': [get(widgets), post(widgets, widget({}))],
  })
}
