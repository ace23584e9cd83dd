// Writes src/api/schema.generated.json. `node tools/run.mjs tools/generate-schema.ts`
import { writeFileSync } from 'node:fs'
import { schemaText } from './schema/schema-text.ts'

writeFileSync('src/api/schema.generated.json', schemaText())
