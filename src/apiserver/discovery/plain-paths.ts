import type { JsonObject } from '../../api/json-value.ts'
import { versionInfo } from '../../api/kubernetes-version.ts'
import {
  noDocuments,
  openApiDocuments,
  type RemoteDocuments,
  type ServedDocument,
} from '../../api/openapi/documents.ts'
import { openApiV2Answered, openApiV2Asked } from '../../api/protobuf/media-type.ts'
import { encodeOpenApiV2 } from '../../api/protobuf/openapi-v2.ts'
import type { HttpRequest, HttpResponse } from '../../ports/http.ts'
import type { Health } from '../operations/health.ts'
import { jsonResponse, textResponse } from '../output/write-answer.ts'
import { keptWhileServed, type RemoteVersion, type Served } from '../served.ts'

export type PlainPaths = (request: HttpRequest, path: string, query: URLSearchParams) => HttpResponse | undefined

export type PlainParts = Readonly<{
  served: Pick<Served, 'kinds' | 'remote' | 'generation'>
  health: Health
  metrics: () => string
  /** Of health alone: /metrics/slis. */
  healthMetrics: () => string
  /** /statusz */
  status: () => string
  /** Pages for those who look into the server. */
  debug: (path: string) => HttpResponse | undefined
  /** Answers for /.well-known/openid-configuration and /openid/v1/jwks. */
  openId: Readonly<Record<string, () => object>>
  groupPaths: () => readonly string[]
}>

/** Everything that is no resource and no discovery: health, version, OpenAPI, metrics, the list of paths. */
export function plainPaths(parts: PlainParts): PlainPaths {
  const kept = noDocuments()
  const current = keptWhileServed(parts.served, () =>
    openApiDocuments(parts.served.kinds(), remoteDocuments(parts.served.remote()), kept),
  )
  const inProtobuf = keptBytes()
  return (request, path, query) => {
    const health = parts.health.answer(path, query)
    if (health !== undefined) return health
    if (path === '/version' || path === '/version/') return jsonResponse(versionInfo)
    if (path === '/metrics') return textResponse(200, parts.metrics(), { 'content-type': metricsType })
    if (path === '/metrics/slis') return textResponse(200, parts.healthMetrics(), { 'content-type': metricsType })
    if (path === '/statusz') return textResponse(200, parts.status())
    if (path.startsWith('/debug/')) return parts.debug(path)
    if (!path.startsWith('/openapi/')) return otherAnswer(parts, path)
    const openApi = current()
    if (path === '/openapi/v2') return servedV2(request, openApi.v2(), inProtobuf)
    if (path === '/openapi/v3' || path === '/openapi/v3/') return served(request, openApi.v3Index())
    if (path.startsWith('/openapi/v3/')) return served(request, openApi.v3(path.slice('/openapi/v3/'.length)), query)
    return undefined
  }
}

/** As kube-aggregator's sortByPriority: groups by their highest priority; within one, and where those are equal, by name. */
function remoteDocuments(versions: readonly RemoteVersion[]): readonly RemoteDocuments[] {
  const priority = new Map<string, number>()
  for (const { group, groupPriorityMinimum } of versions)
    priority.set(group, Math.max(groupPriorityMinimum, priority.get(group) ?? 0))
  const nameOf = ({ group, version }: RemoteVersion): string => `${version}.${group}`
  const compare = (a: RemoteVersion, b: RemoteVersion): number =>
    (priority.get(b.group) ?? 0) - (priority.get(a.group) ?? 0) || (nameOf(a) < nameOf(b) ? -1 : 1)
  return [...versions].sort(compare).flatMap(({ openApi }) => openApi ?? [])
}

function otherAnswer(parts: PlainParts, path: string): HttpResponse | undefined {
  const openId = parts.openId[path]
  if (openId !== undefined) return jsonResponse(openId(), openIdHeaders(path))
  return path === '/' || path === '/index.html' ? jsonResponse({ paths: pathsOf(parts) }) : undefined
}

/** Verifiers may keep these for an hour. */
function openIdHeaders(path: string): Readonly<Record<string, string>> {
  const isKeys = path === '/openid/v1/jwks'
  return {
    'cache-control': 'public, max-age=3600',
    ...(isKeys ? { 'content-type': 'application/jwk-set+json' } : {}),
  }
}

const metricsType = 'text/plain; version=0.0.4; charset=utf-8'

function pathsOf({ health, openId, groupPaths }: PlainParts): readonly string[] {
  const others = ['/metrics', '/metrics/slis', '/statusz', '/openapi/v2', '/openapi/v3', '/openapi/v3/', '/version']
  return [...Object.keys(openId), ...groupPaths(), ...health.paths, ...others].sort()
}

/** One document's bytes, made when they are first asked for. */
function keptBytes(): (document: ServedDocument) => Uint8Array {
  let kept: Readonly<{ hash: string; bytes: Uint8Array }> | undefined
  return ({ hash, text }) => {
    if (kept?.hash !== hash) kept = { hash, bytes: encodeOpenApiV2(JSON.parse(text) as JsonObject) }
    return kept.bytes
  }
}

/** OpenAPI v2 in protobuf for those who ask for it: client-go reads nothing else. */
function servedV2(
  request: HttpRequest,
  document: ServedDocument,
  inProtobuf: (document: ServedDocument) => Uint8Array,
): HttpResponse | undefined {
  const json = served(request, document)
  const asked = (request.headers.accept ?? '').split(',').map((type) => type.split(';')[0]?.trim() ?? '')
  if (json?.type !== 'whole' || !asked.some((type) => type === openApiV2Asked || type === openApiV2Answered))
    return json
  const headers = { ...json.headers, 'content-type': openApiV2Answered }
  return { ...json, headers, body: json.status === 200 ? inProtobuf(document) : json.body }
}

function served(
  request: HttpRequest,
  document: ServedDocument | undefined,
  query?: URLSearchParams,
): HttpResponse | undefined {
  if (document === undefined) return undefined
  const { text, hash } = document
  const etag = `"${hash}"`
  // An address with the right hash names this content for good.
  const isFixed = query?.get('hash') === hash
  const headers = {
    'content-type': 'application/json',
    etag,
    vary: 'Accept',
    ...(isFixed ? { 'cache-control': 'public, immutable' } : {}),
  }
  if (request.headers['if-none-match'] === etag) return { type: 'whole', status: 304, headers, body: new Uint8Array() }
  return { type: 'whole', status: 200, headers, body: new TextEncoder().encode(text) }
}
