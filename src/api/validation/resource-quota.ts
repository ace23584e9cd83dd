import type {
  ObjectMeta,
  ResourceQuota,
  ResourceQuotaSpec,
  ResourceQuotaStatus,
  ScopedResourceSelectorRequirement,
} from '../kinds.generated.ts'
import { child, type Errors, entriesOf, invalid, keyed, required } from './field-error.ts'
import { dnsSubdomainErrors } from './names.ts'
import { validateMetaUpdate, validateNewMeta } from './object-meta.ts'
import { validateQuantity, validateResourceName } from './resources.ts'

const compute = ['cpu', 'memory', 'ephemeral-storage']
const podCompute = [...compute, ...compute.flatMap((name) => [`requests.${name}`, `limits.${name}`])].filter(
  (name) => !name.includes('ephemeral'),
)
const standard = [
  ...compute,
  ...compute.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  'requests.storage',
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'persistentvolumeclaims',
  'configmaps',
  'services.nodeports',
  'services.loadbalancers',
]

function isStandard(name: string): boolean {
  return standard.includes(name) || /^(requests\.)?hugepages-/.test(name)
}

const scopes = [
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'PriorityClass',
  'CrossNamespacePodAffinity',
  'VolumeAttributesClass',
]

function isValidFor(scope: string, resource: string): boolean {
  switch (scope) {
    case 'BestEffort':
      return resource === 'pods'
    case 'VolumeAttributesClass':
      return resource === 'persistentvolumeclaims' || resource === 'requests.storage'
    default:
      return !scopes.includes(scope) || resource === 'pods' || podCompute.includes(resource)
  }
}

export function validateResourceQuota({ metadata = {}, spec = {}, status = {} }: ResourceQuota): Errors {
  return [...validateNewMeta(metadata, true, dnsSubdomainErrors), ...validateSpec(spec), ...validateStatus(status)]
}

export function validateResourceQuotaUpdate({ metadata = {}, spec = {} }: ResourceQuota, old: ResourceQuota): Errors {
  const [now, before] = [new Set(spec.scopes ?? []), new Set(old.spec?.scopes ?? [])]
  const isSame = now.size === before.size && [...now].every((scope) => before.has(scope))
  return [
    ...validateMetaUpdate(metadata, old.metadata ?? {}),
    ...validateSpec(spec),
    ...(isSame ? [] : [invalid('spec.scopes', spec.scopes, 'field is immutable')]),
  ]
}

export function validateResourceQuotaStatusUpdate(
  { metadata = {}, status = {} }: ResourceQuota,
  old: ResourceQuota,
): Errors {
  return [...validateMetaUpdate(metadata, old.metadata ?? {}), ...validateVersion(metadata), ...validateStatus(status)]
}

export function validateVersion({ resourceVersion = '' }: ObjectMeta): Errors {
  return resourceVersion === '' ? [required('resourceVersion')] : []
}

function validateStatus({ hard, used }: ResourceQuotaStatus): Errors {
  return [...validateAmounts('status.hard', hard), ...validateAmounts('status.used', used)]
}

function validateAmounts(field: string, amounts: Readonly<Record<string, string>> | undefined): Errors {
  return entriesOf(amounts).flatMap(([name, text]) => [
    ...validateQuotaName(keyed(field, name), name),
    ...validateQuantity(keyed(field, name), name, text),
  ])
}

function validateQuotaName(field: string, name: string): Errors {
  const errors = validateResourceName(field, name)
  if (name.includes('/') || isStandard(name)) return errors
  return [...errors, invalid(field, name, 'must be a standard resource for quota')]
}

function validateSpec(spec: ResourceQuotaSpec): Errors {
  const { hard, scopeSelector } = spec
  return [
    ...validateAmounts('spec.hard', hard),
    ...validateScopes(spec),
    ...(scopeSelector === undefined ? [] : validateSelector('spec.scopeSelector.matchExpressions', spec)),
  ]
}

function validateScopes({ hard, scopes: given = [] }: ResourceQuotaSpec): Errors {
  const field = 'spec.scopes'
  const wrong = (detail: string) => invalid(field, given, detail)
  return [
    ...given.flatMap((scope) => [
      ...(scopes.includes(scope) ? [] : [wrong('unsupported scope')]),
      ...misfits(hard, scope).map(() => wrong('unsupported scope applied to resource')),
    ]),
    ...conflicts(given).map(() => wrong('conflicting scopes')),
  ]
}

function misfits(hard: ResourceQuotaSpec['hard'], scope: string): readonly string[] {
  return Object.keys(hard ?? {}).filter((name) => isStandard(name) && !isValidFor(scope, name))
}

const opposites = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const

function conflicts(given: readonly string[]): readonly unknown[] {
  return opposites.filter((pair) => pair.every((scope) => given.includes(scope)))
}

const anyOf = scopes.filter((scope) => scope !== 'PriorityClass' && scope !== 'VolumeAttributesClass')
const mustExist =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, " +
  'ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity'

function validateSelector(field: string, { hard, scopeSelector, scopes: given = [] }: ResourceQuotaSpec): Errors {
  const expressions = scopeSelector?.matchExpressions ?? []
  const shown = { MatchExpressions: expressions.map(asGoRequirement) }
  return [
    ...expressions.flatMap((requirement) => {
      const { scopeName = '', operator = '' } = requirement
      return [
        ...(scopes.includes(scopeName) ? [] : [invalid(child(field, 'scopeName'), scopeName, 'unsupported scope')]),
        ...misfits(hard, scopeName).map(() => invalid(field, shown, 'unsupported scope applied to resource')),
        ...(anyOf.includes(scopeName) && operator !== 'Exists'
          ? [invalid(child(field, 'operator'), operator, mustExist)]
          : []),
        ...validateOperator(field, requirement),
      ]
    }),
    ...conflicts(expressions.map(({ scopeName }) => scopeName)).map(() =>
      invalid('spec.scopeSelector.matchExpressions', given.length === 0 ? null : given, 'conflicting scopes'),
    ),
  ]
}

function asGoRequirement({ scopeName, operator, values }: ScopedResourceSelectorRequirement): object {
  return { ScopeName: scopeName, Operator: operator, Values: values ?? null }
}

function validateOperator(field: string, { operator = '', values = [] }: ScopedResourceSelectorRequirement): Errors {
  const path = child(field, 'values')
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values.length === 0
        ? [required(path, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector")]
        : []
    case 'Exists':
    case 'DoesNotExist':
      return values.length === 0
        ? []
        : [invalid(path, values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector")]
    default:
      return [invalid(child(field, 'operator'), operator, 'not a valid selector operator')]
  }
}
