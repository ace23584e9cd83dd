/** Every route of the generic API, as data: what OpenAPI says of it in either version. */

import { apiVersionOf, type Kind } from '../kinds.ts'
import { meta } from '../meta-types.ts'

export type GroupVersionKind = Readonly<{ group: string; version: string; kind: string }>

export type Method = 'get' | 'put' | 'post' | 'delete' | 'patch'

/** x-kubernetes-action. */
export type Action = 'get' | 'list' | 'post' | 'put' | 'patch' | 'delete' | 'deletecollection' | 'connect'

export type Route = Readonly<{
  /** '/apis/apps/v1/namespaces/{namespace}/deployments/{name}'. */
  path: string
  method: Method
  action: Action
  /** What the route is about; of a subresource with a kind of its own (Scale, Eviction), that one. */
  subject: GroupVersionKind
  operationId: string
  description: string
  /** Names from the table in parameter.ts. */
  query: readonly string[]
  /** Type of the body: absent if there is none, 'patch' for patches. */
  body?: Readonly<{ type: string; required: boolean }>
  /** Type of the answer; 'string' for plain text. */
  answer: string
  /** The answer may also be a watch. */
  streams: boolean
  /** Success codes. */
  codes: readonly number[]
}>

export const patchType = `${meta}.Patch`

const listing = [
  'allowWatchBookmarks',
  'continue',
  'fieldSelector',
  'labelSelector',
  'limit',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'timeoutSeconds',
  'watch',
]
const deleting = ['dryRun', 'gracePeriodSeconds', 'orphanDependents', 'propagationPolicy']
const selecting = listing.filter((name) => name !== 'watch' && name !== 'allowWatchBookmarks')
const writing = ['dryRun', 'fieldManager', 'fieldValidation']

/** 'rbac.authorization.k8s.io' → 'RbacAuthorization', as operation ids name groups. */
function groupTitle(group: string): string {
  const words = (group === '' ? 'core' : group.replace(/\.k8s\.io$/, '')).split(/[.-]/)
  return words.map(capital).join('')
}

export function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}

/** 'rbacAuthorization_v1': the tag of all routes of a group version. */
export function tagOf({ group, version }: Pick<Kind, 'group' | 'version'>): string {
  const title = groupTitle(group)
  return `${title.charAt(0).toLowerCase()}${title.slice(1)}_${version}`
}

/** '/apis/apps/v1' or '/api/v1'. */
export function rootOf({ group, version }: Pick<Kind, 'group' | 'version'>): string {
  return `/${group === '' ? 'api' : 'apis'}/${apiVersionOf({ group, version })}`
}

/** The path of one object of the kind. */
export function itemPath(kind: Kind): string {
  return `${collectionPath(kind)}/{name}`
}

function collectionPath(kind: Kind): string {
  return `${rootOf(kind)}/${kind.namespaced ? 'namespaces/{namespace}/' : ''}${kind.plural}`
}

/** 'Apps' + 'V1' + 'Namespaced' + 'Deployment'. */
export function operationName(kind: Kind): string {
  return `${groupTitle(kind.group)}${capital(kind.version)}${kind.namespaced ? 'Namespaced' : ''}${kind.kind}`
}

export function gvkOf({ group, version, kind }: GroupVersionKind): GroupVersionKind {
  return { group, version, kind }
}

/** The routes that every kind has: its collection, its objects, status and scale. */
export function kindRoutes(kind: Kind): readonly Route[] {
  const subresources = [
    ...(kind.status ? statusRoutes(kind) : []),
    ...(kind.scale === undefined ? [] : scaleRoutes(kind)),
  ]
  return [...collectionRoutes(kind), ...itemRoutes(kind), ...subresources]
}

function collectionRoutes(kind: Kind): readonly Route[] {
  const base = { path: collectionPath(kind), subject: gvkOf(kind), streams: false }
  const name = operationName(kind)
  const title = `${groupTitle(kind.group)}${capital(kind.version)}`
  const list: Route = {
    ...base,
    method: 'get',
    action: 'list',
    operationId: `list${name}`,
    description: `Lists or watches ${kind.plural}.`,
    query: listing,
    answer: `${kind.typeName}List`,
    streams: true,
    codes: [200],
  }
  const everywhere: Route = {
    ...list,
    path: `${rootOf(kind)}/${kind.plural}`,
    operationId: `list${title}${kind.kind}ForAllNamespaces`,
    description: `Lists or watches ${kind.plural} of all namespaces.`,
  }
  const create: Route = {
    ...base,
    method: 'post',
    action: 'post',
    operationId: `create${name}`,
    description: `Creates a ${kind.kind}.`,
    query: writing,
    body: { type: kind.typeName, required: true },
    answer: kind.typeName,
    codes: [200, 201, 202],
  }
  const clear: Route = {
    ...base,
    method: 'delete',
    action: 'deletecollection',
    operationId: `delete${title}Collection${name.slice(title.length)}`,
    description: `Deletes the ${kind.plural} that match.`,
    query: [...selecting, ...deleting].sort(),
    body: { type: `${meta}.DeleteOptions`, required: false },
    answer: `${meta}.Status`,
    codes: [200],
  }
  // Namespaces go one by one.
  const isCleared = !(kind.group === '' && kind.plural === 'namespaces')
  return [list, create, ...(isCleared ? [clear] : []), ...(kind.namespaced ? [everywhere] : [])]
}

/** Kinds whose deletion is answered with the object, not with a Status. */
const answersWithItself = new Set(['Pod', 'Service', 'ServiceAccount', 'PersistentVolumeClaim', 'PersistentVolume'])

function itemRoutes(kind: Kind): readonly Route[] {
  const remove: Route = {
    path: itemPath(kind),
    subject: gvkOf(kind),
    method: 'delete',
    action: 'delete',
    operationId: `delete${operationName(kind)}`,
    description: `Deletes a ${kind.kind}.`,
    query: deleting,
    body: { type: `${meta}.DeleteOptions`, required: false },
    answer: answersWithItself.has(kind.kind) ? kind.typeName : `${meta}.Status`,
    streams: false,
    codes: [200, 202],
  }
  return [...readWriteRoutes(kind, '', '', { subject: gvkOf(kind), type: kind.typeName }), remove]
}

function statusRoutes(kind: Kind): readonly Route[] {
  return readWriteRoutes(kind, '/status', 'Status', { subject: gvkOf(kind), type: kind.typeName })
}

function scaleRoutes(kind: Kind): readonly Route[] {
  const subject = { group: 'autoscaling', version: 'v1', kind: 'Scale' }
  return readWriteRoutes(kind, '/scale', 'Scale', { subject, type: 'io.k8s.api.autoscaling.v1.Scale' })
}

/** get, put and patch of an object or of a subresource of it. */
export function readWriteRoutes(
  kind: Kind,
  suffix: string,
  title: string,
  { subject, type }: Readonly<{ subject: GroupVersionKind; type: string }>,
): readonly Route[] {
  const what = title === '' ? `the ${kind.kind}` : `the ${suffix.slice(1)} of the ${kind.kind}`
  const base = { path: `${itemPath(kind)}${suffix}`, subject, answer: type, streams: false }
  const id = `${operationName(kind)}${title}`
  return [
    {
      ...base,
      method: 'get',
      action: 'get',
      operationId: `read${id}`,
      description: `Reads ${what}.`,
      query: [],
      codes: [200],
    },
    {
      ...base,
      method: 'put',
      action: 'put',
      operationId: `replace${id}`,
      description: `Replaces ${what}.`,
      query: writing,
      body: { type, required: true },
      codes: [200, 201],
    },
    {
      ...base,
      method: 'patch',
      action: 'patch',
      operationId: `patch${id}`,
      description: `Changes parts of ${what}.`,
      query: [...writing, 'force'],
      body: { type: patchType, required: true },
      codes: [200, 201],
    },
  ]
}
