import type { JSONSchemaProps, ValidationRule } from '../../api/kinds.generated.ts'
import { childrenOf, type Expr } from '../ast.ts'
import type { Checked } from '../checker.ts'
import { estimateCost } from '../cost-estimate.ts'
import { type DeclType, named, providerOf, sizesBelow } from '../decl-type.ts'
import { compile, type Environment, environment, outputType, prepare } from '../environment.ts'
import type { Program } from '../program.ts'
import { type CelType, optionalOf } from '../type.ts'
import { rulePath } from './rule-path.ts'

/** A rule of a schema, ready to run, or what is wrong with it. */
export type CompiledRule = Readonly<{
  rule: ValidationRule
  program?: Program
  error?: string
  message?: Program
  messageError?: string
  usesOldSelf: boolean
  maxCost: bigint
  messageMaxCost: bigint
  /** Where its errors are shown, below the value. */
  path: string
}>

/** Distinguishes the objects of a rule in messages; the original's differ from run to run. */
const rootName = 'selfType0'

/** Compiles all rules of one schema, whose type as expressions see it is `decl`. */
export function compileRules(schema: JSONSchemaProps, decl: DeclType): readonly CompiledRule[] {
  const rules = schema['x-kubernetes-validations'] ?? []
  if (rules.length === 0) return []
  const self = named(decl, rootName)
  const plain = environmentOf(self, self.type)
  const optional = environmentOf(self, optionalOf(self.type))
  return rules.map((rule) => compileRule(schema, rule, self, rule.optionalOldSelf === true ? optional : plain))
}

function environmentOf(self: DeclType, oldSelf: CelType): Environment {
  return environment(
    new Map([
      ['self', self.type],
      ['oldSelf', oldSelf],
    ]),
    providerOf([self]),
  )
}

function compileRule(schema: JSONSchemaProps, rule: ValidationRule, self: DeclType, env: Environment): CompiledRule {
  const none = { rule, usesOldSelf: false, maxCost: 0n, messageMaxCost: 0n, path: '' }
  if (rule.rule.trim() === '') return none
  const checked = compile(env, rule.rule)
  if (!checked.ok) return { ...none, error: `compilation failed: ${checked.error}` }
  if (outputType(checked.value).kind !== 'bool') return { ...none, error: 'cel expression must evaluate to a bool' }
  const usesOldSelf = mentions(checked.value.expr, 'oldSelf')
  const program = prepare(env, checked.value)
  if (!program.ok) return { ...none, usesOldSelf, error: `program instantiation failed: ${program.error}` }
  const maxCost = costOf(checked.value, self)
  const compiled = { ...none, usesOldSelf, maxCost, program: program.value }
  const message = messageOf(rule, self, env)
  if (message.messageError !== undefined) return { ...compiled, ...message }
  return { ...compiled, ...message, path: rulePath(rule.fieldPath ?? '', schema) ?? '' }
}

function costOf(checked: Checked, self: DeclType): bigint {
  return estimateCost(checked, sizesBelow(self)).max
}

type Message = Pick<CompiledRule, 'message' | 'messageError' | 'messageMaxCost'>

function messageOf({ messageExpression = '' }: ValidationRule, self: DeclType, env: Environment): Message {
  if (messageExpression === '') return { messageMaxCost: 0n }
  const wrong = (messageError: string): Message => ({ messageError, messageMaxCost: 0n })
  const checked = compile(env, messageExpression)
  if (!checked.ok) return wrong(`messageExpression compilation failed: ${checked.error}`)
  if (outputType(checked.value).kind !== 'string') return wrong('messageExpression must evaluate to a string')
  const program = prepare(env, checked.value)
  if (!program.ok) return wrong(`messageExpression instantiation failed: ${program.error}`)
  return { message: program.value, messageMaxCost: costOf(checked.value, self) }
}

/** Whether a variable is read, other than one of a fold that has its name. */
function mentions(expr: Expr, name: string): boolean {
  if (expr.kind === 'ident') return expr.name === name
  if (expr.kind === 'comprehension' && [expr.iterVar, expr.iterVar2, expr.accuVar].includes(name)) {
    return mentions(expr.range, name)
  }
  return childrenOf(expr).some((child) => mentions(child, name))
}
