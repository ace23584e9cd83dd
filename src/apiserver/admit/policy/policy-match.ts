import type { MatchResources } from '../../../api/kinds.generated.ts'
import { groupResource, type Kind } from '../../../api/kinds.ts'
import { type Selector, selectorFromObject } from '../../../api/label-selector.ts'
import type { ApiObject } from '../../../api/object.ts'
import type { Result } from '../../../api/result.ts'
import { fail, ok } from '../../../api/result.ts'
import { statusOf } from '../../../api/status.ts'
import type { Attributes } from '../admission.ts'
import { isExempt, type MatchParts, matchesNamespace, matchesObject, matchesRule } from '../webhook/hook-match.ts'

/** What is asked of the server and never stored: a policy against it could break the cluster. Source: kubeapiserver's exclusion.Excluded. */
const reviews: ReadonlySet<string> = new Set([
  'selfsubjectreviews.authentication.k8s.io',
  'tokenreviews.authentication.k8s.io',
  'localsubjectaccessreviews.authorization.k8s.io',
  'selfsubjectaccessreviews.authorization.k8s.io',
  'selfsubjectrulesreviews.authorization.k8s.io',
  'subjectaccessreviews.authorization.k8s.io',
])

/** What no policy is about, whatever it matches. */
export function isPolicyFree(attributes: Pick<Attributes, 'kind'>): boolean {
  return isExempt(attributes) || reviews.has(groupResource(attributes.kind))
}

type Selectors = Readonly<{
  namespaceSelector: Result<Selector | undefined, string>
  objectSelector: Result<Selector | undefined, string>
}>

const selectors = new WeakMap<MatchResources, Selectors>()

function selectorsOf(resources: MatchResources): Selectors {
  const known = selectors.get(resources)
  if (known !== undefined) return known
  const made = {
    namespaceSelector: selectorFromObject(resources.namespaceSelector ?? {}),
    objectSelector: selectorFromObject(resources.objectSelector ?? {}),
  }
  selectors.set(resources, made)
  return made
}

/** The kind as which a policy or binding wants to see what is asked; undefined where it does not care. */
export function matchedKind(
  parts: MatchParts,
  resources: MatchResources,
  attributes: Attributes,
  object: ApiObject,
): Result<Kind | undefined, string> {
  const made = selectorsOf(resources)
  const inNamespace = matchesNamespace(parts, made, attributes, object)
  if (inNamespace.ok && !inNamespace.value) return ok(undefined)
  const selected = matchesObject(made, attributes, object)
  if (selected.ok && !selected.value) return ok(undefined)
  const { excludeResourceRules = [], resourceRules = [] } = resources
  if (kindByRules(parts, resources, excludeResourceRules, attributes, object) !== undefined) return ok(undefined)
  const kind =
    resourceRules.length === 0 ? attributes.kind : kindByRules(parts, resources, resourceRules, attributes, object)
  if (kind === undefined) return ok(undefined)
  if (!inNamespace.ok) return fail(statusOf(inNamespace.error).message ?? '')
  return selected.ok ? ok(kind) : fail(statusOf(selected.error).message ?? '')
}

function kindByRules(
  parts: MatchParts,
  { matchPolicy }: MatchResources,
  rules: NonNullable<MatchResources['resourceRules']>,
  attributes: Attributes,
  object: ApiObject,
): Kind | undefined {
  const matches = (rule: (typeof rules)[number], kind: Kind): boolean =>
    matchesRule(rule, attributes, kind, object) &&
    ((rule.resourceNames ?? []).length === 0 || rule.resourceNames?.includes(attributes.name) === true)
  if (rules.some((rule) => matches(rule, attributes.kind))) return attributes.kind
  if (matchPolicy === 'Exact') return undefined
  for (const rule of rules) {
    const found = parts.equivalents(attributes.kind).find((kind) => matches(rule, kind))
    if (found !== undefined) return found
  }
  return undefined
}
