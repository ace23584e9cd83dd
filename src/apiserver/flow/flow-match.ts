import type {
  FlowcontrolV1Subject,
  FlowSchemaSpec,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
} from '../../api/kinds.generated.ts'
import type { User } from '../call.ts'
import type { RequestInfo } from '../request-info.ts'

const accountPrefix = 'system:serviceaccount:'

/** Whether one of the schema's rules is about this request: apiserver's flowcontrol rules. */
export function matchesSchema({ rules = [] }: FlowSchemaSpec, user: User, info: RequestInfo): boolean {
  return (rules ?? []).some((rule) => matchesRule(rule, user, info))
}

function matchesRule(rule: PolicyRulesWithSubjects, user: User, info: RequestInfo): boolean {
  if (!rule.subjects.some((subject) => matchesSubject(subject, user))) return false
  return info.isResource
    ? (rule.resourceRules ?? []).some((one) => matchesResource(one, info))
    : (rule.nonResourceRules ?? []).some((one) => matchesPath(one, info))
}

function matchesSubject({ kind, user: one, group, serviceAccount }: FlowcontrolV1Subject, user: User): boolean {
  switch (kind) {
    case 'User':
      return one !== undefined && (one.name === '*' || one.name === user.name)
    case 'Group':
      return group !== undefined && (group.name === '*' || user.groups.includes(group.name))
    case 'ServiceAccount':
      if (serviceAccount === undefined) return false
      return serviceAccount.name === '*'
        ? user.name.startsWith(`${accountPrefix}${serviceAccount.namespace}:`)
        : user.name === `${accountPrefix}${serviceAccount.namespace}:${serviceAccount.name}`
    default:
      return false
  }
}

function matchesResource(rule: ResourcePolicyRule, info: RequestInfo): boolean {
  const { verb, group, resource, subresource, namespace } = info
  if (!names(rule.verbs, verb) || !names(rule.apiGroups, group)) return false
  if (!names(rule.resources, subresource === '' ? resource : `${resource}/${subresource}`)) return false
  return namespace === '' ? rule.clusterScope === true : names(rule.namespaces ?? [], namespace)
}

function matchesPath({ verbs, nonResourceURLs }: NonResourcePolicyRule, { verb, path }: RequestInfo): boolean {
  return names(verbs, verb) && nonResourceURLs.some((url) => url === '*' || url === path || isBelow(url, path))
}

/** '/healthz' and '/healthz/*' are both about everything below /healthz. */
function isBelow(url: string, path: string): boolean {
  const prefix = url.endsWith('*') ? url.slice(0, -1) : url
  return path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`)
}

function names(list: readonly string[], wanted: string): boolean {
  return (list.length === 1 && list[0] === '*') || list.includes(wanted)
}
