import type { ValidatingAdmissionPolicy } from '../../api/kinds.generated.ts'
import { type CelType, nullType, stringType } from '../type.ts'
import {
  condition,
  type PolicyDeclarations,
  type PolicyExpression,
  policyEnvironment,
  policyExpression,
  variableType,
} from './policy-environment.ts'
import {
  conditionsBudget,
  conditionsHold,
  type Evaluated,
  evaluator,
  type PolicyInput,
  requestBudget,
  type Variables,
} from './policy-input.ts'

/** A ValidatingAdmissionPolicy with its expressions ready to run. */
export type CompiledValidation = Readonly<{
  isFailing: boolean
  variables: Variables
  conditions: readonly PolicyExpression[]
  validations: readonly Validation[]
  annotations: readonly Readonly<{ key: string; value: PolicyExpression }>[]
}>

type Validation = Readonly<{
  rule: PolicyExpression
  message: string
  messageExpression?: PolicyExpression
  reason: string
}>

/** What it says of a request: nothing where it is fine. */
export type Decision = Readonly<{ index: number; message: string; reason: string }>
export type Judged = Readonly<{
  denials: readonly Decision[]
  /** Denied whatever the binding's actions are. */
  faults: readonly Decision[]
  annotations: readonly Readonly<{ key: string; value: string }>[]
}>

/** Compiles variables one after the other: each sees those before it. */
export function compileVariables(
  variables: readonly Readonly<{ name: string; expression: string }>[],
  known: PolicyDeclarations,
): Readonly<{ expressions: Variables; types: ReadonlyMap<string, CelType> }> {
  const expressions = new Map<string, PolicyExpression>()
  const types = new Map<string, CelType>()
  for (const { name, expression } of variables) {
    const env = policyEnvironment({ ...known, variables: new Map(types) })
    const compiled = policyExpression(env, expression, undefined)
    expressions.set(name, compiled)
    types.set(name, variableType(compiled))
  }
  return { expressions, types }
}

export function compileValidation({ spec = {} }: ValidatingAdmissionPolicy): CompiledValidation {
  const hasParams = spec.paramKind !== undefined && spec.paramKind !== null
  const { expressions, types } = compileVariables(spec.variables ?? [], { hasParams, hasAuthorizer: true })
  const env = policyEnvironment({ hasParams, hasAuthorizer: true, variables: types })
  const messages = policyEnvironment({ hasParams, hasAuthorizer: false, variables: types })
  return {
    isFailing: spec.failurePolicy !== 'Ignore',
    variables: expressions,
    conditions: (spec.matchConditions ?? []).map(({ expression }) => policyExpression(env, expression, condition)),
    validations: (spec.validations ?? []).map(({ expression, message = '', messageExpression = '', reason = '' }) => ({
      rule: policyExpression(env, expression, condition),
      message,
      reason: reason || 'Invalid',
      ...(messageExpression === ''
        ? {}
        : { messageExpression: policyExpression(messages, messageExpression, [stringType]) }),
    })),
    annotations: (spec.auditAnnotations ?? []).map(({ key, valueExpression }) => ({
      key,
      value: policyExpression(env, valueExpression, [stringType, nullType]),
    })),
  }
}

const nothing: Judged = { denials: [], faults: [], annotations: [] }

/** Judges one request with one set of parameters. */
export function judge(policy: CompiledValidation, input: PolicyInput): Judged {
  const failed = (message: string): Judged =>
    policy.isFailing ? { ...nothing, denials: [{ index: 0, message, reason: '' }] } : nothing
  if (policy.conditions.length > 0) {
    const conditions = evaluator({ ...input, namespaceObject: null }, policy.variables, conditionsBudget)
    const held = conditionsHold(policy.conditions, conditions, policy.isFailing)
    if (held.error !== undefined) return failed(held.error)
    if (!held.matches) return nothing
  }
  const rules = evaluator(input, policy.variables, requestBudget)
  const results: Evaluated[] = []
  for (const { rule } of policy.validations) {
    const result = rules.evaluate(rule)
    if (!result.ok && result.isFatal) return failed(result.error)
    results.push(result)
  }
  const annotated = annotations(policy, input)
  if (annotated.fatal !== undefined) return failed(annotated.fatal)
  return { ...annotated, denials: denials(policy, input, results, rules.left()) }
}

function denials(
  policy: CompiledValidation,
  input: PolicyInput,
  results: readonly Evaluated[],
  left: number,
): Decision[] {
  const messages = evaluator(input, policy.variables, left)
  const evaluated = policy.validations.map(
    ({ messageExpression }) => messageExpression && messages.evaluate(messageExpression),
  )
  const fatal = evaluated.find((result) => result !== undefined && !result.ok && result.isFatal)
  return policy.validations.flatMap((validation, index): Decision[] => {
    const result = results[index]
    if (result === undefined) return []
    const error = result.ok
      ? fatal && !fatal.ok
        ? `failed messageExpression: ${fatal.error}`
        : undefined
      : result.error
    if (error !== undefined) return policy.isFailing ? [{ index, message: error, reason: '' }] : []
    if (result.ok && result.value === true) return []
    return [{ index, message: messageOf(validation, evaluated[index]), reason: validation.reason }]
  })
}

const maxMessageBytes = 5 * 1024

function messageOf({ rule, message }: Validation, evaluated: Evaluated | undefined): string {
  const text = evaluated?.ok === true && typeof evaluated.value === 'string' ? evaluated.value.trim() : ''
  const isUsable = text !== '' && !text.includes('\n') && new TextEncoder().encode(text).length <= maxMessageBytes
  if (isUsable) return text
  return message.trim() === '' ? `failed expression: ${rule.text.trim()}` : message.trim()
}

function annotations(
  policy: CompiledValidation,
  input: PolicyInput,
): Omit<Judged, 'denials'> & Readonly<{ fatal?: string }> {
  const values = evaluator(input, policy.variables, requestBudget)
  const found: { key: string; value: string }[] = []
  const faults: Decision[] = []
  for (const { key, value } of policy.annotations) {
    const result = values.evaluate(value)
    if (!result.ok && result.isFatal) return { annotations: [], faults: [], fatal: result.error }
    if (!result.ok) {
      if (policy.isFailing) faults.push({ index: 0, message: result.error, reason: '' })
    } else if (typeof result.value === 'string' && result.value.trim() !== '') {
      found.push({ key, value: result.value.trim() })
    }
  }
  return { annotations: found, faults }
}
