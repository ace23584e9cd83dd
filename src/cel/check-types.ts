import { fail, ok, type Result } from '../api/result.ts'
import {
  type ComprehensionExpr,
  type Expr,
  type ListExpr,
  type MapExpr,
  qualifiedName,
  type SelectExpr,
} from './ast.ts'
import { checkCall } from './check-call.ts'
import { checkStruct } from './check-struct.ts'
import {
  accepts,
  type Checked,
  type Checker,
  type Declarations,
  heldType,
  lookUp,
  mismatch,
  newTypeVariable,
  selectedType,
  typed,
  typeOf,
  undeclared,
} from './checker.ts'
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
  listOf,
  mapOf,
  nullType,
  stringType,
  uintType,
} from './type.ts'
import { mostGeneral, substitute } from './type-inference.ts'
import { CelDouble, CelUint, type Literal } from './value.ts'

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
    check: (part) => check(checker, part),
  }
  const checked = checker.check(expr)
  if (issues.length > 0) return fail(issues)
  for (const [id, type] of checker.types) checker.types.set(id, substitute(checker.known, type, true))
  return ok({ expr: checked, types: checker.types, overloads: checker.overloads })
}

function check(checker: Checker, expr: Expr): Expr {
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

function literalType(value: Literal): CelType {
  if (value === null) return nullType
  if (value instanceof CelDouble) return doubleType
  if (value instanceof CelUint) return uintType
  if (value instanceof Uint8Array) return bytesType
  return typeof value === 'string' ? stringType : typeof value === 'boolean' ? boolType : intType
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
  const operand = checker.check(expr.operand)
  const type = selectedType(checker, expr, operand, expr.field, false)
  const result = expr.testOnly ? boolType : substitute(checker.known, type, false)
  return typed(checker, { ...expr, operand }, result)
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
    const key = checker.check(entry.key)
    keyType = joined(checker, keyType, typeOf(checker, key))
    const value = checker.check(entry.value)
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
  const range = checker.check(expr.range)
  const accuInit = checker.check(expr.accuInit)
  const accuType = typeOf(checker, accuInit)
  const variables = iterationTypes(checker, range, expr)
  checker.scopes.push(new Map([[expr.accuVar, accuType]]), variables)
  const condition = checker.check(expr.condition)
  expectType(checker, condition, boolType)
  const step = checker.check(expr.step)
  expectType(checker, step, accuType)
  checker.scopes.pop()
  const result = checker.check(expr.result)
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
