import type { BodyType } from '../api/decode.ts'
import { groupResource, type Kind, kinds } from '../api/kinds.ts'
import type { Refusal } from '../api/refusal.ts'
import { fail, type Result } from '../api/result.ts'
import { forbiddenResource } from './authorize/forbidden.ts'
import type { Answer, Call, Endpoint, Handle } from './call.ts'
import { createObject } from './handle/create.ts'
import { deleteObject } from './handle/delete.ts'
import { deleteCollection } from './handle/delete-collection.ts'
import { getObject } from './handle/get.ts'
import { listObjects } from './handle/list.ts'
import { patchObject } from './handle/patch.ts'
import { type Subresource, statusSubresource, updateObject } from './handle/update.ts'
import { type WatchParts, watchObjects } from './handle/watch.ts'
import type { WatchEncoder } from './handle/watch-encoding.ts'
import type { WriteParts } from './handle/writing.ts'
import { approvalSubresource } from './subresource/approval.ts'
import { bindPod } from './subresource/binding.ts'
import { bodyTypes } from './subresource/body-types.ts'
import { admittedConnection } from './subresource/connect.ts'
import { evictPod } from './subresource/eviction.ts'
import { finalizeSubresource } from './subresource/finalize.ts'
import { nodeProxy, type ProxyParts, podOnKubelet } from './subresource/kubelet-proxy.ts'
import { type NetworkProxyParts, podProxy, serviceProxy } from './subresource/network-proxy.ts'
import { ephemeralContainersSubresource, resizeSubresource } from './subresource/pod-parts.ts'
import { getScale, patchScale, updateScale } from './subresource/scale.ts'
import { requestToken, type TokenParts } from './subresource/token.ts'
import { showingHandles } from './versions/answer.ts'
import { type AccessReviewParts, reviewAccess, reviewLocalAccess, reviewSelfAccess } from './virtual/access-reviews.ts'
import {
  type ComponentParts,
  componentStatusKind,
  getComponentStatus,
  listComponentStatuses,
} from './virtual/component-statuses.ts'
import { type IdentityReviewParts, reviewSelf, reviewToken } from './virtual/identity-reviews.ts'
import { type MetricsParts, metricsEndpoints } from './virtual/resource-metrics.ts'
import { type RulesReviewParts, reviewSelfRules } from './virtual/rules-review.ts'

export type EndpointParts = WriteParts &
  ProxyParts &
  NetworkProxyParts &
  AccessReviewParts &
  IdentityReviewParts &
  RulesReviewParts &
  TokenParts &
  ComponentParts &
  MetricsParts &
  Pick<WatchParts, 'watchMeters'> &
  Readonly<{ watchEncoder: (kind: Kind, call: Call) => Result<WatchEncoder, Refusal> }>

/** Everything of Kubernetes' own that is served under /api and /apis. */
export function builtInEndpoints(parts: EndpointParts, kinds: readonly Kind[]): readonly Endpoint[] {
  return [...kinds.flatMap((kind) => endpointsOfKind(parts, kind)), ...extraEndpoints(parts)]
}

/** What every stored kind has: its collection and objects, and status and scale where it has those. */
export function endpointsOfKind(parts: EndpointParts, kind: Kind): readonly Endpoint[] {
  const { group, version, plural, namespaced } = kind
  const base = { group, version, plural, namespaced, kind, body: kind }
  const main: Endpoint = { ...base, handles: showingHandles(kind, mainHandles(parts, kind)) }
  const status: Endpoint = {
    ...base,
    subresource: 'status',
    handles: showingHandles(kind, subresourceHandles(parts, kind, statusSubresource)),
  }
  const { scale } = kind
  const scaling: Handle[] =
    scale === undefined
      ? []
      : [
          (call) => getScale(parts, kind, scale, call),
          (call) => updateScale(parts, kind, scale, call),
          (call) => patchScale(parts, kind, scale, call),
        ]
  const [get, update, patch] = scaling
  const scaleEndpoint: Endpoint = {
    ...base,
    subresource: 'scale',
    body: bodyTypes.scale,
    handles: { ...(get && { get }), ...(patch && { patch }), ...(update && { update }) },
  }
  return [main, ...(kind.status ? [status] : []), ...(scale === undefined ? [] : [scaleEndpoint])]
}

function mainHandles(parts: EndpointParts, kind: Kind): Endpoint['handles'] {
  const all: Endpoint['handles'] = {
    create: (call) => createObject(parts, kind, call),
    delete: (call) => deleteObject(parts, kind, call),
    deletecollection: (call) => deleteCollection(parts, kind, call),
    get: (call) => getObject(parts.store, kind, call),
    list: (call) => listObjects(parts.store, kind, call),
    patch: (call) => patchObject(parts, kind, call),
    update: (call) => updateObject(parts, kind, call),
    watch: (call) => watch(parts, kind, call),
  }
  if (groupResource(kind) !== 'namespaces') return all
  const { deletecollection: _, ...others } = all
  return others
}

function watch(parts: EndpointParts, kind: Kind, call: Call): Result<Answer, Refusal> {
  const encoder = parts.watchEncoder(kind, call)
  return encoder.ok ? watchObjects(parts, kind, call, encoder.value) : encoder
}

function subresourceHandles(parts: EndpointParts, kind: Kind, subresource: Subresource): Endpoint['handles'] {
  return {
    get: (call) => getObject(parts.store, kind, call),
    patch: (call) => patchObject(parts, kind, call, subresource),
    update: (call) => updateObject(parts, kind, call, subresource),
  }
}

function extraEndpoints(parts: EndpointParts): readonly Endpoint[] {
  return [...podEndpoints(parts), ...otherEndpoints(parts), ...reviewEndpoints(parts), ...metricsEndpoints(parts)]
}

function podEndpoints(parts: EndpointParts): readonly Endpoint[] {
  const kind = kinds.pods
  const of = (subresource: string, body: BodyType, handles: Endpoint['handles']): Endpoint => ({
    group: '',
    version: 'v1',
    plural: 'pods',
    namespaced: true,
    kind,
    subresource,
    body,
    handles,
  })
  const streams = (path: 'exec' | 'attach' | 'portForward', body: BodyType): Endpoint['handles'] => {
    const run = admittedConnection(parts.admission, kind, body, (call) => podOnKubelet(parts, path, call))
    return { create: run, get: (call) => streamByGet(parts, run, call) }
  }
  const bind: Handle = (call) => bindPod(parts, call)
  const { subresource: _, ...bindings } = of('', bodyTypes.binding, { create: bind })
  return [
    of('attach', bodyTypes.podAttachOptions, streams('attach', bodyTypes.podAttachOptions)),
    of('binding', bodyTypes.binding, { create: bind }),
    { ...bindings, plural: 'bindings' },
    of('eviction', bodyTypes.eviction, { create: (call) => evictPod(parts, call) }),
    of('ephemeralcontainers', kind, subresourceHandles(parts, kind, ephemeralContainersSubresource)),
    of('exec', bodyTypes.podExecOptions, streams('exec', bodyTypes.podExecOptions)),
    of('log', kind, { get: (call) => podOnKubelet(parts, 'containerLogs', call) }),
    of('portforward', bodyTypes.podPortForwardOptions, streams('portForward', bodyTypes.podPortForwardOptions)),
    of(
      'proxy',
      bodyTypes.podProxyOptions,
      proxyHandles(parts, kind, bodyTypes.podProxyOptions, (call) => podProxy(parts, call)),
    ),
    of('resize', kind, subresourceHandles(parts, kind, resizeSubresource)),
  ]
}

/** Of every verb. */
function proxyHandles(parts: EndpointParts, kind: Kind, body: BodyType, proxy: Handle): Endpoint['handles'] {
  const handle = admittedConnection(parts.admission, kind, body, proxy)
  return { create: handle, delete: handle, get: handle, patch: handle, update: handle }
}

/** A WebSocket begins with a GET, but running something in a pod is more than reading it: 'create' is asked for as well. */
async function streamByGet(parts: EndpointParts, run: Handle, call: Call): Promise<Result<Answer, Refusal>> {
  const wish = { ...call.info, verb: 'create' }
  const { verdict, reason } = await parts.authorizer.authorize(call.user, wish)
  if (verdict !== 'allow') return fail(forbiddenResource(call.user, wish, reason))
  return run(call)
}

function otherEndpoints(parts: EndpointParts): readonly Endpoint[] {
  const core = { group: '', version: 'v1' }
  return [
    {
      ...core,
      plural: componentStatusKind.plural,
      namespaced: false,
      kind: componentStatusKind,
      body: componentStatusKind,
      handles: {
        get: (call) => getComponentStatus(parts, call),
        list: (call) => listComponentStatuses(parts, call),
      },
    },
    {
      ...core,
      plural: 'nodes',
      namespaced: false,
      kind: kinds.nodes,
      subresource: 'proxy',
      body: bodyTypes.nodeProxyOptions,
      handles: proxyHandles(parts, kinds.nodes, bodyTypes.nodeProxyOptions, (call) => nodeProxy(parts, call)),
    },
    {
      ...core,
      plural: 'services',
      namespaced: true,
      kind: kinds.services,
      subresource: 'proxy',
      body: bodyTypes.serviceProxyOptions,
      handles: proxyHandles(parts, kinds.services, bodyTypes.serviceProxyOptions, (call) => serviceProxy(parts, call)),
    },
    {
      ...core,
      plural: 'namespaces',
      namespaced: false,
      kind: kinds.namespaces,
      subresource: 'finalize',
      body: kinds.namespaces,
      handles: { update: (call) => updateObject(parts, kinds.namespaces, call, finalizeSubresource) },
    },
    {
      ...groupOf(kinds.certificateSigningRequests),
      kind: kinds.certificateSigningRequests,
      subresource: 'approval',
      body: kinds.certificateSigningRequests,
      handles: subresourceHandles(parts, kinds.certificateSigningRequests, approvalSubresource),
    },
    {
      ...core,
      plural: 'serviceaccounts',
      namespaced: true,
      kind: kinds.serviceAccounts,
      subresource: 'token',
      body: bodyTypes.tokenRequest,
      handles: { create: (call) => requestToken(parts, call) },
    },
  ]
}

function groupOf({
  group,
  version,
  plural,
  namespaced,
}: Kind): Pick<Endpoint, 'group' | 'version' | 'plural' | 'namespaced'> {
  return { group, version, plural, namespaced }
}

function reviewEndpoints(parts: EndpointParts): readonly Endpoint[] {
  const of = (body: BodyType, handle: Handle, namespaced = false): Endpoint => ({
    group: body.group,
    version: body.version,
    plural: `${body.kind.toLowerCase()}s`,
    namespaced,
    body,
    handles: { create: handle },
  })
  return [
    of(bodyTypes.selfSubjectReview, (call) => reviewSelf(parts, call)),
    of(bodyTypes.tokenReview, (call) => reviewToken(parts, call)),
    of(bodyTypes.localSubjectAccessReview, (call) => reviewLocalAccess(parts, call), true),
    of(bodyTypes.selfSubjectAccessReview, (call) => reviewSelfAccess(parts, call)),
    of(bodyTypes.selfSubjectRulesReview, (call) => reviewSelfRules(parts, call)),
    of(bodyTypes.subjectAccessReview, (call) => reviewAccess(parts, call)),
  ]
}
