import { typeErrors } from '../../../api/apply/check-config.ts'
import { mergeConfig } from '../../../api/apply/merge-config.ts'
import { decodeObject } from '../../../api/decode.ts'
import { applyDefaults } from '../../../api/defaults/apply-defaults.ts'
import { applyJsonPatch } from '../../../api/json-patch.ts'
import { equalJson, type JsonObject } from '../../../api/json-value.ts'
import { apiVersionOf, type Kind } from '../../../api/kinds.ts'
import type { ApiObject } from '../../../api/object.ts'
import type { Refusal } from '../../../api/refusal.ts'
import { fail, ok, type Result } from '../../../api/result.ts'
import type { Schema } from '../../../api/schema.ts'
import { isWanted, type Mutation, mutationOf } from '../../../cel/policies/mutating-policy.ts'
import type { Attributes, Plugin } from '../admission.ts'
import { admittedForm, reviewedAs } from '../webhook/form.ts'
import { namespaceOf } from '../webhook/hook-match.ts'
import { decodingProblem } from '../webhook/mutating-hooks.ts'
import { atomicPaths } from './atomic-paths.ts'
import { deniedByMutation } from './denied.ts'
import type { Binding, MutatingPolicies } from './policy-index.ts'
import { isPolicyFree, matchedKind } from './policy-match.ts'
import { paramKindOf, paramsOf } from './policy-params.ts'
import { isSameKind, policyInput, requestNamespace } from './policy-request.ts'
import type { PolicyParts } from './validating-policies.ts'

export type MutationParts = PolicyParts & Readonly<{ schema: Schema }>

type Bound = ReturnType<MutatingPolicies['policies']>[number]
type Problem = Readonly<{ message: string; reason: string }>

/** One policy that is to have its say, by one binding and with one set of parameters. */
type Invocation = Readonly<{ bound: Bound; binding: Binding; kind: Kind; param: ApiObject | undefined; key: string }>

/** What the policies of one request have done so far: those that ask for it see once more what others changed after them. */
type Round = { number: 0 | 1; output: ApiObject | undefined; attentive: Set<string>; again: Set<string> }

/** Changes what is asked by the MutatingAdmissionPolicies. Answers at once, but where an object has to be converted first. */
export function mutatingAdmissionPolicies(parts: MutationParts, index: MutatingPolicies): Plugin {
  const rounds = new WeakMap<Attributes, Round>()
  return {
    mutate(attributes, object) {
      const policies = isPolicyFree(attributes) ? [] : index.policies()
      if (policies.length === 0) return ok(object)
      const problems: Problem[] = []
      const invocations = policies.flatMap((bound) => invocationsOf(parts, bound, attributes, object, problems))
      if (invocations.length === 0) return finished(attributes, object, object, problems)
      const round = nextRound(rounds, attributes, object)
      if (invocations.every(({ kind }) => isSameKind(kind, attributes.kind))) {
        return mutateAtOnce(parts, invocations, attributes, object, problems, round)
      }
      return mutateConverted(parts, invocations, attributes, object, problems, round)
    },
  }
}

/** The plugins are gone through a second time where one of them asks for it. */
function nextRound(rounds: WeakMap<Attributes, Round>, attributes: Attributes, object: ApiObject): Round {
  const known = rounds.get(attributes)
  const round: Round = known ?? { number: 0, output: undefined, attentive: new Set(), again: new Set() }
  if (known !== undefined) {
    round.number = 1
    if (!equalJson(round.output, object)) askAgain(round)
  }
  rounds.set(attributes, round)
  return round
}

function askAgain(round: Round): void {
  for (const key of round.attentive) round.again.add(key)
  round.attentive.clear()
}

function invocationsOf(
  parts: MutationParts,
  bound: Bound,
  attributes: Attributes,
  object: ApiObject,
  problems: Problem[],
): readonly Invocation[] {
  const { matchConstraints = {}, paramKind } = bound.policy.spec ?? {}
  const misconfigured = (why: string, binding?: Binding): [] => {
    problems.push(...problemOf(bound, binding, `failed to configure ${binding ? 'binding' : 'policy'}: ${why}`, ''))
    return []
  }
  const kind = matchedKind(parts, matchConstraints, attributes, object)
  if (!kind.ok) return misconfigured(kind.error)
  const { value: seenAs } = kind
  if (seenAs === undefined) return []
  const params = paramKind === undefined ? ok(undefined) : paramKindOf(parts, paramKind)
  if (!params.ok) return misconfigured(params.error)
  return bound.bindings.flatMap((binding): readonly Invocation[] => {
    const { matchResources } = binding
    const isBound = matchResources ? matchedKind(parts, matchResources, attributes, object) : ok(seenAs)
    if (!isBound.ok) return misconfigured(isBound.error, binding)
    if (isBound.value === undefined) return []
    const found = paramsOf(parts, params.value, binding, namespaceOf(attributes, object))
    if (!found.ok) return misconfigured(found.error, binding)
    return found.value.map((param) => {
      const key = JSON.stringify([bound.name, binding.name, param?.metadata.namespace, param?.metadata.name])
      return { bound, binding, kind: seenAs, param, key }
    })
  })
}

function problemOf(
  { name, compiled }: Bound,
  binding: Binding | undefined,
  why: string,
  reason: string,
): readonly Problem[] {
  if (!compiled.isFailing) return []
  const by =
    binding === undefined ? `policy ${JSON.stringify(name)}` : `policy '${name}' with binding '${binding.name}'`
  return [{ message: `${by} denied request: ${why}`, reason }]
}

function finished(
  attributes: Attributes,
  before: ApiObject,
  object: ApiObject,
  problems: readonly Problem[],
): Result<ApiObject, Refusal> {
  return problems.length === 0 ? ok(object) : fail(deniedByMutation(attributes, before, problems))
}

function mutateAtOnce(
  parts: MutationParts,
  invocations: readonly Invocation[],
  attributes: Attributes,
  object: ApiObject,
  problems: Problem[],
  round: Round,
): Result<ApiObject, Refusal> {
  let seen = object
  for (const invocation of invocations) {
    const result = invoke(parts, invocation, attributes, seen, attributes.before, problems, round)
    if (!result.ok) return result
    seen = result.value
  }
  round.output = seen
  return finished(attributes, object, seen, problems)
}

async function mutateConverted(
  parts: MutationParts,
  invocations: readonly Invocation[],
  attributes: Attributes,
  object: ApiObject,
  problems: Problem[],
  round: Round,
): Promise<Result<ApiObject, Refusal>> {
  let seen = object
  for (const invocation of invocations) {
    const reviewed = await reviewedAs(invocation.kind, attributes, seen)
    if (!reviewed.ok) return reviewed
    const shown = reviewed.value
    const result = invoke(parts, invocation, attributes, shown.object, shown.before, problems, round)
    if (!result.ok) return result
    if (result.value === shown.object) continue
    const admitted = await admittedForm(invocation.kind, attributes, result.value)
    if (!admitted.ok) return admitted
    seen = admitted.value
  }
  round.output = seen
  return finished(attributes, object, seen, problems)
}

/** Lets one policy have its say on the object as it sees it. A mutation that fails is told, and the others go on. */
function invoke(
  parts: MutationParts,
  { bound, binding, kind, param, key }: Invocation,
  attributes: Attributes,
  object: ApiObject,
  before: ApiObject | undefined,
  problems: Problem[],
  round: Round,
): Result<ApiObject, Refusal> {
  const namespace = requestNamespace(parts, attributes, object)
  if (!namespace.ok) return namespace
  const inputOf = (now: ApiObject) => {
    const reviewed = { kind, object: now, ...(before && { before }) }
    return policyInput(parts, attributes, reviewed, param, namespace.value)
  }
  const wanted = isWanted(bound.compiled, inputOf(object))
  if (wanted.error !== undefined) problems.push(...problemOf(bound, binding, wanted.error, 'Invalid'))
  if (!wanted.matches || (round.number === 1 && !round.again.has(key))) return ok(object)
  let seen = object
  for (const mutation of attributes.operation === 'DELETE' ? [] : bound.compiled.mutations) {
    const made = mutationOf(bound.compiled, mutation, inputOf(seen))
    const mutated = made.ok ? mutatedBy(parts.schema, kind, attributes, seen, made.value) : fail(made.error)
    if (mutated.ok) seen = mutated.value
    else if (typeof mutated.error !== 'string') return fail(mutated.error)
    else problems.push(...problemOf(bound, binding, mutated.error, 'Invalid'))
  }
  if (!equalJson(object, seen)) askAgain(round)
  if (bound.policy.spec?.reinvocationPolicy === 'IfNeeded') round.attentive.add(key)
  return ok(seen)
}

/** The object after a mutation; a text says what is wrong with the mutation, a refusal what is with its outcome. */
function mutatedBy(
  schema: Schema,
  kind: Kind,
  attributes: Attributes,
  object: ApiObject,
  mutation: Mutation,
): Result<ApiObject, string | Refusal> {
  const changed =
    mutation.type === 'JSONPatch'
      ? patched(object, mutation.operations)
      : merged(schema, kind, object, mutation.configuration)
  if (!changed.ok) return changed
  if (changed.value === object) return ok(object)
  const decoded = decodeObject(attributes.body ?? kind, changed.value, { format: 'json' })
  if (!decoded.ok) return fail({ reason: 'InternalError', message: decodingProblem(decoded.error) })
  return ok(attributes.body === undefined ? applyDefaults(kind, decoded.value.object) : decoded.value.object)
}

/** A patch whose test fails changes nothing. */
function patched(object: ApiObject, operations: readonly unknown[]): Result<unknown, string> {
  const applied = applyJsonPatch(object, operations)
  if (applied.ok) return applied
  const { message } = applied.error
  return /^testing (?:value|path) .* failed|test failed/s.test(message) ? ok(object) : fail(`JSON Patch: ${message}`)
}

function merged(schema: Schema, kind: Kind, object: ApiObject, configuration: JsonObject): Result<unknown, string> {
  const config = { ...configuration, apiVersion: apiVersionOf(kind), kind: kind.kind }
  const wrong = typeErrors(schema, kind.typeName, config, 'refused')
  if (wrong !== undefined) {
    return fail(`error applying patch: failed to convert patch object to typed object: ${wrong}`)
  }
  const atomic = atomicPaths(schema, kind.typeName, config)
  if (atomic.length > 0) {
    const why = `may not mutate atomic arrays, maps or structs: ${atomic.join(', ')}`
    return fail(`error applying patch: invalid ApplyConfiguration: ${why}`)
  }
  return ok(mergeConfig(schema, kind.typeName, object, config))
}
