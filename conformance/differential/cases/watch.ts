import { after, type Case, del, get, patch, post } from '../case.ts'

const all = '/api/v1/namespaces/{{ns}}/configmaps'
const made = { metadata: { name: 'one', labels: { a: 'x' } } }
const from = 'watch=1&timeoutSeconds=1&resourceVersion={{0.metadata.resourceVersion}}'

/** What watchers are told, and what they are refused. */
export function watchCases(): readonly Case[] {
  const change = patch('merge', `${all}/one`, { data: { b: '2' } })
  return after('watch', [post(all, made)], {
    'all that happened since': [
      change,
      del(`${all}/one`),
      post(all, { metadata: { name: 'two' } }),
      get(`${all}?${from}`),
    ],
    'what is there, then what comes': [get(`${all}?watch=1&timeoutSeconds=1`)],
    'what is there, by version 0': [get(`${all}?watch=1&timeoutSeconds=1&resourceVersion=0`)],
    'of one name': [
      post(all, { metadata: { name: 'two' } }),
      change,
      get(`${all}?${from}&fieldSelector=metadata.name=one`),
      get(`${all}/one?${from}`),
    ],
    'labels that come and go': [
      patch('merge', `${all}/one`, { metadata: { labels: { a: 'y' } } }),
      patch('merge', `${all}/one`, { metadata: { labels: { a: 'x' } } }),
      get(`${all}?${from}&labelSelector=a%3Dx`),
      get(`${all}?${from}&labelSelector=a%3Dy`),
    ],
    'initial events with a bookmark': [
      get(
        `${all}?watch=1&timeoutSeconds=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan`,
        { events: 2 },
      ),
    ],
    'initial events without bookmarks': [
      get(`${all}?watch=1&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`, { events: 1 }),
    ],
    'no initial events': [
      get(
        `${all}?watch=1&timeoutSeconds=1&sendInitialEvents=false&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan`,
      ),
    ],
    'initial events without a match': [get(`${all}?watch=1&timeoutSeconds=1&sendInitialEvents=true`)],
    'initial events of exactly': [
      get(`${all}?watch=1&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=Exact`),
    ],
    'initial events without a watch': [get(`${all}?sendInitialEvents=true&resourceVersionMatch=NotOlderThan`)],
    'a match alone': [get(`${all}?watch=1&timeoutSeconds=1&resourceVersionMatch=NotOlderThan&resourceVersion=5`)],
    'a continue': [get(`${all}?watch=1&timeoutSeconds=1&continue=abc`)],
    'a version that is none': [get(`${all}?watch=1&timeoutSeconds=1&resourceVersion=abc`)],
    'a version long gone': [get(`${all}?watch=1&timeoutSeconds=1&resourceVersion=1`)],
    'a version to come': [get(`${all}?watch=1&timeoutSeconds=1&resourceVersion=999999999`)],
    'a bad selector': [get(`${all}?watch=1&timeoutSeconds=1&fieldSelector=data.a%3D1`)],
    'a timeout that is none': [get(`${all}?watch=1&timeoutSeconds=abc&resourceVersion=0`, { events: 1 })],
    'by somebody who may not': [
      get(`${all}?watch=1&timeoutSeconds=1`, { as: { user: 'nobody', groups: ['system:authenticated'] } }),
    ],
    'a deletion kept by a finalizer': [
      patch('merge', `${all}/one`, { metadata: { finalizers: ['diff.test/x'] } }),
      del(`${all}/one`),
      patch('merge', `${all}/one`, { metadata: { finalizers: null } }),
      get(`${all}?${from}`),
    ],
    'a patch that changes nothing': [patch('merge', `${all}/one`, {}), get(`${all}?${from}`)],
    'partial metadata': [
      change,
      get(`${all}?${from}`, { headers: { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' } }),
    ],
  })
}
