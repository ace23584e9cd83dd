import { type CallExpr, type Expr, operator, qualifiedName } from './ast.ts'
import { accepts, type Checker, mismatch, newTypeVariable, selectedType, typed, typeOf, undeclared } from './checker.ts'
import type { Overload } from './declarations.ts'
import { boolType, type CelType, dynType, errorType, formatArguments, functionType, sameType } from './type.ts'
import { allAssignable, substitute } from './type-inference.ts'

export function checkCall(checker: Checker, expr: CallExpr): Expr {
  if (expr.name === operator.optionalSelect) return checkOptionalSelect(checker, expr)
  const args = expr.args.map((arg) => checker.check(arg))
  if (expr.target === undefined) return resolveNamed(checker, { ...expr, args }, expr.name, undefined)
  const prefix = qualifiedName(expr.target)
  const qualified = prefix === undefined ? undefined : `${prefix}.${expr.name}`
  if (qualified !== undefined && functionOf(checker, qualified) !== undefined) {
    return resolveNamed(checker, { ...expr, args, target: undefined }, qualified, undefined)
  }
  const target = checker.check(expr.target)
  return resolveNamed(checker, { ...expr, args, target }, expr.name, target)
}

function functionOf(checker: Checker, name: string): readonly Overload[] | undefined {
  return checker.declarations.functions.get(name.startsWith('.') ? name.slice(1) : name)
}

function resolveNamed(checker: Checker, expr: CallExpr, name: string, target: Expr | undefined): Expr {
  const overloads = functionOf(checker, name)
  if (overloads === undefined) {
    undeclared(checker, expr, name)
    return typed(checker, expr, errorType)
  }
  const plain = name.startsWith('.') ? name.slice(1) : name
  const call = { ...expr, name: plain }
  const args = target === undefined ? call.args : [target, ...call.args]
  if (plain === operator.and || plain === operator.or) return checkLogical(checker, call, overloads)
  return typed(checker, call, resolve(checker, call, overloads, args) ?? errorType)
}

function checkLogical(checker: Checker, call: CallExpr, overloads: readonly Overload[]): Expr {
  let wrong = false
  for (const arg of call.args) {
    if (accepts(checker, typeOf(checker, arg), boolType)) continue
    mismatch(checker, arg, boolType, typeOf(checker, arg))
    wrong = true
  }
  if (!wrong)
    checker.overloads.set(
      call.id,
      overloads.map(({ id }) => id),
    )
  return typed(checker, call, wrong ? errorType : boolType)
}

/** Every overload that fits is kept: which one it is may show only when the expression runs. */
function resolve(
  checker: Checker,
  call: CallExpr,
  overloads: readonly Overload[],
  args: readonly Expr[],
): CelType | undefined {
  const argTypes = args.map((arg) => typeOf(checker, arg))
  const found: string[] = []
  let result: CelType | undefined
  for (const overload of overloads) {
    if (overload.receiver !== (call.target !== undefined)) continue
    const [resultType = dynType, ...params] = fresh(checker, overload).params
    const known = allAssignable(checker.known, argTypes, params)
    if (known === undefined) continue
    checker.known = known
    found.push(overload.id)
    const type = substitute(known, resultType, false)
    if (result === undefined) result = type
    else if (result.kind !== 'dyn' && !sameType(type, result, true)) result = dynType
  }
  if (result === undefined) {
    const shown = argTypes.map((type) => substitute(checker.known, type, true))
    const signature = formatArguments(shown, call.target !== undefined)
    checker.report(call, `found no matching overload for '${call.name}' applied to '${signature}'`)
    return undefined
  }
  checker.overloads.set(call.id, found)
  return result
}

/** The overload's type, with type variables of its own for this call. */
function fresh(checker: Checker, { params, result, typeParams }: Overload): CelType {
  const type = functionType(result, params)
  if (typeParams.length === 0) return type
  return substitute(new Map(typeParams.map((name) => [name, newTypeVariable(checker)])), type, false)
}

function checkOptionalSelect(checker: Checker, expr: CallExpr): Expr {
  const [operand, field] = expr.args
  if (operand === undefined || field?.kind !== 'literal' || typeof field.value !== 'string') {
    checker.report(field ?? expr, 'unsupported optional field selection: <expr>')
    return typed(checker, expr, errorType)
  }
  const checked = checker.check(operand)
  const type = substitute(checker.known, selectedType(checker, expr, checked, field.value, true), false)
  checker.overloads.set(expr.id, ['select_optional_field'])
  return typed(checker, { ...expr, args: [checked, field] }, type)
}
