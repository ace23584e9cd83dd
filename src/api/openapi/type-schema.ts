/** Types of the schema as JSON schemas, the way OpenAPI v2 and v3 each spell them. */
import type { JsonObject } from '../json-value.ts'
import type { Kind } from '../kinds.ts'
import type { FieldSchema, FieldType, ScalarType, TypeSchema } from '../schema.ts'
import { schema } from '../schema-reader.ts'
import { type OwnDefinitions, ownReferences } from './custom-definitions.ts'
import { describeField, describeType } from './description.ts'

export type Dialect = 'v2' | 'v3'

const machinery = 'io.k8s.apimachinery.pkg'
const meta = `${machinery}.apis.meta.v1`
const extensions = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1'

/** Leaf types that have a name, with their schema in each dialect. */
const named: Readonly<Record<string, Readonly<Record<Dialect, JsonObject>>>> = {
  [`${machinery}.util.intstr.IntOrString`]: {
    v2: { type: 'string', format: 'int-or-string' },
    v3: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
  },
  [`${machinery}.api.resource.Quantity`]: {
    v2: { type: 'string' },
    v3: { oneOf: [{ type: 'string' }, { type: 'number' }] },
  },
  [`${meta}.Time`]: same({ type: 'string', format: 'date-time' }),
  [`${meta}.MicroTime`]: same({ type: 'string', format: 'date-time' }),
  [`${meta}.FieldsV1`]: same({ type: 'object' }),
  [`${meta}.Patch`]: same({ type: 'object' }),
  [`${machinery}.runtime.RawExtension`]: same({ type: 'object' }),
  [`${extensions}.JSON`]: same({}),
  [`${extensions}.JSONSchemaPropsOrArray`]: same({}),
  [`${extensions}.JSONSchemaPropsOrBool`]: same({}),
  [`${extensions}.JSONSchemaPropsOrStringArray`]: same({}),
}

function same(schemaOfBoth: JsonObject): Readonly<Record<Dialect, JsonObject>> {
  return { v2: schemaOfBoth, v3: schemaOfBoth }
}

const plain: Readonly<Partial<Record<ScalarType, JsonObject>>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
  duration: { type: 'string' },
}

const namedScalars: Readonly<Partial<Record<ScalarType, string>>> = {
  time: `${meta}.Time`,
  microTime: `${meta}.MicroTime`,
  quantity: `${machinery}.api.resource.Quantity`,
  intOrString: `${machinery}.util.intstr.IntOrString`,
}

/** Free JSON has several names in Go. */
function anyName(goType: string): string {
  if (goType.endsWith('v1.FieldsV1')) return `${meta}.FieldsV1`
  const custom = /v1\.(JSON\w*)$/.exec(goType)?.[1]
  if (custom === 'JSONSchemaDependencies') return `${extensions}.JSONSchemaPropsOrStringArray`
  return custom === undefined ? `${machinery}.runtime.RawExtension` : `${extensions}.${custom}`
}

/** '#/components/schemas/' + name, or as v2 has it. */
export function reference(name: string, dialect: Dialect): JsonObject {
  return { $ref: `#/${dialect === 'v2' ? 'definitions' : 'components/schemas'}/${name}` }
}

function referredName(type: FieldType, goType: string): string | undefined {
  if (type.type === 'object') return type.ref
  if (type.type !== 'scalar') return undefined
  return type.scalar === 'any' ? anyName(goType) : namedScalars[type.scalar]
}

/** The type within a list or map, with the zero value that kube-openapi gives such items. */
function itemSchema(of: FieldType, goType: string, dialect: Dialect): JsonObject {
  const item = bareSchema(of, goType, dialect)
  if (dialect === 'v2') return item
  if (of.type === 'object') return { default: {}, allOf: [item] }
  if (of.type !== 'scalar') return item
  const zero = { string: '', boolean: false, int32: 0, int64: 0 }[of.scalar as 'string']
  return zero === undefined ? item : { ...item, default: zero }
}

function bareSchema(type: FieldType, goType: string, dialect: Dialect): JsonObject {
  const name = referredName(type, goType)
  if (name !== undefined) return reference(name, dialect)
  switch (type.type) {
    case 'list':
      return { type: 'array', items: itemSchema(type.of, goType, dialect) }
    case 'map':
      return { type: 'object', additionalProperties: itemSchema(type.of, goType, dialect) }
    case 'scalar':
      return plain[type.scalar] ?? {}
    case 'object':
      return reference(type.ref, dialect)
  }
}

function extensionsOf({ type, patchStrategy }: FieldSchema): JsonObject {
  const strategy = patchStrategy === undefined ? {} : { 'x-kubernetes-patch-strategy': patchStrategy.join(',') }
  if (type.type === 'list') {
    return {
      ...(type.keys.length > 0 ? { 'x-kubernetes-list-map-keys': type.keys } : {}),
      'x-kubernetes-list-type': type.listType,
      ...(type.mergeKey === undefined || type.mergeKey === '' ? {} : { 'x-kubernetes-patch-merge-key': type.mergeKey }),
      ...strategy,
    }
  }
  if (type.type === 'scalar' || type.atomic === undefined) return strategy
  return { ...strategy, 'x-kubernetes-map-type': type.atomic ? 'atomic' : 'granular' }
}

/** The published values; of a list, on its items. */
function enumerationOf({ type, enumeration }: FieldSchema, bare: JsonObject): JsonObject {
  if (enumeration === undefined) return {}
  return type.type === 'list' ? { items: { ...(bare.items as JsonObject), enum: enumeration } } : { enum: enumeration }
}

function fieldSchema(type: TypeSchema, field: FieldSchema, dialect: Dialect): JsonObject {
  const description = describeField(type.name, field.name)
  const described = description === undefined ? {} : { description }
  const bare = bareSchema(field.type, field.goType, dialect)
  const more = { ...enumerationOf(field, bare), ...extensionsOf(field) }
  if (dialect === 'v2') return { ...described, ...bare, ...more }
  const value = field.default === undefined ? {} : { default: field.default }
  // JSON references allow nothing beside them.
  const isAlone = '$ref' in bare && Object.keys({ ...described, ...value, ...more }).length > 0
  return { ...described, ...(isAlone ? { allOf: [bare] } : bare), ...value, ...more }
}

/** A whole definition. `names` are the kinds that the type is served as. */
export function typeDefinition(name: string, dialect: Dialect, kinds: readonly JsonObject[]): JsonObject {
  const leaf = named[name]
  const description = describeType(name)
  const described = description === undefined ? {} : { description }
  if (leaf !== undefined) return { ...described, ...leaf[dialect] }
  const type = schema.typeOf(name)
  const fields = [...type.fields.values()]
  const required = fields.filter((field) => field.required).map((field) => field.name)
  return {
    ...described,
    type: 'object',
    ...(required.length === 0 ? {} : { required }),
    ...(fields.length === 0
      ? {}
      : { properties: Object.fromEntries(fields.map((field) => [field.name, fieldSchema(type, field, dialect)])) }),
    ...(type.atomic ? { 'x-kubernetes-map-type': 'atomic' } : {}),
    ...(kinds.length === 0 ? {} : { 'x-kubernetes-group-version-kind': kinds }),
  }
}

/** The names given and all that they lead to, sorted. */
export function reachableTypes(names: Iterable<string>, own: OwnDefinitions = new Map()): readonly string[] {
  const found = new Set<string>()
  const visit = (name: string): void => {
    if (found.has(name)) return
    found.add(name)
    if (named[name] !== undefined) return
    if (own.has(name)) {
      for (const referred of ownReferences) visit(referred)
      return
    }
    for (const field of schema.typeOf(name).fields.values()) visitField(field.type, field.goType)
  }
  const visitField = (type: FieldType, goType: string): void => {
    const name = referredName(type, goType)
    if (name !== undefined) visit(name)
    else if (type.type === 'list' || type.type === 'map') visitField(type.of, goType)
  }
  for (const name of names) visit(name)
  return [...found].sort()
}

/** Kinds by the names of their own types and of their lists'; the first of those that share one. */
export function kindsByType(kinds: readonly Kind[]): ReadonlyMap<string, Kind> {
  const found = new Map<string, Kind>()
  for (const kind of kinds) {
    for (const name of [kind.typeName, `${kind.typeName}List`]) if (!found.has(name)) found.set(name, kind)
  }
  return found
}

const ofAll = /\.meta\.v1\.(DeleteOptions|WatchEvent)$/

/** Types that every group version has. */
export function isOfAll(name: string): boolean {
  return ofAll.test(name)
}

/** Which kinds a definition stands for, in a document about the given group versions. */
export function kindsOfType(
  name: string,
  kinds: ReadonlyMap<string, Kind>,
  groupVersions: readonly Readonly<{ group: string; version: string }>[],
): readonly JsonObject[] {
  const kind = kinds.get(name)
  if (kind !== undefined)
    return [{ group: kind.group, kind: name === kind.typeName ? kind.kind : `${kind.kind}List`, version: kind.version }]
  const own = ownKinds[name]
  if (own !== undefined) return [own]
  const everywhere = ofAll.exec(name)?.[1]
  return everywhere === undefined
    ? []
    : groupVersions.map(({ group, version }) => ({ group, kind: everywhere, version }))
}

const ownKinds: Readonly<Record<string, JsonObject>> = {
  [`${meta}.Status`]: { group: '', kind: 'Status', version: 'v1' },
  [`${meta}.APIGroup`]: { group: '', kind: 'APIGroup', version: 'v1' },
  [`${meta}.APIGroupList`]: { group: '', kind: 'APIGroupList', version: 'v1' },
  [`${meta}.APIResourceList`]: { group: '', kind: 'APIResourceList', version: 'v1' },
  [`${meta}.APIVersions`]: { group: '', kind: 'APIVersions', version: 'v1' },
  'io.k8s.api.autoscaling.v1.Scale': { group: 'autoscaling', kind: 'Scale', version: 'v1' },
  'io.k8s.api.policy.v1.Eviction': { group: 'policy', kind: 'Eviction', version: 'v1' },
  'io.k8s.api.core.v1.Binding': { group: '', kind: 'Binding', version: 'v1' },
  'io.k8s.api.authentication.v1.TokenRequest': { group: 'authentication.k8s.io', kind: 'TokenRequest', version: 'v1' },
}
