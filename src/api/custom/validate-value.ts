/** What of a value breaks its schema's rules, in kube-openapi's words. Kubernetes: kube-openapi/pkg/validation/validate. */
import { isJsonList, isJsonObject, type JsonObject } from '../json-value.ts'
import type { Errors } from '../validation/field-error.ts'
import { type Correlated, correlatedField, correlatedItem, isUnchanged } from './correlation.ts'
import { fits, hasTwins, hasType, isInRange, isMultiple, isSame, lengthOf, typeOfValue } from './fits.ts'
import { fieldErrorOf, type Problem } from './value-problem.ts'
import type { ValueRules } from './value-rules.ts'

/** What was found, and how many checks were made: of several schemas, the one that most were made of is the one that was meant. */
type Outcome = { problems: Problem[]; matchCount: number }

/**
 * `path` names the value: '' for a whole object. `before`: what it was; then what is wrong with parts that have not changed is forgiven
 * (ratcheting).
 */
export function validateValue(
  rules: ValueRules,
  value: unknown,
  path = '',
  before?: Readonly<{ value: unknown }>,
): Errors {
  if (fits(rules, value)) return []
  const correlated = before === undefined ? undefined : { before: before.value, after: value }
  return judge(rules, value, '', correlated, before !== undefined).problems.map((one) => fieldErrorOf(one, path))
}

function newOutcome(): Outcome {
  return { problems: [], matchCount: 0 }
}

function merge(into: Outcome, { problems, matchCount }: Outcome): void {
  for (const problem of problems) note(into, problem)
  into.matchCount += matchCount
}

function note({ problems }: Outcome, problem: Problem): void {
  if (!problems.some(({ text }) => text === problem.text)) problems.push(problem)
}

function judge(rules: ValueRules, value: unknown, path: string, of: Correlated, ratchets: boolean): Outcome {
  const outcome = judgeAll(rules, value, path, of)
  const isForgiven = ratchets && outcome.problems.length > 0 && isUnchanged(of, rules)
  return isForgiven ? { problems: [], matchCount: outcome.matchCount } : outcome
}

function judgeAll(rules: ValueRules, value: unknown, path: string, of: Correlated): Outcome {
  const outcome = newOutcome()
  if (value === null) {
    if (rules.types.length > 0 && !rules.nullable) note(outcome, wrongType(path, rules.types.join(','), 'null'))
    else outcome.matchCount += 1
    if (rules.enumeration.length > 0) note(outcome, notAllowed(path, value, rules))
    return outcome
  }
  const step = (done: Outcome | undefined): void => {
    if (done !== undefined) merge(outcome, done)
    outcome.matchCount += 1
  }
  if (rules.types.length > 0 || rules.format !== '') step(judgeType(rules, value, path))
  step(judgeCombined(rules, value, path, of))
  if (typeof value === 'string') {
    step(judgeText(rules, value, path))
    if (rules.hasFormat !== undefined) step(judgeFormat(rules, value, path))
  }
  if (typeof value === 'number') step(judgeNumber(rules, value, path))
  if (isJsonList(value)) step(judgeList(rules, value, path, of))
  step(judgeEnumeration(rules, value, path))
  if (isJsonObject(value)) step(judgeObject(rules, value, path, of))
  outcome.matchCount += 1
  return outcome
}

function only(problem: Problem): Outcome {
  return { problems: [problem], matchCount: 0 }
}

function wrongType(name: string, type: string, found: string): Problem {
  return { code: 'type', name, value: found, text: `${name} in body must be of type ${type}: ${JSON.stringify(found)}` }
}

function judgeType(rules: ValueRules, value: unknown, path: string): Outcome {
  if (hasType(rules, value)) return { problems: [], matchCount: 1 }
  const type = typeOfValue(value)
  if (type !== 'string' && type !== 'array' && rules.format !== '')
    return only(wrongType(path, rules.format, formatOf(type)))
  return only(wrongType(path, rules.types.join(','), type))
}

/** What kube-openapi takes the format of a number for. */
function formatOf(type: string): string {
  return type === 'integer' ? 'int64' : type === 'number' ? 'float64' : ''
}

function notAllowed(name: string, value: unknown, { enumeration }: ValueRules): Problem {
  return {
    code: 'enum',
    name,
    value,
    allowed: enumeration,
    text: `${name} in body should be one of ${goList(enumeration)}`,
  }
}

function goList(values: readonly unknown[]): string {
  return `[${values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(' ')}]`
}

function judgeEnumeration(rules: ValueRules, value: unknown, path: string): Outcome | undefined {
  const { enumeration } = rules
  if (enumeration.length === 0 || enumeration.some((one) => isSame(one, value))) return undefined
  return only(notAllowed(path, value, rules))
}

/** The first that is wrong. */
function judgeText(
  { maxLength, minLength, matcher, pattern }: ValueRules,
  text: string,
  name: string,
): Outcome | undefined {
  if (maxLength !== undefined && lengthOf(text) > maxLength) {
    const long = `${name} in body should be at most ${maxLength} chars long`
    return only({ code: 'tooLong', name, value: text, limit: maxLength, text: long })
  }
  if (minLength !== undefined && lengthOf(text) < minLength) {
    return only({
      code: 'other',
      name,
      value: text,
      text: `${name} in body should be at least ${minLength} chars long`,
    })
  }
  if (typeof matcher === 'string') {
    const broken = `${name} in body should match '${pattern}, but pattern is invalid: ${matcher}'`
    return only({ code: 'other', name, value: text, text: broken })
  }
  if (matcher === undefined || matcher.matches(text)) return undefined
  return only({ code: 'other', name, value: text, text: `${name} in body should match '${pattern}'` })
}

function judgeFormat({ format, hasFormat }: ValueRules, text: string, path: string): Outcome | undefined {
  if (hasFormat === undefined || hasFormat(text)) return undefined
  return only(wrongType(path, format, text))
}

function judgeNumber(rules: ValueRules, value: number, name: string): Outcome {
  const outcome = newOutcome()
  const { maximum, minimum, multipleOf, types, format } = rules
  if (!isInRange(rules, value)) {
    const type = format === '' ? `type ${types[0]} (default format)` : `type ${types[0]} with format ${format}`
    note(outcome, { code: 'bare', name, value, text: `Checked value must be of ${type} in ${name}` })
  }
  if (multipleOf !== undefined) {
    if (multipleOf <= 0) {
      const text = `factor MultipleOf declared for ${name} must be positive: ${multipleOf}`
      note(outcome, { code: 'other', name, value: multipleOf, text })
    } else if (!isMultiple(value, multipleOf)) {
      note(outcome, { code: 'other', name, value, text: `${name} in body should be a multiple of ${multipleOf}` })
    }
  }
  if (minimum !== undefined && (rules.exclusiveMinimum ? value <= minimum : value < minimum)) {
    const than = rules.exclusiveMinimum ? 'greater than' : 'greater than or equal to'
    note(outcome, { code: 'other', name, value, text: `${name} in body should be ${than} ${minimum}` })
  }
  if (maximum !== undefined && (rules.exclusiveMaximum ? value >= maximum : value > maximum)) {
    const than = rules.exclusiveMaximum ? 'less than' : 'less than or equal to'
    note(outcome, { code: 'other', name, value, text: `${name} in body should be ${than} ${maximum}` })
  }
  outcome.matchCount += 1
  return outcome
}

function judgeList(rules: ValueRules, list: readonly unknown[], name: string, of: Correlated): Outcome {
  const outcome = newOutcome()
  const { items, minItems, maxItems } = rules
  if (items !== undefined) {
    for (const [at, item] of list.entries()) {
      const inner = correlatedItem(of, rules, at)
      merge(outcome, judge(items, item, `${name}[${at}]`, inner, inner !== undefined))
    }
  }
  if (minItems !== undefined && list.length < minItems) {
    const text = `${name} in body should have at least ${minItems} items`
    note(outcome, { code: 'other', name, value: list.length, text })
  }
  if (maxItems !== undefined && list.length > maxItems) {
    const text = `${name} in body should have at most ${maxItems} items`
    note(outcome, { code: 'tooMany', name, value: list.length, limit: maxItems, text })
  }
  if (rules.uniqueItems && hasTwins(list)) {
    note(outcome, { code: 'other', name, value: undefined, text: `${name} in body shouldn't contain duplicates` })
  }
  outcome.matchCount += 1
  return outcome
}

function judgeObject(rules: ValueRules, object: JsonObject, name: string, of: Correlated): Outcome {
  const outcome = newOutcome()
  const { minProperties, maxProperties, additional, properties } = rules
  const keys = Object.keys(object)
  if (minProperties !== undefined && keys.length < minProperties) {
    const text = `${name} in body should have at least ${minProperties} properties`
    note(outcome, { code: 'other', name, value: keys.length, text })
  }
  if (maxProperties !== undefined && keys.length > maxProperties) {
    const text = `${name} in body should have at most ${maxProperties} properties`
    note(outcome, { code: 'tooMany', name, value: keys.length, limit: maxProperties, text })
  }
  const field = (inner: ValueRules, key: string, path: string): void => {
    // Versions are converted before: that apiVersion is the same says nothing.
    const isType = name === '' && (key === 'kind' || key === 'apiVersion')
    const correlated = isType ? undefined : correlatedField(of, rules, key)
    merge(outcome, judge(inner, object[key], path, correlated, correlated !== undefined))
  }
  for (const key of keys) {
    if (properties.has(key)) continue
    if (additional === false) {
      note(outcome, { code: 'other', name, value: key, text: `${name}.${key} in body is a forbidden property` })
    } else if (additional !== true) field(additional, key, `${name}.${key}`)
  }
  for (const [key, inner] of properties) {
    if (Object.hasOwn(object, key)) field(inner, key, name === '' ? key : `${name}.${key}`)
  }
  for (const key of rules.required) {
    if (Object.hasOwn(object, key)) continue
    const path = `${name}.${key}`
    note(outcome, { code: 'required', name: path, value: undefined, text: `${path} in body is required` })
  }
  return outcome
}

function judgeCombined(rules: ValueRules, value: unknown, path: string, of: Correlated): Outcome {
  const outcome = newOutcome()
  judgeAnyOf(rules, value, path, of, outcome)
  judgeOneOf(rules, value, path, of, outcome)
  const all = rules.allOf.map((one) => judgeAll(one, value, path, of))
  for (const one of all) merge(outcome, one)
  const kept = all.filter(({ problems }) => problems.length === 0).length
  if (kept !== all.length) {
    const text = `${JSON.stringify(path)} must validate all the schemas (allOf)${kept === 0 ? '. None validated' : ''}`
    note(outcome, composite(text))
  }
  if (rules.not !== undefined && judgeAll(rules.not, value, path, of).problems.length === 0) {
    note(outcome, composite(`${JSON.stringify(path)} must not validate the schema (not)`))
  }
  outcome.matchCount += 1
  return outcome
}

function composite(text: string): Problem {
  return { code: 'composite', name: '', value: undefined, text }
}

function judgeAnyOf({ anyOf }: ValueRules, value: unknown, path: string, of: Correlated, outcome: Outcome): void {
  let best: Outcome | undefined
  for (const one of anyOf) {
    const result = judgeAll(one, value, path, of)
    if (result.problems.length === 0) {
      merge(outcome, result)
      return
    }
    if (best === undefined || result.matchCount > best.matchCount) best = result
  }
  if (best === undefined) return
  note(outcome, composite(`${JSON.stringify(path)} must validate at least one schema (anyOf)`))
  merge(outcome, best)
}

function judgeOneOf({ oneOf }: ValueRules, value: unknown, path: string, of: Correlated, outcome: Outcome): void {
  if (oneOf.length === 0) return
  const results = oneOf.map((one) => judgeAll(one, value, path, of))
  const valid = results.filter(({ problems }) => problems.length === 0)
  const [first] = valid
  if (valid.length === 1 && first !== undefined) {
    merge(outcome, first)
    return
  }
  const found = valid.length === 0 ? 'Found none valid' : `Found ${valid.length} valid alternatives`
  note(outcome, composite(`${JSON.stringify(path)} must validate one and only one schema (oneOf). ${found}`))
  // Failures after the last success are kept, as the original does.
  const lastValid = results.findLastIndex(({ problems }) => problems.length === 0)
  const failures = lastValid < 0 ? results : []
  const best = failures.reduce<Outcome | undefined>(
    (so, one) => (so === undefined || one.matchCount > so.matchCount ? one : so),
    undefined,
  )
  if (best !== undefined) merge(outcome, best)
}
