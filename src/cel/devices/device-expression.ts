import { fail, ok, type Result } from '../../api/result.ts'
import { type Errors, forbidden, invalid } from '../../api/validation/field-error.ts'
import type { Checked, TypeProvider } from '../checker.ts'
import { estimateCost, type SizeOf } from '../cost-estimate.ts'
import { type DeclType, sizesBelow } from '../decl-type.ts'
import { compile, type Environment, environment, outputType, prepare } from '../environment.ts'
import { bindingMacros } from '../library-macros.ts'
import type { Program } from '../program.ts'
import { boolType, type CelType, dynType, formatType, mapOf, stringType, structType } from '../type.ts'

/** What expressions of device selectors may use, as dynamic-resource-allocation's cel package declares it: one variable, `device`. */

const deviceStruct = structType('kubernetes.DRADevice')
const quantityType = structType('kubernetes.Quantity')

const longestDomain = 63
const longestId = 32
const longestDriver = 63
const longestValue = 64
const mostParts = 32

/** What an evaluation may cost, and what it may be estimated to (CELSelectorExpressionMaxCost). */
export const mostSelectorCost = 1_000_000

function sized(type: CelType, maxElements: number): DeclType {
  return { type, maxElements, minSize: 0 }
}

function mapDecl(key: DeclType, element: DeclType): DeclType {
  return { type: mapOf(key.type, element.type), key, element, maxElements: mostParts, minSize: 0 }
}

function byDomain(element: DeclType): DeclType {
  return mapDecl(sized(stringType, longestDomain), mapDecl(sized(stringType, longestId), element))
}

const value = sized(dynType, longestValue)
const fields: ReadonlyMap<string, DeclType> = new Map([
  ['driver', sized(stringType, longestDriver)],
  ['attributes', byDomain(value)],
  ['capacity', byDomain(sized(quantityType, 0))],
  ['allowMultipleAllocations', sized(boolType, 1)],
])
const device: DeclType = { type: deviceStruct, fields, maxElements: 0, minSize: 0 }

const provider: TypeProvider = {
  hasStruct: (name) => name === deviceStruct.name,
  fieldType: (struct, field) => (struct === deviceStruct.name ? fields.get(field)?.type : undefined),
}
const deviceEnvironment: Environment = {
  ...environment(new Map([['device', deviceStruct]]), provider),
  macros: bindingMacros,
}

/** Attributes are as large as the largest may be, also where they are read as fields. */
const sizeOf: SizeOf = (path, type) => {
  if (path[0] !== 'device') return undefined
  const [, part, , id] = path
  return part === 'attributes' && id !== undefined && !id.startsWith('@')
    ? { min: 0n, max: BigInt(longestValue) }
    : sizesBelow(device)(path, type)
}

function checkedExpression(expression: string): Result<Checked, string> {
  const checked = compile(deviceEnvironment, expression)
  if (!checked.ok) return fail(`compilation failed: ${checked.error}`)
  const type = outputType(checked.value)
  if (type.kind === 'bool' || type.kind === 'dyn') return ok(checked.value)
  return fail(`must evaluate to bool or the unknown type, not ${formatType(type)}`)
}

/** The program of a selector, which gives a bool or an attribute of a type that nobody knows before. */
export function selectorProgram(expression: string): Result<Program, string> {
  const checked = checkedExpression(expression)
  return checked.ok ? prepare(deviceEnvironment, checked.value) : checked
}

/** What is wrong with the expression of a selector, in the original's words. */
export function selectorErrors(field: string, expression: string): Errors {
  const checked = checkedExpression(expression)
  if (!checked.ok) return [invalid(field, expression, checked.error)]
  const { max } = estimateCost(checked.value, sizeOf)
  return max > BigInt(mostSelectorCost) ? [forbidden(field, 'too complex, exceeds cost limit')] : []
}
