import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding } from '../kinds.generated.ts'
import { selectorFromObject } from '../label-selector.ts'
import { child, type Errors, index, invalid, invalidEach, notSupported, required, sameValue } from './field-error.ts'
import { validateLabelSelector } from './labels.ts'
import { dnsSubdomainErrors, pathSegmentErrors } from './names.ts'
import { validateMetaUpdate, validateNewMeta } from './object-meta.ts'

const rbacGroup = 'rbac.authorization.k8s.io'

function validateRule(field: string, rule: PolicyRule, namespaced: boolean): Errors {
  // What is not given is decoded as Go does: null.
  const [verbs, apiGroups, resources] = [rule.verbs ?? [], rule.apiGroups ?? [], rule.resources ?? []]
  const [resourceNames, urls] = [rule.resourceNames ?? [], rule.nonResourceURLs ?? []]
  const noVerbs = verbs.length === 0 ? [required(child(field, 'verbs'), 'verbs must contain at least one value')] : []
  const path = child(field, 'nonResourceURLs')
  if (urls.length > 0) {
    const mixed = apiGroups.length + resources.length + resourceNames.length > 0
    return [
      ...noVerbs,
      ...(namespaced ? [invalid(path, urls, 'namespaced rules cannot apply to non-resource URLs')] : []),
      ...(mixed ? [invalid(path, urls, 'rules cannot apply to both regular resources and non-resource URLs')] : []),
    ]
  }
  return [
    ...noVerbs,
    ...(apiGroups.length === 0
      ? [required(child(field, 'apiGroups'), 'resource rules must supply at least one api group')]
      : []),
    ...(resources.length === 0
      ? [required(child(field, 'resources'), 'resource rules must supply at least one resource')]
      : []),
  ]
}

function validateRules(rules: readonly PolicyRule[] | null | undefined, namespaced: boolean): Errors {
  return (rules ?? []).flatMap((rule, at) => validateRule(index('rules', at), rule, namespaced))
}

export function validateRole({ metadata = {}, rules }: Role): Errors {
  return [...validateNewMeta(metadata, true, pathSegmentErrors), ...validateRules(rules, true)]
}

export function validateClusterRole({ metadata = {}, rules, aggregationRule }: ClusterRole): Errors {
  const path = 'aggregationRule.clusterRoleSelectors'
  const selectors = aggregationRule?.clusterRoleSelectors ?? []
  return [
    ...validateNewMeta(metadata, false, pathSegmentErrors),
    ...validateRules(rules, false),
    ...(aggregationRule !== undefined && selectors.length === 0
      ? [required(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil')]
      : []),
    ...selectors.flatMap((selector, at) => [
      ...validateLabelSelector(index(path, at), selector),
      ...(selectorFromObject(selector).ok ? [] : [invalid(index(path, at), null, 'invalid label selector.')]),
    ]),
  ]
}

type Binding = RoleBinding | ClusterRoleBinding

function validateBinding(binding: Binding, namespaced: boolean): Errors {
  const { metadata = {}, roleRef, subjects } = binding
  const { apiGroup = '', kind = '', name = '' } = roleRef ?? {}
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole']
  return [
    ...validateNewMeta(metadata, namespaced, pathSegmentErrors),
    ...(apiGroup === rbacGroup ? [] : [notSupported('roleRef.apiGroup', apiGroup, [rbacGroup])]),
    ...(kinds.includes(kind) ? [] : [notSupported('roleRef.kind', kind, kinds)]),
    ...(name === '' ? [required('roleRef.name')] : invalidEach('roleRef.name', name, pathSegmentErrors(name))),
    ...(subjects ?? []).flatMap((subject, at) => validateSubject(index('subjects', at), subject, namespaced)),
  ]
}

function validateSubject(
  field: string,
  subject: NonNullable<Binding['subjects']>[number],
  namespaced: boolean,
): Errors {
  const { kind = '', name = '', apiGroup = '', namespace = '' } = subject
  const group = child(field, 'apiGroup')
  const noName = name === '' ? [required(child(field, 'name'))] : []
  if (kind === 'ServiceAccount') {
    return [
      ...noName,
      ...(name === '' ? [] : invalidEach(child(field, 'name'), name, dnsSubdomainErrors(name))),
      ...(apiGroup === '' ? [] : [notSupported(group, apiGroup, [''])]),
      ...(!namespaced && namespace === '' ? [required(child(field, 'namespace'))] : []),
    ]
  }
  if (kind === 'User' || kind === 'Group') {
    return [...noName, ...(apiGroup === rbacGroup ? [] : [notSupported(group, apiGroup, [rbacGroup])])]
  }
  return [...noName, notSupported(child(field, 'kind'), kind, ['ServiceAccount', 'User', 'Group'])]
}

export function validateRoleBinding(binding: RoleBinding): Errors {
  return validateBinding(binding, true)
}

export function validateClusterRoleBinding(binding: ClusterRoleBinding): Errors {
  return validateBinding(binding, false)
}

export function validateRoleUpdate(role: Role, old: Role): Errors {
  return [...validateRole(role), ...validateMetaUpdate(role.metadata ?? {}, old.metadata ?? {})]
}

export function validateClusterRoleUpdate(role: ClusterRole, old: ClusterRole): Errors {
  return [...validateClusterRole(role), ...validateMetaUpdate(role.metadata ?? {}, old.metadata ?? {})]
}

function validateSameRole(now: Binding, old: Binding): Errors {
  if (sameValue(now.roleRef, old.roleRef)) return []
  const { apiGroup, kind, name } = now.roleRef
  return [invalid('roleRef', { APIGroup: apiGroup, Kind: kind, Name: name }, 'cannot change roleRef')]
}

function validateBindingUpdate(now: Binding, old: Binding, namespaced: boolean): Errors {
  return [
    ...validateBinding(now, namespaced),
    ...validateMetaUpdate(now.metadata ?? {}, old.metadata ?? {}),
    ...validateSameRole(now, old),
  ]
}

export function validateRoleBindingUpdate(binding: RoleBinding, old: RoleBinding): Errors {
  return validateBindingUpdate(binding, old, true)
}

export function validateClusterRoleBindingUpdate(binding: ClusterRoleBinding, old: ClusterRoleBinding): Errors {
  return validateBindingUpdate(binding, old, false)
}
