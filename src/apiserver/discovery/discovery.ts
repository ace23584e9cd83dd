import { contentHash } from '../../api/openapi/documents.ts'
import type { HttpRequest, HttpResponse } from '../../ports/http.ts'
import type { EndpointTable } from '../endpoint-table.ts'
import { acceptClauses } from '../output/accept.ts'
import { keptWhileServed, type RemoteVersion, type Served } from '../served.ts'
import {
  aggregated,
  coreVersions,
  groupDocument,
  groupList,
  groupVersions,
  resourceList,
  type Sha256,
} from './documents.ts'

export interface Discovery {
  answer(request: HttpRequest, path: string): HttpResponse | undefined
  /** Versions of groups that are served belong to the API, whether they are there or not. */
  owns(path: string): boolean
}

const encoder = new TextEncoder()

/** /api, /apis and the lists below them, made when they are asked for and kept until something else is served. */
export function discovery(served: Served, serverAddress: string, sha256: Sha256): Discovery {
  const current = keptWhileServed(served, () => discoveryOf(served.endpoints(), served.remote(), serverAddress, sha256))
  return { answer: (request, path) => current().answer(request, path), owns: (path) => current().owns(path) }
}

function discoveryOf(
  table: EndpointTable,
  remote: readonly RemoteVersion[],
  serverAddress: string,
  sha256: Sha256,
): Discovery {
  const made = new Map<string, Readonly<{ body: Uint8Array; etag: string }>>()
  const document = (key: string, make: () => object): Readonly<{ body: Uint8Array; etag: string }> => {
    const known = made.get(key)
    if (known !== undefined) return known
    const text = JSON.stringify(make())
    const fresh = { body: encoder.encode(text), etag: `"${contentHash(text).toUpperCase()}"` }
    made.set(key, fresh)
    return fresh
  }
  const answer: Discovery['answer'] = (request, path) => {
    const trimmed = path.replace(/\/$/, '')
    if (trimmed === '/api' || trimmed === '/apis') return root(request, trimmed === '/api' ? 'api' : 'apis')
    const list = listAt(table, remote, trimmed, sha256)
    return list === undefined ? undefined : plain(document(trimmed, () => list).body)
  }
  const groups = groupVersions(table, remote)
  const owns = (path: string): boolean => {
    const [, prefix, group = '', version] = path.split('/')
    return prefix === 'api' ? group !== '' : prefix === 'apis' && version !== undefined && groups.has(group)
  }
  return { answer, owns }

  function root(request: HttpRequest, of: 'api' | 'apis'): HttpResponse {
    const version = aggregatedVersion(request.headers.accept ?? '')
    if (version === undefined) {
      return plain(document(of, () => (of === 'api' ? coreVersions(serverAddress) : groupList(table, remote))).body)
    }
    const { body, etag } = document(`${of} ${version}`, () => aggregated(table, remote, of, version))
    const contentType = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`
    const headers = { 'content-type': contentType, 'cache-control': 'public', etag, vary: 'Accept' }
    const isKnown = request.headers['if-none-match'] === etag
    return isKnown
      ? { type: 'whole', status: 304, headers, body: new Uint8Array() }
      : { type: 'whole', status: 200, headers, body }
  }
}

function plain(body: Uint8Array): HttpResponse {
  return { type: 'whole', status: 200, headers: { 'content-type': 'application/json', vary: 'Accept' }, body }
}

function listAt(
  table: EndpointTable,
  remote: readonly RemoteVersion[],
  path: string,
  sha256: Sha256,
): object | undefined {
  const [, prefix, ...parts] = path.split('/')
  if (prefix === 'api' && parts.length === 1) return resourceList(table, '', parts[0] ?? '', sha256)
  if (prefix !== 'apis' || parts.length > 2) return undefined
  const [group = '', version] = parts
  if (group === '') return undefined
  return version === undefined ? groupDocument(table, remote, group) : resourceList(table, group, version, sha256)
}

/** The aggregated form, and which version of it, if the client would rather have that than the plain one. */
function aggregatedVersion(accept: string): string | undefined {
  for (const { type, parameters } of acceptClauses(accept)) {
    const version = parameters.get('v') ?? ''
    const isList = parameters.get('g') === 'apidiscovery.k8s.io' && parameters.get('as') === 'APIGroupDiscoveryList'
    if (type === 'application/json' && isList && ['v2', 'v2beta1'].includes(version)) return version
    if (['application/json', '*/*', 'application/*'].includes(type) && !parameters.has('as')) return undefined
  }
  return undefined
}
