import { assert } from '../../../api/assert.ts'
import type {
  MatchResources,
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  ParamKind,
  ParamRef,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '../../../api/kinds.generated.ts'
import { type Kind, kinds } from '../../../api/kinds.ts'
import type { ApiObject } from '../../../api/object.ts'
import { type CompiledMutation, compileMutation } from '../../../cel/policies/mutating-policy.ts'
import { type CompiledValidation, compileValidation } from '../../../cel/policies/validating-policy.ts'
import type { Store } from '../../../store/store.ts'
import { kindPrefix } from '../../resource.ts'

/** A policy with all bindings that put it to use. */
export type BoundPolicy<P, C> = Readonly<{ name: string; policy: P; compiled: C; bindings: readonly Binding[] }>

export type Binding = Readonly<{
  name: string
  paramRef?: ParamRef | undefined
  matchResources?: MatchResources | undefined
  validationActions: readonly string[]
}>

export type PolicySpec = Readonly<{
  failurePolicy?: string
  matchConstraints?: MatchResources
  paramKind?: ParamKind
  reinvocationPolicy?: string
}>

/** The policies that are bound now, by name. */
export interface PolicyIndex<P, C> {
  policies(): readonly BoundPolicy<P, C>[]
  close(): void
}

export type ValidatingPolicies = PolicyIndex<ValidatingAdmissionPolicy, CompiledValidation>
export type MutatingPolicies = PolicyIndex<MutatingAdmissionPolicy, CompiledMutation>

export function validatingPolicies(store: Store): ValidatingPolicies {
  const { validatingAdmissionPolicies, validatingAdmissionPolicyBindings } = kinds
  return policyIndex(store, validatingAdmissionPolicies, validatingAdmissionPolicyBindings, compileValidation)
}

export function mutatingPolicies(store: Store): MutatingPolicies {
  const { mutatingAdmissionPolicies, mutatingAdmissionPolicyBindings } = kinds
  return policyIndex(store, mutatingAdmissionPolicies, mutatingAdmissionPolicyBindings, compileMutation)
}

type Policy = Readonly<{ spec?: PolicySpec }>
type AnyBinding = ValidatingAdmissionPolicyBinding | MutatingAdmissionPolicyBinding

/** Policies are compiled once, and again when they have changed. */
function policyIndex<P extends Policy, C>(
  store: Store,
  policyKind: Kind<P>,
  bindingKind: Kind,
  compile: (policy: P) => C,
): PolicyIndex<P, C> {
  const compiled = new WeakMap<ApiObject, C>()
  let bound: readonly BoundPolicy<P, C>[] | undefined
  const watches = [policyKind, bindingKind].map((kind) => {
    const watch = store.watch(kindPrefix(kind), store.revision(), () => {
      bound = undefined
    })
    assert(watch.ok, 'the newest state can always be followed')
    return watch.value
  })
  const compiledOf = (object: ApiObject): C => {
    const known = compiled.get(object)
    if (known !== undefined) return known
    const made = compile(object as unknown as P)
    compiled.set(object, made)
    return made
  }
  const read = (): readonly BoundPolicy<P, C>[] => {
    const bindings = bindingsByPolicy(objectsOf(store, bindingKind))
    return objectsOf(store, policyKind).flatMap((object) => {
      const name = object.metadata.name ?? ''
      const own = bindings.get(name)
      if (own === undefined) return []
      return [{ name, policy: object as unknown as P, compiled: compiledOf(object), bindings: own }]
    })
  }
  return {
    policies() {
      bound ??= read()
      return bound
    },
    close() {
      for (const watch of watches) watch.cancel()
    },
  }
}

function objectsOf(store: Store, kind: Kind): readonly ApiObject[] {
  const now = store.range({ prefix: kindPrefix(kind) })
  assert(now.ok, 'the newest state can always be read')
  return now.value.entries.map(({ object }) => object)
}

function bindingsByPolicy(objects: readonly ApiObject[]): ReadonlyMap<string, readonly Binding[]> {
  const byPolicy = new Map<string, Binding[]>()
  for (const object of objects) {
    const { spec } = object as unknown as AnyBinding
    const binding: Binding = {
      name: object.metadata.name ?? '',
      paramRef: spec?.paramRef,
      matchResources: spec?.matchResources,
      validationActions: (spec as ValidatingAdmissionPolicyBinding['spec'] | undefined)?.validationActions ?? [],
    }
    const policy = spec?.policyName ?? ''
    byPolicy.set(policy, [...(byPolicy.get(policy) ?? []), binding])
  }
  return byPolicy
}
