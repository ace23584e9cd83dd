import { fail, ok } from '../../../api/result.ts'
import {
  condition,
  type PolicyExpression,
  policyEnvironment,
  policyExpression,
} from '../../../cel/policies/policy-environment.ts'
import { conditionsBudget, evaluator } from '../../../cel/policies/policy-input.ts'
import type { EvaluateCondition } from '../webhook/conditions.ts'
import { policyInput, type RequestParts } from './policy-request.ts'

/** How many expressions stay compiled: those of a cluster's webhooks. */
const remembered = 1000

/** Evaluates the matchConditions of webhooks. */
export function evaluateConditions(parts: RequestParts): EvaluateCondition {
  const env = policyEnvironment({ hasParams: false, hasAuthorizer: true })
  const known = new Map<string, PolicyExpression>()
  const compiled = (text: string): PolicyExpression => {
    const found = known.get(text)
    if (found !== undefined) return found
    if (known.size >= remembered) known.clear()
    const made = policyExpression(env, text, condition)
    known.set(text, made)
    return made
  }
  return ({ expression }, attributes, reviewed) => {
    const input = policyInput(parts, attributes, reviewed, undefined, undefined)
    const result = evaluator(input, new Map(), conditionsBudget).evaluate(compiled(expression))
    return result.ok ? ok(result.value === true) : fail(result.error)
  }
}
