import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fieldNumbersText } from './field-numbers.ts'

test('the generated field numbers are what the tables say', () => {
  expect(readFileSync('src/api/protobuf/field-numbers.generated.json', 'utf8')).toBe(fieldNumbersText())
})
