// The text of src/api/schema.generated.json: every type of the Kubernetes API, one line each, from the models of @kubernetes/client-node
// and the tables beside this file for what those lack. Format: src/api/schema-reader.ts.
import { atomics } from './atomics.ts'
import { defaults } from './defaults.ts'
import { embedded } from './embedded.ts'
import { enumerations } from './enumerations.ts'
import { extraTypes } from './extra-types.ts'
import { goTypes } from './go-types.ts'
import { lists } from './lists.ts'
import { type ModelField, modelFields, modelNames } from './models.ts'
import { referredModel, typeNames } from './names.ts'
import { presence } from './presence.ts'
import { quantities } from './quantities.ts'

const names = typeNames()

/** 'a,x b,y' → a: 'x', b: 'y', by what stands between the name and the rest. */
function entries(text: string | undefined, separator: string): ReadonlyMap<string, string> {
  const words = text === undefined ? [] : text.split(' ')
  return new Map(
    words.map((word) => {
      const at = word.indexOf(separator)
      return at < 0 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)]
    }),
  )
}

const scalars: Readonly<Record<string, string>> = {
  'string/': 'string',
  'string/byte': 'bytes',
  'boolean/': 'boolean',
  'number/int32': 'int32',
  'number/int64': 'int64',
  'number/double': 'double',
  'Date/date-time': 'time',
  'V1MicroTime/date-time-micro': 'microTime',
  'IntOrString/int-or-string': 'intOrString',
  'any/': 'any',
}

/** 'Array<V1Pod>' → '[]Pod', '{ [key: string]: string; }' → '{}string'; types of another package keep its name. */
function spellType(type: string, format: string, where: string): string {
  const list = /^(?:Array|Set)<(.*)>$/.exec(type)
  if (list?.[1] !== undefined) return `[]${spellType(list[1], format, where)}`
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type)
  if (map?.[1] !== undefined) return `{}${spellType(map[1], format, where)}`
  const scalar = scalars[`${type}/${format}`] ?? scalars[`${type}/`]
  if (scalar !== undefined) return scalar
  const name = names.get(referredModel({ type }) ?? '')
  if (name === undefined) throw new Error(`no type name for ${type} (${format}) in ${where}`)
  return name.startsWith(`${where}.`) ? name.slice(where.length + 1) : name
}

/** Structs without any field, which client-node takes for free JSON, by the field that refers to them. */
const empties: Readonly<Record<string, string>> = {
  'apiextensions.v1.CustomResourceSubresources.status': 'CustomResourceSubresourceStatus',
  'apiserverinternal.v1alpha1.StorageVersion.spec': 'StorageVersionSpec',
  'scheduling.v1alpha2.PodGroupSchedulingPolicy.basic': 'BasicSchedulingPolicy',
}

/** What Kubernetes writes of an empty value: '+' the empty value, '*' (a pointer) the value as given, '' nothing. */
function usualPresence(field: ModelField, spelled: string): string {
  if (field.required) return '+'
  if (/^[[{]|^(string|bytes)$/.test(spelled)) return ''
  if (/^(boolean|int32|int64|double|quantity|intOrString|microTime|any)$/.test(spelled)) return '*'
  if (spelled === 'time') return '+'
  return ['metadata', 'spec', 'status'].includes(field.name) ? '+' : '*'
}

function presenceOf(type: string, field: ModelField, spelled: string): string {
  for (const word of presence[type]?.split(' ') ?? []) {
    if (word.slice(1) === field.name) return word.startsWith('-') ? '' : word.slice(0, 1)
  }
  return usualPresence(field, spelled)
}

function spellField(type: string, field: ModelField): string {
  const where = type.slice(0, type.lastIndexOf('.'))
  const isQuantity = quantities[type]?.split(' ').includes(field.name) === true
  const plain = empties[`${type}.${field.name}`] ?? spellType(field.type, field.format, where)
  const spelled = isQuantity ? plain.replace(/string$/, 'quantity') : plain
  const merging = entries(lists[type], ',').get(field.name)
  const values = entries(enumerations[type], '=').get(field.name)
  const goType = entries(goTypes[type], '=').get(field.name)
  const value = entries(defaults[type], '=').get(field.name)
  const struct = entries(embedded[type], '=').get(field.name)
  return [
    `${presenceOf(type, field, spelled)}${field.name}${field.required ? '!' : ''}:${spelled}`,
    ...(merging === undefined ? [] : [merging]),
    ...(value === undefined ? [] : [`default=${value}`]),
    ...(values === undefined ? [] : [`enum=${values}`]),
    ...(goType === undefined ? [] : [`go=${goType}`]),
    ...(struct === undefined ? [] : [`in=${struct}`]),
  ].join(',')
}

function spellModel(model: string, type: string): string {
  const at = type.lastIndexOf('.')
  const isAtomic = atomics[type.slice(0, at)]?.split(' ').includes(type.slice(at + 1)) === true
  return [...(isAtomic ? ['@atomic'] : []), ...modelFields(model).map((field) => spellField(type, field))].join(' ')
}

/** A misspelt or outdated table entry would be ignored without a word. */
function checkTables(types: ReadonlyMap<string, string>): void {
  const modelOf = new Map([...types].map(([model, type]) => [type, model]))
  for (const table of [quantities, lists, presence, goTypes, defaults, enumerations, embedded]) {
    for (const [type, words] of Object.entries(table)) {
      const fields = modelFields(modelOf.get(type) ?? type).map((field) => field.name)
      for (const word of words.split(' ')) {
        const field = /^[-+*]?([$\w-]+)/.exec(word)?.[1] ?? ''
        if (!fields.includes(field)) throw new Error(`no field ${field} in ${type}`)
      }
    }
  }
}

/** JSON, sorted by type. */
export function schemaText(): string {
  checkTables(names)
  const lines = modelNames().map((model) => {
    const type = names.get(model)
    if (type === undefined) throw new Error(`no type name for ${model}`)
    return `${JSON.stringify(type)}: ${JSON.stringify(spellModel(model, type))}`
  })
  for (const [field, type] of Object.entries(empties)) {
    lines.push(`"${field.split('.').slice(0, 2).join('.')}.${type}": ""`)
  }
  for (const [type, line] of Object.entries(extraTypes)) lines.push(`${JSON.stringify(type)}: ${JSON.stringify(line)}`)
  return `{\n${lines.sort().join(',\n')}\n}\n`
}
