import type { MatchCondition, MutatingAdmissionPolicy, ValidatingAdmissionPolicy } from '../../api/kinds.generated.ts'
import { child, type Errors, index, internal, invalid } from '../../api/validation/field-error.ts'
import { type CelType, nullType, stringType } from '../type.ts'
import { applyType, jsonPatchType } from './mutating-policy.ts'
import { condition, instantiationFailed, policyEnvironment, policyExpression } from './policy-environment.ts'
import { compileVariables } from './validating-policy.ts'

/** What is wrong with the expressions of policies and webhooks. Those that are missing are told elsewhere. */

type Environment = ReturnType<typeof policyEnvironment>

function expressionErrors(
  field: string,
  env: Environment,
  text: string | undefined,
  returns: readonly CelType[] | undefined,
  shown = text,
): Errors {
  if (text === undefined || text.trim() === '') return []
  const { compiled } = policyExpression(env, text, returns)
  return compiled.ok ? [] : [expressionError(field, shown, compiled.error)]
}

function expressionError(field: string, shown: string | undefined, problem: string): Errors[number] {
  return problem.startsWith(instantiationFailed) ? internal(field, problem) : invalid(field, shown, problem)
}

/** matchConditions know nothing of variables. */
export function conditionErrors(field: string, conditions: readonly MatchCondition[], hasParams: boolean): Errors {
  const env = policyEnvironment({ hasParams, hasAuthorizer: true })
  return conditions.flatMap(({ expression }, at) =>
    expressionErrors(child(index(field, at), 'expression'), env, expression?.trim(), condition),
  )
}

type Variables = Parameters<typeof compileVariables>[0]

function variableErrors(variables: Variables, hasParams: boolean): Errors {
  return [...compileVariables(variables, { hasParams, hasAuthorizer: true }).expressions.values()].flatMap(
    ({ compiled, text }, at) => {
      const field = child(index('spec.variables', at), 'expression')
      return compiled.ok || text.trim() === '' ? [] : [expressionError(field, text, compiled.error)]
    },
  )
}

export function validatingPolicyErrors({ spec = {} }: ValidatingAdmissionPolicy): Errors {
  const hasParams = spec.paramKind !== undefined && spec.paramKind !== null
  const { variables = [], validations = [], auditAnnotations = [], matchConditions = [] } = spec
  // Without variables there is no name for them either.
  const types =
    variables.length === 0 ? {} : { variables: compileVariables(variables, { hasParams, hasAuthorizer: true }).types }
  const env = policyEnvironment({ hasParams, hasAuthorizer: true, ...types })
  const messages = policyEnvironment({ hasParams, hasAuthorizer: false, ...types })
  return [
    ...conditionErrors('spec.matchConditions', matchConditions, hasParams),
    ...variableErrors(variables, hasParams),
    ...validations.flatMap(({ expression, messageExpression }, at) => {
      const field = index('spec.validations', at)
      return [
        ...expressionErrors(child(field, 'expression'), env, expression, condition),
        ...expressionErrors(child(field, 'messageExpression'), messages, messageExpression, [stringType]),
      ]
    }),
    ...auditAnnotations.flatMap(({ valueExpression = '' }, at) => {
      const field = child(index('spec.auditAnnotations', at), 'valueExpression')
      return expressionErrors(field, env, valueExpression.trim(), [stringType, nullType], valueExpression)
    }),
  ]
}

export function mutatingPolicyErrors({ spec = {} }: MutatingAdmissionPolicy): Errors {
  const hasParams = spec.paramKind !== undefined && spec.paramKind !== null
  const { variables = [], mutations = [], matchConditions = [] } = spec
  const { types } = compileVariables(variables, { hasParams, hasAuthorizer: true })
  const env = policyEnvironment({ hasParams, hasAuthorizer: true, hasPatches: true, variables: types })
  return [
    ...conditionErrors('spec.matchConditions', matchConditions, hasParams),
    ...variableErrors(variables, hasParams),
    ...mutations.flatMap(({ patchType, jsonPatch, applyConfiguration }, at) => {
      const field = index('spec.mutations', at)
      const [name, text, returns] =
        patchType === 'JSONPatch'
          ? (['jsonPatch', jsonPatch?.expression, jsonPatchType] as const)
          : (['applyConfiguration', applyConfiguration?.expression, applyType] as const)
      return expressionErrors(child(field, name, 'expression'), env, text?.trim(), [returns])
    }),
  ]
}
