import type { Expr } from './ast.ts'
import { type Functions, typeNames } from './declarations.ts'
import {
  type CelType,
  dynType,
  errorType,
  formatType,
  isDynOrError,
  isOptional,
  optionalOf,
  typeOfType,
  typeParam,
  unwrapOptional,
} from './type.ts'
import { assignable, type Substitution, substitute } from './type-inference.ts'

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

/** What the checker knows while it walks. */
export interface Checker {
  readonly declarations: Declarations
  readonly types: Map<number, CelType>
  readonly overloads: Map<number, readonly string[]>
  known: Substitution
  readonly scopes: Map<string, CelType>[]
  freeTypes: number
  report(at: Readonly<{ offset: number }>, message: string): void
  /** Gives the node and all below it their types; returns it with qualified names resolved. */
  check(expr: Expr): Expr
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
