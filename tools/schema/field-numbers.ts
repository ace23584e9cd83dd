// The text of src/api/protobuf/field-numbers.generated.json: for each type of the schema the protobuf numbers of its fields, in the order of
// the schema's fields, '-' for apiVersion and kind where the envelope has them. From the tables beside this file.
import { coreFieldNumbers } from './field-numbers-core.ts'
import { groupFieldNumbers } from './field-numbers-groups.ts'
import { previewFieldNumbers } from './field-numbers-previews.ts'
import { schemaText } from './schema-text.ts'

const tables: Readonly<Record<string, string>> = { ...coreFieldNumbers, ...groupFieldNumbers, ...previewFieldNumbers }

/** Kinds and lists need no entry. */
const usual: ReadonlyMap<string, string> = new Map(
  Object.entries({ metadata: '1', spec: '2', items: '2', status: '3' }),
)

/** Types that only JSON has. */
const withoutProtobuf = ['version.Info']

/** 'name hostPath=2.1 emptyDir' → name: 1, hostPath: 2.1, emptyDir: 2.2. */
function readNumbers(words: string): ReadonlyMap<string, string> {
  let last = '0'
  return new Map(
    words.split(' ').map((word) => {
      const [name = '', given] = word.split('=')
      last = given ?? last.replace(/\d+$/, (number) => String(Number(number) + 1))
      return [name, last]
    }),
  )
}

function fieldNames(line: string): readonly string[] {
  const words = line.split(' ').filter((word) => word !== '' && !word.startsWith('@'))
  return words.map((word) => /^[+*]?(.*?)!?:/.exec(word)?.[1] ?? '')
}

function numbersOf(type: string, names: readonly string[]): string {
  const entry = tables[type]
  const numbers = entry === undefined ? usual : readNumbers(entry)
  if (entry !== undefined) {
    for (const name of numbers.keys()) if (!names.includes(name)) throw new Error(`no field ${name} in ${type}`)
  }
  return names.map((name) => numbers.get(name) ?? unnumbered(type, name)).join(' ')
}

function unnumbered(type: string, name: string): string {
  if (name !== 'apiVersion' && name !== 'kind') throw new Error(`no number for ${name} of ${type}`)
  return '-'
}

/** JSON, in the order of the schema. */
export function fieldNumbersText(): string {
  const schema = Object.entries(JSON.parse(schemaText()) as Readonly<Record<string, string>>)
  const types = new Set(schema.map(([type]) => type))
  for (const type of Object.keys(tables)) if (!types.has(type)) throw new Error(`no type ${type} in the schema`)
  const lines = schema
    .filter(([type]) => !withoutProtobuf.includes(type))
    .map(([type, line]) => `${JSON.stringify(type)}: ${JSON.stringify(numbersOf(type, fieldNames(line)))}`)
  return `{\n${lines.join(',\n')}\n}\n`
}
