/**
 * Reads schema.generated.json. A type is one line of fields, separated by spaces:
 *
 *   [+|*]NAME[!]:TYPE[,ATTRIBUTE]…
 *
 * + written even when empty, * a pointer, neither: left out when empty; ! required. TYPE is a scalar, a type of the same package, or
 * PACKAGE.TYPE, after any number of [] (list) and {} (map). Attributes: set, map=KEY/KEY, merge[=KEY], patch=STRATEGY/STRATEGY, atomic,
 * granular, default=JSON, enum=A|B, go=GOTYPE, in=STRUCT. The word @atomic in place of a field makes the type itself atomic.
 */
import { assert } from './assert.ts'
import generated from './schema.generated.json' with { type: 'json' }
import type { FieldSchema, FieldType, Presence, ScalarType, Schema, TypeSchema } from './schema.ts'

const lines: Readonly<Record<string, string>> = generated

/** Packages outside io.k8s.api, by their short names. */
const packages: Readonly<Record<string, string>> = {
  meta: 'io.k8s.apimachinery.pkg.apis.meta',
  version: 'io.k8s.apimachinery.pkg.version',
  apiextensions: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
  apiregistration: 'io.k8s.kube-aggregator.pkg.apis.apiregistration',
}

const goScalars: Readonly<Record<ScalarType, string>> = {
  string: 'string',
  boolean: 'bool',
  int32: 'int32',
  int64: 'int64',
  double: 'float64',
  time: 'v1.Time',
  microTime: 'v1.MicroTime',
  duration: 'v1.Duration',
  quantity: 'resource.Quantity',
  intOrString: 'intstr.IntOrString',
  bytes: '[]uint8',
  any: 'runtime.RawExtension',
}

function isScalar(word: string): word is ScalarType {
  return Object.hasOwn(goScalars, word)
}

/** 'core.v1.PodSpec' → 'io.k8s.api.core.v1.PodSpec'. */
function fullName(short: string): string {
  const dot = short.indexOf('.')
  const first = short.slice(0, dot)
  return `${packages[first] ?? `io.k8s.api.${first}`}${short.slice(dot)}`
}

/** 'io.k8s.api.core.v1.PodSpec' → 'v1.PodSpec', as Go prints it. */
function goName(name: string): string {
  return name.split('.').slice(-2).join('.')
}

/** A type as Go prints it: 'map[string]v1.Thing'. */
export function goTypeOf(type: FieldType): string {
  switch (type.type) {
    case 'scalar':
      return goScalars[type.scalar]
    case 'object':
      return goName(type.ref)
    case 'map':
      return `map[string]${goTypeOf(type.of)}`
    case 'list':
      return `[]${goTypeOf(type.of)}`
  }
}

type Attributes = ReadonlyMap<string, string>

/** Values hold no comma: defaults are single words, and so are all names. */
function readAttributes(words: readonly string[]): Attributes {
  return new Map(
    words.map((word) => {
      const equals = word.indexOf('=')
      return equals < 0 ? [word, ''] : [word.slice(0, equals), word.slice(equals + 1)]
    }),
  )
}

function split(text: string | undefined, separator: string): readonly string[] {
  return text === undefined || text === '' ? [] : text.split(separator)
}

function readType(word: string, attributes: Attributes, where: string): FieldType {
  const inner = word.slice(2)
  if (word.startsWith('{}')) {
    return {
      type: 'map',
      of: readType(inner, new Map(), where),
      ...(attributes.has('atomic') ? { atomic: true } : {}),
    }
  }
  if (word.startsWith('[]')) return readList(readType(inner, new Map(), where), attributes)
  if (isScalar(word)) return { type: 'scalar', scalar: word }
  const ref = fullName(word.includes('.') ? word : `${where}.${word}`)
  if (attributes.has('granular')) return { type: 'object', ref, atomic: false }
  return attributes.has('atomic') ? { type: 'object', ref, atomic: true } : { type: 'object', ref }
}

function readList(of: FieldType, attributes: Attributes): FieldType {
  const mergeKey = attributes.get('merge')
  return {
    type: 'list',
    of,
    listType: attributes.has('map') ? 'map' : attributes.has('set') ? 'set' : 'atomic',
    keys: split(attributes.get('map'), '/'),
    ...(mergeKey === undefined ? {} : { mergeKey }),
  }
}

const emptyScalars: Readonly<Record<ScalarType, unknown>> = {
  string: '',
  boolean: false,
  int32: 0,
  int64: 0,
  double: 0,
  time: null,
  microTime: null,
  duration: '0s',
  quantity: '0',
  intOrString: 0,
  bytes: null,
  any: null,
}

/** What Go writes for a type's zero value; null for nil slices, maps, times and raw JSON. */
export function emptyValue(type: FieldType): unknown {
  if (type.type === 'scalar') return emptyScalars[type.scalar]
  return type.type === 'object' ? {} : null
}

/** Published: the declared default, else the zero value of a field that is always written (kube-openapi leaves null out). */
function defaultOf(attributes: Attributes, presence: Presence, type: FieldType): { default?: unknown } {
  const declared = attributes.get('default')
  if (declared !== undefined) return { default: JSON.parse(declared) }
  if (presence !== 'always') return {}
  const isSpecial = type.type === 'scalar' && ['quantity', 'intOrString', 'duration'].includes(type.scalar)
  const empty = emptyValue(type)
  return empty === null || isSpecial ? {} : { default: empty }
}

const presences: Readonly<Record<string, Presence>> = { '+': 'always', '*': 'pointer' }

function readField(word: string, where: string): FieldSchema {
  const [head = '', ...rest] = word.split(',')
  const colon = head.indexOf(':')
  const attributes = readAttributes(rest)
  const presence = presences[head.charAt(0)] ?? 'omitEmpty'
  const required = head.charAt(colon - 1) === '!'
  const type = readType(head.slice(colon + 1), attributes, where)
  const enumeration = attributes.get('enum')
  const embeddedIn = attributes.get('in')
  const strategy = attributes.get('patch') ?? (attributes.has('merge') ? 'merge' : undefined)
  return {
    name: head.slice(presence === 'omitEmpty' ? 0 : 1, required ? colon - 1 : colon),
    type,
    required,
    presence,
    goType: attributes.get('go') ?? goTypeOf(type),
    ...defaultOf(attributes, presence, type),
    ...(embeddedIn === undefined ? {} : { embeddedIn }),
    ...(enumeration === undefined ? {} : { enumeration: enumeration.split('|') }),
    ...(strategy === undefined ? {} : { patchStrategy: strategy.split('/') }),
  }
}

function readLine(short: string, line: string): TypeSchema {
  const where = short.slice(0, short.lastIndexOf('.'))
  const words = split(line, ' ')
  const atomic = words[0] === '@atomic'
  const fields = (atomic ? words.slice(1) : words).map((word) => readField(word, where))
  return { name: fullName(short), atomic, fields: new Map(fields.map((field) => [field.name, field])) }
}

/** Builds each type when it is first asked for. */
export function readSchema(source: Readonly<Record<string, string>>): Schema {
  const shortNames = new Map(Object.keys(source).map((short) => [fullName(short), short]))
  const types = new Map<string, TypeSchema>()
  return {
    typeOf(name) {
      const known = types.get(name)
      if (known !== undefined) return known
      const short = shortNames.get(name)
      assert(short !== undefined, `no type ${name} in the schema`)
      const type = readLine(short, source[short] ?? '')
      types.set(name, type)
      return type
    },
    typeNames: () => [...shortNames.keys()],
  }
}

export const schema: Schema = readSchema(lines)
