import { mandatorySchemas } from '../flow-control-objects.ts'
import type {
  FlowcontrolV1Subject,
  FlowSchema,
  FlowSchemaSpec,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
} from '../kinds.generated.ts'
import {
  child,
  duplicate,
  type Errors,
  forbidden,
  index,
  invalid,
  invalidEach,
  notSupported,
  required,
  sameValue,
} from './field-error.ts'
import { goFlowSchemaSpec } from './flow-control-go.ts'
import { dnsLabelErrors, dnsSubdomainErrors } from './names.ts'
import { validateNewMeta } from './object-meta.ts'

const mostPrecedence = 10_000
const distinguishers = ['ByNamespace', 'ByUser']
const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch']

export function validateFlowSchema({ metadata = {}, spec = emptySpec, status }: FlowSchema): Errors {
  const fixed = mandatorySchemas[metadata.name ?? '']
  const differs = fixed !== undefined && !sameValue(spec, fixed)
  return [
    ...validateNewMeta(metadata, false, dnsSubdomainErrors),
    ...validateSpec(spec, metadata.name ?? ''),
    ...(differs
      ? [invalid('spec', goFlowSchemaSpec(spec), `spec of '${metadata.name}' must equal the fixed value`)]
      : []),
    ...validateConditions(status?.conditions ?? []),
  ]
}

const emptySpec: FlowSchemaSpec = { priorityLevelConfiguration: { name: '' } }

export function validateFlowSchemaStatusUpdate({ status }: FlowSchema): Errors {
  return validateConditions(status?.conditions ?? [])
}

/** Also of priority levels. */
export function validateConditions(conditions: readonly Readonly<{ type?: string }>[]): Errors {
  const types = new Set<string>()
  return conditions.flatMap(({ type = '' }, at) => {
    const field = child(index('status.conditions', at), 'type')
    const repeated = types.has(type) ? [duplicate(field, type)] : []
    types.add(type)
    return [...repeated, ...(type === '' ? [required(field)] : [])]
  })
}

function validateSpec(spec: FlowSchemaSpec, name: string): Errors {
  const { distinguisherMethod, rules = [] } = spec
  const { name: level = '' } = spec.priorityLevelConfiguration ?? {}
  const path = 'spec.priorityLevelConfiguration.name'
  return [
    ...validatePrecedence(spec.matchingPrecedence ?? 0, name),
    ...(distinguisherMethod === undefined || distinguishers.includes(distinguisherMethod.type ?? '')
      ? []
      : [notSupported('spec.distinguisherMethod.type', { Type: distinguisherMethod.type ?? '' }, distinguishers)]),
    ...(level === ''
      ? [required(path, 'must reference a priority level')]
      : invalidEach(path, level, dnsSubdomainErrors(level))),
    ...rules.flatMap((rule, at) => validateRule(index('spec.rules', at), rule)),
  ]
}

function validatePrecedence(precedence: number, name: string): Errors {
  const wrong = (detail: string): Errors => [invalid('spec.matchingPrecedence', precedence, detail)]
  if (precedence <= 0) return wrong('must be a positive value')
  if (precedence > mostPrecedence) return wrong(`must not be greater than ${mostPrecedence}`)
  if (precedence > 1 || name === 'exempt') return []
  return wrong("only the schema named 'exempt' may have matchingPrecedence 1")
}

function validateRule(field: string, rule: PolicyRulesWithSubjects): Errors {
  const subjects = rule.subjects ?? []
  const { resourceRules = [], nonResourceRules = [] } = rule
  const path = child(field, 'subjects')
  return [
    ...(subjects.length === 0 ? [required(path, 'subjects must contain at least one value')] : []),
    ...subjects.flatMap((subject, at) => validateSubject(index(path, at), subject)),
    ...(resourceRules.length + nonResourceRules.length === 0
      ? [required(field, 'at least one of resourceRules and nonResourceRules has to be non-empty')]
      : []),
    ...resourceRules.flatMap((one, at) => validateResourceRule(index(child(field, 'resourceRules'), at), one)),
    ...nonResourceRules.flatMap((one, at) => validateUrlRule(index(child(field, 'nonResourceRules'), at), one)),
  ]
}

const subjectFields = { ServiceAccount: 'serviceAccount', User: 'user', Group: 'group' } as const
type SubjectKind = keyof typeof subjectFields

function isSubjectKind(kind: string): kind is SubjectKind {
  return Object.hasOwn(subjectFields, kind)
}

/** In the order in which the original looks at the fields that are not the kind's own. */
const otherFields: Readonly<Record<SubjectKind, readonly SubjectKind[]>> = {
  ServiceAccount: ['User', 'Group'],
  User: ['ServiceAccount', 'Group'],
  Group: ['ServiceAccount', 'User'],
}

function validateSubject(field: string, subject: FlowcontrolV1Subject): Errors {
  const { kind = '' } = subject
  if (!isSubjectKind(kind)) return [notSupported(child(field, 'kind'), kind, ['Group', 'ServiceAccount', 'User'])]
  const own = subjectFields[kind]
  const path = child(field, own)
  const strangers = otherFields[kind].flatMap((other) => {
    const name = subjectFields[other]
    if (subject[name] === undefined) return []
    return [forbidden(child(field, name), `${name} is forbidden when subject kind is not '${other}'`)]
  })
  if (subject[own] === undefined)
    return [required(path, `${own} is required when subject kind is '${kind}'`), ...strangers]
  return [
    ...(kind === 'ServiceAccount' ? validateAccount(path, subject) : validateNamed(path, subject[own])),
    ...strangers,
  ]
}

function validateNamed(field: string, named: Readonly<{ name?: string }> | undefined): Errors {
  return (named?.name ?? '') === '' ? [required(child(field, 'name'))] : []
}

function validateAccount(field: string, { serviceAccount }: FlowcontrolV1Subject): Errors {
  const { name = '', namespace = '' } = serviceAccount ?? {}
  const [atName, atNamespace] = [child(field, 'name'), child(field, 'namespace')]
  return [
    ...(name === '' ? [required(atName)] : name === '*' ? [] : invalidEach(atName, name, dnsSubdomainErrors(name))),
    ...(namespace === ''
      ? [required(atNamespace, 'must specify namespace for service account')]
      : invalidEach(atNamespace, namespace, dnsLabelErrors(namespace))),
  ]
}

/** '*' stands alone. */
function validateAlone(field: string, values: readonly string[], noun: string): Errors {
  const isMixed = values.length > 1 && values.includes('*')
  return isMixed ? [invalid(field, values, `if '*' is present, must not specify other ${noun}`)] : []
}

function validateVerbs(field: string, given: readonly string[] | undefined): Errors {
  const asked = given ?? []
  const path = child(field, 'verbs')
  if (asked.length === 0) return [required(path, 'verbs must contain at least one value')]
  if (asked.includes('*')) return validateAlone(path, asked, 'verbs')
  return asked.every((verb) => verbs.includes(verb)) ? [] : [notSupported(path, asked, verbs)]
}

function validateResourceRule(field: string, rule: ResourcePolicyRule): Errors {
  const groups = rule.apiGroups ?? []
  const resources = rule.resources ?? []
  const path = child(field, 'apiGroups')
  const atResources = child(field, 'resources')
  return [
    ...validateVerbs(field, rule.verbs),
    ...(groups.length === 0
      ? [required(path, 'resource rules must supply at least one api group')]
      : validateAlone(path, groups, 'api groups')),
    ...(resources.length === 0
      ? [required(atResources, 'resource rules must supply at least one resource')]
      : validateAlone(atResources, resources, 'resources')),
    ...validateNamespaces(child(field, 'namespaces'), rule.namespaces ?? [], rule.clusterScope === true),
  ]
}

function validateNamespaces(field: string, namespaces: readonly string[], clusterScope: boolean): Errors {
  if (namespaces.length === 0 && !clusterScope) {
    return [required(field, 'resource rules that are not cluster scoped must supply at least one namespace')]
  }
  if (namespaces.includes('*')) return validateAlone(field, namespaces, 'namespaces')
  return namespaces.flatMap((namespace, at) =>
    dnsLabelErrors(namespace).map((message) =>
      invalid(index(field, at), namespace, `each member of this list must be '*' or a DNS-1123 label; ${message}`),
    ),
  )
}

function validateUrlRule(field: string, rule: NonResourcePolicyRule): Errors {
  const urls = rule.nonResourceURLs ?? []
  const path = child(field, 'nonResourceURLs')
  const own =
    urls.length === 0
      ? [required(path, 'nonResourceURLs must contain at least one value')]
      : urls.includes('*')
        ? validateAlone(path, urls, 'non-resource URLs')
        : urls.flatMap((url, at) => validateUrl(index(path, at), url))
  return [...validateVerbs(field, rule.verbs), ...own]
}

function validateUrl(field: string, url: string): Errors {
  const fault = urlFault(url)
  return fault === undefined ? [] : [invalid(field, url, fault)]
}

function urlFault(url: string): string | undefined {
  if (url === '') return 'must not be empty'
  if (!url.startsWith('/')) return 'must start with slash'
  if (url.includes(' ')) return 'must not contain white-space'
  if (url.includes('//')) return 'must not contain double slash'
  const stars = url.split('*').length - 1
  return stars > 1 || (stars === 1 && !url.endsWith('/*')) ? 'wildcard can only do suffix matching' : undefined
}
