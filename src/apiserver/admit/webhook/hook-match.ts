import type { RuleWithOperations } from '../../../api/kinds.generated.ts'
import { type Kind, kinds } from '../../../api/kinds.ts'
import { type Labels, matchesLabels } from '../../../api/label-selector.ts'
import type { ApiObject } from '../../../api/object.ts'
import type { Refusal } from '../../../api/refusal.ts'
import { fail, ok, type Result } from '../../../api/result.ts'
import type { Store } from '../../../store/store.ts'
import { notFound, storeKey } from '../../resource.ts'
import type { Attributes } from '../admission.ts'
import type { Hook } from './hook-index.ts'

/** A webhook that is to be called, and the resource as which it wants to see what is asked. */
export type Invocation = Readonly<{ hook: Hook; kind: Kind }>

export type MatchParts = Readonly<{
  store: Pick<Store, 'get'>
  /** Other resources by which the same objects are served. */
  equivalents(kind: Kind): readonly Kind[]
}>

const exempt = new Set([
  'validatingwebhookconfigurations',
  'mutatingwebhookconfigurations',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
])

/** Nobody could mend a configuration that stood in its own way. */
export function isExempt({ kind }: Pick<Attributes, 'kind'>): boolean {
  return kind.group === 'admissionregistration.k8s.io' && exempt.has(kind.plural)
}

/** Whether the webhook is to be called, as apiserver's ShouldCallHook: selectors first, then the rules, in order. */
export function invocationOf(
  parts: MatchParts,
  hook: Hook,
  attributes: Attributes,
  object: ApiObject,
): Result<Invocation | undefined, Refusal> {
  const inNamespace = matchesNamespace(parts, hook, attributes, object)
  if (inNamespace.ok && !inNamespace.value) return ok(undefined)
  const selected = matchesObject(hook, attributes, object)
  if (selected.ok && !selected.value) return ok(undefined)
  const kind = matchingKind(parts, hook, attributes, object)
  if (kind === undefined) return ok(undefined)
  if (!inNamespace.ok) return inNamespace
  return selected.ok ? ok({ hook, kind }) : selected
}

function matchingKind(parts: MatchParts, hook: Hook, attributes: Attributes, object: ApiObject): Kind | undefined {
  const { rules = [], matchPolicy } = hook.webhook
  const matches = (rule: RuleWithOperations, kind: Kind): boolean => matchesRule(rule, attributes, kind, object)
  const asked = attributes.requested ?? attributes.kind
  if (rules.some((rule) => matches(rule, asked))) return asked
  if (matchPolicy !== 'Equivalent') return undefined
  const others = parts.equivalents(asked)
  for (const rule of rules) {
    const found = others.find((kind) => matches(rule, kind))
    if (found !== undefined) return found
  }
  return undefined
}

/** Whether a rule is for what is asked, taken for a request for this kind. */
export function matchesRule(
  { scope = '*', operations = [], apiGroups = [], apiVersions = [], resources = [] }: RuleWithOperations,
  attributes: Attributes,
  kind: Kind,
  object: ApiObject,
): boolean {
  const isClusterScoped = isNamespace(kind) || namespaceOf(attributes, object) === ''
  return (
    (scope === '*' || (scope === 'Cluster') === isClusterScoped) &&
    includes(operations, attributes.operation) &&
    includes(apiGroups, kind.group) &&
    includes(apiVersions, kind.version) &&
    resources.some((resource) => matchesResource(resource, kind.plural, attributes.subresource ?? ''))
  )
}

function includes(items: readonly string[], wanted: string): boolean {
  return items.includes('*') || items.includes(wanted)
}

function matchesResource(pattern: string, plural: string, subresource: string): boolean {
  const [resource = '', sub = ''] = pattern.split(/\/(.*)/s)
  return (resource === '*' || resource === plural) && (sub === '*' || sub === subresource)
}

function isNamespace({ group, plural }: Kind): boolean {
  return plural === kinds.namespaces.plural && group === ''
}

/** A namespace is in itself: so the original has it. */
export function namespaceOf({ kind, namespace, name }: Attributes, object: ApiObject): string {
  if (!isNamespace(kind)) return kind.namespaced ? namespace : ''
  return name || (object.metadata.name ?? '')
}

/** Whether the namespace is selected; a namespace itself is by its own labels. */
export function matchesNamespace(
  parts: Pick<MatchParts, 'store'>,
  { namespaceSelector }: Pick<Hook, 'namespaceSelector'>,
  attributes: Attributes,
  object: ApiObject,
): Result<boolean, Refusal> {
  const namespace = namespaceOf(attributes, object)
  if (namespace === '' && !isNamespace(attributes.kind)) return ok(true)
  if (!namespaceSelector.ok) return fail({ reason: 'InternalError', message: namespaceSelector.error })
  const selector = namespaceSelector.value
  if (selector?.length === 0) return ok(true)
  const labels = namespaceLabels(parts, attributes, object, namespace)
  return labels.ok ? ok(matchesLabels(selector, labels.value)) : labels
}

/** A namespace that is made or changed is selected by what it is going to be. */
function namespaceLabels(
  { store }: Pick<MatchParts, 'store'>,
  { kind, operation, subresource }: Attributes,
  object: ApiObject,
  namespace: string,
): Result<Labels, Refusal> {
  const isWritten = operation === 'CREATE' || operation === 'UPDATE'
  if (isNamespace(kind) && subresource === undefined && isWritten) return ok(object.metadata.labels)
  const stored = store.get(storeKey(kinds.namespaces, '', namespace))
  return stored === undefined ? fail(notFound(kinds.namespaces, namespace)) : ok(stored.object.metadata.labels)
}

/** By what the object is or what it was. */
export function matchesObject(
  { objectSelector }: Pick<Hook, 'objectSelector'>,
  { before, operation }: Attributes,
  object: ApiObject,
): Result<boolean, Refusal> {
  if (!objectSelector.ok) return fail({ reason: 'InternalError', message: objectSelector.error })
  const selector = objectSelector.value
  if (selector?.length === 0) return ok(true)
  const isSelected = (one: ApiObject | undefined): boolean =>
    one?.metadata !== undefined && matchesLabels(selector, one.metadata.labels)
  return ok((operation !== 'DELETE' && isSelected(object)) || isSelected(before))
}
