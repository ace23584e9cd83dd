import type { MutatingAdmissionPolicy } from '../../api/kinds.generated.ts'
import { fail, ok, type Result } from '../../api/result.ts'
import { listOf, structType } from '../type.ts'
import { CelList, itemsOf, type Value } from '../value.ts'
import { MadeObject, nameProblems, toJson } from './patch-values.ts'
import { condition, type PolicyExpression, policyEnvironment, policyExpression } from './policy-environment.ts'
import {
  conditionsBudget,
  conditionsHold,
  evaluator,
  type PolicyInput,
  requestBudget,
  type Variables,
} from './policy-input.ts'
import { compileVariables } from './validating-policy.ts'

/** A MutatingAdmissionPolicy with its expressions ready to run. */
export type CompiledMutation = Readonly<{
  isFailing: boolean
  variables: Variables
  conditions: readonly PolicyExpression[]
  mutations: readonly Readonly<{ type: 'JSONPatch' | 'ApplyConfiguration'; expression: PolicyExpression }>[]
}>

export const applyType = structType('Object')
export const jsonPatchType = listOf(structType('JSONPatch'))

export function compileMutation({ spec = {} }: MutatingAdmissionPolicy): CompiledMutation {
  const hasParams = spec.paramKind !== undefined && spec.paramKind !== null
  const { expressions, types } = compileVariables(spec.variables ?? [], { hasParams, hasAuthorizer: true })
  const env = policyEnvironment({ hasParams, hasAuthorizer: true, variables: types })
  const patches = policyEnvironment({ hasParams, hasAuthorizer: true, variables: types, hasPatches: true })
  return {
    isFailing: spec.failurePolicy !== 'Ignore',
    variables: expressions,
    conditions: (spec.matchConditions ?? []).map(({ expression }) => policyExpression(env, expression, condition)),
    mutations: (spec.mutations ?? []).map(({ patchType, jsonPatch, applyConfiguration }) =>
      patchType === 'JSONPatch'
        ? { type: patchType, expression: policyExpression(patches, jsonPatch?.expression ?? '', [jsonPatchType]) }
        : {
            type: 'ApplyConfiguration',
            expression: policyExpression(patches, applyConfiguration?.expression ?? '', [applyType]),
          },
    ),
  }
}

/** Whether the policy's conditions let it have a say. */
export function isWanted(policy: CompiledMutation, input: PolicyInput): Readonly<{ matches: boolean; error?: string }> {
  if (policy.conditions.length === 0) return { matches: true }
  const conditions = evaluator({ ...input, namespaceObject: null }, policy.variables, conditionsBudget)
  return conditionsHold(policy.conditions, conditions, policy.isFailing)
}

/** What is to be done to the object: JSON patch operations, or a configuration to be merged. */
export type Mutation =
  | Readonly<{ type: 'JSONPatch'; operations: readonly unknown[] }>
  | Readonly<{ type: 'ApplyConfiguration'; configuration: Readonly<Record<string, unknown>> }>

export function mutationOf(
  policy: CompiledMutation,
  { type, expression }: CompiledMutation['mutations'][number],
  input: PolicyInput,
): Result<Mutation, string> {
  if (!expression.compiled.ok) return fail(expression.compiled.error)
  const result = evaluator(input, policy.variables, requestBudget).evaluate(expression)
  if (!result.ok) return fail(result.error)
  return type === 'JSONPatch' ? patchOf(result.value) : configurationOf(result.value)
}

function patchOf(value: Value): Result<Mutation, string> {
  if (!(value instanceof CelList)) {
    return fail('type mismatch: JSONPatchType.expression should evaluate to array')
  }
  const operations: unknown[] = []
  for (const item of itemsOf(value)) {
    const operation = item instanceof MadeObject ? operationOf(item) : fail('type mismatch: not a JSONPatch')
    if (!operation.ok) return operation
    operations.push(operation.value)
  }
  return ok({ type: 'JSONPatch', operations })
}

function operationOf({ fields }: MadeObject): Result<unknown, string> {
  const operation: Record<string, unknown> = { op: fields.get('op') ?? '', path: fields.get('path') ?? '' }
  const from = fields.get('from')
  if (from !== undefined && from !== '') operation.from = from
  const value = fields.get('value')
  if (value === undefined) return ok(operation)
  const problems = value instanceof MadeObject ? nameProblems(value) : []
  if (problems.length > 0) return fail(`type mismatch: ${problems.join('\n')}`)
  const json = toJson(value)
  if (!json.ok) {
    return fail(`JSONPath valueExpression evaluated to a type that could not marshal to JSON: ${json.error}`)
  }
  return ok({ ...operation, value: json.value })
}

function configurationOf(value: Value): Result<Mutation, string> {
  if (!(value instanceof MadeObject)) return fail('unsupported return type from ApplyConfiguration expression')
  const problems = nameProblems(value)
  if (problems.length > 0) return fail(`type mismatch: ${problems.join('\n')}`)
  const json = toJson(value)
  if (!json.ok) return fail(`invalid return type: ${json.error}`)
  return ok({ type: 'ApplyConfiguration', configuration: json.value as Readonly<Record<string, unknown>> })
}
