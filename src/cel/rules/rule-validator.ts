import { equalJson, isJsonList, isJsonObject, type JsonObject } from '../../api/json-value.ts'
import type { JSONSchemaProps } from '../../api/kinds.generated.ts'
import type { FieldError } from '../../api/refusal.ts'
import { child, index, invalid, keyed } from '../../api/validation/field-error.ts'
import { additionalOf, asObjectSchema, type DeclType, declTypeOf, isEmbedded, itemsOf } from '../decl-type.ts'
import { escapeName } from '../escaping.ts'
import { schemaValue } from '../schema-value.ts'
import { CelOptional, type Value } from '../value.ts'
import { type CompiledRule, compileRules } from './compiled-rule.ts'
import { type Budget, outOfBudget } from './cost-budget.ts'
import { type Judgement, judgeRule } from './judge-rule.ts'

/** The rules of a schema and of everything below it. */
export type RuleValidator = Readonly<{
  schema: JSONSchemaProps
  rules: readonly CompiledRule[]
  isRoot: boolean
  items?: RuleValidator
  values?: RuleValidator
  properties: ReadonlyMap<string, RuleValidator>
  /** Rules that stand in allOf. */
  also: readonly RuleValidator[]
}>

/** Undefined where there are no rules. Rules of allOf are read from `rules` and see values by `schema`. */
export function ruleValidator(
  schema: JSONSchemaProps,
  isRoot: boolean,
  decl: DeclType | undefined = declTypeOf(schema, isRoot),
  rules: JSONSchemaProps = schema,
): RuleValidator | undefined {
  const own =
    decl === undefined
      ? []
      : compileRules({ ...schema, 'x-kubernetes-validations': rules['x-kubernetes-validations'] ?? [] }, decl)
  const items = below(itemsOf(schema), itemsOf(rules), decl?.element)
  const values = below(additionalOf(schema), additionalOf(rules), decl?.element)
  const properties = new Map<string, RuleValidator>()
  for (const [name, property] of Object.entries(rules.properties ?? {})) {
    const field = escapeName(name)
    const type = field === undefined ? undefined : decl?.fields?.get(field)
    const found = type && below(schema.properties?.[name], property, type)
    if (found !== undefined) properties.set(name, found)
  }
  const also = (rules.allOf ?? []).flatMap((one) => ruleValidator(schema, isRoot, decl, one) ?? [])
  if (own.length + properties.size + also.length === 0 && items === undefined && values === undefined) return undefined
  return {
    schema,
    rules: own,
    isRoot,
    properties,
    also,
    ...(items === undefined ? {} : { items }),
    ...(values === undefined ? {} : { values }),
  }
}

function below(
  schema: JSONSchemaProps | undefined,
  rules: JSONSchemaProps | undefined,
  decl: DeclType | undefined,
): RuleValidator | undefined {
  if (schema === undefined || rules === undefined || decl === undefined) return undefined
  return ruleValidator(schema, isEmbedded(schema), decl, rules)
}

/** What the value was before: for transition rules only where it can be told which value that is. */
type Before = Readonly<{ value: unknown }>

/** A value with what it was, where that can be told: an error that was there before is let through while the value stays. */
type Correlation = Readonly<{ now: unknown; before: unknown }>

type Place = Readonly<{
  path: string
  value: unknown
  old: Before | undefined
  same: Correlation | undefined
  parent: Correlation | undefined
}>

/** All errors of an object, while the budget lasts. */
export function checkObject(
  validator: RuleValidator,
  path: string,
  value: unknown,
  before: Before | undefined,
  budget: Budget,
): readonly FieldError[] {
  const same = before === undefined ? undefined : { now: value, before: before.value }
  return check(validator, { path, value, old: before, same, parent: undefined }, budget)
}

function check(validator: RuleValidator, place: Place, budget: Budget): FieldError[] {
  if (place.value === null || place.value === undefined) return []
  const errors = checkRules(validator, place, budget)
  for (const other of validator.also) {
    if (budget.exhausted) return errors
    errors.push(...check(other, { ...place, same: undefined }, budget))
  }
  if (budget.exhausted) return errors
  if (isJsonList(place.value)) errors.push(...checkItems(validator, place, place.value, budget))
  else if (isJsonObject(place.value)) errors.push(...checkEntries(validator, place, place.value, budget))
  return errors
}

function checkRules(validator: RuleValidator, place: Place, budget: Budget): FieldError[] {
  const errors: FieldError[] = []
  if (validator.rules.length === 0) return errors
  const schema = validator.isRoot ? asObjectSchema(validator.schema) : validator.schema
  const self = schemaValue(place.value, schema)
  const oldSelf = isNothing(place.old) ? undefined : schemaValue(place.old?.value, schema)
  const shown = place.path === '' ? '<nil>' : place.path
  if (budget.left <= 0) {
    budget.exhausted = true
    return [invalid(shown, schema.type ?? '', outOfBudget)]
  }
  for (const rule of validator.rules) {
    const skipped = rule.usesOldSelf && oldSelf === undefined && rule.rule.optionalOldSelf !== true
    if (skipped || budget.exhausted) continue
    const judgement = judgeRule(rule, place, schema.type ?? '', variables(rule, self, oldSelf), budget)
    if (judgement !== undefined && !isRatcheted(rule, judgement, place)) errors.push(judgement.error)
  }
  return errors
}

function isNothing(before: Before | undefined): boolean {
  return before === undefined || before.value === null || before.value === undefined
}

function variables(rule: CompiledRule, self: Value, oldSelf: Value | undefined): (name: string) => Value | undefined {
  const isOptional = rule.rule.optionalOldSelf === true
  const before = isOptional ? new CelOptional(oldSelf) : oldSelf
  return (name) => (name === 'self' ? self : name === 'oldSelf' ? before : undefined)
}

/** What was wrong and has not changed is let through, but for rules that are about the change. */
function isRatcheted(rule: CompiledRule, { canRatchet }: Judgement, { same, parent }: Place): boolean {
  const known = same ?? parent
  return canRatchet && !rule.usesOldSelf && known !== undefined && equalJson(known.now, known.before)
}

function checkEntries(validator: RuleValidator, place: Place, value: JsonObject, budget: Budget): FieldError[] {
  const mapType = validator.schema['x-kubernetes-map-type']
  const correlates = mapType === undefined || mapType === 'granular' || mapType === 'atomic'
  const errors: FieldError[] = []
  const visit = (inner: RuleValidator, path: string, key: string): void => {
    if (budget.exhausted) return
    const old = correlates && isJsonObject(place.old?.value) ? { value: place.old.value[key] } : undefined
    errors.push(...check(inner, { path, value: value[key], old, ...correlationAt(place, key) }, budget))
  }
  for (const key of Object.keys(value)) {
    if (validator.values !== undefined) visit(validator.values, keyed(place.path, key), key)
  }
  for (const key of Object.keys(value)) {
    const property = validator.properties.get(key)
    if (property !== undefined) visit(property, child(place.path, key), key)
  }
  return errors
}

function correlationAt({ same, parent, path }: Place, key: string): Pick<Place, 'same' | 'parent'> {
  if (same === undefined) return { same, parent }
  if (path === '' && (key === 'apiVersion' || key === 'kind')) return { same: undefined, parent: undefined }
  if (!isJsonObject(same.now) || !isJsonObject(same.before) || !(key in same.before)) {
    return { same: undefined, parent: same }
  }
  return { same: { now: same.now[key], before: same.before[key] }, parent: same }
}

/** Only items of lists of type map can be told to be the same as before. */
function checkItems(validator: RuleValidator, place: Place, value: readonly unknown[], budget: Budget): FieldError[] {
  const { items } = validator
  if (items === undefined) return []
  const errors: FieldError[] = []
  value.forEach((item, at) => {
    if (budget.exhausted) return
    const old = sameItem(validator.schema, item, place.old?.value)
    const correlated = sameItem(validator.schema, item, place.same?.before)
    const same = correlated === undefined ? undefined : { now: item, before: correlated.value }
    const parent = place.same ?? place.parent
    errors.push(...check(items, { path: index(place.path, at), value: item, old, same, parent }, budget))
  })
  return errors
}

function sameItem(schema: JSONSchemaProps, item: unknown, before: unknown): Before | undefined {
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  if (schema['x-kubernetes-list-type'] !== 'map' || !isJsonObject(item) || !isJsonList(before)) return undefined
  const found = before.find((other) => isJsonObject(other) && keys.every((key) => equalJson(other[key], item[key])))
  return found === undefined ? undefined : { value: found }
}
