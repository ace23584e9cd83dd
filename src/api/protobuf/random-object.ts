/** Objects of any type of the schema, for tests: of the shape that decoding leaves, with odd values in all places. */
import { decodeBody } from '../decode.ts'
import type { FieldSchema, FieldType, ScalarType } from '../schema.ts'
import { schema } from '../schema-reader.ts'
import { hasMessage, messageOf } from './message.ts'

/** A number from 0 to below 1. */
type Chance = () => number
/** `left` counts down the structs that an object may still get, so that it stays small and recursive types end. */
type Dice = Readonly<{ chance: Chance; left: { structs: number } }>
const maxStructs = 40
type JsonObject = Record<string, unknown>

function chanceOf(seed: number): Chance {
  let state = seed | 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return (state >>> 8) / 0x1000000
  }
}

/** Kinds and lists of kinds in protobuf: types with apiVersion, kind and metadata of their own. */
export function kindTypeNames(): readonly string[] {
  return schema.typeNames().filter((name) => {
    const { fields } = schema.typeOf(name)
    return hasMessage(name) && fields.has('metadata') && fields.has('kind') && fields.has('apiVersion')
  })
}

function pick<T>(chance: Chance, items: readonly [T, ...T[]]): T {
  return items[Math.floor(chance() * items.length)] ?? items[0]
}

/** The same object for the same seed. */
export function randomObject(typeName: string, seed: number): JsonObject {
  return canonical(typeName, randomFields(typeName, { chance: chanceOf(seed), left: { structs: maxStructs } }))
}

/** As decoding of JSON leaves it. */
function canonical(typeName: string, object: JsonObject): JsonObject {
  const type = { group: '', version: 'v1', kind: 'Thing', typeName }
  const { apiVersion, kind, ...fields } = object
  const hasOwn = { ...(apiVersion === undefined ? {} : { apiVersion }), ...(kind === undefined ? {} : { kind }) }
  const decoded = decodeBody(type, fields, { format: 'json' })
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.error))
  const { apiVersion: _version, kind: _kind, ...rest } = decoded.value.object
  return { ...rest, ...hasOwn }
}

function randomFields(typeName: string, dice: Dice): JsonObject {
  const object: JsonObject = {}
  const { fields } = schema.typeOf(typeName)
  // Where the envelope has apiVersion and kind, the message has not, and they get lost within other objects.
  const { fields: numbered } = messageOf(typeName)
  const isKind = !numbered.some(({ name }) => name === 'apiVersion')
  dice.left.structs -= 1
  for (const field of fields.values()) {
    if (isKind && (field.name === 'apiVersion' || field.name === 'kind')) continue
    if (dice.left.structs > 0 && dice.chance() < 8 / (7 + fields.size)) object[field.name] = randomField(field, dice)
  }
  return object
}

const jsonSchemaType = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps'

function randomField({ type, goType }: FieldSchema, dice: Dice): unknown {
  const jsonSchema = (): JsonObject => canonical(jsonSchemaType, randomFields(jsonSchemaType, dice))
  switch (goType) {
    case 'v1.JSONSchemaPropsOrBool':
      return pick<() => unknown>(dice.chance, [() => true, () => false, jsonSchema])()
    case 'v1.JSONSchemaPropsOrArray':
      return pick<() => unknown>(dice.chance, [() => [jsonSchema(), jsonSchema()], jsonSchema])()
    case 'v1.JSONSchemaDependencies':
      return { a: pick<() => unknown>(dice.chance, [() => ['b', ''], jsonSchema])() }
    default:
      return randomValue(type, dice)
  }
}

function randomValue(type: FieldType, dice: Dice): unknown {
  switch (type.type) {
    case 'scalar':
      return scalars[type.scalar](dice.chance)
    case 'object':
      return randomFields(type.ref, dice)
    case 'list':
      return Array.from({ length: 1 + Math.floor(dice.chance() * 3) }, () => randomValue(type.of, dice))
    case 'map': {
      const keys = Array.from({ length: 1 + Math.floor(dice.chance() * 4) }, () => randomText(dice.chance))
      return Object.fromEntries(keys.map((key) => [key, randomValue(type.of, dice)]))
    }
  }
}

function randomText(chance: Chance): string {
  const texts = [
    '',
    'a',
    'app.kubernetes.io/name',
    'Grüße',
    '日本語',
    '\ud83d\udea3',
    '\uffee',
    'x'.repeat(200),
    'é'.repeat(300),
  ]
  return pick(chance, ['name', ...texts])
}

function randomDigits(chance: Chance, count: number): string {
  return Array.from({ length: count }, () => Math.floor(chance() * 10)).join('')
}

function randomInteger(chance: Chance, limit: number): number {
  return pick(chance, [0, 1, 127, 128, 300, -1, limit, -limit - 1, Math.floor(chance() * limit)])
}

function randomTime(chance: Chance): string {
  const seconds = Math.floor(chance() * 4e9) - 1e9
  return pick(chance, [
    `${new Date(seconds * 1000).toISOString().slice(0, 19)}`,
    '0001-01-01T00:00:00',
    '9999-12-31T23:59:59',
  ])
}

const scalars: Readonly<Record<ScalarType, (chance: Chance) => unknown>> = {
  string: randomText,
  boolean: (chance) => chance() < 0.7,
  int32: (chance) => randomInteger(chance, 2 ** 31 - 1),
  int64: (chance) => randomInteger(chance, 2 ** 53 - 1),
  double: (chance) => pick(chance, [0, 1.5, -2.25, 1e300, 0.1, chance()]),
  time: (chance) => `${randomTime(chance)}Z`,
  microTime: (chance) => `${randomTime(chance)}.${randomDigits(chance, 6)}Z`,
  duration: () => '1s',
  quantity: (chance) => pick(chance, ['0', '100m', '1536Mi', '2', '1e3', '12E', '-5k', '0.5']),
  intOrString: (chance) => pick<unknown>(chance, [0, 8080, -1, 'http', '25%', '']),
  bytes: (chance) => pick(chance, ['', 'AA==', 'aGVsbG8=', '/+8A']),
  any: (chance) => pick<unknown>(chance, [{ 'f:a': {}, b: [1, 'x', null] }, 'text', 5, false, {}, [1.5]]),
}
