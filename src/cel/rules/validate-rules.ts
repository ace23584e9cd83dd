import { equalJson } from '../../api/json-value.ts'
import type { JSONSchemaProps, ValidationRule } from '../../api/kinds.generated.ts'
import type { FieldError } from '../../api/refusal.ts'
import {
  child,
  type Errors,
  forbidden,
  index,
  invalid,
  keyed,
  notSupported,
  required,
} from '../../api/validation/field-error.ts'
import { additionalOf, type DeclType, declTypeOf, isEmbedded, itemsOf, maxRequestBytes } from '../decl-type.ts'
import { least, maxCost } from '../estimate.ts'
import { type CompiledRule, compileRules } from './compiled-rule.ts'
import { rulePath } from './rule-path.ts'

/** What is wrong with the rules of a schema in a definition. Kubernetes: apiextensions/validation. */

/** The most that one rule may be estimated to cost, and all of a version together. */
const ruleLimit = 10_000_000n
const schemaLimit = 100_000_000n

type Context = Readonly<{
  path: string
  isRoot: boolean
  /** How often the value can occur in an object; undefined where nothing bounds it. */
  cardinality: bigint | undefined
  /** Where it cannot be told what a value was before. */
  uncorrelatable: string | undefined
  total: Total
  /** Rules of a schema that has not changed may be as costly as they are. */
  sparesCosts: boolean
}>

type Total = { cost: bigint; costly: { path: string; cost: bigint }[] }
type Found = Readonly<{ schema: FieldError[]; rules: FieldError[] }>

export function validateRules(path: string, schema: JSONSchemaProps, before: JSONSchemaProps | undefined): Errors {
  const total: Total = { cost: 0n, costly: [] }
  const sparesCosts = before !== undefined && equalJson(schema, before)
  const root = { path, isRoot: true, cardinality: 1n, uncorrelatable: undefined, total, sparesCosts }
  const found = walk(schema, root)
  return [...found.schema, ...found.rules, ...totalErrors(path, total)]
}

function walk(schema: JSONSchemaProps, context: Context): Found {
  const found: Found = { schema: [], rules: [] }
  for (const [inner, at] of partsOf(schema, context)) {
    const below = walk(inner, at)
    found.schema.push(...below.schema)
    found.rules.push(...below.rules)
  }
  const rules = schema['x-kubernetes-validations'] ?? []
  const path = child(context.path, 'x-kubernetes-validations')
  rules.forEach((rule, at) => {
    found.schema.push(...shapeErrors(schema, rule, index(path, at)))
  })
  if (rules.length === 0 || found.schema.length > 0) return found
  const decl = declTypeOf(schema, context.isRoot || isEmbedded(schema))
  if (decl !== undefined) found.rules.push(...compiledErrors(schema, decl, path, context))
  return found
}

/** Nested schemas, each with how often its values can occur and whether it can be told what they were before. */
function partsOf(schema: JSONSchemaProps, context: Context): (readonly [JSONSchemaProps, Context])[] {
  const most = maxElements(schema)
  const cardinality =
    context.cardinality === undefined || most === undefined ? undefined : guarded(context.cardinality, most)
  const at = (path: string, correlates: boolean): Context => ({
    ...context,
    path,
    isRoot: false,
    cardinality,
    uncorrelatable: context.uncorrelatable ?? (correlates ? undefined : context.path),
  })
  const mapType = schema['x-kubernetes-map-type']
  const correlates = mapType === undefined || mapType === 'granular' || mapType === 'atomic'
  const [values, items] = [additionalOf(schema), itemsOf(schema)]
  const properties = Object.entries(schema.properties ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  return [
    ...(values === undefined ? [] : [[values, at(child(context.path, 'additionalProperties'), correlates)] as const]),
    ...properties.map(
      ([name, property]) => [property, at(keyed(child(context.path, 'properties'), name), correlates)] as const,
    ),
    ...(items === undefined
      ? []
      : [[items, at(child(context.path, 'items'), schema['x-kubernetes-list-type'] === 'map')] as const]),
  ]
}

function maxElements(schema: JSONSchemaProps): bigint | undefined {
  const limit = (value: number | undefined): bigint | undefined =>
    value === undefined || value === null ? undefined : BigInt(Math.max(0, value))
  if (schema.type === 'array') return limit(schema.maxItems)
  if (schema.type !== 'object' || (schema.additionalProperties ?? undefined) === undefined) return 1n
  return limit(schema.maxProperties)
}

function guarded(a: bigint, b: bigint): bigint {
  return least(a * b, maxCost)
}

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired']

function shapeErrors(schema: JSONSchemaProps, rule: ValidationRule, path: string): Errors {
  const { messageExpression = '', reason, fieldPath = '' } = rule
  const at = (field: string): string => child(path, field)
  return [
    ...textErrors(rule, at),
    ...(messageExpression !== '' && messageExpression.trim() === ''
      ? [required(at('messageExpression'), 'messageExpression must be non-empty if specified')]
      : []),
    ...(reason !== undefined && !reasons.includes(reason) ? [notSupported(at('reason'), reason, reasons)] : []),
    ...(fieldPath !== '' && fieldPath.trim() === ''
      ? [invalid(at('fieldPath'), fieldPath, 'must be non-empty if specified')]
      : []),
    ...(hasBreak(fieldPath) ? [invalid(at('fieldPath'), fieldPath, 'must not contain line breaks')] : []),
    ...(fieldPath !== '' && rulePath(fieldPath, schema) === undefined
      ? [invalid(at('fieldPath'), fieldPath, 'must be a valid path')]
      : []),
  ]
}

function textErrors({ rule, message = '' }: ValidationRule, at: (field: string) => string): Errors {
  const [trimmedRule, trimmedMessage] = [rule.trim(), message.trim()]
  if (trimmedRule === '') return [required(at('rule'), 'rule is not specified')]
  if (message !== '' && trimmedMessage === '') {
    return [invalid(at('message'), message, 'must be non-empty if specified')]
  }
  if (hasBreak(trimmedMessage)) return [invalid(at('message'), message, 'must not contain line breaks')]
  if (!hasBreak(trimmedRule) || trimmedMessage !== '') return []
  return [required(at('message'), 'message must be specified if rule contains line breaks')]
}

function hasBreak(text: string): boolean {
  return /[\r\n]/.test(text)
}

function compiledErrors(schema: JSONSchemaProps, decl: DeclType, path: string, context: Context): Errors {
  // Without a bound on the places above, as many as a request can hold.
  const cardinality = context.cardinality ?? BigInt(Math.floor(maxRequestBytes / (decl.minSize + 1)))
  return compileRules(schema, decl).flatMap((compiled, at) => {
    const place = index(path, at)
    return [
      ...costErrors(child(place, 'rule'), 'estimated rule cost', guarded(compiled.maxCost, cardinality), context),
      ...(compiled.error === undefined ? [] : [invalid(child(place, 'rule'), asGo(compiled.rule), compiled.error)]),
      ...messageErrors(compiled, child(place, 'messageExpression'), context),
      ...transitionErrors(compiled, place, context),
    ]
  })
}

function messageErrors(compiled: CompiledRule, path: string, context: Context): Errors {
  if (compiled.messageError !== undefined) return [invalid(path, asGo(compiled.rule), compiled.messageError)]
  if (compiled.message === undefined) return []
  return costErrors(path, 'estimated messageExpression cost', compiled.messageMaxCost, context)
}

function transitionErrors({ rule, usesOldSelf }: CompiledRule, path: string, { uncorrelatable }: Context): Errors {
  if (usesOldSelf && uncorrelatable !== undefined) {
    const why = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelatable}`
    return [invalid(child(path, 'rule'), rule.rule, why)]
  }
  if (usesOldSelf || (rule.optionalOldSelf ?? undefined) === undefined) return []
  return [
    invalid(child(path, 'optionalOldSelf'), rule.optionalOldSelf, 'may not be set if oldSelf is not used in rule'),
  ]
}

/** The rule as the original shows it: all its fields by their Go names. */
function asGo(rule: ValidationRule): unknown {
  return {
    Rule: rule.rule,
    Message: rule.message ?? '',
    MessageExpression: rule.messageExpression ?? '',
    Reason: rule.reason ?? null,
    FieldPath: rule.fieldPath ?? '',
    OptionalOldSelf: rule.optionalOldSelf ?? null,
  }
}

function costErrors(path: string, name: string, cost: bigint, { total, sparesCosts }: Context): Errors {
  total.cost = least(total.cost + cost, maxCost)
  if (cost >= schemaLimit / 100n) total.costly.push({ path, cost })
  return !sparesCosts && cost > ruleLimit ? [forbidden(path, overBudget(name, cost, ruleLimit))] : []
}

function totalErrors(path: string, { cost, costly }: Total): Errors {
  if (cost <= schemaLimit) return []
  const most = costly.toSorted((a, b) => (a.cost > b.cost ? -1 : a.cost < b.cost ? 1 : 0)).slice(0, 4)
  const share = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema'
  const name = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema'
  return [...most.map((rule) => forbidden(rule.path, share)), forbidden(path, overBudget(name, cost, schemaLimit))]
}

function overBudget(name: string, cost: bigint, limit: bigint): string {
  const factor = Number(cost) / Number(limit)
  const shown = factor > 100 ? 'more than 100x' : `${factor.toFixed(factor < 1.5 ? 6 : 1)}x`
  return `${name} exceeds budget by factor of ${shown} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`
}
