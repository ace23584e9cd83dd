import type { Kind } from '../../../src/api/kinds.ts'
import { after, type Case, del, get, patch, post, put } from '../case.ts'
import { collectionOf, nameOf, pathOf, sample, storedKinds } from '../samples.ts'

const table = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
const partial = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io'
const partialList = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io'
const own = 'labelSelector=diff={{ns}}'

/** What holds for every kind, asked of every kind. */
export function everyKindCases(): readonly Case[] {
  return storedKinds.flatMap((kind) => [...valid(kind), ...invalid(kind)])
}

function valid(kind: Kind): readonly Case[] {
  const all = collectionOf(kind)
  const one = pathOf(kind, 'one')
  const labels = { metadata: { labels: { colour: 'blue' } } }
  const generated = sample(kind, 'x', { name: undefined, generateName: nameOf(kind, 'made-') })
  return after(`${kind.kind}`, [post(all, sample(kind, 'one'))], {
    'is read': [
      get(one),
      get(one, { headers: { accept: table } }),
      get(one, { headers: { accept: partial } }),
      get(one, { headers: { accept: 'application/yaml' } }),
      get(`${one}?resourceVersion=0`),
    ],
    'is listed': [
      post(all, sample(kind, 'two')),
      get(`${all}?${own}`),
      get(`${all}?${own}`, { headers: { accept: table } }),
      get(`${all}?${own}&includeObject=Object`, { headers: { accept: table } }),
      get(`${all}?${own}`, { headers: { accept: partialList } }),
      get(`${all}?${own}&limit=1`),
      get(`${all}?${own}&fieldSelector=metadata.name=${nameOf(kind, 'two')}`),
      get(`${all}?${own}&fieldSelector=metadata.name!=${nameOf(kind, 'two')}`),
    ],
    'is replaced': [
      get(one),
      put(one, '{{#1.}}'),
      put(one, sample(kind, 'one', { labels: { diff: '{{ns}}', colour: 'red' }, annotations: { a: 'b' } })),
      put(one, sample(kind, 'one', { resourceVersion: '{{0.metadata.resourceVersion}}' })),
      put(one, sample(kind, 'one', { uid: '11111111-1111-4111-8111-111111111111' })),
    ],
    'is patched': [
      patch('merge', one, labels),
      patch('strategic', one, { metadata: { labels: { colour: null, size: 'big' } } }),
      patch('json', one, [{ op: 'add', path: '/metadata/annotations', value: { a: 'b' } }]),
      patch('json', one, [{ op: 'remove', path: '/metadata/annotations' }]),
      patch('json', one, [{ op: 'test', path: '/metadata/name', value: 'other' }]),
      patch('json', one, [{ op: 'remove', path: '/metadata/nothing' }]),
      patch('merge', one, { metadata: { resourceVersion: '1' } }),
    ],
    'is applied': [
      patch('apply', `${one}?fieldManager=me`, sample(kind, 'one')),
      patch('apply', `${one}?fieldManager=you`, sample(kind, 'one', { labels: { diff: 'other' } })),
      patch('apply', `${one}?fieldManager=you&force=true`, sample(kind, 'one', { labels: { diff: '{{ns}}', b: 'c' } })),
      patch('apply', `${pathOf(kind, 'new')}?fieldManager=me`, sample(kind, 'new')),
      patch('apply', `${pathOf(kind, 'new')}?fieldManager=me`, sample(kind, 'new')),
    ],
    'is deleted': [
      del(one, { preconditions: { uid: '11111111-1111-4111-8111-111111111111' } }),
      del(one, { preconditions: { resourceVersion: '1' } }),
      del(`${one}?dryRun=All`),
      del(one),
      get(one),
      del(one),
    ],
    'is kept by a finalizer': [
      patch('merge', one, { metadata: { finalizers: ['diff.test/one'] } }),
      del(one),
      get(one),
      patch('merge', one, { metadata: { finalizers: ['diff.test/one', 'diff.test/two'] } }),
      patch('merge', one, { metadata: { finalizers: null } }),
      get(one),
    ],
    'is orphaned or waited for': [
      del(`${one}?propagationPolicy=Foreground`),
      get(one),
      patch('merge', one, { metadata: { finalizers: null } }),
      post(all, sample(kind, 'three')),
      del(pathOf(kind, 'three'), { propagationPolicy: 'Orphan' }),
      get(pathOf(kind, 'three')),
    ],
    'is named by the server': [post(all, generated), post(`${all}?dryRun=All`, generated)],
    'is not made by a dry run': [
      post(`${all}?dryRun=All`, sample(kind, 'dry')),
      get(pathOf(kind, 'dry')),
      patch('merge', `${one}?dryRun=All`, labels),
      get(one),
    ],
    'is watched': [
      patch('merge', one, labels),
      patch('merge', one, { metadata: { labels: { diff: 'gone' } } }),
      patch('merge', one, { metadata: { labels: { diff: '{{ns}}' } } }),
      get(`${all}?${own}&watch=1&resourceVersion={{0.metadata.resourceVersion}}&timeoutSeconds=5`, { events: 3 }),
      get(`${all}?${own}&watch=1&resourceVersion={{0.metadata.resourceVersion}}&timeoutSeconds=5`, {
        events: 3,
        headers: { accept: table },
      }),
      get(`${all}?${own}&watch=1&timeoutSeconds=5`, { events: 1, headers: { accept: partial } }),
    ],
    'is deleted with all of its label': [
      post(all, sample(kind, 'two')),
      del(`${all}?${own}&dryRun=All`),
      del(`${all}?${own}`),
      get(`${all}?${own}`),
    ],
  })
}

function invalid(kind: Kind): readonly Case[] {
  const all = collectionOf(kind)
  const one = pathOf(kind, 'one')
  const unknown = { ...sample(kind, 'u'), unknownField: 1, metadata: { name: nameOf(kind, 'u'), unknownMeta: true } }
  const { apiVersion: _, kind: __, ...bare } = sample(kind, 'bare')
  return after(`${kind.kind} refused`, [post(all, sample(kind, 'one'))], {
    'of another kind': [
      post(all, { ...sample(kind, 'x'), kind: 'Wrong' }),
      post(all, { ...sample(kind, 'x'), apiVersion: 'v9' }),
      post(all, { ...sample(kind, 'x'), apiVersion: 'a/b/c' }),
      post(all, bare),
      put(one, { ...sample(kind, 'one'), kind: 'Wrong' }),
      patch('merge', one, { kind: 'Wrong' }),
    ],
    'for its name': [
      post(all, sample(kind, 'one')),
      post(all, sample(kind, 'x', { name: 'Upper_Case' })),
      post(all, sample(kind, 'x', { name: 'a/b' })),
      post(all, sample(kind, 'x', { name: '..' })),
      post(all, sample(kind, 'x', { name: 'x'.repeat(260) })),
      post(all, sample(kind, 'x', { name: '' })),
      post(all, sample(kind, 'x', { name: undefined, generateName: 'Bad_' })),
      post(all, sample(kind, 'x', { namespace: 'another' })),
    ],
    'for its labels': [
      post(all, sample(kind, 'x', { labels: { 'bad key!': 'x' } })),
      post(all, sample(kind, 'x', { labels: { ok: 'bad value!' } })),
      post(all, sample(kind, 'x', { labels: { ok: 1 } })),
      post(all, sample(kind, 'x', { labels: 'no map' })),
      patch('merge', one, { metadata: { labels: { 'a/b/c': 'x' } } }),
      post(all, sample(kind, 'x', { annotations: { 'bad key!': 'x' } })),
    ],
    'for its metadata': [
      post(all, sample(kind, 'x', { finalizers: ['notqualified'] })),
      post(all, sample(kind, 'x', { finalizers: ['bad key!/x'] })),
      post(all, sample(kind, 'x', { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p' }] })),
      post(all, sample(kind, 'x', { ownerReferences: [{ uid: 'u', apiVersion: 'v1', kind: 'Event', name: 'p' }] })),
      post(all, sample(kind, 'x', { resourceVersion: '5' })),
      post(all, sample(kind, 'x', { uid: '11111111-1111-4111-8111-111111111111', generation: 7 })),
      post(
        all,
        sample(kind, 'y', { creationTimestamp: '2020-01-01T00:00:00Z', deletionTimestamp: '2020-01-01T00:00:00Z' }),
      ),
      post(all, sample(kind, 'z', { creationTimestamp: 'yesterday' })),
      post(all, sample(kind, 'w', { managedFields: [{ manager: 'x', operation: 'Other' }] })),
    ],
    'for fields unknown': [
      post(`${all}?fieldValidation=Strict`, unknown),
      post(`${all}?fieldValidation=Warn&dryRun=All`, unknown),
      post(`${all}?fieldValidation=Ignore&dryRun=All`, unknown),
      post(`${all}?fieldValidation=Sometimes`, unknown),
      patch('merge', `${one}?fieldValidation=Strict`, { nothing: 1 }),
      patch('strategic', `${one}?fieldValidation=Warn`, { nothing: 1 }),
      patch('json', `${one}?fieldValidation=Strict`, [{ op: 'add', path: '/nothing', value: 1 }]),
      patch('apply', `${one}?fieldManager=me&fieldValidation=Strict`, { ...sample(kind, 'one'), nothing: 1 }),
      put(`${one}?fieldValidation=Strict`, { ...sample(kind, 'one'), nothing: { a: 1 } }),
    ],
    'where it is not': [
      get(pathOf(kind, 'none')),
      put(pathOf(kind, 'none'), sample(kind, 'none')),
      put(pathOf(kind, 'none'), sample(kind, 'none', { resourceVersion: '5' })),
      put(one, sample(kind, 'other')),
      put(one, sample(kind, 'one', { resourceVersion: '1' })),
      put(one, sample(kind, 'one', { resourceVersion: 'abc' })),
      patch('merge', pathOf(kind, 'none'), {}),
      patch('strategic', pathOf(kind, 'none'), {}),
      patch('json', pathOf(kind, 'none'), []),
      patch('apply', `${one}?fieldManager=me`, sample(kind, 'other')),
      patch('apply', one, sample(kind, 'one')),
      del(pathOf(kind, 'none')),
    ],
    'for what it is selected by': [
      get(`${all}?labelSelector=a b`),
      get(`${all}?labelSelector=x in (`),
      get(`${all}?fieldSelector=spec.nothing=1`),
      get(`${all}?fieldSelector=nonsense`),
      get(`${all}?${own}&limit=-1`),
      get(`${all}?${own}&limit=abc`),
      get(`${all}?continue=abc`),
      get(`${all}?resourceVersion=abc`),
      get(`${all}?${own}&resourceVersionMatch=Exact`),
      get(`${all}?${own}&resourceVersion=0&resourceVersionMatch=Exact`),
      get(`${all}?resourceVersion=5&resourceVersionMatch=Other`),
      get(`${all}?${own}&watch=1&resourceVersionMatch=Exact`),
      get(`${all}?${own}&watch=1&sendInitialEvents=true&timeoutSeconds=1`),
      get(`${all}?watch=maybe&timeoutSeconds=1&resourceVersion=0`, { events: 1, view: 'status' }),
    ],
    'without a body': [
      post(all, ''),
      post(all, '{'),
      post(all, '[]'),
      post(all, 'null'),
      post(all, '"text"'),
      put(one, ''),
      put(one, '{}'),
      patch('merge', one, ''),
      patch('merge', one, '[]'),
      patch('json', one, '{}'),
      patch('strategic', one, 'null'),
      patch('apply', `${one}?fieldManager=me`, ''),
      patch('apply', `${one}?fieldManager=me`, '{}'),
      del(one, '{'),
      del(one, { kind: 'Other' }),
    ],
  })
}
