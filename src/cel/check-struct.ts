import type { Expr, StructExpr } from './ast.ts'
import { accepts, type Checker, heldType, lookUp, structField, typed, undeclared } from './checker.ts'
import { type CelType, errorType, formatType } from './type.ts'

/** `Object{field: value}`: the type must be a struct and each value fit its field. */
export function checkStruct(checker: Checker, expr: StructExpr): Expr {
  const ident = lookUp(checker, expr.typeName)
  if (ident === undefined) {
    undeclared(checker, expr, expr.typeName)
    return typed(checker, expr, errorType)
  }
  const typeName = expr.typeName.startsWith('.') ? expr.typeName.slice(1) : expr.typeName
  const type = constructed(checker, expr, ident)
  const fields = expr.fields.map((field) => {
    const value = checker.check(field.value)
    const declared = structField(checker, field, type.kind === 'struct' ? type.name : typeName, field.name)
    const given = heldType(checker, value, field.optional)
    if (!accepts(checker, declared ?? errorType, given)) {
      checker.report(
        field,
        `expected type of field '${field.name}' is '${formatType(declared ?? errorType)}' but provided type is '${formatType(given)}'`,
      )
    }
    return { ...field, value }
  })
  return typed(checker, { ...expr, typeName, fields }, type)
}

function constructed(checker: Checker, expr: StructExpr, ident: CelType): CelType {
  if (ident.kind !== 'type') {
    checker.report(expr, `'${formatType(ident)}' is not a type`)
    return errorType
  }
  const [type = errorType] = ident.params
  if (type.kind === 'struct') return type
  checker.report(expr, `'${formatType(type)}' is not a message type`)
  return errorType
}
