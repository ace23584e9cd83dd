import { allKinds, apiVersionOf, type Kind, kinds } from '../../api/kinds.ts'
import type { HttpHeaders } from '../../ports/http.ts'
import type { Chance } from './chance.ts'
import { fuzzBody } from './fuzz-body.ts'

export type FuzzRequest = Readonly<{ method: string; target: string; headers: HttpHeaders; body: Uint8Array }>

const names = [
  'a',
  'b',
  'web',
  'default',
  'kube-system',
  'x'.repeat(260),
  'A_B',
  'a.b-c',
  '..',
  '%',
  'a:b',
  'system:node:n',
]
const methods: readonly [string, ...string[]] = [
  'GET',
  'GET',
  'POST',
  'POST',
  'PUT',
  'PATCH',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'HEAD',
  'TRACE',
]
const subresources: readonly [string, ...string[]] = [
  'status',
  'scale',
  'binding',
  'eviction',
  'token',
  'log',
  'exec',
  'finalize',
  'resize',
  'ephemeralcontainers',
  'approval',
  'proxy/x',
  'portforward',
  'nothing',
]

/** Values for a query, sound and not. */
const parameters: readonly (readonly [name: string, values: readonly [string, ...string[]]])[] = [
  [
    'labelSelector',
    ['a=b', 'a in (b,c)', 'a notin (', '!a', 'a==b,c!=d', '=', 'a in', '((((', 'a,,b', 'x'.repeat(500), 'é=1'],
  ],
  [
    'fieldSelector',
    ['metadata.name=a', 'spec.nodeName=x', 'a=b', 'metadata.name!=a,', '\\', 'status.phase=\\,', '=', 'x'],
  ],
  ['limit', ['1', '0', '-1', '1e3', 'x', '99999999999999999999']],
  ['continue', ['x', 'eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ', 'e30=', 'bnVsbA', '%00']],
  ['resourceVersion', ['0', '1', '-1', 'x', '18446744073709551616', '5', '999999']],
  ['resourceVersionMatch', ['Exact', 'NotOlderThan', 'x', '']],
  ['timeoutSeconds', ['1', '-1', 'x', '1.5']],
  ['watch', ['0', 'false', 'x']],
  ['sendInitialEvents', ['true', 'false', 'x']],
  ['allowWatchBookmarks', ['true', 'x']],
  ['dryRun', ['All', 'None', '', 'All,All']],
  ['fieldManager', ['me', '', 'x'.repeat(200), '\u0007']],
  ['fieldValidation', ['Strict', 'Warn', 'Ignore', 'x']],
  ['force', ['true', 'false', 'x']],
  ['propagationPolicy', ['Orphan', 'Background', 'Foreground', 'x']],
  ['gracePeriodSeconds', ['0', '-1', '30', 'x']],
  ['orphanDependents', ['true', 'x']],
  ['pretty', ['true', '1', 'x']],
  ['includeObject', ['None', 'Metadata', 'Object', 'x']],
  ['container', ['c', '../', '']],
  ['tailLines', ['1', '-1', 'x']],
]

const accepts: readonly [string, ...string[]] = [
  'application/json',
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  'application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  'application/json;as=X;v=v9;g=y',
  'text/html',
  '*/*;q=0.1, application/*',
  ',;,=',
  '',
]

const otherHeaders: readonly [HttpHeaders, ...HttpHeaders[]] = [
  {},
  {},
  {},
  { 'impersonate-user': 'bob' },
  { 'impersonate-group': 'system:masters' },
  { 'impersonate-user': '', 'impersonate-extra-%zz': 'x' },
  { authorization: 'Bearer x.y.z' },
  { authorization: 'Bearer ' },
  { authorization: 'Basic ???' },
  { 'if-none-match': '"x"' },
  { 'accept-encoding': 'gzip;q=x' },
  { upgrade: 'SPDY/3.1', connection: 'upgrade' },
]

const oftenAsked: readonly [Kind, ...Kind[]] = [
  kinds.pods,
  kinds.configMaps,
  kinds.services,
  kinds.deployments,
  kinds.jobs,
  kinds.secrets,
]

/** A request as a confused, broken or hostile client might send it. */
export function fuzzRequest(chance: Chance): FuzzRequest {
  const kind = (chance.happens(0.5) ? chance.pick(oftenAsked) : allKinds[chance.below(allKinds.length)]) as Kind
  const method = chance.pick(methods)
  const headers = { accept: chance.pick(accepts), ...chance.pick(otherHeaders) }
  const target = chance.happens(0.1) ? fuzzPath(chance) : `${pathOf(chance, kind, method)}${fuzzQuery(chance)}`
  if (['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(method)) return { method, target, headers, body: new Uint8Array() }
  const { contentType, bytes } = fuzzBody(chance, kind, method, names)
  return { method, target, headers: { ...headers, 'content-type': contentType }, body: bytes }
}

function pathOf(chance: Chance, kind: Kind, method: string): string {
  const root = kind.group === '' ? '/api/v1' : `/apis/${apiVersionOf(kind)}`
  const namespace =
    kind.namespaced && chance.happens(0.9)
      ? `/namespaces/${chance.pick(['default', 'default', 'default', 'default', 'default', 'default', 'none', '', 'A B'])}`
      : ''
  const named = method === 'POST' ? chance.happens(0.2) : chance.happens(0.85)
  const name = named ? `/${encodeURIComponent(names[chance.below(names.length)] ?? 'a')}` : ''
  const below = chance.happens(0.2) ? `/${chance.pick(subresources)}` : ''
  return `${root}${namespace}/${kind.plural}${name}${below}`
}

function fuzzPath(chance: Chance): string {
  const part = (): string =>
    chance.pick([
      'api',
      'apis',
      'v1',
      'apps',
      'namespaces',
      'default',
      '..',
      '.',
      '',
      '%2F',
      '%',
      '%ff%fe',
      'openapi',
      'v2',
      'v3',
      'healthz',
      'metrics',
      'logs',
      '?',
      '#',
      'é',
      'x'.repeat(3000),
    ])
  return `/${Array.from({ length: chance.below(9) }, part).join('/')}`
}

function fuzzQuery(chance: Chance): string {
  const count = chance.happens(0.6) ? 0 : 1 + chance.below(4)
  const pairs = Array.from({ length: count }, () => {
    const [name, values] = parameters[chance.below(parameters.length)] ?? ['pretty', ['x']]
    return `${name}=${chance.happens(0.9) ? encodeURIComponent(chance.pick(values)) : chance.pick(values)}`
  })
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}
