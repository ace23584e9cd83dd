import { fields, list } from '../../api/config-shape.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { dnsSubdomainErrors } from '../../api/validation/names.ts'
import type { Wish } from '../authorize/decision.ts'
import type { User } from '../call.ts'
import { type ConfigForm, parseConfig } from '../configuration/config-text.ts'

const levels = ['None', 'Metadata', 'Request', 'RequestResponse'] as const
const stages = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const
export type Level = (typeof levels)[number]
export type Stage = (typeof stages)[number]

type GroupResources = Readonly<{
  group?: string
  resources?: readonly string[]
  resourceNames?: readonly string[]
}>
type Rule = Readonly<{
  level: Level
  users?: readonly string[]
  userGroups?: readonly string[]
  verbs?: readonly string[]
  resources?: readonly GroupResources[]
  namespaces?: readonly string[]
  nonResourceURLs?: readonly string[]
  omitStages?: readonly Stage[]
  omitManagedFields?: boolean
}>
export type AuditPolicy = Readonly<{
  rules: readonly Rule[]
  omitStages?: readonly Stage[]
  omitManagedFields?: boolean
}>

/** What is recorded of one request. */
export type AuditRule = Readonly<{ level: Level; omitStages: readonly Stage[]; omitManagedFields: boolean }>

const form: ConfigForm = {
  kind: 'Policy',
  apiVersions: ['audit.k8s.io/v1'],
  shapes: {
    omitStages: list('string'),
    omitManagedFields: 'boolean',
    rules: list(
      fields({
        level: 'string',
        users: list('string'),
        userGroups: list('string'),
        verbs: list('string'),
        resources: list(fields({ group: 'string', resources: list('string'), resourceNames: list('string') })),
        namespaces: list('string'),
        nonResourceURLs: list('string'),
        omitStages: list('string'),
        omitManagedFields: 'boolean',
      }),
    ),
  },
}

export function parseAuditPolicy(text: string): Result<AuditPolicy, string> {
  const parsed = parseConfig<AuditPolicy>(text, form)
  if (!parsed.ok) return parsed
  const policy = { ...parsed.value, rules: parsed.value.rules ?? [] }
  if (policy.rules.length === 0) return fail('loaded illegal policy with 0 rules')
  const faults = [
    ...stageFaults('omitStages', policy.omitStages),
    ...policy.rules.flatMap((rule, at) => ruleFaults(`rules[${at}]`, rule)),
  ]
  return faults.length === 0 ? ok(policy) : fail(faults.join('; '))
}

function ruleFaults(path: string, rule: Rule): readonly string[] {
  const { level, nonResourceURLs = [], resources = [], namespaces = [] } = rule
  const urls = nonResourceURLs.flatMap((url, at) => [
    ...(url === '*' || url.startsWith('/')
      ? []
      : [`${path}.nonResourceURLs[${at}]: non-resource URL rules must begin with a '/' character`]),
    ...(url.slice(0, -1).includes('*')
      ? [`${path}.nonResourceURLs[${at}]: non-resource URL wildcards '*' must be the final character of the rule`]
      : []),
  ])
  const groups = resources.flatMap(({ group = '', resources: plurals = [], resourceNames = [] }) => [
    ...(group === '' || group === '*' ? [] : dnsSubdomainErrors(group).map((why) => `${path}.resources.group: ${why}`)),
    ...(resourceNames.length > 0 && plurals.length === 0
      ? [`${path}.resources.resourceNames: using resourceNames requires at least one resource`]
      : []),
  ])
  const isBoth = nonResourceURLs.length > 0 && resources.length + namespaces.length > 0
  return [
    ...(levels.includes(level) ? [] : [`${path}.level: must be one of ${levels.join(', ')}`]),
    ...urls,
    ...groups,
    ...stageFaults(`${path}.omitStages`, rule.omitStages),
    ...(isBoth ? [`${path}.nonResourceURLs: rules cannot apply to both regular resources and non-resource URLs`] : []),
  ]
}

function stageFaults(path: string, omitted: readonly Stage[] = []): readonly string[] {
  return omitted.flatMap((stage, at) =>
    stages.includes(stage) ? [] : [`${path}[${at}]: allowed stages are ${stages.join(',')}`],
  )
}

/** The first rule that is about the request says what is recorded; none: nothing. */
export function auditRuleFor(policy: AuditPolicy, user: User | undefined, wish: Wish): AuditRule {
  const { omitStages = [], omitManagedFields = false } = policy
  const rule = policy.rules.find((one) => isAbout(one, user, wish))
  if (rule === undefined) return { level: 'None', omitStages, omitManagedFields }
  return {
    level: rule.level,
    omitStages: [...omitStages, ...(rule.omitStages ?? [])],
    omitManagedFields: rule.omitManagedFields ?? omitManagedFields,
  }
}

function isAbout(rule: Rule, user: User | undefined, wish: Wish): boolean {
  const { users = [], userGroups = [], verbs = [], namespaces = [], resources = [], nonResourceURLs = [] } = rule
  if (users.length > 0 && !(user !== undefined && users.includes(user.name))) return false
  if (userGroups.length > 0 && !user?.groups.some((group) => userGroups.includes(group))) return false
  if (verbs.length > 0 && !verbs.includes(wish.verb)) return false
  if (namespaces.length > 0 || resources.length > 0) return wish.isResource && isOfResource(rule, wish)
  if (nonResourceURLs.length > 0) return !wish.isResource && nonResourceURLs.some((spec) => isPath(spec, wish.path))
  return true
}

function isPath(spec: string, path: string): boolean {
  return spec === '*' || spec === path || (spec.endsWith('*') && path.startsWith(spec.replace(/\*+$/, '')))
}

function isOfResource({ namespaces = [], resources = [] }: Rule, wish: Wish): boolean {
  if (namespaces.length > 0 && !namespaces.includes(wish.namespace)) return false
  if (resources.length === 0) return true
  const { group, resource, subresource, name } = wish
  const combined = subresource === '' ? resource : `${resource}/${subresource}`
  return resources.some((one) => {
    if (one.group !== '*' && (one.group ?? '') !== group) return false
    const plurals = one.resources ?? []
    if (plurals.length === 0) return true
    const names = one.resourceNames ?? []
    if (names.length > 0 && !names.includes(name)) return false
    return plurals.some(
      (plural) =>
        plural === combined ||
        plural === '*' ||
        (subresource !== '' && plural === `*/${subresource}`) ||
        plural === `${resource}/*`,
    )
  })
}
