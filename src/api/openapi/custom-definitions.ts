/** Schemas of custom resources as OpenAPI publishes them. Kubernetes: apiextensions-apiserver/pkg/controller/openapi. */

import { openApiName } from '../custom/custom-kinds.ts'
import { type CustomKind, isCustom } from '../custom/decode-custom.ts'
import { isJsonObject, type JsonObject } from '../json-value.ts'
import type { JSONSchemaProps } from '../kinds.generated.ts'
import type { Kind } from '../kinds.ts'
import { meta } from '../meta-types.ts'

type Dialect = 'v2' | 'v3'

/** Definitions that are not types of the schema, by name. */
export type OwnDefinitions = ReadonlyMap<string, Readonly<Record<Dialect, JsonObject>>>

export const ownReferences: readonly string[] = [`${meta}.ObjectMeta`, `${meta}.ListMeta`]

/** Kinds of custom resources stay the same ones until their definition changes. */
const published = new WeakMap<CustomKind, Kind>()

/** The kind under the name that its type has in documents. */
export function publishedKind(kind: Kind): Kind {
  if (!isCustom(kind)) return kind
  const known = published.get(kind) ?? { ...kind, typeName: openApiName(kind.group, kind.version, kind.kind) }
  published.set(kind, known)
  return known
}

export function customDefinitions(kinds: readonly Kind[]): OwnDefinitions {
  return new Map(kinds.filter(isCustom).flatMap(definitionsOf))
}

type Definitions = readonly (readonly [name: string, definition: Readonly<Record<Dialect, JsonObject>>])[]

const made = new WeakMap<CustomKind, Definitions>()

function definitionsOf(kind: CustomKind): Definitions {
  const known = made.get(kind)
  if (known !== undefined) return known
  const { typeName } = publishedKind(kind)
  const object = { v2: objectSchema(kind, 'v2'), v3: objectSchema(kind, 'v3') }
  const list = { v2: listSchema(kind, typeName, 'v2'), v3: listSchema(kind, typeName, 'v3') }
  const definitions: Definitions = [
    [typeName, object],
    [`${typeName}List`, list],
  ]
  made.set(kind, definitions)
  return definitions
}

function referTo(name: string, dialect: Dialect, description: string): JsonObject {
  const $ref = `#/${dialect === 'v2' ? 'definitions' : 'components/schemas'}/${name}`
  return dialect === 'v2' ? { description, $ref } : { description, allOf: [{ $ref }] }
}

function typeFields(dialect: Dialect, metaType = 'ObjectMeta'): JsonObject {
  return {
    apiVersion: {
      description: 'APIVersion defines in which version of the API the object is written.',
      type: 'string',
    },
    kind: { description: 'What the object is.', type: 'string' },
    metadata: referTo(`${meta}.${metaType}`, dialect, "Standard object's metadata: its name, labels and history."),
  }
}

function kindExtensions({ group, version, custom }: CustomKind, kind: string): JsonObject {
  const selectable = [...custom.selectable.keys()].map((fieldPath) => ({ fieldPath }))
  return {
    'x-kubernetes-group-version-kind': [{ group, kind, version }],
    ...(selectable.length === 0 ? {} : { 'x-kubernetes-selectable-fields': selectable }),
  }
}

function objectSchema(kind: CustomKind, dialect: Dialect): JsonObject {
  const { published, keepsAll } = kind.custom
  const extensions = kindExtensions(kind, kind.kind)
  const keepsUnknown = keepsAll || published['x-kubernetes-preserve-unknown-fields'] === true
  // What v2 cannot say of free objects, its readers would take for a closed form.
  if (dialect === 'v2' && keepsUnknown) return { type: 'object', ...extensions }
  const schema = valueSchema(published, dialect)
  const properties = isJsonObject(schema.properties) ? schema.properties : {}
  return { ...schema, properties: { ...properties, ...typeFields(dialect) }, ...extensions }
}

function listSchema(kind: CustomKind, typeName: string, dialect: Dialect): JsonObject {
  const $ref = `#/${dialect === 'v2' ? 'definitions' : 'components/schemas'}/${typeName}`
  const items = { description: `List of ${kind.plural}.`, type: 'array', items: { $ref } }
  return {
    description: `${kind.custom.listKind} is a list of ${kind.kind}`,
    type: 'object',
    required: ['items'],
    properties: { ...typeFields(dialect, 'ListMeta'), items },
    ...kindExtensions(kind, kind.custom.listKind),
  }
}

function valueSchema(props: JSONSchemaProps, dialect: Dialect): JsonObject {
  const schema = withInner(props, dialect)
  const isEmbedded = props['x-kubernetes-embedded-resource'] === true
  const isIntOrString = props['x-kubernetes-int-or-string'] === true
  if (dialect === 'v2') return forV2(schema, props)
  const own = isIntOrString && schema.anyOf === undefined ? { anyOf: [{ type: 'integer' }, { type: 'string' }] } : {}
  if (!isEmbedded) return { ...schema, ...own }
  const properties = isJsonObject(schema.properties) ? schema.properties : {}
  const required = [...new Set([...(props.required ?? []), 'kind', 'apiVersion'])]
  return { ...schema, required, properties: { ...properties, ...typeFields(dialect) } }
}

/** v2 has no nullable, no junctions and no free objects: there nothing is said instead of what would be wrong. */
function forV2(schema: JsonObject, props: JSONSchemaProps): JsonObject {
  const { default: _, nullable, oneOf: _1, anyOf: _2, allOf: _3, not: _4, ...rest } = schema
  const isFree = props['x-kubernetes-preserve-unknown-fields'] === true
  if (props['x-kubernetes-int-or-string'] !== true && nullable !== true && !isFree) return rest
  const { type: _5, items: _6, properties: _7, additionalProperties: _8, required: _9, enum: _10, ...open } = rest
  return open
}

function withInner(props: JSONSchemaProps, dialect: Dialect): JsonObject {
  const { items, properties, additionalProperties } = props
  return {
    ...props,
    ...(isJsonObject(items) ? { items: valueSchema(items, dialect) } : {}),
    ...(isJsonObject(additionalProperties) ? { additionalProperties: valueSchema(additionalProperties, dialect) } : {}),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, one]) => [name, valueSchema(one, dialect)]),
          ),
        }),
  }
}
