/**
 * How each type of the schema is a protobuf message: its fields by their numbers (facts of Kubernetes 1.36, see
 * tools/schema/field-numbers.ts). Built when a type is first asked for; immutable.
 */
import { assert } from '../assert.ts'
import type { FieldSchema, FieldType, ScalarType } from '../schema.ts'
import { schema } from '../schema-reader.ts'
import generated from './field-numbers.generated.json' with { type: 'json' }

const numbers: Readonly<Record<string, string>> = generated

/** Of the wire's types Kubernetes uses three. */
export type WireType = 0 | 1 | 2

export type ValueForm =
  | Exclude<ScalarType, 'duration' | 'any'>
  /** A message whose field 1 is JSON text: RawExtension, FieldsV1, apiextensions' JSON. */
  | 'json'
  | 'message'
  /** A list of strings in a message of its own: authentication's ExtraValue, meta's Verbs. */
  | 'wrappedStrings'
  /** apiextensions' JSONSchemaPropsOrArray, JSONSchemaPropsOrBool, JSONSchemaPropsOrStringArray. */
  | 'schemaOrSchemas'
  | 'schemaOrBoolean'
  | 'schemaOrStrings'

export type Field = Readonly<{
  /** As in JSON; '' for a message that JSON has not: its fields are those of the object around it. */
  name: string
  number: number
  wireType: WireType
  /** Number and wire type as they are written before the value. */
  tag: number
  repeated: 'one' | 'list' | 'map'
  form: ValueForm
  /** Go has a pointer: an absent value is not written; other single values are written even when they are zero. */
  isPointer: boolean
  /** Type name for the forms message and schemaOr…; '' for the others. */
  ref: string
  /** Where an object's value for the field is put before writing; -1 for an embedded message. */
  slot: number
  embedded: Fields | undefined
}>

/** A message's fields; for an embedded one only those that it takes from the object around it. */
export type Fields = Readonly<{
  /** As Go names it: 'PodSpec'. */
  name: string
  /** By ascending number: the order in which they are written. */
  fields: readonly Field[]
  byNumber: readonly (Field | undefined)[]
}>

export type Message = Fields &
  Readonly<{
    /** By the field's name, those of embedded messages with the others. */
    slots: ReadonlyMap<string, number>
    /** Fields that JSON always has. */
    always: readonly FieldSchema[]
  }>

const messages = new Map<string, Message>()

/** The message of a type of the schema, by its full name. */
export function messageOf(typeName: string): Message {
  const known = messages.get(typeName)
  if (known !== undefined) return known
  const message = buildMessage(typeName)
  messages.set(typeName, message)
  return message
}

/** False for types that only JSON has, and for those that are not in the schema: custom kinds. */
export function hasMessage(typeName: string): boolean {
  return Object.hasOwn(numbers, shortName(typeName))
}

/** 'io.k8s.api.core.v1.Pod' → 'core.v1.Pod'. */
function shortName(typeName: string): string {
  return typeName.split('.').slice(-3).join('.')
}

type Placed = Readonly<{ path: readonly number[]; slot: number; schema: FieldSchema }>

function buildMessage(typeName: string): Message {
  const short = shortName(typeName)
  const line = numbers[short]
  assert(line !== undefined, `no protobuf message for ${typeName}`)
  const words = line.split(' ')
  const fields = [...schema.typeOf(typeName).fields.values()]
  const placed = fields.flatMap((field, at): readonly Placed[] => {
    const word = words[at] ?? '-'
    return word === '-' ? [] : [{ path: word.split('.').map(Number), slot: at, schema: field }]
  })
  const always = fields.filter((field) => field.presence === 'always')
  const slots = new Map(placed.map(({ slot, schema: { name } }) => [name, slot]))
  return { ...fieldsOf(short.slice(short.lastIndexOf('.') + 1), placed), slots, always }
}

function fieldsOf(name: string, placed: readonly Placed[]): Fields {
  const own = placed.filter(({ path }) => path.length === 1).map(ownField)
  const outer = new Set(placed.filter(({ path }) => path.length > 1).map(({ path }) => path[0] ?? 0))
  const embedded = [...outer].map((number) =>
    embeddedField(
      number,
      placed.filter(({ path }) => path[0] === number).map(({ path, ...rest }) => ({ ...rest, path: path.slice(1) })),
    ),
  )
  const fields = [...own, ...embedded].sort((a, b) => a.number - b.number)
  const byNumber: (Field | undefined)[] = Array(1 + Math.max(0, ...fields.map(({ number }) => number))).fill(undefined)
  for (const field of fields) byNumber[field.number] = field
  return { name, fields, byNumber }
}

function embeddedField(number: number, inner: readonly Placed[]): Field {
  const embedded = fieldsOf(inner[0]?.schema.embeddedIn ?? '', inner)
  const place = { number, wireType: 2, tag: (number << 3) | 2, slot: -1 } as const
  return { ...place, name: '', repeated: 'one', form: 'message', isPointer: false, ref: '', embedded }
}

function ownField({ path, slot, schema }: Placed): Field {
  const { repeated, form, ref } = shapeOf(schema)
  const wireType = repeated === 'map' ? 2 : wireTypeOf(form)
  const [number = 0] = path
  const place = { number, wireType, tag: (number << 3) | wireType, slot } as const
  const isPointer = schema.presence === 'pointer'
  return { ...place, name: schema.name, repeated, form, isPointer, ref, embedded: undefined }
}

type Shape = Pick<Field, 'repeated' | 'form' | 'ref'>

const jsonSchemaType = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps'

/** Types that are free JSON in the schema, and more than that here; by the name of their Go type. */
const schemaForms: Readonly<Record<string, Shape>> = {
  'v1.JSONSchemaPropsOrArray': { repeated: 'one', form: 'schemaOrSchemas', ref: jsonSchemaType },
  'v1.JSONSchemaPropsOrBool': { repeated: 'one', form: 'schemaOrBoolean', ref: jsonSchemaType },
  'v1.JSONSchemaDependencies': { repeated: 'map', form: 'schemaOrStrings', ref: jsonSchemaType },
  'v1.Verbs': { repeated: 'one', form: 'wrappedStrings', ref: '' },
}

function shapeOf({ name, type, goType }: FieldSchema): Shape {
  const special = schemaForms[goType]
  if (special !== undefined) return special
  if (type.type === 'scalar' || type.type === 'object') return { repeated: 'one', ...itemOf(type, name) }
  if (type.type === 'map' && type.of.type === 'list') return { repeated: 'map', form: 'wrappedStrings', ref: '' }
  return { repeated: type.type, ...itemOf(type.of, name) }
}

function itemOf(type: FieldType, name: string): Pick<Field, 'form' | 'ref'> {
  if (type.type === 'object') return { form: 'message', ref: type.ref }
  // No type of the API has a list in a list, nor a Duration.
  assert(type.type === 'scalar' && type.scalar !== 'duration', `the field ${name} has no form in protobuf`)
  return { form: type.scalar === 'any' ? 'json' : type.scalar, ref: '' }
}

function wireTypeOf(form: ValueForm): WireType {
  if (form === 'double') return 1
  return form === 'boolean' || form === 'int32' || form === 'int64' ? 0 : 2
}
