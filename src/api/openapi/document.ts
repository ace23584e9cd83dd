/** The OpenAPI documents: v3, one for each group version, and v2, one for all. */

import type { JsonObject } from '../json-value.ts'
import type { Kind } from '../kinds.ts'
import { meta } from '../meta-types.ts'
import type { OwnDefinitions } from './custom-definitions.ts'
import { type Parameter, pathParameters, queryParameters } from './parameter.ts'
import { kindRoutes, patchType, type Route, rootOf, tagOf } from './route.ts'
import { subresourceRoutes } from './subresource-routes.ts'
import {
  type Dialect,
  isOfAll,
  kindsByType,
  kindsOfType,
  reachableTypes,
  reference,
  typeDefinition,
} from './type-schema.ts'

type GroupVersion = Readonly<{ group: string; version: string }>

const info = { title: 'Kubernetes', version: '1.36' }
const bearer = {
  BearerToken: { type: 'apiKey', description: 'A bearer token.', name: 'authorization', in: 'header' },
}
const objectTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']
const streamTypes = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch']
const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
]

/** A route without a kind: discovery and the version. */
type PlainRoute = Readonly<{ path: string; operationId: string; tag: string; description: string; answer: string }>

function answerTypes(route: Route): readonly string[] {
  if (route.action === 'connect') return ['*/*']
  if (route.answer === 'string') return ['text/plain', ...objectTypes]
  return route.streams ? [...objectTypes, ...streamTypes] : objectTypes
}

const codeNames: Readonly<Record<number, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted', 401: 'Unauthorized' }

function typeReference(name: string, dialect: Dialect): JsonObject {
  return name === 'string' ? { type: 'string' } : reference(name, dialect)
}

/** A parameter: v3 keeps its type in a schema of its own. */
function parameter(
  name: string,
  { type, description }: Parameter,
  where: 'path' | 'query',
  dialect: Dialect,
): JsonObject {
  const head = { name, in: where, description, ...(where === 'path' ? { required: true } : {}) }
  const shape = { type, uniqueItems: true }
  return dialect === 'v2' ? { ...head, ...shape } : { ...head, schema: shape }
}

function queryOf(route: Route, dialect: Dialect): readonly JsonObject[] {
  return route.query.flatMap((name) => {
    const found = queryParameters[name]
    return found === undefined ? [] : [parameter(name, found, 'query', dialect)]
  })
}

/** What all methods of a path have in common. */
function pathOf(path: string, canIndent: boolean, dialect: Dialect): readonly JsonObject[] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort()
  const found = names.flatMap((name) => {
    const part = pathParameters[name]
    return part === undefined ? [] : [parameter(name, part, 'path', dialect)]
  })
  const pretty = queryParameters.pretty
  return pretty === undefined || !canIndent ? found : [...found, parameter('pretty', pretty, 'query', dialect)]
}

function contentOf(types: readonly string[], type: string): JsonObject {
  return Object.fromEntries(types.map((mediaType) => [mediaType, { schema: typeReference(type, 'v3') }]))
}

/** Lists in custom resources have no keys to merge by. */
function bodyTypes(type: string, answer: string, own: OwnDefinitions): readonly string[] {
  if (type !== patchType) return ['*/*']
  return own.has(answer) ? patchTypes.filter((one) => !one.includes('strategic')) : patchTypes
}

function operationHead(
  { description, operationId }: Pick<Route, 'description' | 'operationId'>,
  tag: string,
): JsonObject {
  return { tags: [tag], description, operationId }
}

function operationTail({ action, subject }: Route): JsonObject {
  return { 'x-kubernetes-action': action, 'x-kubernetes-group-version-kind': subject }
}

function operationV3(route: Route, tag: string, own: OwnDefinitions): JsonObject {
  const query = queryOf(route, 'v3')
  const { body } = route
  const answers = route.codes.map((code) => [
    code,
    { description: codeNames[code], content: contentOf(answerTypes(route), route.answer) },
  ])
  return {
    ...operationHead(route, tag),
    ...(query.length === 0 ? {} : { parameters: query }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            content: contentOf(bodyTypes(body.type, route.answer, own), body.type),
            ...(body.required ? { required: true } : {}),
          },
        }),
    responses: { ...Object.fromEntries(answers), 401: { description: codeNames[401] } },
    ...operationTail(route),
  }
}

function operationV2(route: Route, tag: string, own: OwnDefinitions): JsonObject {
  const { body } = route
  const inBody =
    body === undefined
      ? []
      : [{ name: 'body', in: 'body', ...(body.required ? { required: true } : {}), schema: reference(body.type, 'v2') }]
  const answers = route.codes.map((code) => [
    code,
    { description: codeNames[code], schema: typeReference(route.answer, 'v2') },
  ])
  return {
    ...operationHead(route, tag),
    consumes: body === undefined ? ['*/*'] : bodyTypes(body.type, route.answer, own),
    produces: answerTypes(route),
    schemes: ['https'],
    parameters: [...inBody, ...queryOf(route, 'v2')],
    responses: { ...Object.fromEntries(answers), 401: { description: codeNames[401] } },
    ...operationTail(route),
  }
}

/** The version comes as JSON whatever is asked for. */
function plainTypes({ tag }: PlainRoute): readonly string[] {
  return tag === 'version' ? ['application/json'] : objectTypes
}

function plainOperation(route: PlainRoute, dialect: Dialect): JsonObject {
  const head = operationHead(route, route.tag)
  const unauthorized = { 401: { description: codeNames[401] } }
  if (dialect === 'v3') {
    const content = contentOf(plainTypes(route), route.answer)
    return { ...head, responses: { 200: { description: 'OK', content }, ...unauthorized } }
  }
  const ok = { description: 'OK', schema: reference(route.answer, 'v2') }
  return {
    ...head,
    consumes: plainTypes(route),
    produces: plainTypes(route),
    schemes: ['https'],
    responses: { 200: ok, ...unauthorized },
  }
}

function pathsOf(
  routes: readonly Route[],
  plainRoutes: readonly PlainRoute[],
  dialect: Dialect,
  own: OwnDefinitions,
): JsonObject {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of plainRoutes) paths[route.path] = { get: plainOperation(route, dialect) }
  for (const route of routes) {
    const path = paths[route.path] ?? {}
    const [, prefix = '', first = '', second = ''] = route.path.split('/')
    const tag = prefix === 'api' ? tagOf({ group: '', version: first }) : tagOf({ group: first, version: second })
    path[route.method] = dialect === 'v3' ? operationV3(route, tag, own) : operationV2(route, tag, own)
    paths[route.path] = path
  }
  const indented = new Set(routes.filter(({ action }) => action !== 'connect').map(({ path }) => path))
  for (const [path, item] of Object.entries(paths)) {
    const common = pathOf(path, indented.has(path), dialect)
    if (common.length > 0) item.parameters = common
  }
  return Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
}

function routesOf(kinds: readonly Kind[]): readonly Route[] {
  return kinds.flatMap((kind) => [...kindRoutes(kind), ...subresourceRoutes(kind)])
}

function typesOf(routes: readonly Route[], plainRoutes: readonly PlainRoute[], own: OwnDefinitions): readonly string[] {
  const watches = routes.some((route) => route.streams) ? [`${meta}.WatchEvent`] : []
  const named = routes.flatMap((route) => [route.answer, ...(route.body === undefined ? [] : [route.body.type])])
  return reachableTypes(
    [...named, ...plainRoutes.map((route) => route.answer), ...watches].filter((name) => name !== 'string'),
    own,
  )
}

function definitionsOf(
  names: readonly string[],
  kinds: readonly Kind[],
  groupVersions: readonly GroupVersion[],
  dialect: Dialect,
  own: OwnDefinitions,
): JsonObject {
  const byType = kindsByType(kinds)
  return Object.fromEntries(
    names.map((name) => [
      name,
      own.get(name)?.[dialect] ?? typeDefinition(name, dialect, kindsOfType(name, byType, groupVersions)),
    ]),
  )
}

/** The group versions of the kinds, each once, in the order of the table. */
export function groupVersionsOf(kinds: readonly Kind[]): readonly GroupVersion[] {
  return [...new Map(kinds.map(({ group, version }) => [`${group}/${version}`, { group, version }])).values()]
}

/** Discovery of a group version and the like, by the name of their document: 'api', 'apis/apps', 'apis/apps/v1', 'version'. */
function plainRoutesOf(kinds: readonly Kind[]): ReadonlyMap<string, PlainRoute> {
  const routes = new Map<string, PlainRoute>()
  const add = (name: string, id: string, tag: string, description: string, answer: string): void => {
    routes.set(name, { path: `/${name}/`, operationId: `get${id}`, tag, description, answer })
  }
  add('api', 'CoreAPIVersions', 'core', 'Lists the versions of the core group.', `${meta}.APIVersions`)
  add('apis', 'APIVersions', 'apis', 'Lists the groups.', `${meta}.APIGroupList`)
  add('version', 'CodeVersion', 'version', 'Tells the version of the server.', 'io.k8s.apimachinery.pkg.version.Info')
  for (const groupVersion of groupVersionsOf(kinds)) {
    const tag = tagOf(groupVersion)
    const [group = ''] = tag.split('_')
    const title = `${group.charAt(0).toUpperCase()}${group.slice(1)}`
    const name = rootOf(groupVersion).slice(1)
    if (groupVersion.group !== '') {
      add(
        `apis/${groupVersion.group}`,
        `${title}APIGroup`,
        group,
        'Tells the versions of the group.',
        `${meta}.APIGroup`,
      )
    }
    const version = groupVersion.version.charAt(0).toUpperCase() + groupVersion.version.slice(1)
    add(name, `${title}${version}APIResources`, tag, 'Lists the resources.', `${meta}.APIResourceList`)
  }
  return routes
}

/** Names of the v3 documents: 'api/v1', 'apis/apps/v1', and those of discovery. */
export function openApiV3Names(kinds: readonly Kind[]): readonly string[] {
  return [...plainRoutesOf(kinds).keys()].sort()
}

/** The v3 document of that name; undefined if there is none. */
export function openApiV3Document(
  kinds: readonly Kind[],
  name: string,
  own: OwnDefinitions = new Map(),
): JsonObject | undefined {
  const plainRoute = plainRoutesOf(kinds).get(name)
  if (plainRoute === undefined) return undefined
  const [first, ...more] = kinds.filter((kind) => rootOf(kind) === `/${name}`)
  const routes = first === undefined ? [] : routesOf([first, ...more])
  const others = first === undefined || first.group === '' ? [] : [{ group: first.group, version: first.version }]
  const types = typesOf(routes, [plainRoute], own)
  return {
    openapi: '3.0.0',
    info,
    paths: pathsOf(routes, [plainRoute], 'v3', own),
    components: {
      schemas: definitionsOf(types, kinds, [{ group: '', version: 'v1' }, ...others], 'v3', own),
      securitySchemes: bearer,
    },
  }
}

/**
 * Parts of the v2 document: the paths of a group version, by the kinds that they are of; and definitions of Kubernetes' own types, whose
 * kinds are always served.
 */
export type KeptParts = Readonly<{
  versions: Map<string, Readonly<{ of: readonly Kind[]; part: VersionPart }>>
  definitions: Map<string, JsonObject>
}>

type VersionPart = Readonly<{ paths: JsonObject; types: readonly string[] }>

export function noParts(): KeptParts {
  return { versions: new Map(), definitions: new Map() }
}

/** The one v2 document (Swagger). What has been made of the same kinds before is taken from `kept`. */
export function openApiV2(kinds: readonly Kind[], own: OwnDefinitions = new Map(), kept = noParts()): JsonObject {
  const byName = kindsByDocument(kinds)
  const parts = [...plainRoutesOf(kinds)].map(([name, plainRoute]): VersionPart => {
    const of = byName.get(name) ?? []
    const before = kept.versions.get(name)
    if (before !== undefined && isSameList(before.of, of)) return before.part
    const routes = routesOf(of)
    const part = { paths: pathsOf(routes, [plainRoute], 'v2', own), types: typesOf(routes, [plainRoute], own) }
    kept.versions.set(name, { of, part })
    return part
  })
  const paths = parts.flatMap((part) => Object.entries(part.paths))
  const types = [...new Set(parts.flatMap((part) => part.types))].sort()
  return {
    swagger: '2.0',
    info,
    paths: Object.fromEntries(paths.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))),
    definitions: definitionsV2(types, kinds, own, kept.definitions),
    securityDefinitions: bearer,
    security: [{ BearerToken: [] }],
  }
}

/** Two definitions name every group version; all others stay what they are. */
function definitionsV2(
  types: readonly string[],
  kinds: readonly Kind[],
  own: OwnDefinitions,
  kept: Map<string, JsonObject>,
): JsonObject {
  const groupVersions = groupVersionsOf(kinds)
  const made = definitionsOf(
    types.filter((name) => own.has(name) || isOfAll(name) || !kept.has(name)),
    kinds,
    groupVersions,
    'v2',
    own,
  )
  return Object.fromEntries(
    types.map((name) => {
      const definition = (made[name] ?? kept.get(name)) as JsonObject
      if (!own.has(name) && !isOfAll(name)) kept.set(name, definition)
      return [name, definition]
    }),
  )
}

/** The kinds of each group version, by the name of its v3 document. */
export function kindsByDocument(kinds: readonly Kind[]): ReadonlyMap<string, readonly Kind[]> {
  const groups = new Map<string, Kind[]>()
  for (const kind of kinds) {
    const name = rootOf(kind).slice(1)
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [kind])
    else group.push(kind)
  }
  return groups
}

/** Kinds are the same ones until their definition changes. */
export function isSameList(a: readonly Kind[], b: readonly Kind[]): boolean {
  return a.length === b.length && a.every((kind, at) => kind === b[at])
}
