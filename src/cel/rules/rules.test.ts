import { describe, expect, it } from 'vitest'
import type { JSONSchemaProps } from '../../api/kinds.generated.ts'
import type { FieldError } from '../../api/refusal.ts'
import definitions from './recorded-definitions.json' with { type: 'json' }
import objects from './recorded-objects.json' with { type: 'json' }
import { checkObject, ruleValidator } from './rule-validator.ts'
import { validateRules } from './validate-rules.ts'

type Definition = Readonly<{ name: string; schema: JSONSchemaProps; errors: readonly FieldError[] }>
type Recorded = Readonly<{ object: unknown; old?: unknown; errors: readonly FieldError[] }>

/** The original visits properties in random order. */
function sorted(errors: readonly FieldError[]): readonly FieldError[] {
  return errors.toSorted((a, b) => (`${a.field}${a.message}` < `${b.field}${b.message}` ? -1 : 1))
}

describe('the rules of a definition', () => {
  it.each(definitions as unknown as readonly Definition[])(
    'are judged as the original judges them: $name',
    (definition) => {
      const errors = validateRules('spec.validation.openAPIV3Schema', definition.schema, undefined)
      expect(sorted(errors)).toEqual(sorted(definition.errors))
    },
  )

  it('may stay as costly as they were', () => {
    const costly = definitions.find(({ name }) => name === 'cost3')
    const schema = costly?.schema as unknown as JSONSchemaProps
    const messages = validateRules('s', schema, schema).map(({ message }) => message)
    expect(messages.some((message) => message.includes('estimated rule cost exceeds'))).toBe(false)
  })
})

describe('objects under rules', () => {
  const schema = objects.schema as unknown as JSONSchemaProps
  const validator = ruleValidator(schema, true)

  it.each(objects.cases as unknown as readonly Recorded[])(
    'get the errors of the original: $object.spec',
    (recorded) => {
      if (validator === undefined) throw new Error('no rules')
      const before = recorded.old === undefined ? undefined : { value: recorded.old }
      const errors = checkObject(validator, '', recorded.object, before, { left: 10_000_000, exhausted: false })
      expect(sorted(errors)).toEqual(sorted(recorded.errors))
    },
  )

  it('may keep an error that they had, while the value stays', () => {
    if (validator === undefined) throw new Error('no rules')
    const object = { metadata: { name: 'cel-x' }, spec: { name: 'b', min: 1 } }
    const changed = { metadata: { name: 'cel-x' }, spec: { name: 'b', min: 2 } }
    const budget = { left: 10_000_000, exhausted: false }
    expect(checkObject(validator, '', changed, { value: object }, budget)).toEqual([])
  })

  it('are not judged further once the budget is spent', () => {
    if (validator === undefined) throw new Error('no rules')
    const budget = { left: 3, exhausted: false }
    const errors = checkObject(validator, '', { metadata: { name: 'cel-x' }, spec: { name: 'b' } }, undefined, budget)
    expect(errors.map(({ message }) => message)).toEqual([
      'Invalid value: "object": validation failed due to running out of cost budget, no further validation rules will be run',
    ])
  })
})
