import { type FieldSelector, parseFieldSelector } from '../api/field-selector.ts'
import type { Requirement } from '../api/label-requirement.ts'
import { parseRequirements } from '../api/label-selector-parser.ts'
import type { Result } from '../api/result.ts'

/** What a request asks for, read from its method, path and query alone: apiserver's RequestInfo, which authorization judges. */
export type RequestInfo = Readonly<{
  /** False for paths such as /healthz, /version and the discovery documents. */
  isResource: boolean
  path: string
  /** get, list, watch, create, update, patch, delete, deletecollection; for other paths the method in lower case. */
  verb: string
  group: string
  version: string
  /** '' at the cluster scope. */
  namespace: string
  resource: string
  subresource: string
  name: string
  /** What follows the subresource, of proxies: '/metrics/x', '' when there is nothing. */
  rest: string
  /** Of lists, watches and deletions of many, as far as they can be understood: authorization heeds them. */
  fieldSelector?: FieldSelector
  labelSelector?: readonly Requirement[]
  /** Namespace and name stand in the path where they do: 'x' in /api/v1/namespaces/x, and a list of it selects by name only. */
  hasName: boolean
}>

const verbs: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

const namespaceSubresources = ['status', 'finalize']

/** `path` is decoded; the query is needed to tell list from watch and a list of one name. */
export function requestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const parts = partsOf(path)
  const [prefix, second = ''] = parts
  if (prefix === 'api' && parts.length >= 3) return resourceInfo(method, path, '', parts.slice(1), query)
  if (prefix === 'apis' && parts.length >= 4) return resourceInfo(method, path, second, parts.slice(2), query)
  const nothing = { group: '', version: '', namespace: '', resource: '', subresource: '', name: '', rest: '' }
  return { isResource: false, path, verb: method.toLowerCase(), ...nothing, hasName: false }
}

/** Empty ones inside the path are parts, too. */
function partsOf(path: string): readonly string[] {
  const parts = path.split('/')
  if (parts[0] === '') parts.shift()
  if (parts.at(-1) === '') parts.pop()
  return parts
}

function resourceInfo(
  method: string,
  path: string,
  group: string,
  versionAndRest: readonly string[],
  query: URLSearchParams,
): RequestInfo {
  const [version = '', ...after] = versionAndRest
  const byPath = after[0] === 'watch' && after.length >= 2
  const { namespace, parts } = scopeOf(byPath ? after.slice(1) : after)
  const [resource = '', name = '', subresource = '', ...rest] = parts
  const verb = byPath ? 'watch' : verbOf(method, name, query)
  return {
    isResource: true,
    path,
    verb,
    group,
    version,
    namespace,
    resource,
    subresource,
    name: name === '' && (verb === 'list' || verb === 'watch') ? selectedName(query) : name,
    rest: rest.length === 0 ? '' : `/${rest.join('/')}`,
    hasName: name !== '',
    ...(selectingVerbs.includes(verb) ? selectors(query) : {}),
  }
}

const selectingVerbs = ['list', 'watch', 'deletecollection']

function selectors(query: URLSearchParams): Pick<RequestInfo, 'fieldSelector' | 'labelSelector'> {
  const fieldSelector = parsed(query.get('fieldSelector'), parseFieldSelector)
  const labelSelector = parsed(query.get('labelSelector'), parseRequirements)
  return { ...(fieldSelector && { fieldSelector }), ...(labelSelector && { labelSelector }) }
}

function parsed<T>(
  text: string | null,
  parse: (text: string) => Result<readonly T[], string>,
): readonly T[] | undefined {
  if (text === null || text === '') return undefined
  const terms = parse(text)
  return terms.ok && terms.value.length > 0 ? terms.value : undefined
}

/** /namespaces/x/pods/y names a pod in x; /namespaces/x and /namespaces/x/status name the namespace itself. */
function scopeOf(parts: readonly string[]): Readonly<{ namespace: string; parts: readonly string[] }> {
  if (parts[0] !== 'namespaces') return { namespace: '', parts }
  const inside = parts.length > 2 && !namespaceSubresources.includes(parts[2] ?? '')
  return { namespace: parts[1] ?? '', parts: inside ? parts.slice(2) : parts }
}

function verbOf(method: string, name: string, query: URLSearchParams): string {
  const verb = verbs[method] ?? ''
  if (name !== '') return verb
  if (verb === 'get') return isTrue(query.get('watch')) ? 'watch' : 'list'
  return verb === 'delete' ? 'deletecollection' : verb
}

/** As apimachinery's query conversion reads booleans: present is true, unless it says false or 0. */
export function isTrue(value: string | null): boolean {
  return value !== null && !['false', '0'].includes(value.toLowerCase())
}

/** metadata.name=x in the field selector lets RBAC's resourceNames judge lists and watches. */
function selectedName(query: URLSearchParams): string {
  const selector = query.get('fieldSelector')
  if (selector === null) return ''
  const term = /(?:^|,)metadata\.name==?([^,]*)/.exec(selector)
  return term?.[1] !== undefined && /^[^/%]+$/.test(term[1]) && !['.', '..'].includes(term[1]) ? term[1] : ''
}
