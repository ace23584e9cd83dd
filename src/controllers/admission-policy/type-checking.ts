import type { NamedRuleWithOperations, ValidatingAdmissionPolicy } from '../../api/kinds.generated.ts'
import { allKinds, apiVersionOf, type Kind, kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import type { Schema } from '../../api/schema.ts'
import { builtInSchema } from '../../cel/built-in-schema.ts'
import { type TypedKind, typeWarnings } from '../../cel/policies/type-warnings.ts'
import { type Action, targetOf } from '../action.ts'

const fieldManager = 'validatingadmissionpolicy-status'

/** The most kinds that one policy is checked against. */
const mostKinds = 10

export type ObservedPolicy = Readonly<{ policy: Stored<ValidatingAdmissionPolicy>; schema: Schema }>

/** Says in the policy's status what its expressions get wrong about the kinds that they are for. */
export function reconcileTypeChecking({ policy, schema }: ObservedPolicy): readonly Action[] {
  const { metadata, spec, status } = policy
  const { name, generation = 0 } = metadata
  if (generation <= (status?.observedGeneration ?? 0)) return []
  const typed = matchedKinds(spec?.matchConstraints?.resourceRules ?? []).flatMap((kind) => typedKind(schema, kind))
  const { apiVersion, kind: paramKind } = spec?.paramKind ?? {}
  const params = allKinds.find((kind) => apiVersionOf(kind) === apiVersion && kind.kind === paramKind)
  const warnings = typeWarnings(policy, typed, params && typedKind(schema, params)[0])
  const typeChecking = warnings.length === 0 ? {} : { expressionWarnings: warnings }
  const body = {
    apiVersion: policy.apiVersion,
    kind: policy.kind,
    metadata: { name },
    status: { observedGeneration: generation, typeChecking },
  }
  const patch = { type: 'apply', body, fieldManager, force: true } as const
  return [{ type: 'patch', target: targetOf(kinds.validatingAdmissionPolicies, policy), patch, subresource: 'status' }]
}

function typedKind(schema: Schema, { group, version, kind, typeName }: Kind): readonly TypedKind[] {
  const known = builtInSchema(schema, typeName)
  return known === undefined ? [] : [{ group, version, kind, schema: known }]
}

/** The kinds that rules name plainly, without wildcards, by group, version and kind. */
function matchedKinds(rules: readonly NamedRuleWithOperations[]): readonly Kind[] {
  const found = new Set<Kind>()
  for (const { apiGroups = [], apiVersions = [], resources = [] } of rules) {
    if ([...apiGroups, ...apiVersions].some((name) => name.includes('*'))) continue
    const named = allKinds.filter(
      ({ group, version, plural, singular }) =>
        apiGroups.includes(group) &&
        apiVersions.includes(version) &&
        (resources.includes(plural) || resources.includes(singular)),
    )
    for (const kind of sorted(named, ({ plural }) => plural).slice(0, mostKinds)) found.add(kind)
    if (named.length >= mostKinds) break
  }
  return sorted([...found], ({ kind }) => kind)
}

function sorted(list: readonly Kind[], lastOf: (kind: Kind) => string): readonly Kind[] {
  const keyOf = (kind: Kind): string => [kind.group, kind.version, lastOf(kind)].join('/')
  return [...list].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}
