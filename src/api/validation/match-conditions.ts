import type { MatchCondition } from '../kinds.generated.ts'
import { labelKeyErrors } from '../label-syntax.ts'
import { child, duplicate, type Errors, index, invalidEach, required, tooMany } from './field-error.ts'

const mostConditions = 64

export function validateMatchConditions(field: string, conditions: readonly MatchCondition[]): Errors {
  const seen = new Set<string>()
  return [
    ...(conditions.length > mostConditions ? [tooMany(field, conditions.length, mostConditions)] : []),
    ...conditions.flatMap((condition, at) => {
      const { name = '' } = condition
      const isRepeated = name !== '' && seen.has(name)
      seen.add(name)
      const where = index(field, at)
      return [
        ...validateMatchCondition(where, condition),
        ...(isRepeated ? [duplicate(child(where, 'name'), name)] : []),
      ]
    }),
  ]
}

function validateMatchCondition(field: string, { name = '', expression = '' }: MatchCondition): Errors {
  return [
    ...(expression.trim() === '' ? [required(child(field, 'expression'))] : []),
    // Names of conditions are made as keys of labels are.
    ...(name === '' ? [required(child(field, 'name'))] : invalidEach(child(field, 'name'), name, labelKeyErrors(name))),
  ]
}
