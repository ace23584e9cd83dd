import { describe, expect, it } from 'vitest'
import { requestInfo } from './request-info.ts'

const cases: readonly (readonly [string, string, object])[] = [
  ['GET', '/healthz', { isResource: false, verb: 'get' }],
  ['GET', '/api/v1', { isResource: false, verb: 'get' }],
  ['GET', '/apis/apps/v1', { isResource: false, verb: 'get' }],
  [
    'GET',
    '/api/v1/pods',
    { isResource: true, verb: 'list', resource: 'pods', namespace: '', version: 'v1', group: '' },
  ],
  ['GET', '/api/v1/pods?watch=1', { verb: 'watch' }],
  ['GET', '/api/v1/pods?watch=true', { verb: 'watch' }],
  ['GET', '/api/v1/pods?watch=0', { verb: 'list' }],
  ['GET', '/api/v1/watch/namespaces/x/pods/y', { verb: 'watch', namespace: 'x', resource: 'pods', name: 'y' }],
  ['GET', '/api/v1/namespaces/x', { verb: 'get', resource: 'namespaces', name: 'x', namespace: 'x' }],
  [
    'PUT',
    '/api/v1/namespaces/x/finalize',
    { verb: 'update', resource: 'namespaces', name: 'x', subresource: 'finalize' },
  ],
  [
    'GET',
    '/apis/apps/v1/namespaces/x/deployments/d/scale',
    { group: 'apps', resource: 'deployments', name: 'd', subresource: 'scale', namespace: 'x' },
  ],
  ['DELETE', '/api/v1/namespaces/x/pods', { verb: 'deletecollection' }],
  ['DELETE', '/api/v1/namespaces/x/pods/p', { verb: 'delete', name: 'p' }],
  [
    'PATCH',
    '/api/v1/nodes/n/status',
    { verb: 'patch', resource: 'nodes', name: 'n', subresource: 'status', namespace: '' },
  ],
  ['GET', '/api/v1/nodes/n/proxy/a/b', { subresource: 'proxy', rest: '/a/b' }],
  ['GET', '/api/v1/pods?fieldSelector=metadata.name%3Dp', { verb: 'list', name: 'p', hasName: false }],
  ['GET', '/api/v1/pods?fieldSelector=metadata.name!%3Dp', { verb: 'list', name: '' }],
]

describe('requestInfo', () => {
  it.each(cases)('reads %s %s', (method, target, expected) => {
    const [path = '', query = ''] = target.split('?')
    expect(requestInfo(method, path, new URLSearchParams(query))).toMatchObject(expected)
  })
})
