// Writes src/api/schema.generated.json and the protobuf numbers of its fields. `node tools/run.mjs tools/generate-schema.ts`
import { writeFileSync } from 'node:fs'
import { fieldNumbersText } from './schema/field-numbers.ts'
import { schemaText } from './schema/schema-text.ts'

writeFileSync('src/api/schema.generated.json', schemaText())
writeFileSync('src/api/protobuf/field-numbers.generated.json', fieldNumbersText())
