import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { schemaText } from './schema-text.ts'

test('the generated schema is what the models and tables say', () => {
  expect(readFileSync('src/api/schema.generated.json', 'utf8')).toBe(schemaText())
})
