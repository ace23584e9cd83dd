import { encodeBase64 } from '../../api/base64.ts'
import { comparePriority, type GroupPriority, groupPriority } from '../../api/group-priority.ts'
import { apiVersionOf, groupResource, type Kind } from '../../api/kinds.ts'
import { storedKind } from '../../api/versioning.ts'
import type { Endpoint, Verb } from '../call.ts'
import type { EndpointTable } from '../endpoint-table.ts'
import type { RemoteVersion } from '../served.ts'

const encoder = new TextEncoder()

export type Sha256 = (bytes: Uint8Array) => Uint8Array

/** What is served, told from the table that serves it. */

const verbOrder: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

function verbsOf({ handles, advertised }: Endpoint): readonly Verb[] {
  return advertised ?? verbOrder.filter((verb) => handles[verb] !== undefined)
}

function pathOf({ plural, subresource }: Endpoint): string {
  return subresource === undefined ? plural : `${plural}/${subresource}`
}

function inGroup(table: EndpointTable, group: string, version: string): readonly Endpoint[] {
  return [...table.values()]
    .filter((endpoint) => endpoint.group === group && endpoint.version === version)
    .sort((a, b) => (pathOf(a) < pathOf(b) ? -1 : 1))
}

type Ranked = Readonly<{ group: string; version: string }> & GroupPriority

/** Groups in the order in which clients should prefer them, with their versions, the preferred one first. */
export function groupVersions(
  table: EndpointTable,
  remote: readonly RemoteVersion[] = [],
): ReadonlyMap<string, readonly string[]> {
  const own = [...table.values()].map(({ group, version }) => ({
    group,
    version,
    ...groupPriority({ group, version }),
  }))
  const all: readonly Ranked[] = [...own, ...remote]
  const highest = new Map<string, number>()
  for (const { group, groupPriorityMinimum: one } of all) highest.set(group, Math.max(one, highest.get(group) ?? 0))
  const ranked = all.map((one) => ({ ...one, groupPriorityMinimum: highest.get(one.group) ?? 0 }))
  const groups = new Map<string, string[]>()
  for (const { group, version } of ranked.sort(comparePriority)) {
    const versions = groups.get(group) ?? []
    if (!versions.includes(version)) groups.set(group, [...versions, version])
  }
  return groups
}

/** /api/v1, /apis/GROUP/VERSION; undefined where nothing is served there. */
export function resourceList(table: EndpointTable, group: string, version: string, sha256: Sha256): object | undefined {
  const endpoints = inGroup(table, group, version)
  if (endpoints.length === 0) return undefined
  const groupVersion = apiVersionOf({ group, version })
  // The core group's list is older than its apiVersion field.
  const type = group === '' ? { kind: 'APIResourceList' } : { kind: 'APIResourceList', apiVersion: 'v1' }
  return { ...type, groupVersion, resources: endpoints.map((endpoint) => resourceOf(endpoint, sha256)) }
}

function resourceOf(endpoint: Endpoint, sha256: Sha256): object {
  const { body, kind, group, version, namespaced, subresource } = endpoint
  const isOther = subresource !== undefined && (body.group !== group || body.version !== version)
  const isMain = subresource === undefined
  const isStored = isMain && kind !== undefined && kind.plural === endpoint.plural
  return {
    name: pathOf(endpoint),
    singularName: isMain ? singularOf(endpoint) : '',
    namespaced,
    ...(isOther ? { group: body.group, version: body.version } : {}),
    kind: body.kind,
    verbs: verbsOf(endpoint),
    ...(isStored && kind.shortNames.length > 0 ? { shortNames: kind.shortNames } : {}),
    ...(isStored && kind.categories.length > 0 ? { categories: kind.categories } : {}),
    ...(isStored && isPersistent(endpoint) ? { storageVersionHash: storageVersionHash(kind, sha256) } : {}),
  }
}

/** Kinds that the original stores in a version older than the one that it prefers: kubeapiserver's NewStorageFactoryConfig. */
const storedAs: Readonly<Record<string, string>> = {
  'mutatingadmissionpolicies.admissionregistration.k8s.io': 'v1beta1',
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io': 'v1beta1',
}

function isPersistent({ handles }: Endpoint): boolean {
  return handles.create !== undefined && handles.get !== undefined
}

/** Clients see by it that objects are stored in another version by now: apiserver's discovery.StorageVersionHash. */
function storageVersionHash(kind: Kind, sha256: Sha256): string {
  const stored = storedKind(kind)
  const version = storedAs[groupResource(kind)] ?? stored.version
  const digest = sha256(encoder.encode(`${stored.group}/${version}/${stored.kind}`))
  return encodeBase64(digest.subarray(0, 8))
}

function singularOf({ body, kind, plural }: Endpoint): string {
  return kind?.plural === plural ? kind.singular : body.kind.toLowerCase()
}

export function groupList(table: EndpointTable, remote: readonly RemoteVersion[]): object {
  const groups = [...groupVersions(table, remote)]
    .filter(([group]) => group !== '')
    .map(([group, versions]) => groupOf(group, versions))
  return { kind: 'APIGroupList', apiVersion: 'v1', groups }
}

/** /apis/GROUP. */
export function groupDocument(
  table: EndpointTable,
  remote: readonly RemoteVersion[],
  group: string,
): object | undefined {
  const versions = groupVersions(table, remote).get(group)
  return versions === undefined || group === ''
    ? undefined
    : { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group, versions) }
}

function groupOf(name: string, versions: readonly string[]): object {
  const described = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }))
  return { name, versions: described, preferredVersion: described[0] }
}

export function coreVersions(serverAddress: string): object {
  const serverAddressByClientCIDRs = [{ clientCIDR: '0.0.0.0/0', serverAddress }]
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs }
}

/** Everything about /api or /apis in one answer: APIGroupDiscoveryList. */
export function aggregated(
  table: EndpointTable,
  remote: readonly RemoteVersion[],
  of: 'api' | 'apis',
  version: string,
): object {
  const groups = [...groupVersions(table, remote)].filter(([group]) => (group === '') === (of === 'api'))
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map(([group, versions]) => ({
      metadata: group === '' ? {} : { name: group },
      versions: versions.map((name) => {
        const other = remote.find((one) => one.group === group && one.version === name)
        const resources = other?.resources ?? aggregatedResources(inGroup(table, group, name))
        return { version: name, resources, freshness: other?.isStale === true ? 'Stale' : 'Current' }
      }),
    })),
  }
}

function aggregatedResources(endpoints: readonly Endpoint[]): readonly object[] {
  return endpoints
    .filter(({ subresource }) => subresource === undefined)
    .map((main) => {
      const subresources = endpoints.filter(
        ({ plural, subresource }) => plural === main.plural && subresource !== undefined,
      )
      const { kind } = main
      const isStored = kind !== undefined && kind.plural === main.plural
      return {
        resource: main.plural,
        responseKind: responseKind(main),
        scope: main.namespaced ? 'Namespaced' : 'Cluster',
        singularResource: singularOf(main),
        verbs: verbsOf(main),
        ...(isStored && kind.shortNames.length > 0 ? { shortNames: kind.shortNames } : {}),
        ...(isStored && kind.categories.length > 0 ? { categories: kind.categories } : {}),
        ...(subresources.length === 0 ? {} : { subresources: subresources.map(aggregatedSubresource) }),
      }
    })
}

function aggregatedSubresource(endpoint: Endpoint): object {
  return { subresource: endpoint.subresource, responseKind: responseKind(endpoint), verbs: verbsOf(endpoint) }
}

/** Empty group and version: those of the list around it. */
function responseKind({ body, group, version }: Endpoint): object {
  const isSame = body.group === group && body.version === version
  return isSame
    ? { group: '', version: '', kind: body.kind }
    : { group: body.group, version: body.version, kind: body.kind }
}
