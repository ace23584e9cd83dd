import type { ValidationRule } from '../../api/kinds.generated.ts'
import type { FieldError } from '../../api/refusal.ts'
import { child, duplicate, forbidden, invalid, invalidUnshown, required } from '../../api/validation/field-error.ts'
import type { Program, Run } from '../program.ts'
import { CelError, type Value } from '../value.ts'
import type { CompiledRule } from './compiled-rule.ts'
import { type Budget, outOfBudget } from './cost-budget.ts'

/** The most that one evaluation may cost. */
const perCallLimit = 1_000_000
const maxMessageBytes = 5 * 1024
const cancelled = 'operation cancelled: actual cost limit exceeded'

/** What a rule says against a value; whether it may be let through where the value has not changed. */
export type Judgement = Readonly<{ error: FieldError; canRatchet: boolean }>

type Judged = Readonly<{ path: string; value: unknown }>
type Variables = (name: string) => Value | undefined

/** Runs a rule on a value of a type; undefined when nothing is wrong. What it costs is taken from the budget. */
export function judgeRule(
  compiled: CompiledRule,
  { path, value }: Judged,
  type: string,
  variables: Variables,
  budget: Budget,
): Judgement | undefined {
  const shown = path === '' ? '<nil>' : path
  const wrong = (detail: string): Judgement => ({ error: invalid(shown, type, detail), canRatchet: false })
  if (compiled.error !== undefined) return wrong(`rule compile error: ${compiled.error}`)
  if (compiled.program === undefined) return undefined
  const run = spendOn(compiled.program, variables, budget)
  if (run === undefined) return wrong(outOfBudget)
  const { outcome } = run
  if (outcome === 'costExceeded') {
    budget.exhausted = true
    const why = 'no further validation rules will be run due to call cost exceeds limit for rule'
    return wrong(`'${cancelled}': ${why}: ${ruleName(compiled.rule)}`)
  }
  if (outcome instanceof CelError) return wrong(evaluationError(outcome.message, compiled.rule))
  if (outcome === true) return undefined
  const at = compiled.path === '' ? shown : child(path, compiled.path)
  const message = messageOf(compiled, variables, budget)
  if ('fault' in message) return { error: invalid(at, type, message.fault), canRatchet: true }
  return { error: failure(at, type, value, message.text, compiled.rule.reason), canRatchet: true }
}

function spendOn(program: Program, variables: Variables, budget: Budget): Run | undefined {
  const run = program.run(variables, perCallLimit)
  if (run.cost > budget.left) {
    budget.exhausted = true
    return undefined
  }
  budget.left -= run.cost
  return run
}

function evaluationError(message: string, rule: ValidationRule): string {
  if (!message.startsWith('no such overload')) return `${message} evaluating rule: ${ruleName(rule)}`
  const why = 'call arguments did not match a supported operator, function or macro signature for rule'
  return `'${message}': ${why}: ${ruleName(rule)}`
}

function ruleName({ message = '', rule }: ValidationRule): string {
  return (message === '' ? rule : message).trim()
}

type Message = Readonly<{ text: string }> | Readonly<{ fault: string }>

/** The text of messageExpression where it gives a usable one, else the rule's message. */
function messageOf({ rule, message }: CompiledRule, variables: Variables, budget: Budget): Message {
  const fixed = { text: rule.message ? rule.message.trim() : `failed rule: ${ruleName(rule)}` }
  if (message === undefined) return fixed
  const run = spendOn(message, variables, budget)
  if (run === undefined) {
    return {
      fault:
        'messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run',
    }
  }
  if (run.outcome === 'costExceeded') {
    budget.exhausted = true
    const source = JSON.stringify(rule.messageExpression)
    return {
      fault: `no further validation rules will be run due to call cost exceeds limit for messageExpression: ${source}`,
    }
  }
  const text = typeof run.outcome === 'string' ? run.outcome.trim() : ''
  const isUsable = text !== '' && !text.includes('\n') && new TextEncoder().encode(text).length <= maxMessageBytes
  return isUsable ? { text } : fixed
}

/** Objects and lists are not shown. */
function failure(path: string, type: string, value: unknown, detail: string, reason: string | undefined): FieldError {
  const isShown = type !== 'object' && type !== 'array'
  switch (reason) {
    case 'FieldValueForbidden':
      return forbidden(path, detail)
    case 'FieldValueRequired':
      return required(path, detail)
    case 'FieldValueDuplicate':
      return isShown ? duplicate(path, value) : { reason, field: path, message: 'Duplicate value' }
    default:
      return isShown ? invalid(path, value, detail) : invalidUnshown(path, detail)
  }
}
