import { labelKeyErrors, labelValueErrors } from './label-syntax.ts'
import { fail, ok, type Result } from './result.ts'

export type RequirementOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | '>' | '<'

/** One condition on one label. `values` has one entry for = == != > <, none for exists and !. */
export type Requirement = Readonly<{ key: string; operator: RequirementOperator; values: readonly string[] }>

/** Checks and makes a requirement; several errors are joined as Go's errors.Aggregate joins them. */
export function requirementOf(
  key: string,
  operator: RequirementOperator,
  values: readonly string[],
): Result<Requirement, string> {
  const errors = [...keyErrors('key', key), ...countErrors(operator, values)]
  values.forEach((value, at) => {
    const wrong = labelValueErrors(value)
    if (wrong.length > 0) errors.push(invalid(`values[${at}][${key}]`, value, wrong.join('; ')))
  })
  const different = [...new Set(errors)]
  if (different.length === 0) return ok({ key, operator, values })
  return fail(different.length === 1 ? (different[0] ?? '') : `[${different.join(', ')}]`)
}

export function keyErrors(field: string, key: string): string[] {
  const wrong = labelKeyErrors(key)
  return wrong.length === 0 ? [] : [invalid(field, key, wrong.join('; '))]
}

function countErrors(operator: RequirementOperator, values: readonly string[]): string[] {
  switch (operator) {
    case 'in':
    case 'notin':
      return values.length > 0 ? [] : [emptySet(values, "for 'in', 'notin' operators, values set can't be empty")]
    case '=':
    case '==':
    case '!=':
      return values.length === 1 ? [] : [emptySet(values, 'exact-match compatibility requires one single value')]
    case 'exists':
    case '!':
      return values.length === 0 ? [] : [emptySet(values, 'values set must be empty for exists and does not exist')]
    case '>':
    case '<':
      return values.flatMap((value, at) =>
        /^[-+]?[0-9]{1,19}$/.test(value)
          ? []
          : [invalid(`values[${at}]`, value, "for 'Gt', 'Lt' operators, the value must be an integer")],
      )
  }
}

function emptySet(values: readonly string[], message: string): string {
  return `values: Invalid value: ${JSON.stringify(values)}: ${message}`
}

function invalid(field: string, value: string, message: string): string {
  return `${field}: Invalid value: ${JSON.stringify(value)}: ${message}`
}
