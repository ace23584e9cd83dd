import { describe, expect, it } from 'vitest'
import { kinds } from '../../api/kinds.ts'
import { ok } from '../../api/result.ts'
import { metricRegistry } from '../../client/metric-registry.ts'
import type { HttpHeaders, HttpRequest } from '../../ports/http.ts'
import { health } from '../operations/health.ts'
import { plainPaths } from './plain-paths.ts'

const paths = plainPaths({
  served: { kinds: () => [kinds.pods], remote: () => [], generation: () => 1 },
  health: health([], metricRegistry()),
  healthMetrics: () => '',
  status: () => '',
  debug: () => undefined,
  metrics: () => '',
  openId: {},
  groupPaths: () => [],
})

function openApiV2(headers: HttpHeaders) {
  const request: HttpRequest = {
    method: 'GET',
    target: '/openapi/v2',
    headers,
    body: { bytes: async () => ok(new Uint8Array()), async *chunks() {} },
    peer: { address: '127.0.0.1' },
    closed: new AbortController().signal,
  }
  const response = paths(request, '/openapi/v2', new URLSearchParams())
  if (response?.type !== 'whole' || !(response.body instanceof Uint8Array)) throw new Error('no whole answer')
  return { ...response, first: response.body[0] }
}

describe('OpenAPI v2', () => {
  // 0x0a: field 1 of the protobuf document, swagger's version; 0x7b: '{'.
  it.each([
    ['application/com.github.proto-openapi.spec.v2@v1.0+protobuf', 'spec.v2.v1.0+protobuf', 0x0a],
    ['application/json, application/com.github.proto-openapi.spec.v2.v1.0+protobuf;q=1', 'v1.0+protobuf', 0x0a],
    ['application/json', 'application/json', 0x7b],
    ['*/*', 'application/json', 0x7b],
  ])('for %s is %s', (accept, type, first) => {
    const answer = openApiV2({ accept })
    expect(answer.headers['content-type']).toContain(type)
    expect(answer.first).toBe(first)
  })

  it('is not sent again to who has it', () => {
    const accept = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'
    const etag = openApiV2({ accept }).headers.etag ?? ''
    expect(openApiV2({ accept, 'if-none-match': etag })).toMatchObject({ status: 304, body: new Uint8Array() })
  })
})
