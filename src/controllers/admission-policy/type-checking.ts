import type {
  CustomResourceDefinition,
  NamedRuleWithOperations,
  ValidatingAdmissionPolicy,
} from '../../api/kinds.generated.ts'
import { allKinds, apiVersionOf, kinds } from '../../api/kinds.ts'
import type { Stored } from '../../api/object.ts'
import type { Schema } from '../../api/schema.ts'
import { builtInSchema } from '../../cel/built-in-schema.ts'
import { type TypedKind, typeWarnings } from '../../cel/policies/type-warnings.ts'
import { type Action, targetOf } from '../action.ts'

const fieldManager = 'validatingadmissionpolicy-status'

/** The most kinds that one policy is checked against. */
const mostKinds = 10

export type ObservedPolicy = Readonly<{
  policy: Stored<ValidatingAdmissionPolicy>
  /** Of the built-in kinds. */
  schema: Schema
  definitions: readonly Stored<CustomResourceDefinition>[]
}>

/** Says in the policy's status what its expressions get wrong about the kinds that they are for. */
export function reconcileTypeChecking({ policy, schema, definitions }: ObservedPolicy): readonly Action[] {
  const { metadata, spec, status } = policy
  const { name, generation = 0 } = metadata
  if (generation <= (status?.observedGeneration ?? 0)) return []
  const known = [...builtIn(schema), ...custom(schema, definitions)]
  const typed = matchedKinds(known, spec?.matchConstraints?.resourceRules ?? [])
  const { apiVersion, kind: paramKind } = spec?.paramKind ?? {}
  const params = known.find((one) => apiVersionOf(one) === apiVersion && one.kind === paramKind)
  const warnings = typeWarnings(policy, typed.flatMap(typedKind), params && typedKind(params)[0])
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

type KnownKind = Omit<TypedKind, 'schema'> &
  Readonly<{ plural: string; singular: string; schemaOf: () => TypedKind['schema'] | undefined }>

function builtIn(schema: Schema): readonly KnownKind[] {
  return allKinds.map(({ group, version, kind, plural, singular, typeName }) => {
    return { group, version, kind, plural, singular, schemaOf: () => builtInSchema(schema, typeName) }
  })
}

function custom(schema: Schema, definitions: readonly Stored<CustomResourceDefinition>[]): readonly KnownKind[] {
  const metadata = builtInSchema(schema, 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta') ?? {}
  const text = { type: 'string' }
  return definitions.flatMap(({ spec: { group, names, versions } }) =>
    versions
      .filter(({ served }) => served)
      .map(({ name, schema: own }) => {
        const props = own?.openAPIV3Schema ?? { type: 'object' }
        const properties = { ...props.properties, apiVersion: text, kind: text, metadata }
        const schemaOf = (): TypedKind['schema'] => ({ ...props, properties })
        return { ...names, group, version: name, singular: names.singular ?? '', schemaOf }
      }),
  )
}

function typedKind({ group, version, kind, schemaOf }: KnownKind): readonly TypedKind[] {
  const schema = schemaOf()
  return schema === undefined ? [] : [{ group, version, kind, schema }]
}

/** The kinds that rules name plainly, without wildcards, by group, version and kind. */
function matchedKinds(known: readonly KnownKind[], rules: readonly NamedRuleWithOperations[]): readonly KnownKind[] {
  const found = new Set<KnownKind>()
  for (const { apiGroups = [], apiVersions = [], resources = [] } of rules) {
    if ([...apiGroups, ...apiVersions].some((name) => name.includes('*'))) continue
    const named = known.filter(
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

function sorted(list: readonly KnownKind[], lastOf: (kind: KnownKind) => string): readonly KnownKind[] {
  const keyOf = (kind: KnownKind): string => [kind.group, kind.version, lastOf(kind)].join('/')
  return [...list].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}
