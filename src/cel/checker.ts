import { fail, ok, type Result } from '../api/result.ts'
import type { ComprehensionExpr, Expr, ListExpr, MapExpr, SelectExpr } from './ast.ts'
import { qualifiedName } from './ast.ts'
import { checkCall } from './check-call.ts'
import { checkStruct } from './check-struct.ts'
import { type Functions, typeNames } from './declarations.ts'
import type { Issue } from './source.ts'
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  dynType,
  errorType,
  formatType,
  intType,
  isDynOrError,
  isOptional,
  listOf,
  mapOf,
  nullType,
  optionalOf,
  stringType,
  typeOfType,
  typeParam,
  uintType,
  unwrapOptional,
} from './type.ts'
import { assignable, mostGeneral, type Substitution, substitute } from './type-inference.ts'
import { CelDouble, CelUint, type Literal } from './value.ts'

/** The structs that an expression may meet, and their fields. */
export interface TypeProvider {
  hasStruct(name: string): boolean
  fieldType(struct: string, field: string): CelType | undefined
}

export const noStructs: TypeProvider = { hasStruct: () => false, fieldType: () => undefined }

export type Declarations = Readonly<{
  variables: ReadonlyMap<string, CelType>
  functions: Functions
  provider: TypeProvider
}>

/** An expression whose every node has a type; calls know which overloads they may mean. */
export type Checked = Readonly<{
  expr: Expr
  types: ReadonlyMap<number, CelType>
  overloads: ReadonlyMap<number, readonly string[]>
}>

/** What the checker knows while it walks; `check` returns the node with qualified names resolved. */
export interface Checker {
  readonly declarations: Declarations
  readonly types: Map<number, CelType>
  readonly overloads: Map<number, readonly string[]>
  known: Substitution
  readonly scopes: Map<string, CelType>[]
  freeTypes: number
  report(at: Readonly<{ offset: number }>, message: string): void
}

/** Gives every part of the expression its type, by inference; the issues are worded as cel-go words them. */
export function checkTypes(expr: Expr, declarations: Declarations): Result<Checked, readonly Issue[]> {
  const issues: Issue[] = []
  const checker: Checker = {
    declarations,
    types: new Map(),
    overloads: new Map(),
    known: new Map(),
    scopes: [],
    freeTypes: 0,
    report: ({ offset }, message) => issues.push({ offset, message }),
  }
  const checked = check(checker, expr)
  if (issues.length > 0) return fail(issues)
  for (const [id, type] of checker.types) checker.types.set(id, substitute(checker.known, type, true))
  return ok({ expr: checked, types: checker.types, overloads: checker.overloads })
}

export function check(checker: Checker, expr: Expr): Expr {
  switch (expr.kind) {
    case 'literal':
      return typed(checker, expr, literalType(expr.value))
    case 'ident':
      return checkIdent(checker, expr, expr.name)
    case 'select':
      return checkSelect(checker, expr)
    case 'call':
      return checkCall(checker, expr)
    case 'list':
      return checkList(checker, expr)
    case 'map':
      return checkMap(checker, expr)
    case 'struct':
      return checkStruct(checker, expr)
    case 'comprehension':
      return checkComprehension(checker, expr)
    case 'broken':
      return typed(checker, expr, errorType)
  }
}

export function typed(checker: Checker, expr: Expr, type: CelType): Expr {
  checker.types.set(expr.id, type)
  return expr
}

export function typeOf(checker: Checker, expr: Expr): CelType {
  return checker.types.get(expr.id) ?? errorType
}

/** Whether `from` can stand for `to`; what that says of type parameters is kept. */
export function accepts(checker: Checker, to: CelType, from: CelType): boolean {
  const known = assignable(checker.known, to, from)
  if (known !== undefined) checker.known = known
  return known !== undefined
}

export function newTypeVariable(checker: Checker): CelType {
  return typeParam(`_var${checker.freeTypes++}`)
}

function literalType(value: Literal): CelType {
  if (value === null) return nullType
  if (value instanceof CelDouble) return doubleType
  if (value instanceof CelUint) return uintType
  if (value instanceof Uint8Array) return bytesType
  return typeof value === 'string' ? stringType : typeof value === 'boolean' ? boolType : intType
}

/** A variable of the innermost scope that has it, or the name of a type. */
export function lookUp(checker: Checker, name: string): CelType | undefined {
  const plain = name.startsWith('.') ? name.slice(1) : name
  for (let at = checker.scopes.length - 1; at >= 0; at--) {
    const type = checker.scopes[at]?.get(plain)
    if (type !== undefined) return type
  }
  const variable = checker.declarations.variables.get(plain)
  if (variable !== undefined) return variable
  const type = typeNames.get(plain)
  if (type !== undefined) return typeOfType(type)
  if (!checker.declarations.provider.hasStruct(plain)) return undefined
  return typeOfType({ kind: 'struct', name: plain, params: [] })
}

export function undeclared(checker: Checker, at: Expr, name: string): void {
  checker.report(at, `undeclared reference to '${name}' (in container '')`)
}

function checkIdent(checker: Checker, expr: Expr, name: string): Expr {
  const type = lookUp(checker, name)
  if (type === undefined) undeclared(checker, expr, name)
  const plain = name.startsWith('.') ? name.slice(1) : name
  return typed(checker, { id: expr.id, offset: expr.offset, kind: 'ident', name: plain }, type ?? errorType)
}

function checkSelect(checker: Checker, expr: SelectExpr): Expr {
  const qualified = qualifiedName(expr)
  if (qualified !== undefined && lookUp(checker, qualified) !== undefined) {
    return checkIdent(checker, expr, qualified)
  }
  const operand = check(checker, expr.operand)
  const type = selectedType(checker, expr, operand, expr.field, false)
  const result = expr.testOnly ? boolType : substitute(checker.known, type, false)
  return typed(checker, { ...expr, operand }, result)
}

/** The type of a field of an operand that has been checked. */
export function selectedType(checker: Checker, at: Expr, operand: Expr, field: string, optional: boolean): CelType {
  const operandType = substitute(checker.known, typeOf(checker, operand), false)
  const target = unwrapOptional(operandType)
  const type = fieldOf(checker, at, target, field)
  return optional || isOptional(operandType) ? optionalOf(type) : type
}

function fieldOf(checker: Checker, at: Expr, target: CelType, field: string): CelType {
  switch (target.kind) {
    case 'map':
      return target.params[1] ?? dynType
    case 'struct':
      return structField(checker, at, target.name, field) ?? errorType
    case 'typeParam':
      accepts(checker, dynType, target)
      return dynType
    default:
      if (!isDynOrError(target)) {
        checker.report(at, `type '${formatType(target)}' does not support field selection`)
      }
      return dynType
  }
}

export function structField(
  checker: Checker,
  at: Readonly<{ offset: number }>,
  struct: string,
  field: string,
): CelType | undefined {
  const { provider } = checker.declarations
  if (!provider.hasStruct(struct)) {
    checker.report(at, `unexpected failed resolution of '${struct}'`)
    return undefined
  }
  const type = provider.fieldType(struct, field)
  if (type === undefined) checker.report(at, `undefined field '${field}'`)
  return type
}

/** The type of what an optional element, entry or field holds. */
export function heldType(checker: Checker, value: Expr, optional: boolean): CelType {
  const type = typeOf(checker, value)
  if (!optional || isOptional(type) || type.kind === 'dyn') return optional ? unwrapOptional(type) : type
  mismatch(checker, value, optionalOf(type), type)
  return type
}

export function mismatch(checker: Checker, at: Expr, expected: CelType, found: CelType): void {
  checker.report(at, `expected type '${formatType(expected)}' but found '${formatType(found)}'`)
}

function checkList(checker: Checker, expr: ListExpr): Expr {
  let element: CelType | undefined
  const elements = expr.elements.map((part, at) => {
    const checked = check(checker, part)
    element = joined(checker, element, heldType(checker, checked, expr.optionals.has(at)))
    return checked
  })
  return typed(checker, { ...expr, elements }, listOf(element ?? newTypeVariable(checker)))
}

function checkMap(checker: Checker, expr: MapExpr): Expr {
  let keyType: CelType | undefined
  let valueType: CelType | undefined
  const entries = expr.entries.map((entry) => {
    const key = check(checker, entry.key)
    keyType = joined(checker, keyType, typeOf(checker, key))
    const value = check(checker, entry.value)
    valueType = joined(checker, valueType, heldType(checker, value, entry.optional))
    return { ...entry, key, value }
  })
  const key = keyType ?? newTypeVariable(checker)
  return typed(checker, { ...expr, entries }, mapOf(key, valueType ?? newTypeVariable(checker)))
}

/** The type that elements have in common; whether they may differ is asked of the finished literal. */
function joined(checker: Checker, before: CelType | undefined, type: CelType): CelType {
  if (before === undefined) return type
  return accepts(checker, before, type) ? mostGeneral(before, type) : dynType
}

function checkComprehension(checker: Checker, expr: ComprehensionExpr): Expr {
  const range = check(checker, expr.range)
  const accuInit = check(checker, expr.accuInit)
  const accuType = typeOf(checker, accuInit)
  const variables = iterationTypes(checker, range, expr)
  checker.scopes.push(new Map([[expr.accuVar, accuType]]), variables)
  const condition = check(checker, expr.condition)
  expectType(checker, condition, boolType)
  const step = check(checker, expr.step)
  expectType(checker, step, accuType)
  checker.scopes.pop()
  const result = check(checker, expr.result)
  checker.scopes.pop()
  const type = substitute(checker.known, typeOf(checker, result), false)
  return typed(checker, { ...expr, range, accuInit, condition, step, result }, type)
}

function iterationTypes(checker: Checker, range: Expr, expr: ComprehensionExpr): Map<string, CelType> {
  const type = substitute(checker.known, typeOf(checker, range), false)
  const [first = dynType, second = dynType] = type.params
  const two = expr.iterVar2
  const names = (one: CelType, other: CelType): Map<string, CelType> =>
    new Map([[expr.iterVar, one], ...(two === undefined ? [] : [[two, other] as const])])
  switch (type.kind) {
    case 'list':
      return two === undefined ? names(first, first) : names(intType, first)
    case 'map':
      return names(first, second)
    case 'dyn':
    case 'error':
    case 'typeParam':
      accepts(checker, dynType, type)
      return names(dynType, dynType)
    default:
      checker.report(
        range,
        `expression of type '${formatType(type)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
      )
      return names(errorType, errorType)
  }
}

function expectType(checker: Checker, expr: Expr, type: CelType): void {
  if (!accepts(checker, type, typeOf(checker, expr))) mismatch(checker, expr, type, typeOf(checker, expr))
}
