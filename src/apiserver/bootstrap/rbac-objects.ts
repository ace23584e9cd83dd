import type { RbacV1Subject as Subject } from '../../api/kinds.generated.ts'
import type { ApiObject } from '../../api/object.ts'
import { controllerRoles } from './controller-roles.ts'
import { namespacedRoles } from './namespaced-roles.ts'
import { rulesOf } from './role-lines.ts'
import { systemRoles } from './system-roles.ts'
import { userRoles } from './user-roles.ts'

const apiVersion = 'rbac.authorization.k8s.io/v1'
const apiGroup = 'rbac.authorization.k8s.io'
const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'true' }
const bootstrapping = { 'kubernetes.io/bootstrapping': 'rbac-defaults' }
const aggregateTo = 'rbac.authorization.k8s.io/aggregate-to-'

/** Which of admin, edit and view collects a role. */
const collectedBy: Readonly<Record<string, string>> = {
  'system:aggregate-to-admin': 'admin',
  'system:aggregate-to-edit': 'edit',
  'system:aggregate-to-view': 'view',
  edit: 'admin',
  view: 'edit',
}

/** The roles and bindings that every Kubernetes cluster begins with. Source: a kube-apiserver 1.36 of its own. */
export function bootstrapRbac(): readonly ApiObject[] {
  return [
    ...Object.entries(userRoles).map(([name, lines]) => clusterRole(name, lines)),
    ...Object.entries(systemRoles).map(([name, lines]) => clusterRole(name, lines)),
    ...Object.entries(controllerRoles).map(([name, lines]) => clusterRole(controllerName(name), lines)),
    ...aggregatedRoles(),
    ...Object.entries(namespacedRoles).map(([path, lines]) => role(path, lines)),
    ...clusterBindings.map(([name, ...subjects]) => clusterBinding(name, subjects.map(subjectOf))),
    ...Object.keys(controllerRoles).map((name) =>
      clusterBinding(controllerName(name), [subjectOf(`ServiceAccount ${name}`)]),
    ),
    ...roleBindings.map(([path, roleName, ...subjects]) => roleBinding(path, roleName, subjects.map(subjectOf))),
  ]
}

function controllerName(name: string): string {
  return `system:controller:${name}`
}

function meta(name: string, namespace?: string): ApiObject['metadata'] {
  const collector = collectedBy[name]
  const labels = collector === undefined ? bootstrapping : { ...bootstrapping, [aggregateTo + collector]: 'true' }
  return { name, ...(namespace === undefined ? {} : { namespace }), annotations, labels }
}

function clusterRole(name: string, lines: readonly string[]): ApiObject {
  return { apiVersion, kind: 'ClusterRole', metadata: meta(name), rules: rulesOf(lines) }
}

/** admin, edit and view collect the roles that are labelled for them: their rules are a controller's. */
function aggregatedRoles(): readonly ApiObject[] {
  return ['admin', 'edit', 'view'].map((name) => ({
    apiVersion,
    kind: 'ClusterRole',
    metadata: meta(name),
    rules: null,
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [aggregateTo + name]: 'true' } }] },
  }))
}

function role(path: string, lines: readonly string[]): ApiObject {
  const [namespace, name] = splitPath(path)
  return { apiVersion, kind: 'Role', metadata: meta(name, namespace), rules: rulesOf(lines) }
}

function splitPath(path: string): readonly [namespace: string, name: string] {
  const at = path.indexOf('/')
  return [path.slice(0, at), path.slice(at + 1)]
}

function clusterBinding(name: string, subjects: readonly Subject[]): ApiObject {
  const roleRef = { apiGroup, kind: 'ClusterRole', name }
  const some = subjects.length === 0 ? {} : { subjects }
  return { apiVersion, kind: 'ClusterRoleBinding', metadata: meta(name), roleRef, ...some }
}

function roleBinding(path: string, roleName: string, subjects: readonly Subject[]): ApiObject {
  const [namespace, name] = splitPath(path)
  const roleRef = { apiGroup, kind: 'Role', name: roleName }
  return { apiVersion, kind: 'RoleBinding', metadata: meta(name, namespace), roleRef, subjects }
}

/** 'Group system:masters'; service accounts are kube-system's. */
function subjectOf(text: string): Subject {
  const [kind = '', name = ''] = text.split(' ')
  return kind === 'ServiceAccount' ? { kind, name, namespace: 'kube-system' } : { apiGroup, kind, name }
}

/** Each binds the ClusterRole of its own name. */
const clusterBindings: readonly (readonly [name: string, ...subjects: string[]])[] = [
  ['cluster-admin', 'Group system:masters'],
  ['system:basic-user', 'Group system:authenticated'],
  ['system:discovery', 'Group system:authenticated'],
  ['system:kube-controller-manager', 'User system:kube-controller-manager'],
  ['system:kube-dns', 'ServiceAccount kube-dns'],
  ['system:kube-scheduler', 'User system:kube-scheduler'],
  ['system:monitoring', 'Group system:monitoring'],
  // Nobody: the node authorizer allows each node what concerns it.
  ['system:node'],
  ['system:node-proxier', 'User system:kube-proxy'],
  ['system:public-info-viewer', 'Group system:authenticated', 'Group system:unauthenticated'],
  ['system:service-account-issuer-discovery', 'Group system:serviceaccounts'],
  ['system:volume-scheduler', 'User system:kube-scheduler'],
]

const roleBindings: readonly (readonly [path: string, role: string, ...subjects: string[]])[] = [
  [
    'kube-public/system:controller:bootstrap-signer',
    'system:controller:bootstrap-signer',
    'ServiceAccount bootstrap-signer',
  ],
  [
    'kube-system/system::extension-apiserver-authentication-reader',
    'extension-apiserver-authentication-reader',
    'User system:kube-controller-manager',
    'User system:kube-scheduler',
  ],
  [
    'kube-system/system::leader-locking-kube-controller-manager',
    'system::leader-locking-kube-controller-manager',
    'User system:kube-controller-manager',
    'ServiceAccount kube-controller-manager',
    'ServiceAccount leader-election-controller',
  ],
  [
    'kube-system/system::leader-locking-kube-scheduler',
    'system::leader-locking-kube-scheduler',
    'User system:kube-scheduler',
    'ServiceAccount kube-scheduler',
  ],
  [
    'kube-system/system:controller:bootstrap-signer',
    'system:controller:bootstrap-signer',
    'ServiceAccount bootstrap-signer',
  ],
  ['kube-system/system:controller:cloud-provider', 'system:controller:cloud-provider', 'ServiceAccount cloud-provider'],
  ['kube-system/system:controller:token-cleaner', 'system:controller:token-cleaner', 'ServiceAccount token-cleaner'],
]
