import { type AskAccess, type AskedResource, CelAuthorizer, ResourceCheck } from '../authorizer.ts'
import { nativeValue } from '../native-value.ts'
import { structType } from '../type.ts'
import { CelError, type CelObject, type Outcome, type Value } from '../value.ts'
import { type PolicyExpression, variablesName } from './policy-environment.ts'

/** What a request gives the expressions of a policy: JSON, or null for what there is not. */
export type PolicyInput = Readonly<{
  object: unknown
  oldObject: unknown
  params: unknown
  request: unknown
  namespaceObject: unknown
  access: Readonly<{ ask: AskAccess; resource: AskedResource }>
}>

const perCallLimit = 1_000_000
export const requestBudget = 10_000_000
export const conditionsBudget = 2_500_000

export const outOfBudget =
  'validation failed due to running out of cost budget, no further validation rules will be run'

export type Evaluated = Readonly<{ ok: true; value: Value }> | Readonly<{ ok: false; error: string; isFatal: boolean }>

/** Evaluates expressions of one policy on one request; variables are computed once, when they are first read. */
export type Evaluator = Readonly<{
  evaluate: (expression: PolicyExpression) => Evaluated
  left: () => number
}>

export type Variables = ReadonlyMap<string, PolicyExpression>

export function evaluator(input: PolicyInput, variables: Variables, budget: number): Evaluator {
  let left = budget
  let ofVariables = 0
  const authorizer = new CelAuthorizer({ ask: input.access.ask })
  const values: Readonly<Record<string, Outcome>> = {
    object: nativeValue(input.object),
    oldObject: nativeValue(input.oldObject),
    params: nativeValue(input.params),
    request: nativeValue(input.request),
    namespaceObject: nativeValue(input.namespaceObject),
    authorizer,
    'authorizer.requestResource': new ResourceCheck({ ask: input.access.ask }, input.access.resource),
  }
  const variable = (name: string): Outcome | undefined =>
    name === 'variables' ? computed : Object.hasOwn(values, name) ? values[name] : undefined
  const computed = new ComputedVariables(variables, variable, (cost) => {
    ofVariables += cost
  })
  const evaluate = ({ text, compiled }: PolicyExpression): Evaluated => {
    if (!compiled.ok) return { ok: false, error: `compilation error: ${compiled.error}`, isFatal: false }
    const { outcome, cost } = compiled.value.program.run(variable, perCallLimit)
    left -= ofVariables + cost
    ofVariables = 0
    if (left < 0) return { ok: false, error: outOfBudget, isFatal: true }
    const problem = problemOf(outcome)
    if (problem === undefined) return { ok: true, value: outcome as Value }
    return { ok: false, error: `expression '${text}' resulted in error: ${problem}`, isFatal: false }
  }
  return { evaluate, left: () => left }
}

function problemOf(outcome: Outcome | 'costExceeded'): string | undefined {
  if (outcome === 'costExceeded') return 'operation cancelled: actual cost limit exceeded'
  return outcome instanceof CelError ? outcome.message : undefined
}

class ComputedVariables implements CelObject {
  readonly celType = structType(variablesName)
  readonly #variables: Variables
  readonly #variable: (name: string) => Outcome | undefined
  readonly #report: (cost: number) => void
  readonly #known = new Map<string, Outcome>()
  constructor(variables: Variables, variable: (name: string) => Outcome | undefined, report: (cost: number) => void) {
    this.#variables = variables
    this.#variable = variable
    this.#report = report
  }
  equals(other: Value): boolean {
    return this === other
  }
  field(name: string): Outcome | undefined {
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const expression = this.#variables.get(name)
    if (expression === undefined) return undefined
    const value = this.#compute(name, expression)
    this.#known.set(name, value)
    return value
  }
  #compute(name: string, { compiled }: PolicyExpression): Outcome {
    const quoted = JSON.stringify(name)
    if (!compiled.ok) return new CelError(`composited variable ${quoted} fails to compile: ${compiled.error}`)
    const { outcome, cost } = compiled.value.program.run(this.#variable, perCallLimit)
    this.#report(cost)
    const problem = problemOf(outcome)
    return problem === undefined
      ? (outcome as Value)
      : new CelError(`composited variable ${quoted} fails to evaluate: ${problem}`)
  }
}

/** Whether all conditions hold; the error where failures are to be told. */
export function conditionsHold(
  expressions: readonly PolicyExpression[],
  { evaluate }: Evaluator,
  isFailing: boolean,
): Readonly<{ matches: boolean; error?: string }> {
  const results = expressions.map(evaluate)
  const fatal = results.find((result) => !result.ok && result.isFatal)
  const errors: string[] = []
  for (const result of fatal === undefined ? results : [fatal]) {
    if (!result.ok) errors.push(result.error)
    else if (result.value === false) return { matches: false }
  }
  if (errors.length === 0) return { matches: true }
  if (!isFailing) return { matches: false }
  const distinct = [...new Set(errors)]
  return { matches: false, error: distinct.length === 1 ? (distinct[0] ?? '') : `[${distinct.join(', ')}]` }
}
