import type { User } from '../call.ts'
import { type Decision, type LocalAuthorizer, noOpinion, type Wish } from './decision.ts'
import type { NodeGraph, Related } from './node-graph.ts'
import { type PolicyRule, ruleAllows } from './rule.ts'

const prefix = 'system:node:'

/** The node that a user is, '' for a node without a name; undefined for everybody else. */
export function nodeNameOf({ name, groups }: User): string | undefined {
  if (!name.startsWith(prefix) || !groups.includes('system:nodes')) return undefined
  return name.slice(prefix.length)
}

/** A node may do what its pods need, and no more (plugin/pkg/auth/authorizer/node). `rules` hold for all nodes alike. */
export function nodeAuthorizer(graph: NodeGraph, rules: readonly PolicyRule[]): LocalAuthorizer {
  return {
    authorize(user, wish) {
      const node = nodeNameOf(user)
      if (node === undefined) return noOpinion('')
      if (node === '') return noOpinion(`unknown node for user ${JSON.stringify(user.name)}`)
      const judge = wish.isResource ? judges[resourceOf(wish)] : undefined
      if (judge !== undefined) return judge({ graph, node }, wish)
      return rules.some((rule) => ruleAllows(rule, wish)) ? allow : noOpinion('')
    },
  }
}

const allow: Decision = { verdict: 'allow', reason: '' }

function resourceOf({ group, resource }: Wish): string {
  return group === '' ? resource : `${resource}.${group}`
}

type Asker = Readonly<{ graph: NodeGraph; node: string }>
type Judge = (asker: Asker, wish: Wish) => Decision

const judges: Readonly<Record<string, Judge>> = {
  secrets: (asker, wish) => mayRead(asker, 'secrets', wish),
  configmaps: (asker, wish) => mayRead(asker, 'configmaps', wish),
  persistentvolumeclaims: (asker, wish) =>
    wish.subresource === 'status'
      ? mayUpdateStatus(asker, 'persistentvolumeclaims', wish)
      : mayGet(asker, 'persistentvolumeclaims', wish),
  persistentvolumes: (asker, wish) => mayGet(asker, 'persistentvolumes', wish),
  'resourceclaims.resource.k8s.io': (asker, wish) => mayGet(asker, 'resourceclaims', wish),
  'volumeattachments.storage.k8s.io': (asker, wish) => mayGet(asker, 'volumeattachments', wish),
  serviceaccounts: (asker, wish) =>
    wish.verb === 'get' && wish.subresource === ''
      ? mayRead(asker, 'serviceaccounts', wish)
      : mayCreateToken(asker, wish),
  'leases.coordination.k8s.io': mayUseLease,
  'csinodes.storage.k8s.io': mayUseCsiNode,
  'resourceslices.resource.k8s.io': mayUseSlice,
  nodes: mayUseNode,
  pods: mayUsePod,
  // Only where pod certificates are switched on, which they are not by default.
  'podcertificaterequests.certificates.k8s.io': () => noOpinion(''),
}

function mayUpdateStatus(asker: Asker, type: Related, wish: Wish): Decision {
  if (!isOneOf(wish.verb, 'update', 'patch')) return noOpinion('can only get/update/patch this type')
  return related(asker, type, wish)
}

function mayGet(asker: Asker, type: Related, wish: Wish): Decision {
  if (wish.verb !== 'get') return noOpinion('can only get individual resources of this type')
  if (wish.subresource !== '') return noOpinion('cannot get subresource')
  return related(asker, type, wish)
}

function mayRead(asker: Asker, type: Related, wish: Wish): Decision {
  if (!isOneOf(wish.verb, 'get', 'list', 'watch')) return noOpinion('can only read resources of this type')
  if (wish.subresource !== '') return noOpinion('cannot read subresource')
  if (wish.namespace === '') return noOpinion('can only read namespaced object of this type')
  return related(asker, type, wish)
}

function related({ graph, node }: Asker, type: Related, { namespace, name }: Wish): Decision {
  if (name === '') return noOpinion('No Object name found')
  return graph.isRelated(node, type, namespace, name) ? allow : unrelated(node)
}

function unrelated(node: string): Decision {
  return noOpinion(`no relationship found between node '${node}' and this object`)
}

function mayCreateToken({ graph, node }: Asker, { verb, name, namespace, subresource }: Wish): Decision {
  if (verb !== 'create' || name === '') return noOpinion('can only create tokens for individual service accounts')
  if (subresource !== 'token') return noOpinion('can only create token subresource of serviceaccount')
  return graph.isRelated(node, 'serviceaccounts', namespace, name) ? allow : unrelated(node)
}

const ownObjectVerbs = ['get', 'create', 'update', 'patch', 'delete'] as const

/** Whose lease is created is not known before the object is: NodeRestriction judges that. */
function mayUseLease({ node }: Asker, { verb, namespace, name }: Wish): Decision {
  if (!isOneOf(verb, ...ownObjectVerbs)) return noOpinion('can only get, create, update, patch, or delete a node lease')
  if (namespace !== 'kube-node-lease') {
    return noOpinion('can only access leases in the "kube-node-lease" system namespace')
  }
  const isOwn = verb === 'create' || name === node
  return isOwn ? allow : noOpinion('can only access node lease with the same name as the requesting node')
}

function mayUseCsiNode({ node }: Asker, { verb, subresource, name }: Wish): Decision {
  if (!isOneOf(verb, ...ownObjectVerbs)) return noOpinion('can only get, create, update, patch, or delete a CSINode')
  if (subresource !== '') return noOpinion('cannot authorize CSINode subresources')
  const isOwn = verb === 'create' || name === node
  return isOwn ? allow : noOpinion('can only access CSINode with the same name as the requesting node')
}

function mayUseSlice(asker: Asker, wish: Wish): Decision {
  const { verb } = wish
  if (wish.subresource !== '') return noOpinion('cannot authorize ResourceSlice subresources')
  if (verb === 'create') return allow
  if (isOneOf(verb, 'get', 'update', 'patch', 'delete')) return related(asker, 'resourceslices', wish)
  if (isOneOf(verb, 'watch', 'list', 'deletecollection')) {
    if (selects(wish, 'spec.nodeName', asker.node)) return allow
    return noOpinion('can only list/watch/deletecollection resourceslices with nodeName field selector')
  }
  return noOpinion(
    'only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection',
  )
}

/** What a node writes of nodes is NodeRestriction's to judge. */
function mayUseNode({ node }: Asker, { verb, subresource, name }: Wish): Decision {
  if (subresource === 'status') return isOneOf(verb, 'update', 'patch') ? allow : noOpinion('')
  if (subresource !== '') return noOpinion('')
  if (isOneOf(verb, 'create', 'update', 'patch')) return allow
  if (!isOneOf(verb, 'get', 'list', 'watch')) return noOpinion('')
  if (name === node) return allow
  if (name === '') return noOpinion(`node '${node}' cannot read all nodes, only its own Node object`)
  return noOpinion(`node '${node}' cannot read '${name}', only its own Node object`)
}

function mayUsePod(asker: Asker, wish: Wish): Decision {
  const { verb, subresource, name } = wish
  if (subresource === 'status') return isOneOf(verb, 'update', 'patch') ? allow : noOpinion('')
  if (subresource === 'eviction') return verb === 'create' ? allow : noOpinion('')
  if (subresource !== '') return noOpinion('')
  if (verb === 'get') return mayGet(asker, 'pods', wish)
  if (isOneOf(verb, 'list', 'watch')) {
    if (selects(wish, 'spec.nodeName', asker.node)) return allow
    if (name !== '') return related(asker, 'pods', wish)
    return noOpinion('can only list/watch pods with spec.nodeName field selector')
  }
  return isOneOf(verb, 'create', 'delete') ? allow : noOpinion('')
}

function selects({ fieldSelector }: Wish, field: string, value: string): boolean {
  return fieldSelector?.some((term) => term.field === field && !term.negated && term.value === value) === true
}

function isOneOf(verb: string, ...allowed: readonly string[]): boolean {
  return allowed.includes(verb)
}
